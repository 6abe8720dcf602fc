import random
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
    assert names(catalog, words="N/", limit=9000) == [sample.image.as_posix() for sample in many]


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


def shows(row: Sample, prompts: dict[str, str], words: str, filters: dict[str, object]) -> bool:
    texts = [text.lower() for text in (row.image.as_posix(), row.clothes_id, prompts.get(row.clothes_id, ""))]
    named = all(any(word.lower() in text for text in texts) for word in words.split())
    return named and all(getattr(row, key) == value for key, value in filters.items())


def test_words_agree_with_a_plain_search_of_every_row_while_rows_and_prompts_change(
    catalog: Catalog, world: DatasetRow
):
    draw = random.Random(3)
    folders = ["Ä b", "a_1", "rgb/train/0012", "rgb/query", ""]
    prompts: dict[str, str] = {}

    def table() -> dict[str, Sample]:
        files = {f"{draw.choice(folders)}/{draw.choice('ab1')}{i}.Jpg".lstrip("/") for i in range(150)}
        return {
            name: Sample(Path(name), draw.choice(["train", "query"]), draw.randrange(9), draw.randrange(3), draw.choice(outfits))
            for name in sorted(files)
        }  # fmt: skip

    outfits = ["1_1", "Ünter", "", "0012_2"]
    for turn in range(4):
        rows = table()
        catalog.put_samples(world.id, rows.values())
        prompts[outfits[turn % 2]] = draw.choice(["Red coat | jeans", "blue SHIRT", "ÄRMEL 100%"])
        catalog.add_prompt("world", outfits[turn % 2], prompts[outfits[turn % 2]], "user")
        listed = [row.image.as_posix() for row in catalog.find_samples("world", limit=1000)]
        for words in (
            "a",
            "0/",
            "train/0012/A",
            "ä",
            "rgb/",
            "/b1",
            "ünt",
            "COAT",
            "100%",
            "1_1 b",
            "a_1/a",
            "red .jpg 1",
            "no",
        ):
            filters = draw.choice([{}, {"split": "train"}, {"pid": 3, "camid": 1}, {"clothes_id": "1_1"}, {"pid": 77}])
            expected = [name for name in listed if shows(rows[name], prompts, words, filters)]
            assert names(catalog, words=words, limit=1000, **filters) == expected, (turn, words, filters)
            assert catalog.count_samples("world", words=words, **filters) == len(expected)
            page = catalog.find_samples("world", words=words, limit=3, **filters)
            rest = catalog.find_samples("world", words=words, limit=3, after=page[-1].id if page else 0, **filters)
            assert [row.image.as_posix() for row in page + rest] == expected[:6]
            back = catalog.find_samples("world", words=words, limit=3, before=rest[0].id, **filters) if rest else page
            assert back == page


def test_words_follow_another_process_and_a_data_set_made_anew(catalog: Catalog, world: DatasetRow):
    other = Catalog(catalog._engine)
    assert names(other, words="a/") == ["a/1.jpg", "a/2.jpg", "a/3.jpg"]
    catalog.put_samples(world.id, SAMPLES[1:])
    catalog.add_prompt("world", "2_1", "a/ coat", "user")
    assert names(other, words="a/") == ["a/2.jpg", "a/3.jpg", "b/1.jpg"]
    catalog.forget_dataset("world")
    again = catalog.put_dataset("world", "/data/world", "prcc")
    catalog.put_samples(again.id, SAMPLES)
    catalog.put_samples(again.id, SAMPLES[:1])
    assert names(other, words="a/") == ["a/1.jpg"]


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
        ({"camid": 1}, "dataset_id_split_camid_id"),
        ({"clothes_id": "1_1"}, "dataset_id_clothes_id_id"),
        ({"split": "train", "camid": 1}, "dataset_id_split_camid_id"),
    ],
)
def test_a_page_is_one_query_read_off_an_index_in_order(
    sqlite_catalog: Catalog, filters: dict[str, object], index: str
):
    told: list[tuple[str, tuple[object, ...]]] = []
    event.listen(sqlite_catalog._engine, "before_cursor_execute", lambda *call: told.append((call[2], call[3])))
    row = sqlite_catalog.put_dataset("world", "/data/world", "prcc")
    sqlite_catalog.put_samples(row.id, SAMPLES)
    told.clear()
    sqlite_catalog.find_samples("world", **filters)
    statement, values = next(one for one in told if "FROM samples" in one[0])
    with sqlite_catalog._engine.connect() as connection:
        plan = str(connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {statement}", values).all())
    assert f"INDEX ix_samples_{index} " in plan
    assert "TEMP B-TREE" not in plan
