"""Indexing a data set folder by folder: what is new, changed or gone, and what opening the files told.

Each batch of folders is one transaction with the folders' digests, so a run that is stopped anywhere is taken up by the
next one: what it finished is known, the rest is done again.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import astuple, dataclass
from itertools import islice
from operator import add
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, delete, or_, select, update

from dlcr.catalog.engine import unchecked
from dlcr.catalog.facts import next_run, settle, settled, touch
from dlcr.catalog.rows import Checked, DatasetRow, Flawed, FolderRows, Indexed
from dlcr.catalog.store import Store, insert_columns, put
from dlcr.catalog.tables import datasets, folders, now, samples

FACTS = ("split", "pid", "camid", "clothes_id", "tracklet", "size", "mtime_ns")
"""What a listing tells of a picture."""
BATCH = 4000
"""Rows of one transaction, at least."""


@dataclass(frozen=True, slots=True)
class Run:
    """One indexing of a data set: its number, the digest of every folder as known before, whether the set was empty."""

    dataset: DatasetRow
    number: int
    known: dict[str, str]
    fresh: bool


class Indexing(Store):
    """The catalog's way to take in a data set."""

    def begin_index(self, name: str, root: Path | str, layout: str, rules: str) -> Run:
        """Begin to index the data set `name`; if `rules` (what labels depend on) changed, no folder counts as known."""
        root = str(Path(root).resolve())
        values = {"name": name, "root": root, "layout": layout, "rules": "", "run": 0, "created": now()}
        with self._writing() as connection:
            put(connection, datasets, [values], ("name",), keep=("created", "rules", "run"))
            row = connection.execute(select(datasets).where(datasets.c.name == name)).one()
            here = folders.c.dataset_id == row.id
            if row.rules != rules:
                connection.execute(update(folders).where(here).values(digest=""))
                connection.execute(update(datasets).where(datasets.c.id == row.id).values(rules=rules))
            query = select(folders.c.path, folders.c.digest).where(here).order_by(folders.c.id)
            known: dict[str, str] = dict(map(tuple, connection.execute(query)))
            some = connection.execute(select(samples.c.id).where(samples.c.dataset_id == row.id).limit(1)).first()
            dataset = DatasetRow(row.id, row.name, Path(row.root), row.layout, row.created)
            return Run(dataset, next_run(connection, row.id), known, fresh=some is None)

    def folder_digests(self, dataset_id: int) -> dict[str, str]:
        """Every folder of the data set with the digest of its listing as last indexed."""
        query = select(folders.c.path, folders.c.digest).where(folders.c.dataset_id == dataset_id)
        with self._reading() as connection:
            return dict(map(tuple, connection.execute(query)))

    def put_folders(self, run: Run, found: Iterable[FolderRows]) -> Indexed:
        """Make the samples of these folders equal to what was found, in batches; `gone` are those no longer in them."""
        total = Indexed(0, 0, 0, 0)
        with self._guard(), unchecked(self._writer) as connection:
            for batch in _batches(found):
                with connection.begin():
                    done = _put_batch(connection, run, batch)
                total = Indexed(*map(add, astuple(total), astuple(done)))
        return total

    def end_index(self, run: Run, there: Iterable[str]) -> int:
        """Give up the samples of folders that are not `there` any more, and count anew; how many samples are gone."""
        lost = sorted(set(run.known) - set(there))
        gone = 0
        for start in range(0, len(lost), 500):
            with self._writing() as connection:
                here = (folders.c.dataset_id == run.dataset.id) & folders.c.path.in_(lost[start : start + 500])
                touch(connection, run.dataset.id)
                gone += _lose(connection, run, samples.c.folder_id.in_(select(folders.c.id).where(here)))
                inside = samples.c.folder_id.in_(select(folders.c.id).where(here))
                connection.execute(update(samples).where(inside).values(folder_id=None))
                connection.execute(delete(folders).where(here))
        with self._writing() as connection:
            stray = (samples.c.dataset_id == run.dataset.id) & samples.c.folder_id.is_(None)
            if not run.fresh and (strays := _lose(connection, run, stray)):
                touch(connection, run.dataset.id)
                gone += strays
            if not settled(connection, run.dataset.id):
                settle(connection, run.dataset.id)
        return gone

    def unchecked(self, dataset_id: int, after: int = 0, limit: int = 500) -> list[tuple[int, Path]]:
        """The next samples whose files have not been opened since they last changed, as (id, path below the root)."""
        here = (samples.c.dataset_id == dataset_id) & (samples.c.id > after) & samples.c.present
        query = select(samples.c.id, samples.c.image).where(here, samples.c.content.is_(None))
        with self._reading() as connection:
            found = connection.execute(query.order_by(samples.c.id).limit(limit))
            return [(row.id, Path(row.image)) for row in found]

    def put_checked(self, dataset_id: int, found: Sequence[Checked], last: bool = False) -> None:
        """Keep what opening files told; those with a flaw are no longer listed. Counts anew with the `last` ones."""
        with self._writing() as connection:
            touch(connection, dataset_id)
            for one in found:
                values = {"width": one.width, "height": one.height, "flaw": one.flaw, "reason": one.reason}
                values |= {"content": one.content, "present": one.flaw is None}
                connection.execute(update(samples).where(samples.c.id == one.sample_id).values(**values))
            if last:
                settle(connection, dataset_id)

    def flawed(self, dataset_id: int) -> list[Flawed]:
        """Every picture of the data set that cannot be used, by path: files with a flaw, and names that do not fit."""
        here = (samples.c.dataset_id == dataset_id) & samples.c.flaw.is_not(None)
        misfit = (folders.c.dataset_id == dataset_id) & folders.c.bad.is_not(None)
        with self._reading() as connection:
            told = connection.execute(select(samples.c.image, samples.c.flaw, samples.c.reason).where(here))
            found = [Flawed(*row) for row in told]
            for path, bad in connection.execute(select(folders.c.path, folders.c.bad).where(misfit)):
                found += [Flawed(_joined(path, name), "misfit", reason) for name, reason in bad]
        return sorted(found, key=lambda one: one.image)


def _put_batch(connection: Connection, run: Run, batch: Sequence[FolderRows]) -> Indexed:
    """Folders and their pictures in the transaction under way."""
    touch(connection, run.dataset.id)
    ids = _put_folders(connection, run, batch)
    columns = _columns(batch, ids)
    images = columns["image"]
    before = {} if run.fresh else _stored(connection, run.dataset.id, images)
    rows = zip(*(columns[name] for name in ("image", *FACTS)), strict=True) if before else ()
    changed = sum(before[image] != tuple(row) for image, *row in rows if image in before)
    _upsert(connection, run, columns)
    gone = 0 if run.fresh else _lose(connection, run, samples.c.folder_id.in_(list(ids.values())))
    return Indexed(len(images) - len(before), len(before), changed, gone)


def _batches(found: Iterable[FolderRows]) -> Iterator[list[FolderRows]]:
    """Folders until they hold enough rows; a large folder is a batch of its own."""
    batch: list[FolderRows] = []
    rows = 0
    for folder in found:
        batch.append(folder)
        rows += len(folder.names)
        if rows >= BATCH:
            yield batch
            batch, rows = [], 0
    if batch:
        yield batch


def _joined(folder: str, name: str) -> str:
    return f"{folder}/{name}" if folder else name


def _put_folders(connection: Connection, run: Run, batch: Sequence[FolderRows]) -> dict[str, int]:
    """Rows of the folders; path -> id."""
    values = [
        {
            "dataset_id": run.dataset.id,
            "path": one.path,
            "digest": one.digest,
            "bad": [list(bad) for bad in one.bad] or None,
        }
        for one in batch
    ]
    put(connection, folders, values, ("dataset_id", "path"))
    found: dict[str, int] = {}
    for part in _parts([one.path for one in batch], 500):
        here = (folders.c.dataset_id == run.dataset.id) & folders.c.path.in_(part)
        found |= dict(map(tuple, connection.execute(select(folders.c.path, folders.c.id).where(here))))
    return found


def _columns(batch: Sequence[FolderRows], ids: Mapping[str, int]) -> dict[str, list[Any]]:
    """Every picture of the folders as columns of `samples`: flat lists, since a tuple a row costs as much as its INSERT."""
    found: dict[str, list[Any]] = {name: [] for name in ("folder_id", "image", *FACTS)}
    for one in batch:
        prefix = f"{one.path}/" if one.path else ""
        found["folder_id"] += [ids[one.path]] * len(one.names)
        found["image"] += [prefix + name for name in one.names]
        facts = (one.splits, one.pids, one.camids, one.clothes_ids, one.tracklets, one.sizes, one.times)
        for name, values in zip(FACTS, facts, strict=True):
            found[name] += values
    return found


def _parts(values: Sequence[Any], size: int) -> Iterator[list[Any]]:
    rest = iter(values)
    while part := list(islice(rest, size)):
        yield part


def _stored(connection: Connection, dataset_id: int, images: Sequence[str]) -> dict[str, tuple[Any, ...]]:
    """Image -> labels, size and time of change, of those that are listed now."""
    found: dict[str, tuple[Any, ...]] = {}
    for part in _parts(images, 500):
        here = (samples.c.dataset_id == dataset_id) & samples.c.image.in_(part)
        there = or_(samples.c.present, samples.c.flaw.is_not(None))
        query = select(samples.c.image, *(samples.c[name] for name in FACTS)).where(here, there)
        found |= {row[0]: tuple(row[1:]) for row in connection.execute(query)}
    return found


def _upsert(connection: Connection, run: Run, columns: Mapping[str, Sequence[Any]]) -> None:
    """Insert the rows, or overwrite those of the same image; what was known of a file whose bytes changed is forgotten."""
    same = "samples.size = excluded.size AND samples.mtime_ns = excluded.mtime_ns"
    known = ("width", "height", "content", "flaw", "reason")
    changes = [f"{name} = excluded.{name}" for name in (*columns, "run") if name != "image"]
    changes += [f"{name} = CASE WHEN {same} THEN samples.{name} END" for name in known]
    changes.append(f"present = (samples.flaw IS NULL OR NOT ({same}))")
    then = f"ON CONFLICT (dataset_id, image) DO UPDATE SET {', '.join(changes)}"
    fixed = {"dataset_id": run.dataset.id, "run": run.number, "present": True}
    insert_columns(connection, samples, columns, fixed, then)


def _lose(connection: Connection, run: Run, where: Any) -> int:
    """Samples there that this run has not seen are gone: their rows stay, unlisted."""
    old = (samples.c.run < run.number) & or_(samples.c.present, samples.c.flaw.is_not(None))
    lost = {"present": False, "flaw": None, "reason": None}
    return int(connection.execute(update(samples).where(where, old).values(**lost)).rowcount)
