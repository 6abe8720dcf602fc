"""What a split has of variants: how many each photo and person has, in how many outfits, and the newest ones."""

from collections import Counter
from typing import Any

from sqlalchemy import Connection, case, func, select

from dlcr.catalog.rows import Coverage, PersonCoverage, SampleRow, VariantRow
from dlcr.catalog.samples import sample_query, sample_row
from dlcr.catalog.store import Store, dataset_key, told
from dlcr.catalog.tables import samples, variants, verdicts
from dlcr.catalog.variants import variant_query

REJECTED = case((verdicts.c.verdict == "rejected", 1), else_=0)


class Coverages(Store):
    """The catalog's tallies of variants."""

    def newest_variant(self) -> int:
        """The id of the newest variant of all, 0 if there is none: whether anything came since."""
        with self._reading() as connection:
            return int(connection.execute(select(func.max(variants.c.id))).scalar() or 0)

    def newest_variants(self, dataset: str, split: str, limit: int = 12) -> list[tuple[SampleRow, VariantRow]]:
        """The newest variants of a split with their photos, newest first; read from the end, not counted."""
        with self._reading() as connection:
            here = samples.c.dataset_id == dataset_key(connection, dataset)
            query = variant_query().join(samples, variants.c.sample_id == samples.c.id)
            query = query.where(here, samples.c.split == split, samples.c.present)
            found = [
                told(VariantRow, row) for row in connection.execute(query.order_by(variants.c.id.desc()).limit(limit))
            ]
            ids = {row.sample_id for row in found}
            photos = {
                row.id: sample_row(row) for row in connection.execute(sample_query().where(samples.c.id.in_(ids)))
            }
        return [(photos[row.sample_id], row) for row in found]

    def coverage(self, dataset: str, split: str) -> Coverage:
        """Variants by photo and person of a split. Reads all its variants: not for every look at a page."""
        with self._reading() as connection:
            here = (samples.c.dataset_id == dataset_key(connection, dataset)) & samples.c.present
            here &= samples.c.split == split
            photos, people = Counter[int](), dict[int, dict[str, int]]()
            for row in _photos(connection, here):
                photos[row.usable] += row.photos
                one = people.setdefault(row.pid, {"photos": 0, "variants": 0, "rejected": 0})
                one["photos"] += row.photos
                one["variants"] += (row.usable + row.rejected) * row.photos
                one["rejected"] += row.rejected * row.photos
            own = select(samples.c.pid, func.count(samples.c.clothes_id.distinct()))
            outfits = _by_pid(connection, own.where(here, samples.c.clothes_id != "").group_by(samples.c.pid))
            dressed = variant_query(samples.c.pid, variants.c.prompt, REJECTED.label("rejected"))
            usable = dressed.join(samples, variants.c.sample_id == samples.c.id).where(here).subquery()
            new = select(usable.c.pid, func.count(usable.c.prompt.distinct())).where(usable.c.rejected == 0)
            prompts = _by_pid(connection, new.group_by(usable.c.pid))
        told_of = [
            PersonCoverage(pid, **one, outfits=outfits.get(pid, 0), prompts=prompts.get(pid, 0))
            for pid, one in sorted(people.items())
        ]
        return Coverage(dict(sorted(photos.items())), tuple(told_of))


def _photos(connection: Connection, here: Any) -> Any:
    """(pid, usable, rejected, photos): how many photos of a person have so many variants."""
    judged = variant_query(variants.c.sample_id, REJECTED.label("rejected")).subquery()
    rejected = func.coalesce(func.sum(judged.c.rejected), 0)
    own = samples.outerjoin(judged, judged.c.sample_id == samples.c.id)
    usable = (func.count(judged.c.sample_id) - rejected).label("usable")
    each = select(samples.c.id, samples.c.pid, usable, rejected.label("rejected")).select_from(own)
    one = each.where(here).group_by(samples.c.id, samples.c.pid).subquery()
    kinds = (one.c.pid, one.c.usable, one.c.rejected)
    return connection.execute(select(*kinds, func.count().label("photos")).group_by(*kinds))


def _by_pid(connection: Connection, query: Any) -> dict[int, int]:
    return {int(pid): int(count) for pid, count in connection.execute(query)}
