"""The embedded data set as the library reads it. What is true of its pictures is tested in tests/tools/test_world_files.py."""

from collections import defaultdict

import pytest

from dlcr.data import Reading, read_layout, world_root


@pytest.fixture(scope="module")
def reading() -> Reading:
    return read_layout("prcc", world_root(), full=True)


def test_every_picture_is_sound(reading: Reading):
    assert len(reading.samples) == 1680
    assert reading.bad == ()


def test_the_whole_set_is_at_most_ten_mebibytes():
    assert sum(path.stat().st_size for path in world_root().rglob("*") if path.is_file()) <= 10 * 2**20


def test_train_and_test_share_no_person(reading: Reading):
    people = defaultdict(set)
    for sample in reading.samples:
        people[sample.split].add(sample.pid)
    assert (len(people["train"]), len(people["gallery"])) == (60, 40)
    assert people["gallery"] == people["query"]
    assert not people["train"] & people["gallery"]


def test_every_person_has_as_many_shots_by_each_of_three_cameras_in_two_outfits(reading: Reading):
    seen = defaultdict(lambda: defaultdict(int))
    for sample in reading.samples:
        seen[sample.split == "train", sample.pid][sample.camid, sample.clothes_id.rpartition("_")[2]] += 1
    for (train, _), shots in seen.items():
        shot = 4 if train else 8
        assert shots == {(0, "1"): shot, (1, "1"): shot, (2, "2"): shot}


def test_the_card_states_origin_and_licence():
    card = (world_root() / "README.md").read_text(encoding="utf-8")
    assert "CC0-1.0" in card
    assert "rendered" in card
