"""Variants and what people thought of them."""

from collections.abc import Collection, Mapping
from pathlib import Path
from typing import Any

from sqlalchemy import ColumnElement, Select, delete, func, insert, select, update

from dlcr.catalog.masks import own_mask
from dlcr.catalog.rows import SampleRow, VariantRow, VerdictRow
from dlcr.catalog.samples import sample_query, sample_row
from dlcr.catalog.store import Store, dataset_key, hold, missing, relative, told
from dlcr.catalog.tables import now, samples, variants, verdicts
from dlcr.core.errors import CatalogError, UsageError

VERDICTS = ("accepted", "rejected")
USER, GATE = "user", "gate"
"""Who judges."""


UNPLACED = 10**9
"""Where a variant stands among its photo's that was not chosen for a data set: behind those that were."""
AS_CHOSEN = (
    func.coalesce(variants.c.lineage["source"]["place"].as_integer(), UNPLACED),
    func.coalesce(variants.c.lineage["source"]["attempt"].as_integer(), 0),
    variants.c.id,
)
"""The order of a photo's variants: as their outfits were chosen for it, which their lineage tells whenever their rows were made;
then those that were chosen for no data set, oldest first."""


def variant_query(*columns: ColumnElement[Any]) -> Select[Any]:
    """Variants, each with its latest verdict; or only these columns of them and of `verdicts`."""
    later = verdicts.alias("later")
    newer = select(later.c.id).where(later.c.variant_id == verdicts.c.variant_id, later.c.id > verdicts.c.id).exists()
    latest = (verdicts.c.variant_id == variants.c.id) & ~newer
    judged = variants.outerjoin(verdicts, latest)
    wanted = columns or (variants, verdicts.c.verdict, verdicts.c.reason, verdicts.c.judge)
    return select(*wanted).select_from(judged)


class Variants(Store):
    """The catalog's variants."""

    def add_variant(
        self,
        sample_id: int,
        mask_id: int | None,
        file: Path | str,
        prompt: str,
        seed: int,
        model: str,
        lineage: Mapping[str, Any],
        checks: Mapping[str, Any] | None = None,
    ) -> VariantRow:
        """Record the picture `file` (relative to the workspace); the same file again updates its row.

        `mask_id` is None for a picture from elsewhere, whose mask is not known.
        """
        values = {
            "sample_id": sample_id,
            "mask_id": mask_id,
            "file": relative(file),
            "prompt": prompt,
            "seed": seed,
            "model": model,
            "lineage": dict(lineage),
        }
        if checks is not None:
            values["checks"] = dict(checks)
        with self._writing() as connection:
            hold(connection, samples, sample_id)
            if mask_id is not None:
                own_mask(connection, sample_id, mask_id)
            known = connection.execute(select(variants).where(variants.c.file == values["file"])).first()
            if known is None:
                made = connection.execute(insert(variants).values(**values, created=now()).returning(variants.c.id))
                variant_id = made.scalar_one()
            elif known.sample_id != sample_id:
                raise CatalogError(
                    f"{values['file']} is a variant of sample {known.sample_id}.", "Choose another name."
                )
            else:
                variant_id = known.id
                connection.execute(update(variants).where(variants.c.id == variant_id).values(**values))
            return told(VariantRow, connection.execute(variant_query().where(variants.c.id == variant_id)).one())

    def painted(self, dataset: str, after: int = 0, limit: int = 100) -> list[SampleRow]:
        """The next samples above id `after` that have variants, in order of id."""
        with self._reading() as connection:
            here = samples.c.dataset_id == dataset_key(connection, dataset)
            some = select(variants.c.id).where(variants.c.sample_id == samples.c.id).exists()
            query = sample_query().where(here, samples.c.present, samples.c.id > after, some)
            return [sample_row(row) for row in connection.execute(query.order_by(samples.c.id).limit(limit))]

    def variants(self, sample_id: int) -> list[VariantRow]:
        """The sample's variants, newest first, each with its latest verdict."""
        query = variant_query().where(variants.c.sample_id == sample_id).order_by(variants.c.id.desc())
        with self._reading() as connection:
            return [told(VariantRow, row) for row in connection.execute(query)]

    def variants_of(self, sample_ids: Collection[int]) -> list[VariantRow]:
        """Every variant of the samples by sample id, a sample's in the order AS_CHOSEN, each with its latest verdict."""
        query = variant_query().where(variants.c.sample_id.in_(sample_ids)).order_by(variants.c.sample_id, *AS_CHOSEN)
        with self._reading() as connection:
            return [told(VariantRow, row) for row in connection.execute(query)]

    def put_checks(self, found: Mapping[int, Mapping[str, Any]]) -> None:
        """Keep what was measured of variants, by id, in one transaction."""
        with self._writing() as connection:
            for variant_id, checks in found.items():
                connection.execute(update(variants).where(variants.c.id == variant_id).values(checks=dict(checks)))

    def put_gate(self, rejected: Mapping[int, str], passed: Collection[int]) -> None:
        """Make the quality gate's judgement that of now: variants `rejected` with a reason, and those that `passed`.

        The gate takes back what it said before, and says nothing where a person's verdict stands.
        """
        with self._writing() as connection:
            ids = [*rejected, *passed]
            gate = delete(verdicts).where(verdicts.c.variant_id.in_(ids), verdicts.c.judge == GATE)
            connection.execute(gate)
            judged = set(
                connection.execute(select(verdicts.c.variant_id).where(verdicts.c.variant_id.in_(ids))).scalars()
            )
            rows = [
                {"variant_id": key, "verdict": "rejected", "reason": reason, "judge": GATE, "created": now()}
                for key, reason in rejected.items()
                if key not in judged
            ]
            if rows:
                connection.execute(insert(verdicts), rows)

    def variant(self, variant_id: int) -> VariantRow:
        """The variant with this id and its latest verdict; CatalogError if there is none."""
        with self._reading() as connection:
            row = connection.execute(variant_query().where(variants.c.id == variant_id)).first()
        if row is None:
            raise missing(variants, variant_id)
        return told(VariantRow, row)

    def add_verdict(self, variant_id: int, verdict: str, reason: str = "") -> VerdictRow:
        """Judge a variant `accepted` or `rejected`; the latest verdict counts, earlier ones stay on record."""
        if verdict not in VERDICTS:
            raise UsageError(f"a verdict is one of {', '.join(VERDICTS)}, got '{verdict}'.", "Choose one of them.")
        values = {"variant_id": variant_id, "verdict": verdict, "reason": reason, "judge": USER, "created": now()}
        with self._writing() as connection:
            hold(connection, variants, variant_id)
            row = connection.execute(insert(verdicts).values(**values).returning(verdicts)).one()
            return told(VerdictRow, row)

    def usable_variants(
        self, dataset: str, split: str, *, accepted_only: bool = False, guided: bool | None = None
    ) -> dict[int, list[Path]]:
        """Files of the variants of a split's samples by sample id, in the order AS_CHOSEN; never the rejected ones.

        `guided`: only those painted with discriminator guidance (their lineage tells a `discriminator_weight` above 0), only
        those without, or None for both.
        """
        found: dict[int, list[Path]] = {}
        query = variant_query(variants.c.sample_id, variants.c.file, verdicts.c.verdict).join(samples)
        with self._reading() as connection:
            here = (samples.c.dataset_id == dataset_key(connection, dataset)) & (samples.c.split == split)
            if guided is not None:
                weight = func.coalesce(variants.c.lineage["settings"]["discriminator_weight"].as_float(), 0.0)
                here &= (weight > 0) if guided else (weight <= 0)
            for row in connection.execute(query.where(here, samples.c.present).order_by(*AS_CHOSEN)):
                if row.verdict == "accepted" or (row.verdict is None and not accepted_only):
                    found.setdefault(row.sample_id, []).append(Path(row.file))
        return found
