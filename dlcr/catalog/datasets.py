"""Data sets: names, roots, sizes."""

from pathlib import Path
from typing import Any

from sqlalchemy import ColumnElement, Row, func, select

from dlcr.catalog.rows import Counts, DatasetRow, Facets, Summary
from dlcr.catalog.store import Store, dataset_key, put
from dlcr.catalog.tables import datasets, now, samples


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
        """Sizes of the data set, whole and by split; samples that went away do not count."""
        there = (samples.c.dataset_id == dataset_id) & samples.c.present
        sizes: list[ColumnElement[Any]] = [func.count()]
        sizes += [func.count(column.distinct()) for column in (samples.c.pid, samples.c.clothes_id, samples.c.camid)]
        with self._reading() as connection:
            whole = connection.execute(select(*sizes).where(there)).one()
            query = select(samples.c.split, *sizes).where(there).group_by(samples.c.split).order_by(samples.c.split)
            splits = {row[0]: Counts(*row[1:]) for row in connection.execute(query)}
            return Summary(whole[0], whole[1], whole[2], whole[3], splits)

    def facets(self, dataset: str) -> Facets:
        """Every split, pid, camid and clothes_id of a data set, sorted."""
        with self._reading() as connection:
            there = (samples.c.dataset_id == dataset_key(connection, dataset)) & samples.c.present
            columns = (samples.c.split, samples.c.pid, samples.c.camid, samples.c.clothes_id)
            menus = [connection.execute(select(c).where(there).distinct().order_by(c)).scalars() for c in columns]
            return Facets(*(tuple(menu) for menu in menus))
