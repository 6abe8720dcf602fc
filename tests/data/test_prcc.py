from pathlib import Path

from dlcr.core.values import Sample
from dlcr.data import read_layout
from tests.data.conftest import Make

# path -> split, pid, camid, clothes_id: written by hand from the data set's description
ORACLE = {
    "rgb/test/A/075/rgb_1.jpg": ("gallery", 75, 0, "075_1"),
    "rgb/test/B/075/rgb_1.jpg": ("query", 75, 1, "075_1"),
    "rgb/test/C/075/rgb_1.JPG": ("query", 75, 2, "075_2"),
    "rgb/test/C/300/A_1.jpg": ("query", 300, 2, "300_2"),
    "rgb/train/001/A_cropped_rgb001.jpg": ("train", 1, 0, "001_1"),
    "rgb/train/001/B_cropped_rgb001.jpg": ("train", 1, 1, "001_1"),
    "rgb/train/001/C_cropped_rgb001.jpg": ("train", 1, 2, "001_2"),
    "rgb/val/002/C_1.Jpeg": ("val", 2, 2, "002_2"),
}


def test_labels_agree_with_the_table(make: Make):
    reading = read_layout("prcc", make(sorted(ORACLE, reverse=True)))
    assert list(reading.samples) == [Sample(Path(name), *labels) for name, labels in sorted(ORACLE.items())]
    assert reading.bad == ()


def test_sketches_and_notes_beside_the_photos_are_left_alone(make: Make):
    root = make([*ORACLE, "sketch/train/001/A_1.jpg", "rgb/train/001/.A_hidden.jpg"])
    (root / "rgb" / "readme.txt").write_text("notes")
    reading = read_layout("prcc", root)
    assert len(reading.samples) == len(ORACLE)
    assert reading.bad == ()


def test_pictures_that_do_not_fit_are_listed_and_do_not_stop_the_rest(make: Make):
    strays = ["rgb/test/D/075/1.jpg", "rgb/train/001/D_1.jpg", "rgb/train/A_1.jpg", "rgb/train/anna/A_1.jpg"]
    reading = read_layout("prcc", make([*ORACLE, *strays]))
    assert len(reading.samples) == len(ORACLE)
    assert [one.path.as_posix() for one in reading.bad] == strays
    assert all("{A,B,C}" in one.reason for one in reading.bad)


def test_one_part_alone_is_enough(make: Make):
    reading = read_layout("prcc", make(name for name in ORACLE if "/test/" in name))
    assert {sample.split for sample in reading.samples} == {"gallery", "query"}
