"""What the catalog knows of its own health, and what mends it: damaged pages, rows that point at nothing, files, counts, jobs."""

import json
import sqlite3
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from sqlalchemy import JSON, Connection, Table, delete, func, or_, select, update

from dlcr.catalog.engine import unchecked
from dlcr.catalog.facts import agrees, touch
from dlcr.catalog.jobs import INTERRUPTED, QUEUED, RUNNING, end_jobs, jobs, leases, workers
from dlcr.catalog.store import Store
from dlcr.catalog.tables import datasets, evaluations, folders, masks, metadata, samples, variants, verdicts

FILED: Mapping[str, Table] = {"masks": masks, "variants": variants, "evaluations": evaluations}
"""Tables whose rows have a file each."""
PART = 500
Told = dict[str, Any]
"""A row that was taken out, as JSON can say it, with the name of its `table`."""
Keep = Callable[[list[Told]], None]


@dataclass(frozen=True, slots=True)
class Filed:
    """A row with a file: `told` is the row, `file` relative to the workspace."""

    id: int
    file: Path
    told: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Dangling:
    """A row of `table` whose `column` points at nothing; `free`: it may point at nothing at all."""

    table: str
    id: int
    column: str
    free: bool


class Integrity(Store):
    """The catalog's view of its own health."""

    def damage(self, deep: bool = False) -> list[str]:
        """What SQLite finds wrong with its own pages and indexes (`deep`: also between them); a server sees to itself."""
        if self._engine.dialect.name != "sqlite":
            return []
        with self._reading() as connection:
            told = [str(row[0]) for row in connection.exec_driver_sql(f"PRAGMA {_kind(deep)}(20)")]
        return [] if told == ["ok"] else told

    def reindex(self) -> None:
        """Make every index anew from its table."""
        with self._guard(), self._writer.connect() as connection:
            connection.exec_driver_sql("REINDEX")
            connection.commit()

    def dangling(self) -> list[Dangling]:
        """Rows that point at a row which is not there; a server never lets that be."""
        if self._engine.dialect.name != "sqlite":
            return []
        with self._reading() as connection:
            broken = connection.exec_driver_sql("PRAGMA foreign_key_check").all()
            keys = {
                (table, row[0]): row[3]
                for table in {one[0] for one in broken}
                for row in connection.exec_driver_sql(f"PRAGMA foreign_key_list({table})")
            }
        found = []
        for table, key, _, number in broken:
            column = keys[table, number]
            found.append(Dangling(table, key, column, bool(metadata.tables[table].c[column].nullable)))
        return found

    def let_go(self, one: Dangling, keep: Keep) -> None:
        """Mend a dangling row: it points at nothing, or is taken out where it must point at something (`keep` gets it before)."""
        table = metadata.tables[one.table]
        with self._guard(), unchecked(self._writer) as connection, connection.begin():
            here = table.c.id == one.id
            if one.free:
                connection.execute(update(table).where(here).values({one.column: None}))
            else:
                keep(_take_out(connection, table, here))

    def filed(self, table: str, limit: int | None = None) -> Iterator[Filed]:
        """Rows with a file, the newest first, at most `limit`."""
        one, before, left = FILED[table], 2**62, limit
        while left is None or left > 0:
            count = PART if left is None else min(PART, left)
            with self._reading() as connection:
                rows = connection.execute(
                    select(one).where(one.c.id < before).order_by(one.c.id.desc()).limit(count)
                ).all()
            if not rows:
                return
            yield from (Filed(row.id, Path(row.file), dict(row._mapping)) for row in rows)
            before, left = rows[-1].id, None if left is None else left - len(rows)

    def known_files(self, table: str, files: Collection[Path], sample_ids: Collection[int]) -> set[Path]:
        """Those of the files that have a row; `sample_ids` are whose they would be."""
        one, names = FILED[table], [file.as_posix() for file in files]
        found: set[Path] = set()
        with self._reading() as connection:
            for start in range(0, len(names), PART):
                query = select(one.c.file).where(one.c.file.in_(names[start : start + PART]))
                if table == "masks":  # found by sample, which has an index
                    query = query.where(one.c.sample_id.in_(sample_ids))
                found.update(Path(file) for file in connection.execute(query).scalars())
        return found

    def take_out(self, table: str, row_id: int, keep: Keep) -> None:
        """Take a row with a file out of the catalog, and the verdicts on it. Nothing points at it afterwards.

        `keep` gets what is taken before it is gone for good; if it fails, all stays as it was.
        """
        one = FILED[table]
        with self._guard(), unchecked(self._writer) as connection, connection.begin():
            keep(_take_out(connection, one, one.c.id == row_id))

    def correct(self, table: str, row_id: int, **values: Any) -> None:
        """Put values into a row that has others than its file."""
        one = FILED[table]
        with self._writing() as connection:
            connection.execute(update(one).where(one.c.id == row_id).values(**values))

    def mask_of_digest(self, sample_id: int, digest: str) -> int | None:
        """The oldest mask of a sample with this digest."""
        here = (masks.c.sample_id == sample_id) & (masks.c.digest == digest)
        with self._reading() as connection:
            return connection.execute(select(func.min(masks.c.id)).where(here)).scalar()

    def unlinked(self) -> list[tuple[int, int]]:
        """Variants that name no mask though the catalog has the one that their lineage names: (variant, mask)."""
        digest = variants.c.lineage["mask"].as_string()
        same = (masks.c.sample_id == variants.c.sample_id) & (masks.c.digest == digest)
        query = select(variants.c.id, func.min(masks.c.id)).join(masks, same).where(variants.c.mask_id.is_(None))
        with self._reading() as connection:
            return [(row[0], row[1]) for row in connection.execute(query.group_by(variants.c.id))]

    def miscounted(self) -> list[str]:
        """Data sets whose kept counts are not those of their samples: rows were changed by an outside hand."""
        with self._reading() as connection:
            known = connection.execute(select(datasets.c.id, datasets.c.name).where(datasets.c.facts.is_not(None)))
            return sorted(row.name for row in known.all() if not agrees(connection, row.id))

    def unread(self, dataset: str) -> None:
        """Forget what the folders of a data set held, so that the next indexing reads all of them again."""
        with self._writing() as connection:
            key = connection.execute(select(datasets.c.id).where(datasets.c.name == dataset)).scalar_one()
            connection.execute(update(folders).where(folders.c.dataset_id == key).values(digest=""))
            connection.execute(update(samples).where(samples.c.dataset_id == key).values(content=None))
            touch(connection, key)

    def abandoned_jobs(self) -> list[int]:
        """Jobs that run, by their row, though no worker has them."""
        living = select(workers.c.name)
        here = (jobs.c.state == RUNNING) & or_(jobs.c.worker.is_(None), jobs.c.worker.not_in(living))
        with self._reading() as connection:
            return list(connection.execute(select(jobs.c.id).where(here).order_by(jobs.c.id)).scalars())

    def free_job(self, job_id: int) -> None:
        """Queue a job that no worker has again."""
        here = (jobs.c.id == job_id) & (jobs.c.state.in_((RUNNING, INTERRUPTED)))
        with self._writing() as connection:
            end_jobs(connection, here & (jobs.c.state == RUNNING), INTERRUPTED)
            connection.execute(update(jobs).where(here).values(state=QUEUED, wish=None, ended=None))

    def abandoned_leases(self) -> list[str]:
        """Devices that are held for workers that are not there."""
        with self._reading() as connection:
            query = select(leases.c.device).where(leases.c.worker.not_in(select(workers.c.name)))
            return list(connection.execute(query.order_by(leases.c.device)).scalars())

    def free_device(self, device: str) -> None:
        """Give a device back."""
        with self._writing() as connection:
            connection.execute(delete(leases).where(leases.c.device == device))


def _take_out(connection: Connection, table: Table, here: Any) -> list[Told]:
    """Delete rows, what must not be without them, and what points at them; what was deleted."""
    ids = list(connection.execute(select(table.c.id).where(here)).scalars())
    gone: list[Told] = []
    if table is variants:
        gone += _deleted(connection, verdicts, verdicts.c.variant_id.in_(ids))
    if table is masks:
        connection.execute(update(variants).where(variants.c.mask_id.in_(ids)).values(mask_id=None))
        connection.execute(update(masks).where(masks.c.parent.in_(ids)).values(parent=None))
    return gone + _deleted(connection, table, table.c.id.in_(ids))


def _deleted(connection: Connection, table: Table, here: Any) -> list[Told]:
    rows = connection.execute(select(table).where(here)).all()
    connection.execute(delete(table).where(here))
    return [{"table": table.name} | {key: _plain(value) for key, value in row._mapping.items()} for row in rows]


def _plain(value: Any) -> Any:
    return value.isoformat() if isinstance(value, datetime) else value


# --- a database that cannot be read as a whole ------------------------------------------------------------------------


def _kind(deep: bool) -> str:
    return "integrity_check" if deep else "quick_check"


def file_damage(file: Path, deep: bool = False) -> str | None:
    """What is wrong with the file of an SQLite database: its pages, and (`deep`) whether its indexes fit; None if nothing is."""
    if not file.exists() or not file.stat().st_size:
        return None
    try:
        with file.open("rb") as opened:
            if opened.read(16) != b"SQLite format 3\0":
                return "it is no SQLite database"
        connection = sqlite3.connect(f"file:{file}?mode=ro", uri=True, timeout=30)
        try:
            told = [row[0] for row in connection.execute(f"PRAGMA {_kind(deep)}(1)")]
        finally:
            connection.close()
    except sqlite3.DatabaseError as error:
        return str(error) if getattr(error, "sqlite_errorname", "") in ("SQLITE_CORRUPT", "SQLITE_NOTADB") else None
    return None if told == ["ok"] else str(told[0])


def salvage(damaged: Path, fresh: Path) -> dict[str, int]:
    """Copy every row that can still be read into the new catalog `fresh` (made, empty): how many of each table."""
    source, target = sqlite3.connect(damaged), sqlite3.connect(fresh, isolation_level=None)
    kept: dict[str, int] = {}
    try:
        target.execute("BEGIN")
        for table in metadata.sorted_tables:
            names = [column.name for column in table.columns]
            rows = _readable(source, table, names)
            marks = ", ".join("?" * len(names))
            target.executemany(f"INSERT OR IGNORE INTO {table.name} ({', '.join(names)}) VALUES ({marks})", rows)
            kept[table.name] = len(rows)
        target.execute("COMMIT")
    finally:
        source.close()
        target.close()
    return kept


def _readable(source: sqlite3.Connection, table: Table, names: Sequence[str]) -> list[tuple[Any, ...]]:
    """The rows of a table from its beginning to where it cannot be read, and from its end back to there."""
    found: dict[int, tuple[Any, ...]] = {}
    for order in ("", " DESC"):
        try:
            for row in source.execute(f"SELECT rowid, {', '.join(names)} FROM {table.name} ORDER BY rowid{order}"):
                if row[0] in found:
                    break
                found[row[0]] = tuple(row)[1:]
        except (sqlite3.DatabaseError, UnicodeDecodeError):
            continue
    coded = [place for place, name in enumerate(names) if isinstance(table.c[name].type, JSON)]
    return [row for _, row in sorted(found.items()) if all(_is_json(row[place]) for place in coded)]


def _is_json(value: Any) -> bool:
    try:
        return value is None or bool(json.dumps(json.loads(value)))
    except (ValueError, TypeError):
        return False
