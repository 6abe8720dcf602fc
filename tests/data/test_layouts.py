"""Every layout against its hand-written table; what does not fit is said, and the rest is read."""

from pathlib import Path

import pytest

from dlcr.core.errors import LayoutError
from dlcr.core.values import Sample
from dlcr.data import LAYOUTS, read_layout, scan
from tests.data.sets import TABLES, build, place, world


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """A folder whose parents look like labels."""
    path = tmp_path / "2024-01-02-03_c9" / "0007_c3s1_000001" / "session3" / "set"
    path.mkdir(parents=True)
    return path


def test_every_layout_has_a_table():
    assert set(TABLES) == set(LAYOUTS)


@pytest.mark.parametrize("layout", TABLES)
def test_labels_agree_with_the_table(layout: str, root: Path):
    reading = read_layout(layout, build(layout, root), full=True)
    expected = [Sample(Path(name), *labels) for name, labels in TABLES[layout].items()]
    assert list(reading.samples) == sorted(expected, key=lambda sample: sample.image)
    assert reading.bad == ()


@pytest.mark.parametrize("layout", TABLES)
def test_auto_recognises_the_layout_and_says_why(layout: str, root: Path):
    with scan("auto", build(layout, root)) as found:
        assert found.layout == layout
        assert str(len(TABLES[layout])) in found.why


@pytest.mark.parametrize(
    ("layout", "stray"),
    [
        ("ltcc", "train/1_1_15833.png"),
        ("vcclothes", "query/0001-03-01.jpg"),
        ("celebreid", "gallery/anna_1_0.jpg"),
        ("market1501", "query/anna_c1s1_1.jpg"),
        ("last", "train/000007/anna_1.jpg"),
        ("deepchange", "train-set/P9_C1_1_9.jpg"),
        ("prcc", "rgb/test/A/anna/1.jpg"),
    ],
)
def test_a_name_that_does_not_fit_is_listed_and_the_rest_is_read(layout: str, stray: str, root: Path):
    build(layout, root)
    place(next(iter(world())), root / stray)
    reading = read_layout(layout, root)
    assert len(reading.samples) == len(TABLES[layout])
    assert [one.path.as_posix() for one in reading.bad] == [stray]
    assert reading.bad[0].reason


def test_markets_junk_is_dropped_without_a_word(root: Path):
    place(next(iter(world())), build("market1501", root) / "bounding_box_test" / "-1_c1s1_000401_03.jpg")
    reading = read_layout("market1501", root)
    assert len(reading.samples) == len(TABLES["market1501"])
    assert reading.bad == ()


@pytest.mark.parametrize(
    ("layout", "gone", "told"),
    [
        ("ccvid", "session3/005_02/00001.jpg", "session3/005_02"),
        ("deepchange", "train-set/P1_C3_2_20200101_0001.jpg", "train-set/P1_C3_2_20200101_0001.jpg"),
        ("deepchange", "val-set-query/P2_C1_1_20200102_0003.jpg", "val-set-query"),
        ("manifest", "a/1.jpg", "a/1.jpg"),
        ("manifest", "b/Bild ä 1.png", "b/Bild ä 1.png"),
    ],
)
def test_what_a_list_names_and_is_not_there_is_listed(layout: str, gone: str, told: str, root: Path):
    (build(layout, root) / gone).unlink()
    reading = read_layout(layout, root)
    assert len(reading.samples) == len(TABLES[layout]) - 1
    assert [one.path.as_posix() for one in reading.bad] == [told]
    assert "names" in reading.bad[0].reason


@pytest.mark.parametrize(
    ("layout", "name", "line", "says"),
    [
        ("ccvid", "query.txt", "session1/005 005 u2", "query.txt, line 1"),
        ("deepchange", "train-set-bbox.txt", "P1_C3_2.jpg;17", "train-set-bbox.txt, line 1"),
        ("manifest", "manifest.csv", "file,person", "lacks the columns image, split"),
    ],
)
def test_a_list_that_makes_no_sense_is_named_with_its_line(layout: str, name: str, line: str, says: str, root: Path):
    (build(layout, root) / name).write_text(f"{line}\n")
    with pytest.raises(LayoutError) as caught:
        read_layout(layout, root)
    assert says in caught.value.what


def test_deepchange_needs_its_lists_and_finds_them_in_the_folders_too(root: Path):
    file = build("deepchange", root) / "train-set-bbox.txt"
    file.rename(root / "train-set" / file.name)
    assert len(read_layout("deepchange", root).samples) == len(TABLES["deepchange"])
    (root / "train-set" / file.name).unlink()
    with pytest.raises(LayoutError, match="no list train-set-bbox.txt"):
        read_layout("deepchange", root)


def test_wrong_rows_of_a_manifest_are_named(root: Path):
    file = build("manifest", root) / "manifest.csv"
    rows = [
        "a/1.jpg,train,1,0,x,",
        "../2.jpg,train,1,0,x,",
        "a/3.jpg,train,one,0,x,",
        "a/4.jpg,,1,0,x,",
        "a/5.jpg,train,1,0,x,",
    ]
    with open(file, "a") as stream:
        stream.write("\n".join(rows))
    reading = read_layout("manifest", root)
    assert len(reading.samples) == len(TABLES["manifest"])
    reasons = {one.path.name: one.reason for one in reading.bad}
    assert set(reasons) == {"1.jpg", "2.jpg", "3.jpg", "4.jpg", "5.jpg"}
    assert "twice" in reasons["1.jpg"]
    assert reasons["2.jpg"].startswith("row 7: its image is not a path below")
    assert "pid 'one'" in reasons["3.jpg"]
    assert "no split" in reasons["4.jpg"]
    assert "not there" in reasons["5.jpg"]


def test_a_manifest_may_be_parquet_and_may_be_given_itself(root: Path):
    import pyarrow
    import pyarrow.parquet as parquet

    build("manifest", root)
    expected = read_layout("manifest", root / "manifest.csv").samples
    (root / "manifest.csv").unlink()
    columns = ("image", "split", "pid", "camid", "clothes_id", "tracklet")
    rows = [dict(zip(columns, (name, *labels), strict=True)) for name, labels in TABLES["manifest"].items()]
    parquet.write_table(pyarrow.Table.from_pylist(rows), root / "manifest.parquet")
    assert read_layout("manifest", root).samples == expected


def test_layouts_answer_to_the_names_people_write(root: Path):
    build("vcclothes", root)
    assert read_layout("VC-Clothes", root).samples == read_layout("vcclothes", root).samples
