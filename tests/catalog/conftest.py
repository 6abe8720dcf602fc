from collections.abc import Iterator
from pathlib import Path

import pytest

from dlcr.catalog import Catalog, DatasetRow
from dlcr.core.values import Sample
from tests.catalog.postgres import Server, serve

# image, split, pid, camid, clothes_id: the oracle of these tests
TABLE = [
    ("a/1.jpg", "train", 1, 0, "1_1"),
    ("a/2.jpg", "train", 1, 1, "1_1"),
    ("a/3.jpg", "train", 1, 2, "1_2"),
    ("b/1.jpg", "gallery", 2, 0, "2_1"),
    ("b/2_100%.jpg", "query", 2, 2, "2_2"),
    ("b/3.jpg", "query", 7, 2, "7_2"),
]
SAMPLES = [Sample(Path(image), split, pid, camid, outfit) for image, split, pid, camid, outfit in TABLE]


@pytest.fixture
def address(tmp_path: Path) -> str:
    return f"sqlite:///{tmp_path / 'workspace' / 'catalog.sqlite'}"


@pytest.fixture(scope="session")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A PostgreSQL server of the tests' own."""
    with serve() as one:
        yield one


@pytest.fixture(params=["sqlite", "postgresql"])
def catalog(request: pytest.FixtureRequest, address: str) -> Iterator[Catalog]:
    """A fresh catalog on each kind of database."""
    server = request.getfixturevalue("server") if request.param == "postgresql" else None
    opened = Catalog.open(server.fresh() if server else address)
    yield opened
    opened.close()


@pytest.fixture
def sqlite_catalog(address: str) -> Iterator[Catalog]:
    """A fresh catalog in a file, for what is SQLite's own."""
    opened = Catalog.open(address)
    yield opened
    opened.close()


@pytest.fixture
def world(catalog: Catalog) -> DatasetRow:
    row = catalog.put_dataset("world", "/data/world", "prcc")
    catalog.put_samples(row.id, SAMPLES)
    return row


@pytest.fixture
def first(catalog: Catalog, world: DatasetRow) -> int:
    """The id of `a/1.jpg`."""
    return catalog.find_sample("world", "a/1.jpg").id
