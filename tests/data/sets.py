"""Small sets in every layout, made of the embedded world's pictures, and their labels written by hand."""

import csv
from collections.abc import Iterable
from itertools import cycle
from pathlib import Path

from PIL import Image

from dlcr.data import world_root

# layout -> path: (split, pid, camid, clothes_id, tracklet), from each data set's description
TABLES: dict[str, dict[str, tuple[str, int, int, str, str | None]]] = {
    "prcc": {
        "rgb/train/001/A_cropped_rgb001.jpg": ("train", 1, 0, "001_1", None),
        "rgb/train/001/B_cropped_rgb001.jpg": ("train", 1, 1, "001_1", None),
        "rgb/train/001/C_cropped_rgb001.JPG": ("train", 1, 2, "001_2", None),
        "rgb/val/002/C_cropped_rgb010.jpg": ("val", 2, 2, "002_2", None),
        "rgb/test/A/075/cropped_rgb360.jpg": ("gallery", 75, 0, "075_1", None),
        "rgb/test/B/075/cropped_rgb001.jpg": ("query", 75, 1, "075_1", None),
        "rgb/test/C/075/cropped_rgb002.jpg": ("query", 75, 2, "075_2", None),
    },
    "ltcc": {
        "train/000_1_c12_015833.png": ("train", 0, 11, "000_1", None),
        "train/000_2_c3_015834.png": ("train", 0, 2, "000_2", None),
        "query/001_2_c1_000001.png": ("query", 1, 0, "001_2", None),
        "test/001_1_c2_000002.PNG": ("gallery", 1, 1, "001_1", None),
        "test/151_10_c9_000003.png": ("gallery", 151, 8, "151_10", None),
    },
    "vcclothes": {
        "train/0002-01-01-05.jpg": ("train", 2, 0, "000201", None),
        "train/0002-02-03-05.jpg": ("train", 2, 1, "000203", None),
        "query/0001-03-01-01.jpg": ("query", 1, 2, "000101", None),
        "gallery/0001-04-02-11.jpg": ("gallery", 1, 3, "000102", None),
    },
    "ccvid": {
        "session1/001_01/00001.jpg": ("train", 1, 1, "001_u1_l1_s1_c0_a1", "session1/001_01"),
        "session1/001_01/00002.jpg": ("train", 1, 1, "001_u1_l1_s1_c0_a1", "session1/001_01"),
        "session1/005_12/00001.jpg": ("query", 5, 12, "005_u2_l2_s2_c0_a0", "session1/005_12"),
        "session3/005_02/00001.jpg": ("gallery", 5, 14, "005_u3_l2_s2_c0_a0", "session3/005_02"),
    },
    "last": {
        "train/000000/000000_9_0_0.jpg": ("train", 0, 0, "000000_0", None),
        "train/000000/000000_9_1_4.jpg": ("train", 0, 1, "000000_4", None),
        "train/000007/000007_3_0_2.jpg": ("train", 7, 2, "000007_2", None),
        "val/query/005000_1_0_3.jpg": ("val_query", 5000, 0, "005000", None),
        "val/gallery/005000/005000_1_1_3.jpg": ("val_gallery", 5000, 1, "005000", None),
        "test/query/010001_1_0_1.jpg": ("query", 10001, 0, "010001", None),
        "test/query/010002_1_0_1.jpg": ("query", 10002, 1, "010002", None),
        "test/gallery/010001/010001_2_5_7.jpg": ("gallery", 10001, 2, "010001", None),
        "test/gallery/010002/010002_2_5_7.jpg": ("gallery", 10002, 3, "010002", None),
    },
    "deepchange": {
        "train-set/P1_C3_2_20200101_0001.jpg": ("train", 1, 17, "P12", "17"),
        "train-set/P1_C4_3_20200101_0002.jpg": ("train", 1, 18, "P13", "18"),
        "val-set-query/P2_C1_1_20200102_0003.jpg": ("val_query", 2, 5, "P21", "5"),
        "val-set-gallery/P2_C2_1_20200103_0004.jpg": ("val_gallery", 2, 6, "P21", "6"),
        "test-set-query/P33_C1_9_20200104_0005.jpg": ("query", 33, 7, "P339", "7"),
        "test-set-gallery/P33_C1_8_20200105_0006.jpg": ("gallery", 33, 8, "P338", "8"),
    },
    "celebreid": {
        "train/1_1_0.jpg": ("train", 1, 0, "", None),
        "train/12_30_0.jpg": ("train", 12, 0, "", None),
        "query/633_1_0.jpg": ("query", 633, 0, "", None),
        "gallery/633_2_0.jpg": ("gallery", 633, 1, "", None),
    },
    "market1501": {
        "bounding_box_train/0002_c1s1_000451_03.jpg": ("train", 2, 0, "0002", None),
        "query/0001_c6s1_001051_00.jpg": ("query", 1, 5, "0001", None),
        "bounding_box_test/0000_c1s1_000151_01.jpg": ("gallery", 0, 0, "0000", None),
        "bounding_box_test/0001_c2s3_000351_01.jpg": ("gallery", 1, 1, "0001", None),
    },
    "manifest": {
        "a/1.jpg": ("train", 7, 0, "7_coat", None),
        "a/2.jpg": ("query", 8, 3, "", None),
        "b/Bild ä 1.png": ("gallery", 8, 4, "8_x", "t1"),
        "top.jpg": ("gallery", -1, 0, "none", None),
    },
    "folder": {
        "anna/1.jpg": ("all", 0, 0, "anna", None),
        "anna/winter/1.PNG": ("all", 0, 0, "anna/winter", None),
        "b.jpeg": ("all", -1, 0, "b.jpeg", None),
        "bob/1.jpg": ("all", 1, 0, "bob", None),
    },
}

LISTS = {
    "ccvid": {
        "train.txt": "session1/001_01\t001\tu1_l1_s1_c0_a1\n",
        "query.txt": "session1/005_12 005 u2_l2_s2_c0_a0\n",
        "gallery.txt": "session3/005_02 005 u3_l2_s2_c0_a0\n",
    },
    "deepchange": {
        "train-set-bbox.txt": "P1_C3_2_20200101_0001.jpg,17\nP1_C4_3_20200101_0002.jpg,18\n",
        "val-set-query-bbox.txt": "P2_C1_1_20200102_0003.jpg,5\n",
        "val-set-gallery-bbox.txt": "P2_C2_1_20200103_0004.jpg,6\n",
        "test-set-query-bbox.txt": "P33_C1_9_20200104_0005.jpg,7\n",
        "test-set-gallery-bbox.txt": "P33_C1_8_20200105_0006.jpg,8\n",
    },
}


def build(layout: str, root: Path) -> Path:
    """Lay a small set in this layout below `root`: each picture one of the world's, converted to the kind its name says."""
    for name, photo in zip(TABLES[layout], world(), strict=False):
        place(photo, root / name)
    for name, lines in LISTS.get(layout, {}).items():
        (root / name).write_text(lines)
    if layout == "manifest":
        write_manifest(root / "manifest.csv")
    return root


def world() -> Iterable[Path]:
    """The embedded world's pictures, round and round."""
    return cycle(sorted(world_root().rglob("*.jpg"))[::7])


def place(photo: Path, file: Path) -> None:
    """Copy a JPEG to `file`, in the format of its suffix."""
    file.parent.mkdir(parents=True, exist_ok=True)
    if file.suffix.lower() in (".jpg", ".jpeg"):
        file.write_bytes(photo.read_bytes())
    else:
        Image.open(photo).save(file)


def write_manifest(file: Path) -> None:
    """The manifest's table as CSV."""
    with open(file, "w", newline="", encoding="utf-8") as stream:
        out = csv.writer(stream)
        out.writerow(["image", "split", "pid", "camid", "clothes_id", "tracklet"])
        out.writerows([name, *labels] for name, labels in TABLES["manifest"].items())
