from collections import defaultdict

import pytest

from dlcr.data import Reading, read_layout, world_root


@pytest.fixture(scope="module")
def reading() -> Reading:
    return read_layout("prcc", world_root(), full=True)


def test_every_picture_is_sound(reading: Reading):
    assert len(reading.samples) == 300
    assert reading.bad == ()
    assert sum(file.size for file in reading.files.values()) < 5_000_000


def test_train_and_test_share_no_person(reading: Reading):
    people = defaultdict(set)
    for sample in reading.samples:
        people[sample.split].add(sample.pid)
    assert len(people["train"]) == len(people["gallery"]) == 25
    assert people["gallery"] == people["query"]
    assert not people["train"] & people["gallery"]


def test_every_person_has_two_outfits_and_three_cameras(reading: Reading):
    seen = defaultdict(lambda: defaultdict(int))
    for sample in reading.samples:
        seen[sample.pid][sample.camid, sample.clothes_id.rpartition("_")[2]] += 1
    for shots in seen.values():
        assert set(shots) == {(0, "1"), (1, "1"), (2, "2")}
        assert shots[2, "2"] == 3
        assert shots[0, "1"] + shots[1, "1"] == 3


def test_the_card_states_origin_and_licence():
    card = (world_root() / "README.md").read_text(encoding="utf-8")
    assert "CC0-1.0" in card
    assert "rendered" in card
