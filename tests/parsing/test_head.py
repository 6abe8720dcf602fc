"""The head by the words of class names."""

import numpy as np
import pytest

from dlcr.core.values import Labels
from dlcr.parsing.head import head, head_box
from dlcr.parsing.labelsets import ATR, FASHN, LIP


@pytest.mark.parametrize(
    ("kind", "names"),
    [(LIP, {"hat", "hair", "face", "sunglasses"}), (ATR, {"hat", "hair", "face", "sunglasses"}),
     (FASHN, {"face", "hair", "hat", "glasses"})],
)  # fmt: skip
def test_of_the_published_sets_it_is_these_classes(kind, names):
    every = np.arange(len(kind.classes), dtype=np.uint8)[None]
    found = head(Labels(every, kind.classes, kind.clothing))
    assert {kind.classes[column] for column in np.flatnonzero(found[0])} == names


def test_bare_arms_are_no_head_where_a_parser_calls_all_of_it_skin():
    classes = ("background", "hair", "face and skin", "upper")
    map = np.zeros((100, 10), np.uint8)
    map[10:14], map[14:20], map[20:60, 3:7], map[20:90, :3] = 1, 2, 3, 2
    found = head(Labels(map, classes, ("upper",)))
    assert found[10:20].all()
    assert not found[30:].any()
    assert not found[20:30, 3:7].any()


def test_where_nobody_is_there_is_no_head():
    assert not head(Labels(np.zeros((4, 4), np.uint8), ("background", "face"), ())).any()


def test_the_box_takes_in_the_top_of_a_person_of_whose_head_a_parser_found_some_hair_only():
    map = np.zeros((120, 60), np.uint8)
    map[10:12, 28:32], map[12:66, 20:40], map[66:115, 24:36] = 1, 2, 3
    box = head_box(Labels(map, ("background", "hair", "upper", "lower"), ("upper", "lower")))
    assert box is not None
    assert box.x0 < 20  # the person's top, 15 rows: a seventh of 105
    assert box.x1 > 40
    assert box.y1 > 10 + 1.3 * 20
    assert box.y1 < 60


def test_the_box_stays_with_the_head_where_a_passer_by_reaches_higher():
    map = np.zeros((120, 100), np.uint8)
    map[10:25, 28:40], map[25:115, 20:45], map[4:40, 80:] = 1, 2, 2
    box = head_box(Labels(map, ("background", "head", "coat"), ("coat",)))
    assert box is not None
    assert box.x1 < 70


def test_where_no_head_is_seen_there_is_no_box():
    map = np.zeros((120, 60), np.uint8)
    map[10:66, 20:40] = 1
    assert head_box(Labels(map, ("background", "upper", "hair"), ("upper",))) is None
