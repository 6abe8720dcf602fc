"""What work on whole data sets asks and tells the catalog: many rows in one transaction."""

from collections.abc import Collection, Sequence
from pathlib import Path

from sqlalchemy import func, select

from dlcr.catalog.rows import MaskRow, NewCaption, NewVariant
from dlcr.catalog.store import Store, dataset_key, put, relative, told
from dlcr.catalog.tables import captions, masks, now, samples, variants


class Bulk(Store):
    """The catalog's batches."""

    def put_variants(self, made: Sequence[NewVariant]) -> int:
        """Record variants in one transaction; the same file again updates its row. How many are new."""
        if not made:
            return 0
        rows = [
            {
                "sample_id": one.sample_id, "mask_id": one.mask_id, "file": relative(one.file), "prompt": one.prompt,
                "seed": one.seed, "model": one.model, "lineage": dict(one.lineage), "created": now(),
            }
            for one in made
        ]  # fmt: skip
        with self._writing() as connection:
            here = variants.c.file.in_([row["file"] for row in rows])
            known = connection.execute(select(func.count()).select_from(variants).where(here)).scalar_one()
            put(connection, variants, rows, ("file",), keep=("created",))
        return len(rows) - int(known)

    def put_captions(self, model: str, said: Sequence[NewCaption]) -> None:
        """Record what `model` said in one transaction; one caption per sample and model, the last one counts."""
        if not said:
            return
        rows = [
            {"sample_id": one.sample_id, "model": model, "text": one.text, "outfit": one.outfit, "created": now()}
            for one in said
        ]
        with self._writing() as connection:
            put(connection, captions, rows, ("sample_id", "model"))

    def captioned(self, dataset: str, model: str) -> set[int]:
        """Ids of the data set's samples that `model` has said something of."""
        with self._reading() as connection:
            key = dataset_key(connection, dataset)
            query = select(captions.c.sample_id).join(samples)
            query = query.where(samples.c.dataset_id == key, captions.c.model == model)
            return set(connection.execute(query).scalars())

    def variant_files(self, sample_ids: Collection[int]) -> set[Path]:
        """Files, relative to the workspace, of every variant of the samples."""
        query = select(variants.c.file).where(variants.c.sample_id.in_(sample_ids))
        with self._reading() as connection:
            return {Path(file) for file in connection.execute(query).scalars()}

    def newest_masks(self, sample_ids: Collection[int], source: str | None = None) -> dict[int, MaskRow]:
        """The newest mask (of one source) of each of the samples that has one, by sample id."""
        last = select(func.max(masks.c.id)).where(masks.c.sample_id.in_(sample_ids)).group_by(masks.c.sample_id)
        if source is not None:
            last = last.where(masks.c.source == source)
        with self._reading() as connection:
            rows = connection.execute(select(masks).where(masks.c.id.in_(last)))
            return {row.sample_id: told(MaskRow, row) for row in rows}
