"""The embedded set's files: pictures and the table of what is true of them agree, and clothes alone do not find a person."""

from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from pyarrow import parquet as reader

from dlcr.language.garments import read_garment
from tools.world.cameras import CAMERAS
from tools.world.embedded import outfit_columns, parquet
from tools.world.histogram import figures, measure
from tools.world.outfits import SLOTS, draw_wardrobe
from tools.world.plan import LETTERS, OUTFITS, RESERVED, SEED, Place, WorldPlan

WORLD = Path(__file__).resolve().parents[2] / "assets" / "world"


@pytest.fixture(scope="module")
def rows() -> list[dict]:
    return reader.read_table(WORLD / "attributes.parquet").to_pylist()


def test_there_is_one_row_for_every_picture_and_one_picture_for_every_row(rows: list[dict]):
    files = [path.relative_to(WORLD).as_posix() for path in sorted(WORLD.rglob("*.jpg"))]
    assert [row["path"] for row in rows] == files
    assert sorted(files) == sorted(
        place.path.as_posix() for pid in WorldPlan(0).pids for place in WorldPlan(0).places(pid)
    )


def test_a_rows_columns_agree_with_its_path(rows: list[dict]):
    for row in rows:
        split, letter = row["path"].split("/")[1], row["letter"]
        take = int(row["path"][-6:-4])
        place = Place(row["pid"], split, letter, take)
        assert place.path.as_posix() == row["path"]
        assert row["camera"] == place.camera == CAMERAS[row["camera"]].number
        assert row["scene"] == CAMERAS[row["camera"]].scene
        assert row["outfit"] == OUTFITS[letter] + 1


def test_the_outfits_are_those_of_the_default_seed(rows: list[dict]):
    assert f"--seed {SEED} " in (WORLD / "README.md").read_text()
    for pid in WorldPlan(SEED).pids:
        own = [row for row in rows if row["pid"] == pid]
        wardrobe = draw_wardrobe(own[0]["sex"], 2, np.random.default_rng([SEED, RESERVED.start + pid, 2]))
        for row in own:
            columns = outfit_columns(wardrobe[OUTFITS[row["letter"]]])
            assert {name: row[name] for name in columns} == columns, row["path"]


def test_a_row_s_description_is_its_columns_in_words(rows: list[dict]):
    for row in rows:
        items = [(slot, row[f"{slot}_garment"]) for slot in SLOTS if row[f"{slot}_garment"]]
        told = row["description"].split(" | ")
        assert len(told) == len(items)
        for (slot, garment), text in zip(items, told, strict=True):
            named = [row[f"{slot}_{name}"] for name in ("colour", "second", "inner", "inner_colour")]
            assert [word for word in (garment, *named) if word and word not in text] == []
        read = read_garment(told[0])
        assert read is not None
        assert read.slot == items[0][0]


def test_a_letter_draws_from_two_cameras_and_two_letters_share_none(rows: list[dict]):
    seen = {letter: {row["camera"] for row in rows if row["letter"] == letter} for letter in LETTERS}
    assert all(len(cameras) == 2 for cameras in seen.values())
    assert len(set.union(*seen.values())) == 6


def test_one_person_keeps_its_looks_and_changes_all_its_clothes(rows: list[dict]):
    looks, worn = {}, {}
    for row in rows:
        looks.setdefault(row["pid"], set()).add(row["person"])
        worn.setdefault(row["pid"], {}).setdefault(row["outfit"], set()).add(row["description"])
    assert all(len(told) == 1 for told in looks.values())
    for outfits in worn.values():
        assert {len(told) for told in outfits.values()} == {1}
        assert not outfits[1] & outfits[2]


def test_pictures_are_128_by_256_and_nobody_is_mostly_hidden(rows: list[dict]):
    assert min(row["visible"] for row in rows) >= 0.6
    for row in rows[::40]:
        with Image.open(WORLD / row["path"]) as picture:
            assert (picture.size, picture.mode) == ((128, 256), "RGB")


def test_colours_find_a_person_in_the_same_clothes_and_not_in_others():
    found = measure(WORLD)
    assert found.same_clothes > 0.60
    assert found.changed_clothes < 0.08


def test_the_matcher_counts_rank_1_as_defined():
    gallery, pids = np.eye(3), np.array([7, 8, 9])
    queries = np.array([[0.9, 0.1, 0.0], [0.1, 0.0, 0.9]])
    found = figures({"A": (gallery, pids), "B": (queries, np.array([7, 9])), "C": (queries, np.array([7, 8]))})
    assert (found.same_clothes, found.changed_clothes) == (1.0, 0.5)


def test_the_table_of_the_same_rows_is_the_same_bytes():
    rows = [{"path": "a", "pid": 1, "hat": None}, {"path": "b", "pid": 2, "hat": None}]
    assert parquet(rows) == parquet(rows)
