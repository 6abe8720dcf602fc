from dataclasses import replace
from pathlib import Path

import pytest
from sqlalchemy import event

from dlcr.catalog import Catalog, DatasetRow, Indexed
from dlcr.core.errors import CatalogError
from dlcr.core.values import PhotoFile, Sample
from tests.catalog.conftest import SAMPLES, TABLE


def names(catalog: Catalog, **filters: object) -> list[str]:
    return [row.image.as_posix() for row in catalog.find_samples("world", **filters)]


def test_indexing_twice_changes_nothing(catalog: Catalog, world: DatasetRow):
    before = catalog.find_samples("world")
    assert catalog.put_samples(world.id, SAMPLES) == Indexed(new=0, kept=6, changed=0, gone=0)
    assert catalog.find_samples("world") == before


def test_indexing_notices_new_changed_and_gone(catalog: Catalog, world: DatasetRow):
    gone = catalog.find_sample("world", "b/3.jpg")
    relabelled = replace(SAMPLES[0], camid=5)
    found = [relabelled, *SAMPLES[1:5], Sample(Path("c/1.jpg"), "train", 9, 0, "9_1")]
    assert catalog.put_samples(world.id, iter(found)) == Indexed(new=1, kept=5, changed=1, gone=1)
    assert names(catalog) == ["a/1.jpg", "a/2.jpg", "a/3.jpg", "b/1.jpg", "b/2_100%.jpg", "c/1.jpg"]
    assert catalog.find_sample("world", "a/1.jpg").camid == 5
    assert catalog.sample(gone.id) == gone
    assert catalog.put_samples(world.id, SAMPLES) == Indexed(new=0, kept=6, changed=2, gone=1)
    assert catalog.find_sample("world", "b/3.jpg").id == gone.id


def test_changed_files_are_noticed(catalog: Catalog, world: DatasetRow):
    files = {sample.image: PhotoFile(1000, 1, 128, 256) for sample in SAMPLES}
    assert catalog.put_samples(world.id, SAMPLES, files).changed == 6
    assert catalog.put_samples(world.id, SAMPLES, files).changed == 0
    files[Path("a/2.jpg")] = PhotoFile(1000, 2, 128, 256)
    assert catalog.put_samples(world.id, SAMPLES, files).changed == 1


def test_data_sets_do_not_mix(catalog: Catalog, world: DatasetRow):
    other = catalog.put_dataset("other", "/data/other", "prcc")
    assert catalog.put_samples(other.id, SAMPLES[:2]) == Indexed(new=2, kept=0, changed=0, gone=0)
    assert len(names(catalog)) == 6
    assert catalog.find_sample("other", "a/1.jpg").path == Path("/data/other/a/1.jpg")


def test_large_sets_go_in_by_batches_and_interrupted_ones_finish_later(catalog: Catalog, world: DatasetRow):
    many = [Sample(Path(f"n/{i:05}.jpg"), "train", i, 0, str(i)) for i in range(2345)]

    def interrupted():
        yield from many[:1500]
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        catalog.put_samples(world.id, interrupted())
    assert catalog.put_samples(world.id, many) == Indexed(new=845, kept=1500, changed=0, gone=6)


def test_sample_knows_where_it_lies(catalog: Catalog, first: int):
    row = catalog.sample(first)
    assert (row.dataset, row.root, row.image) == ("world", Path("/data/world"), Path("a/1.jpg"))
    assert (row.split, row.pid, row.camid, row.clothes_id, row.tracklet) == ("train", 1, 0, "1_1", None)
    assert row.path == Path("/data/world/a/1.jpg")


def test_unknown_samples_are_catalog_errors(catalog: Catalog, world: DatasetRow):
    with pytest.raises(CatalogError, match="no sample 999"):
        catalog.sample(999)
    with pytest.raises(CatalogError, match="no image z.jpg"):
        catalog.find_sample("world", "z.jpg")
    with pytest.raises(CatalogError, match="no dataset 999"):
        catalog.put_samples(999, SAMPLES)


@pytest.mark.parametrize(
    "filters",
    [{"split": "train"}, {"pid": 2}, {"camid": 2}, {"camid": 0}, {"clothes_id": "1_1"}, {"split": "query", "pid": 7}],
)
def test_filters_agree_with_the_table(catalog: Catalog, world: DatasetRow, filters: dict[str, object]):
    columns = ("image", "split", "pid", "camid", "clothes_id")
    rows = [dict(zip(columns, row, strict=True)) for row in TABLE]
    expected = [row["image"] for row in rows if all(row[key] == value for key, value in filters.items())]
    assert expected
    assert names(catalog, **filters) == expected
    assert catalog.count_samples("world", **filters) == len(expected)


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        ("b/", ["b/1.jpg", "b/2_100%.jpg", "b/3.jpg"]),
        ("A/1", ["a/1.jpg"]),
        ("100%", ["b/2_100%.jpg"]),
        ("1_2", ["a/3.jpg"]),
        ("khaki", ["a/1.jpg", "a/2.jpg"]),
        ("Khaki 2.JPG", ["a/2.jpg"]),
        ("purple", []),
        ("nothing'; --", []),
    ],
)
def test_words_match_names_outfits_and_newest_prompts(
    catalog: Catalog, world: DatasetRow, words: str, expected: list[str]
):
    catalog.add_prompt("world", "1_1", "purple coat", "vote")
    catalog.add_prompt("world", "1_1", "khaki coat", "user")
    assert names(catalog, words=words) == expected
    assert catalog.count_samples("world", words=words) == len(expected)


def test_pages_go_forth_and_back(catalog: Catalog, world: DatasetRow):
    ids = [row.id for row in catalog.find_samples("world")]
    pages, after = [], 0
    while page := [row.id for row in catalog.find_samples("world", after=after, limit=4)]:
        pages.append(page)
        after = page[-1]
    assert pages == [ids[:4], ids[4:]]
    assert [row.id for row in catalog.find_samples("world", before=ids[4], limit=3)] == ids[1:4]
    assert [row.id for row in catalog.find_samples("world", before=ids[0])] == []


@pytest.mark.parametrize(
    ("filters", "index"),
    [
        ({}, "dataset_id_id"),
        ({"split": "train"}, "dataset_id_split_id"),
        ({"pid": 1}, "dataset_id_pid_id"),
        ({"camid": 1}, "dataset_id_camid_id"),
        ({"clothes_id": "1_1"}, "dataset_id_clothes_id_id"),
        ({"split": "train", "camid": 1}, "dataset_id_split_camid_id"),
    ],
)
def test_a_page_is_one_query_read_off_an_index_in_order(
    catalog: Catalog, world: DatasetRow, filters: dict[str, object], index: str
):
    told: list[tuple[str, tuple[object, ...]]] = []
    event.listen(catalog._engine, "before_cursor_execute", lambda *call: told.append((call[2], call[3])))
    catalog.find_samples("world", **filters)
    ((statement, values),) = [one for one in told if "FROM samples" in one[0]]
    with catalog._engine.connect() as connection:
        plan = str(connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {statement}", values).all())
    assert f"INDEX ix_samples_{index} " in plan
    assert "TEMP B-TREE" not in plan
