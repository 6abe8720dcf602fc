"""Data sets: names, roots, sizes."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from sqlalchemy import Row, delete, select, update

from dlcr.catalog.facts import LABELS, read_facts, read_menus, read_tallies
from dlcr.catalog.jobs import forget_jobs
from dlcr.catalog.rows import DatasetRow, Facets, Health, Spread, Summary
from dlcr.catalog.runs import forget_runs
from dlcr.catalog.store import Store, dataset_key, put
from dlcr.catalog.tables import (
    captions,
    datasets,
    folders,
    masks,
    now,
    prompts,
    samples,
    tallies,
    variants,
    verdicts,
)


def _row(row: Row[Any]) -> DatasetRow:
    return DatasetRow(row.id, row.name, Path(row.root), row.layout, row.created)


class Datasets(Store):
    """The catalog's data sets."""

    def put_dataset(self, name: str, root: Path | str, layout: str) -> DatasetRow:
        """Add the data set `name`, or move the known one to `root` and `layout`."""
        values = {"name": name, "root": str(Path(root).resolve()), "layout": layout, "created": now()}
        with self._writing() as connection:
            put(connection, datasets, [values], ("name",), keep=("created",))
            return _row(connection.execute(select(datasets).where(datasets.c.name == name)).one())

    def datasets(self) -> list[DatasetRow]:
        """Every data set, by name."""
        with self._reading() as connection:
            return [_row(row) for row in connection.execute(select(datasets).order_by(datasets.c.name))]

    def dataset(self, name: str) -> DatasetRow:
        """The data set called `name`; UsageError lists the known names."""
        with self._reading() as connection:
            found = dataset_key(connection, name)
            return _row(connection.execute(select(datasets).where(datasets.c.id == found)).one())

    def summary(self, dataset_id: int) -> Summary:
        """Sizes of the data set, whole and by split; samples that went away do not count, nor do unknown outfits."""
        with self._reading() as connection:
            return read_facts(connection, dataset_id)[0]

    def health(self, dataset_id: int) -> Health:
        """What is the matter with the data set's files and labels."""
        with self._reading() as connection:
            return read_facts(connection, dataset_id)[1]

    def forget_dataset(self, name: str) -> int:
        """Take a data set and all that was made of it out of the catalog, runs on it and jobs about it too; no file is touched.

        How many samples it had; UsageError if a job is working on it.
        """
        with self._writing() as connection:
            key = dataset_key(connection, name)
            forget_jobs(connection, name)
            forget_runs(connection, key)
            own = select(samples.c.id).where(samples.c.dataset_id == key)
            painted = select(variants.c.id).where(variants.c.sample_id.in_(own))
            connection.execute(delete(verdicts).where(verdicts.c.variant_id.in_(painted)))
            for table in (variants, captions):
                connection.execute(delete(table).where(table.c.sample_id.in_(own)))
            connection.execute(update(masks).where(masks.c.sample_id.in_(own)).values(parent=None))
            connection.execute(delete(masks).where(masks.c.sample_id.in_(own)))
            gone = connection.execute(delete(samples).where(samples.c.dataset_id == key)).rowcount
            for table in (prompts, folders, tallies):
                connection.execute(delete(table).where(table.c.dataset_id == key))
            connection.execute(delete(datasets).where(datasets.c.id == key))
        return int(gone)

    def facets(self, dataset: str) -> Facets:
        """Every split, pid, camid and clothes_id of a data set, sorted; unknown outfits left out."""
        with self._reading() as connection:
            key = dataset_key(connection, dataset)
            menus = read_menus(connection, key)
        return Facets(*(tuple(menus[name]) for name in LABELS))

    def spread(self, dataset: str) -> Spread:
        """How the pictures spread over people, outfits and cameras, as counted when the data set last changed."""
        with self._reading() as connection:
            key = dataset_key(connection, dataset)
            pictures, outfits = (read_tallies(connection, key, "", label) for label in ("pid", "outfits"))
            splits = read_menus(connection, key)["split"]
            cameras = {split: read_tallies(connection, key, split, "camid") for split in splits}
        return Spread(_by_number(pictures), _by_number(outfits), {name: _by_number(n) for name, n in cameras.items()})


def _by_number(counts: Mapping[str, int]) -> dict[int, int]:
    return dict(sorted((int(value), images) for value, images in counts.items()))
