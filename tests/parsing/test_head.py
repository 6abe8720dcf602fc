"""The head by the words of class names."""

import numpy as np
import pytest

from dlcr.core.values import Labels
from dlcr.parsing.head import head
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
