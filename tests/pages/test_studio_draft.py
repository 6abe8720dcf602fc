"""The mask being edited: exact at the photo's own size, undone without a trace, never over what is protected."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pages._studio_draft import Choice, Draft, brush, coverage, iou

SHAPE = (90, 60)


def compose(choice: Choice) -> np.ndarray:
    classes, grow = choice.classes, choice.grow
    """Class `a` is the upper half, `b` the lower; growth adds rows at the left."""
    mask = np.zeros(SHAPE, bool)
    mask[:45, 20:40] |= "a" in classes
    mask[45:, 20:40] |= "b" in classes
    mask[:, 20 - grow : 20] |= bool(classes)
    return mask


def draft(mask: np.ndarray | None = None) -> Draft:
    protected = np.zeros(SHAPE, bool)
    protected[:10] = True
    return Draft.start(Choice(("a", "b")), mask, protected, compose)


def test_a_new_draft_is_the_automatic_mask_less_the_protected_part() -> None:
    expected = compose(Choice(("a", "b"), 0, True))
    expected[:10] = False
    assert np.array_equal(draft().mask, expected)
    assert not draft().changed


def test_a_draft_of_a_kept_mask_is_that_mask_even_over_the_head() -> None:
    kept = np.zeros(SHAPE, bool)
    kept[5:50, 10:30] = True
    assert np.array_equal(draft(kept).mask, kept)


def test_a_stroke_changes_only_the_pixels_under_it() -> None:
    one = draft()
    before = one.mask
    one.stroke([(5, 50), (15, 60)], 6, erase=False)
    assert np.array_equal(one.mask, before | brush([(5, 50), (15, 60)], 6, SHAPE))


def test_the_protected_part_cannot_be_brushed_in() -> None:
    one = draft()
    one.stroke([(30, 3)], 8, erase=False)
    assert not one.mask[:10].any()


def test_strokes_survive_switching_classes_and_growing() -> None:
    one = draft()
    one.stroke([(5, 50)], 6, erase=False)
    one.choose(Choice(("a",), grow=2))
    assert one.mask[50, 5]
    assert not one.mask[60, 30]
    assert one.mask[20, 18]


def test_becoming_a_mask_gives_that_mask() -> None:
    one, goal = draft(), np.zeros(SHAPE, bool)
    goal[30:50, 15:35] = True
    one.become(goal)
    assert np.array_equal(one.mask, goal)


edits = st.lists(
    st.one_of(
        st.tuples(st.just("stroke"), st.integers(0, 59), st.integers(0, 89), st.booleans()),
        st.tuples(st.just("choose"), st.sets(st.sampled_from("ab")), st.integers(0, 5), st.booleans()),
    ),
    max_size=8,
)


def apply(one: Draft, edit: tuple) -> None:
    if edit[0] == "stroke":
        one.stroke([edit[1:3]], 9, edit[3])
    else:
        one.choose(Choice(tuple(sorted(edit[1])), edit[2], edit[3]))


@given(edits)
def test_undo_and_redo_walk_the_same_states(steps: list[tuple]) -> None:
    one, seen = draft(), []
    for edit in steps:
        seen.append(one.mask)
        apply(one, edit)
    last = one.mask
    for state in reversed(seen):
        one.undo()
        assert np.array_equal(one.mask, state)
    for _ in seen:
        one.redo()
    assert np.array_equal(one.mask, last)


def test_a_brush_is_round_and_as_wide_as_asked() -> None:
    area = brush([(30.5, 30.5)], 11, (61, 61))
    assert abs(np.count_nonzero(area) - np.pi * 5.5**2) < 8
    assert area[30].sum() == area[:, 30].sum() == 11
    assert np.array_equal(area, area[::-1])


@pytest.mark.parametrize(("size", "expected"), [(0, 1.0), (4, 0.5)])
def test_iou(size: int, expected: float) -> None:
    one, other = np.zeros((8, 8), bool), np.zeros((8, 8), bool)
    one[:size], other[: size // 2] = True, True
    assert iou(one, other) == expected
    assert coverage(one) == size / 8


def test_limbs_are_free_of_protection_while_they_are_repainted() -> None:
    protected, limbs = np.zeros(SHAPE, bool), np.zeros(SHAPE, bool)
    protected[:10], limbs[5:10] = True, True
    draft = Draft.start(Choice(("a", "b")), None, protected, compose, limbs)
    draft.stroke([(4, 3), (4, 8)], 3, erase=False)
    assert not draft.mask[:10].any()
    draft.choose(Choice(("a", "b"), limbs=True))
    assert draft.mask[5:8, 4].all()
    assert not draft.mask[:5].any()
    again = Draft.start(Choice(("a", "b"), limbs=True), draft.mask, protected, compose, limbs)
    assert again.layers.choice.protect
    assert np.array_equal(again.mask, draft.mask)
    draft.undo()
    assert not draft.mask[:10].any()
