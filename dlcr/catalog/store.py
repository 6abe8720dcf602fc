"""What the parts of the catalog share: transactions with plain errors, and the look-ups everyone needs."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager
from dataclasses import fields
from pathlib import Path, PurePath
from typing import Any, TypeVar

from sqlalchemy import Connection, Engine, Row, Table, select
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.exc import DataError, DBAPIError, IntegrityError, TimeoutError

from dlcr.catalog.engine import plain
from dlcr.catalog.tables import datasets
from dlcr.core.errors import CatalogError, UsageError

Kind = TypeVar("Kind")
ROWS = 300
"""Rows of one INSERT: fewer, larger statements cost half the time, and both databases take them."""


class Store:
    """One database; safe to use from several threads, and beside other processes on the same file."""

    def __init__(self, engine: Engine):
        self._engine = engine
        self._writer = engine.execution_options(write=True)

    @contextmanager
    def _guard(self) -> Iterator[None]:
        """Failures of the database as errors that name it."""
        try:
            yield
        except IntegrityError as error:
            raise CatalogError(f"the catalog refuses that row: {error.orig}.", "Open the page again.") from error
        except (
            OverflowError,
            UnicodeEncodeError,
            DataError,
        ) as error:  # larger numbers than it holds, text that is none
            raise CatalogError("the catalog cannot hold that number or text.", "Open the page again.") from error
        except (DBAPIError, TimeoutError) as error:
            raise plain(self._engine.url, error) from error

    @contextmanager
    def _transaction(self, engine: Engine) -> Iterator[Connection]:
        with self._guard(), engine.begin() as connection:
            yield connection

    def _reading(self) -> AbstractContextManager[Connection]:
        return self._transaction(self._engine)

    def _writing(self) -> AbstractContextManager[Connection]:
        return self._transaction(self._writer)

    def close(self) -> None:
        """Give back the database's connections."""
        self._engine.dispose()


def hold(connection: Connection, table: Table, row_id: int) -> None:
    """Make other writers of this row's history wait (SQLite has one writer anyway); CatalogError if it is not there."""
    if connection.execute(select(table.c.id).where(table.c.id == row_id).with_for_update()).first() is None:
        raise missing(table, row_id)


def missing(table: Table, row_id: int) -> CatalogError:
    """The error for an id that the catalog does not have."""
    return CatalogError(f"the catalog has no {table.name[:-1]} {row_id}.", "Open the data set again.")


def dataset_key(connection: Connection, name: str) -> int:
    """The id of the data set called `name`; UsageError lists the known names."""
    found = connection.execute(select(datasets.c.id).where(datasets.c.name == name)).scalar()
    if found is None:
        known = ", ".join(connection.execute(select(datasets.c.name).order_by(datasets.c.name)).scalars())
        raise UsageError(f"no data set '{name}'.", f"Known: {known or 'none yet'}; `dlcr index` adds one.")
    return int(found)


def put(
    connection: Connection, table: Table, values: Sequence[dict[str, Any]], key: Sequence[str], keep: Sequence[str] = ()
) -> None:
    """Insert rows, or overwrite those with the same `key` columns, which keep their id and `keep`."""
    insert = (postgresql if connection.dialect.name == "postgresql" else sqlite).insert
    statement = insert(table)
    changed = {name: statement.excluded[name] for name in values[0] if name not in (*key, *keep)}
    connection.execute(statement.on_conflict_do_update(index_elements=key, set_=changed), values)


def told(kind: type[Kind], row: Row[Any]) -> Kind:
    """A row of the database as the frozen row `kind`, from the columns of its names; `file` becomes a path."""
    values = {one.name: row._mapping[one.name] for one in fields(kind)}  # type: ignore[arg-type]
    if "file" in values:
        values["file"] = Path(values["file"])
    return kind(**values)


def insert_columns(
    connection: Connection, table: Table, columns: Mapping[str, Sequence[Any]], fixed: Mapping[str, int], then: str = ""
) -> None:
    """Insert rows given as columns of equal length, plain values that the driver takes as they are; `fixed` are the same
    in every row, `then` may end the statement. For the many rows of large sets: `put` costs several times as much."""
    width, count = len(columns), len(next(iter(columns.values())))
    flat: list[Any] = [None] * (width * count)
    for place, values in enumerate(columns.values()):
        flat[place::width] = values
    mark = "?" if connection.dialect.paramstyle == "qmark" else "%s"
    one = f"({', '.join([*(str(value).upper() for value in fixed.values()), *[mark] * width])})"
    into = f"INSERT INTO {table.name} ({', '.join([*fixed, *columns])}) VALUES"
    for start in range(0, count, ROWS):
        part = tuple(flat[start * width : (start + ROWS) * width])
        connection.exec_driver_sql(f"{into} {', '.join([one] * (len(part) // width))} {then}", part)


def relative(file: Path | str) -> str:
    """A file's place in the workspace as stored; CatalogError if it is absolute or climbs out."""
    path = PurePath(file)
    if path.is_absolute() or ".." in path.parts:
        raise CatalogError(f"{file} is not relative to the workspace.", "Store files below the workspace.")
    return path.as_posix()
