"""Samples: indexing a data set, and finding photos in it by page."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import lru_cache
from itertools import islice
from pathlib import Path
from typing import Any, TypeVar

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import ColumnElement, Connection, Engine, Row, Select, func, select, update

from dlcr.catalog import every
from dlcr.catalog.every import SampleRows
from dlcr.catalog.facts import next_run, settle, splits_with, tallied, touch
from dlcr.catalog.held import Held
from dlcr.catalog.rows import Indexed, SampleRow
from dlcr.catalog.store import Store, dataset_key, missing, put
from dlcr.catalog.tables import datasets, prompts, samples
from dlcr.catalog.words import NameSearch
from dlcr.core.errors import CatalogError
from dlcr.core.images import EXTENSIONS
from dlcr.core.values import PhotoFile, Sample

BATCH = 500
"""Rows written, and values looked for, in one statement."""
T = TypeVar("T")

_root = lru_cache(64)(Path)  # the same few for every row of a set


def sample_row(row: Row[Any]) -> SampleRow:
    """A row of `sample_query` as a value."""
    return SampleRow(
        row.id, row.name, _root(row.root), Path(row.image), row.split, row.pid, row.camid, row.clothes_id, row.tracklet
    )


def sample_query() -> Select[Any]:
    """Samples, each with its data set's name and root."""
    return select(samples, datasets.c.name, datasets.c.root).join(datasets)


def _values(sample: Sample, files: Mapping[Path, PhotoFile] | None) -> dict[str, Any]:
    labels = {
        "image": sample.image.as_posix(),
        "split": sample.split,
        "pid": sample.pid,
        "camid": sample.camid,
        "clothes_id": sample.clothes_id,
        "tracklet": sample.tracklet,
        "present": True,
    }
    if files is None:
        return labels
    file = files.get(sample.image)
    return labels | {name: file and getattr(file, name) for name in ("size", "mtime_ns", "width", "height")}


def _batches(found: Iterable[Sample]) -> Iterator[list[Sample]]:
    rest = iter(found)
    while batch := list(islice(rest, BATCH)):
        yield batch


def _parts(values: Sequence[T]) -> Iterator[Sequence[T]]:
    return (values[start : start + BATCH] for start in range(0, len(values), BATCH))


def newest_prompts(dataset: int) -> Select[Any]:
    """The newest prompt of each outfit of the data set with this id."""
    last = select(prompts.c.clothes_id, func.max(prompts.c.version).label("version"))
    last_versions = last.where(prompts.c.dataset_id == dataset).group_by(prompts.c.clothes_id).subquery()
    same = (prompts.c.clothes_id == last_versions.c.clothes_id) & (prompts.c.version == last_versions.c.version)
    return select(prompts).join(last_versions, same).where(prompts.c.dataset_id == dataset)


def _matching(dataset: int, exact: Mapping[str, str | int | None]) -> list[ColumnElement[bool]]:
    """Every filter but words as a condition."""
    conditions = [samples.c.dataset_id == dataset, samples.c.present]
    given = {name: value for name, value in exact.items() if value is not None}
    few = given.keys() & {"pid", "clothes_id"}  # few pictures: keep the planner off the indexes of the wide labels
    wide = {"split": samples.c.split.concat(""), "camid": samples.c.camid + 0} if few else {}
    return conditions + [wide.get(name, samples.c[name]) == value for name, value in given.items()]


def _read_in_order(
    connection: Connection, dataset: int, exact: Mapping[str, str | int | None]
) -> list[Mapping[str, str | int | None]]:
    """Filters that together are `exact`, and that an index each gives in order of id: a camera alone, split by split."""
    alone = [name for name, value in exact.items() if value is not None] == ["camid"]
    splits = splits_with(connection, dataset, "camid", exact["camid"]) if alone else None
    return [dict(exact)] if splits is None else [{**exact, "split": split} for split in splits]


class Samples(Store):
    """The catalog's samples."""

    def __init__(self, engine: Engine):
        super().__init__(engine)
        self._names = NameSearch()
        self._every = Held(every.read, every.KEPT)

    def put_samples(
        self, dataset_id: int, found: Iterable[Sample], files: Mapping[Path, PhotoFile] | None = None
    ) -> Indexed:
        """Make the data set's samples equal to `found`, in batches; doing it twice changes nothing. For small sets:
        `Indexing` does it folder by folder.

        Samples that are no longer found keep their rows (variants point at them) but are not listed. `files` adds what
        is known of each picture, by `Sample.image`. Stopping anywhere is safe: the next run finishes.
        """
        kept = changed = new = 0
        with self._writing() as connection:
            run = next_run(connection, dataset_id)
        for batch in _batches(found):
            values = {row["image"]: row for row in (_values(sample, files) for sample in batch)}
            with self._writing() as connection:
                touch(connection, dataset_id)
                before = self._stored(connection, dataset_id, list(values))
                kept += len(before)
                new += len(values) - len(before)
                changed += sum(any(before[k][name] != v for name, v in values[k].items()) for k in before)
                stamp = {"dataset_id": dataset_id, "run": run}
                put(connection, samples, [row | stamp for row in values.values()], ("dataset_id", "image"))
        old = (samples.c.dataset_id == dataset_id) & samples.c.present & (samples.c.run < run)
        with self._writing() as connection:
            touch(connection, dataset_id)
            gone = connection.execute(update(samples).where(old).values(present=False)).rowcount
            settle(connection, dataset_id)
        return Indexed(new, kept, changed, gone)

    @staticmethod
    def _stored(connection: Connection, dataset_id: int, images: list[str]) -> dict[str, Any]:
        query = select(samples).where(samples.c.dataset_id == dataset_id, samples.c.image.in_(images))
        return {row["image"]: row for row in connection.execute(query).mappings()}

    def sample(self, sample_id: int) -> SampleRow:
        """The sample with this id; CatalogError if there is none."""
        with self._reading() as connection:
            row = connection.execute(sample_query().where(samples.c.id == sample_id)).first()
        if row is None:
            raise missing(samples, sample_id)
        return sample_row(row)

    def find_sample(self, dataset: str, image: Path | str) -> SampleRow:
        """The sample of a data set by its path relative to the root; CatalogError if there is none."""
        name = Path(image).as_posix()
        with self._reading() as connection:
            here = samples.c.dataset_id == dataset_key(connection, dataset)
            row = connection.execute(sample_query().where(here, samples.c.image == name)).first()
        if row is None:
            raise CatalogError(f"the data set '{dataset}' has no image {name}.", "Give its path below the root.")
        return sample_row(row)

    def by_stem(self, dataset: str, stems: Sequence[str]) -> dict[str, list[SampleRow]]:
        """The samples whose image is one of these paths with any picture suffix; a stem with several names several."""
        names = {f"{stem}{suffix}": stem for stem in stems for end in EXTENSIONS for suffix in (end, end.upper())}
        found: dict[str, list[SampleRow]] = {}
        with self._reading() as connection:
            here = samples.c.dataset_id == dataset_key(connection, dataset)
            for part in _parts(sorted(names)):
                query = sample_query().where(here, samples.c.present, samples.c.image.in_(part))
                for row in connection.execute(query.order_by(samples.c.image)):
                    found.setdefault(names[row.image], []).append(sample_row(row))
        return found

    def every_sample(self, dataset: str, split: str | None = None) -> SampleRows:
        """All samples of a data set or split by their pictures' names, whenever their rows were made; kept until they change."""
        with self._reading() as connection:
            return self._every.of(connection, dataset_key(connection, dataset)).get(split, SampleRows())

    def find_samples(
        self,
        dataset: str,
        *,
        split: str | None = None,
        pid: int | None = None,
        camid: int | None = None,
        clothes_id: str | None = None,
        words: str = "",
        after: int = 0,
        before: int | None = None,
        limit: int = 60,
    ) -> list[SampleRow]:
        """One page in order of id: the first `limit` samples above id `after`, or the last ones below id `before`."""
        exact = {"split": split, "pid": pid, "camid": camid, "clothes_id": clothes_id}
        if words.strip():
            return self._with_words(dataset, words, exact, after, before, limit)
        beyond = samples.c.id > after if before is None else (samples.c.id > after) & (samples.c.id < before)
        order = samples.c.id if before is None else samples.c.id.desc()
        with self._reading() as connection:
            key = dataset_key(connection, dataset)
            found: list[Row[Any]] = []
            for part in _read_in_order(connection, key, exact):
                query = sample_query().where(*_matching(key, part), beyond).order_by(order).limit(limit)
                found += connection.execute(query)
        found.sort(key=lambda row: row.id)
        return [sample_row(row) for row in (found[:limit] if before is None else found[-limit:])]

    def _with_words(
        self,
        dataset: str,
        words: str,
        exact: Mapping[str, str | int | None],
        after: int,
        before: int | None,
        limit: int,
    ) -> list[SampleRow]:
        """`find_samples` where each word must be in the image name, the outfit's id or its newest prompt."""
        with self._reading() as connection:
            ids = self._named(connection, dataset_key(connection, dataset), words, exact)
            ids = ids[np.searchsorted(ids, after, "right") :]
            page = ids[:limit] if before is None else ids[: np.searchsorted(ids, before)][-limit:]
            query = sample_query().order_by(samples.c.id)
            parts = (query.where(samples.c.id.in_(part)) for part in _parts(page.tolist()))  # the page's ids rise
            return [sample_row(row) for part in parts for row in connection.execute(part)]

    def _named(
        self, connection: Connection, key: int, words: str, exact: Mapping[str, str | int | None]
    ) -> NDArray[np.int64]:
        given = {name: value for name, value in exact.items() if value is not None}
        return self._names.matching(connection, key, words.split(), given)

    def count_samples(
        self,
        dataset: str,
        *,
        split: str | None = None,
        pid: int | None = None,
        camid: int | None = None,
        clothes_id: str | None = None,
        words: str = "",
    ) -> int:
        """How many samples `find_samples` would give over all pages; from tallies where words do not matter."""
        exact = {"split": split, "pid": pid, "camid": camid, "clothes_id": clothes_id}
        with self._reading() as connection:
            key = dataset_key(connection, dataset)
            if words.strip():
                return len(self._named(connection, key, words, exact))
            known = tallied(connection, key, {name: value for name, value in exact.items() if value is not None})
            if known is not None:
                return known
            query = select(func.count(samples.c.id)).where(*_matching(key, exact))
            return int(connection.execute(query).scalar_one())
