import os
import sqlite3
import threading
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from sqlalchemy import create_engine, make_url
from sqlalchemy.dialects import postgresql
from sqlalchemy.schema import CreateTable

from dlcr.catalog import Catalog
from dlcr.catalog.engine import place
from dlcr.catalog.tables import metadata
from dlcr.core.errors import CatalogError, SettingError, WorkspaceError
from tests.catalog.conftest import SAMPLES
from tests.core.disks import needs_disks, open_folder, small_disk, unprivileged


def refused(address: str, reason: str) -> WorkspaceError:
    with pytest.raises(WorkspaceError, match=reason) as caught:
        Catalog.open(address)
    assert make_url(address).database in caught.value.what
    assert caught.value.remedy
    return caught.value


def test_opening_makes_the_folder_and_opening_again_keeps_the_rows(address: str):
    made = Catalog.open(address).put_dataset("world", "/data/world", "prcc")
    assert Catalog.open(address).datasets() == [made]


def test_sqlite_runs_in_wal_with_foreign_keys(sqlite_catalog: Catalog):
    with sqlite_catalog._engine.connect() as connection:
        told = [connection.exec_driver_sql(f"PRAGMA {name}").scalar() for name in ("journal_mode", "foreign_keys")]
        assert told == ["wal", 1]
        assert connection.exec_driver_sql("PRAGMA busy_timeout").scalar() == 30_000


def test_migrations_and_tables_agree(catalog: Catalog):
    with catalog._engine.connect() as connection:
        assert compare_metadata(MigrationContext.configure(connection), metadata) == []


def test_a_catalog_of_the_first_version_is_brought_up_with_its_rows(address: str):
    from alembic.command import upgrade
    from alembic.config import Config

    from dlcr.catalog.engine import MIGRATIONS

    Path(make_url(address).database).parent.mkdir()
    engine = create_engine(address)
    with engine.begin() as connection:
        config = Config()
        config.set_main_option("script_location", str(MIGRATIONS))
        config.attributes["connection"] = connection
        upgrade(config, "0001")
        for statement in FIRST_ROWS:
            connection.exec_driver_sql(statement)
    engine.dispose()
    catalog = Catalog.open(address)
    assert catalog.sample(1).image == Path("a/1.jpg")
    assert catalog.variants(1)[0].mask_id == 1
    assert catalog.summary(1).images == 1
    with catalog._engine.connect() as connection:
        assert compare_metadata(MigrationContext.configure(connection), metadata) == []
        assert connection.exec_driver_sql("PRAGMA foreign_keys").scalar() == 1
        assert connection.exec_driver_sql("PRAGMA foreign_key_check").all() == []


FIRST_ROWS = [
    "INSERT INTO datasets VALUES (1, 'world', '/data/world', 'prcc', '2026-01-01 00:00:00')",
    "INSERT INTO samples VALUES (1, 1, 'a/1.jpg', 'train', 1, 0, '1_1', NULL, 9, 9, 8, 8, 1, '2026-01-01 00:00:00')",
    "INSERT INTO masks VALUES (1, 1, 1, 'masks/1.png', 'aa', 'brush', '{}', 0.5, NULL, '2026-01-01 00:00:00')",
    "INSERT INTO variants VALUES (1, 1, 1, 'variants/1.png', 'coat', 7, 'demo', '{}', NULL, '2026-01-01 00:00:00')",
]


def test_tables_are_valid_for_postgresql():
    told = [str(CreateTable(table).compile(dialect=postgresql.dialect())) for table in metadata.sorted_tables]
    assert len(told) == len(metadata.tables)
    assert sum("TIMESTAMP WITH TIME ZONE" in text for text in told) >= 6


def test_a_file_that_is_no_database_is_refused_and_kept(tmp_path: Path):
    (tmp_path / "catalog.sqlite").write_text("these are my notes\n" * 100)
    refused(f"sqlite:///{tmp_path}/catalog.sqlite", "not a catalog")
    assert (tmp_path / "catalog.sqlite").read_text() == "these are my notes\n" * 100


def test_someone_elses_database_is_refused_and_kept(tmp_path: Path):
    with sqlite3.connect(tmp_path / "catalog.sqlite") as other:
        other.execute("CREATE TABLE recipes (name TEXT)")
    refused(f"sqlite:///{tmp_path}/catalog.sqlite", "not a catalog: it holds other tables")
    tables = sqlite3.connect(tmp_path / "catalog.sqlite").execute("SELECT name FROM sqlite_master").fetchall()
    assert tables == [("recipes",)]


def test_a_damaged_catalog_is_refused(address: str):
    opened = Catalog.open(address)
    row = opened.put_dataset("world", "/data/world", "prcc")
    opened.put_samples(row.id, SAMPLES)
    opened.close()
    file = Path(make_url(address).database)
    data = bytearray(file.read_bytes())
    data[100:] = os.urandom(len(data) - 100)
    file.write_bytes(data)
    refused(address, "damaged|not a catalog")


def test_a_newer_catalog_is_refused(address: str):
    Catalog.open(address).close()
    with sqlite3.connect(make_url(address).database) as other:
        other.execute("UPDATE alembic_version SET version_num = '9999'")
    assert "Update" in refused(address, "newer version").remedy


def test_a_folder_in_place_of_the_file_is_refused(tmp_path: Path):
    (tmp_path / "catalog.sqlite").mkdir()
    refused(f"sqlite:///{tmp_path}/catalog.sqlite", "cannot be opened")


def test_a_read_only_folder_is_refused():
    with open_folder(0o555) as folder, unprivileged():
        refused(f"sqlite:///{folder}/catalog.sqlite", "cannot be opened")


def test_a_read_only_catalog_is_refused():
    with open_folder(0o755) as folder:
        Catalog.open(f"sqlite:///{folder}/catalog.sqlite").close()
        (folder / "catalog.sqlite").chmod(0o444)
        folder.chmod(0o555)
        with unprivileged():
            refused(f"sqlite:///{folder}/catalog.sqlite", "read-only|cannot be opened")


@needs_disks
def test_a_full_disk_is_one_clear_error_and_the_catalog_lives_on(tmp_path: Path):
    with small_disk(tmp_path / "disk", 1024) as disk:
        catalog = Catalog.open(f"sqlite:///{disk}/catalog.sqlite")
        row = catalog.put_dataset("world", "/data/world", "prcc")
        ballast = disk / "ballast"
        with pytest.raises(OSError, match="No space"):
            ballast.write_bytes(b"x" * 2**20)
        with pytest.raises(WorkspaceError, match="full") as caught:
            all(catalog.add_prompt("world", "1_1", f"coat {n} " * 100, "user") for n in range(200))
        assert "catalog.sqlite" in caught.value.what
        assert "disk" in caught.value.what
        assert catalog.datasets() == [row]
        kept = len(catalog.prompts("world", "1_1"))
        ballast.unlink()
        assert catalog.add_prompt("world", "1_1", "red coat", "user").version == kept + 1
        catalog.close()


@needs_disks
def test_a_full_disk_at_first_opening_leaves_nothing_in_the_way(tmp_path: Path):
    with small_disk(tmp_path / "disk", 512) as disk:
        with pytest.raises(OSError, match="No space"):
            (disk / "ballast").write_bytes(b"x" * 2**20)
        refused(f"sqlite:///{disk}/catalog.sqlite", "full|cannot be opened")
        (disk / "ballast").unlink()
        Catalog.open(f"sqlite:///{disk}/catalog.sqlite").close()


def test_wrong_addresses_name_themselves_and_keep_passwords():
    with pytest.raises(SettingError, match="nonsense"):
        Catalog.open("nonsense")
    with pytest.raises((WorkspaceError, SettingError)) as caught:
        Catalog.open("postgresql://me:secret@127.0.0.1:1/dlcr")
    assert "secret" not in str(caught.value)
    assert place(make_url("postgresql://me:secret@host/dlcr")) == "postgresql://me:***@host/dlcr"


def test_a_failed_transaction_leaves_no_row(catalog: Catalog):
    row = catalog.put_dataset("world", "/data/world", "prcc")
    repeated = [SAMPLES[0], SAMPLES[0].__class__(Path("x.jpg"), None, 1, 0, "1_1")]  # type: ignore[arg-type]
    with pytest.raises(CatalogError, match="refuses"):
        catalog.put_samples(row.id, repeated)
    assert catalog.find_samples("world") == []


def test_many_threads_share_one_catalog(catalog: Catalog):
    catalog.put_dataset("world", "/data/world", "prcc")
    failures: list[Exception] = []

    def write(worker: int) -> None:
        try:
            for n in range(10):
                catalog.add_prompt("world", "1_1", f"{worker} {n}", "user")
                catalog.prompts("world", "1_1")
        except Exception as error:  # a thread's error must fail the test
            failures.append(error)

    threads = [threading.Thread(target=write, args=(worker,)) for worker in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failures == []
    assert [row.version for row in catalog.prompts("world", "1_1")] == list(range(1, 81))
