"""Bare arms and legs on a drawn person 100 pixels tall, whose hands are known."""

import numpy as np
import pytest

from dlcr.core.values import Labels
from dlcr.parsing import bare_limbs, compose

LUMPED = ("background", "hair", "face and skin", "upper", "lower", "shoes")
CLOTHES = ("upper", "lower", "shoes")
HEAD, ARM, HAND, LEGS = np.s_[5:15, 20:30], np.s_[30:45, 8:13], np.s_[45:55, 8:13], np.s_[65:95, 18:32]


def person(skin: tuple[int, int, int, int], classes: tuple[str, ...], worn: tuple[int, int, int]) -> Labels:
    """Someone in a t-shirt, shorts and shoes; `skin` and `worn` number head, arm, hand, legs and the three clothes."""
    rows = np.zeros((100, 50), np.uint8)
    rows[0:5, 20:30], rows[15:45, 13:37], rows[45:65, 15:35], rows[95:, 18:32] = 1, *worn
    rows[15:30, 8:13] = worn[0]
    for part, number in zip((HEAD, ARM, HAND, LEGS), skin, strict=True):
        rows[part] = number
    protected = ("hair", "face and skin") if "face and skin" in classes else ("hair", "face", "arms", "hands")
    return Labels(rows, classes, CLOTHES, tuple(name for name in protected if name in classes))


def lumped() -> Labels:
    return person((2, 2, 2, 2), LUMPED, (3, 4, 5))


def test_of_one_class_for_all_skin_the_limbs_are_arms_and_legs_without_head_and_hands():
    found = bare_limbs(lumped())
    assert found[LEGS].all()
    assert found[30:43, 8:13].all()
    assert not found[HEAD].any()
    assert not found[HAND].any()
    assert not found[~(lumped().map == 2)].any()


def test_a_hand_that_hangs_against_a_bare_leg_is_left_out():
    labels = lumped()
    labels.map[55:80, 8:20] = 2  # arm, hand and leg are one piece now
    found = bare_limbs(labels)
    assert found[LEGS].all()
    assert found[30:42, 8:13].all()
    assert not found[42:62, 8:13].any()


def test_a_hand_at_the_end_of_a_long_sleeve_is_no_limb():
    labels = lumped()
    labels.map[ARM] = 3
    assert not bare_limbs(labels)[:60].any()


def test_a_raised_hand_is_left_out():
    labels = lumped()
    labels.map[30:55, 8:13], labels.map[28:33, :8] = 0, 2  # the arm stretched to the side from under the sleeve
    labels.map[30:33, 8:13] = 2
    assert not bare_limbs(labels)[28:33, :5].any()


@pytest.mark.parametrize("hands", [True, False])
def test_classes_of_their_own_are_taken_by_name(hands):
    classes = ("background", "hair", "face", "arms", "legs", *CLOTHES, *(("hands",) if hands else ()))
    found = bare_limbs(person((2, 3, 8 if hands else 3, 4), classes, (5, 6, 7)))
    assert found[LEGS].all()
    assert not found[HAND].any()
    assert not found[HEAD].any()
    assert found[ARM].all() if hands else found[30:43, 8:13].all()


def test_without_skin_there_are_no_limbs():
    assert not bare_limbs(Labels(np.zeros((9, 9), np.uint8), ("background", "upper"), ("upper",))).any()


def test_a_mask_with_limbs_keeps_head_and_hands_when_it_grows():
    labels = lumped()
    mask = compose(labels, CLOTHES, grow=3, limbs=True)
    assert mask[LEGS].all()
    assert mask[30:43, 8:13].all()
    assert not mask[HEAD].any()
    assert not mask[46:55, 8:13].any()
    assert mask[70, 16]
    assert not mask[70, 14]
    assert not compose(labels, CLOTHES, grow=3)[LEGS][5:-5].any()
