"""Opening a database: SQLite in WAL mode or PostgreSQL, migrated to the newest version, its errors made plain."""

import sqlite3
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from sqlalchemy import URL, Connection, Engine, create_engine, event, inspect, make_url, text
from sqlalchemy.exc import ArgumentError, DBAPIError, NoSuchModuleError, SQLAlchemyError

from dlcr.core.errors import DlcrError, SettingError, WorkspaceError
from dlcr.core.files import make_folder

MIGRATIONS = Path(__file__).parent / "migrations"
BUSY_SECONDS = 30.0
"""How long a writer waits for another one before it gives up."""
_ELSEWHERE = "or choose another folder with --home or DLCR_HOME."
_REASONS = {
    "SQLITE_FULL": ("the disk is full", f"Free some space there, {_ELSEWHERE}"),
    "SQLITE_READONLY": ("it is read-only", f"Make it and its folder writable, {_ELSEWHERE}"),
    "SQLITE_CANTOPEN": ("it cannot be opened", f"Make it and its folder writable, {_ELSEWHERE}"),
    "SQLITE_PERM": ("access is denied", f"Make it and its folder writable, {_ELSEWHERE}"),
    "SQLITE_BUSY": ("another process is writing to it", "Wait for it to finish and try again."),
    "SQLITE_LOCKED": ("another process is writing to it", "Wait for it to finish and try again."),
    "SQLITE_NOTADB": ("it is not a catalog", f"Move that file away, {_ELSEWHERE}"),
    "SQLITE_CORRUPT": ("it is damaged", f"Restore it from a backup, {_ELSEWHERE}"),
    "SQLITE_IOERR": ("the disk failed or is full", f"Check the disk, {_ELSEWHERE}"),
}
_ONE_AT_A_TIME = threading.Lock()


def place(url: URL) -> str:
    """What to call a database in a message: its file, or its address without the password."""
    return url.database or "memory" if url.get_backend_name() == "sqlite" else url.render_as_string(hide_password=True)


def plain(url: URL, error: Exception) -> WorkspaceError:
    """The WorkspaceError that says which catalog failed, why, and what to do."""
    cause = error.orig if isinstance(error, DBAPIError) and error.orig is not None else error
    code = getattr(cause, "sqlite_errorname", "")
    for prefix, (reason, remedy) in _REASONS.items():
        if code.startswith(prefix):
            return WorkspaceError(f"cannot use the catalog {place(url)}: {reason}.", remedy)
    reason = str(cause).strip().splitlines()[0] if str(cause).strip() else type(cause).__name__
    return WorkspaceError(f"cannot use the catalog {place(url)}: {reason}.", "Check DLCR_DATABASE_URL and the server.")


def open_engine(address: str) -> Engine:
    """An engine on the database at `address`, made and migrated where needed; WorkspaceError says why it cannot be."""
    try:
        url = make_url(address)
    except ArgumentError as error:
        raise SettingError(f"'{address}' is no database address.", "Use sqlite:///FILE or postgresql://...") from error
    if url.get_backend_name() == "sqlite" and url.database:
        make_folder(Path(url.database).parent)
    try:
        engine = _engine(url)
    except (ImportError, NoSuchModuleError) as error:
        raise WorkspaceError(f"the catalog {place(url)} needs a driver: {error}.", "Install psycopg.") from error
    try:
        _use_wal(engine)
        with _ONE_AT_A_TIME, unchecked(engine.execution_options(write=True)) as connection, connection.begin():
            _migrate(connection, url)
    except (SQLAlchemyError, sqlite3.Error) as error:
        engine.dispose()
        raise plain(url, error) from error
    except DlcrError:
        engine.dispose()
        raise
    return engine


def _engine(url: URL) -> Engine:
    if url.get_backend_name() != "sqlite":
        return create_engine(url, pool_pre_ping=True)
    engine = create_engine(url, connect_args={"timeout": BUSY_SECONDS}, pool_size=20, max_overflow=40)

    @event.listens_for(engine, "connect")
    def prepare(connection: Any, record: object) -> None:
        connection.isolation_level = None  # transactions begin below, not when the driver guesses
        connection.execute("PRAGMA foreign_keys=ON")
        connection.execute("PRAGMA synchronous=NORMAL")
        # Room for the hot pages of a million samples' indexes; fewer checkpoints, which write the same pages again.
        connection.execute("PRAGMA cache_size=-32000")
        connection.execute("PRAGMA wal_autocheckpoint=8000")

    @event.listens_for(engine, "begin")
    def begin(connection: Connection) -> None:
        # A reader that turns writer fails at once instead of waiting (SQLITE_BUSY_SNAPSHOT): writers say so first.
        write = connection.get_execution_options().get("write", False)
        connection.exec_driver_sql("BEGIN IMMEDIATE" if write else "BEGIN")

    return engine


@contextmanager
def unchecked(engine: Engine) -> Iterator[Connection]:
    """A connection on whose transactions SQLite does not check foreign keys: it must not where tables are made anew, nor
    need it where a caller holds all that its many rows point at. PostgreSQL checks as always. The caller begins them:
    one connection for many, since the switch makes SQLite prepare every statement anew."""
    with engine.connect() as connection:
        raw: Any = connection.connection.driver_connection
        sqlite = engine.dialect.name == "sqlite"
        try:
            if sqlite:
                raw.execute("PRAGMA foreign_keys=OFF")  # does nothing inside a transaction: none has begun
            yield connection
        finally:
            if sqlite:
                raw.execute("PRAGMA foreign_keys=ON")


def _use_wal(engine: Engine) -> None:
    """Switch to WAL once; the switch does not honour the busy timeout, so several first openers take turns here."""
    if engine.dialect.name != "sqlite":
        return
    deadline = time.monotonic() + BUSY_SECONDS
    while True:
        raw = engine.raw_connection()
        try:
            raw.cursor().execute("PRAGMA journal_mode=WAL")
            return
        except sqlite3.OperationalError as error:
            busy = getattr(error, "sqlite_errorname", "").startswith(("SQLITE_BUSY", "SQLITE_LOCKED"))
            if not busy or time.monotonic() > deadline:
                raise
            time.sleep(0.05)
        finally:
            raw.close()


def _migrate(connection: Connection, url: URL) -> None:
    """Bring the schema to the newest version inside the caller's transaction, which no other opener can share."""
    from alembic.command import upgrade  # slow to import, and only openers need it
    from alembic.config import Config
    from alembic.util import CommandError

    if connection.dialect.name == "postgresql":
        connection.execute(text("SELECT pg_advisory_xact_lock(7246)"))
    tables = set(inspect(connection).get_table_names())
    if tables and "alembic_version" not in tables:
        raise WorkspaceError(f"{place(url)} is not a catalog: it holds other tables.", f"Move it away, {_ELSEWHERE}")
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS).replace("%", "%%"))
    config.attributes["connection"] = connection
    try:
        upgrade(config, "heads")
    except CommandError as error:
        raise WorkspaceError(
            f"the catalog {place(url)} was made by a newer version of this program.", "Update the program."
        ) from error
