"""Mask algebra against brute force."""

import cv2
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from dlcr.core.errors import SettingError
from dlcr.core.values import Box, Labels
from dlcr.parsing import Difference, compose, difference, iou, largest_person
from dlcr.parsing.masks import grown, holes_filled

MASKS = arrays(bool, (13, 11))


def labels(rows: np.ndarray) -> Labels:
    return Labels(rows.astype(np.uint8), ("background", "skin", "upper", "lower"), ("upper", "lower"), ("skin",))


def disc_oracle(mask: np.ndarray, radius: int) -> np.ndarray:
    ys, xs = np.nonzero(mask)
    gy, gx = np.mgrid[: mask.shape[0], : mask.shape[1]]
    near = (gy[..., None] - ys) ** 2 + (gx[..., None] - xs) ** 2 <= radius**2
    return near.any(axis=2)


@settings(max_examples=40, deadline=None)
@given(MASKS, st.integers(1, 6))
def test_growing_takes_every_pixel_within_the_radius(mask, radius):
    assert np.array_equal(grown(mask, radius), disc_oracle(mask, radius))


@settings(max_examples=40, deadline=None)
@given(MASKS, st.integers(1, 6))
def test_shrinking_is_growing_what_is_not_mask(mask, radius):
    assert np.array_equal(grown(mask, -radius), ~disc_oracle(~mask, radius))


@settings(max_examples=40, deadline=None)
@given(MASKS, MASKS)
def test_iou_counts_pixels(a, b):
    union = sum(bool(x or y) for x, y in zip(a.flat, b.flat, strict=True))
    both = sum(bool(x and y) for x, y in zip(a.flat, b.flat, strict=True))
    assert iou(a, b) == (both / union if union else 1.0)
    change = difference(a, b)
    assert change == Difference(int(b.sum()) - both, int(a.sum()) - both, iou(a, b))


def test_protection_wins_over_growth_and_can_be_switched_off():
    rows = np.zeros((20, 20))
    rows[8:14, 5:15], rows[5:8, 8:12] = 2, 1
    assert not compose(labels(rows), ["upper"], grow=4)[5:8, 8:12].any()
    assert compose(labels(rows), ["upper"], grow=4, protect=False)[5:8, 8:12].all()


def test_a_protected_class_asked_for_by_name_is_in_the_mask():
    rows = np.zeros((20, 20))
    rows[5:8] = 1
    assert compose(labels(rows), ["skin"]).sum() == 60


def test_small_holes_are_filled_and_large_ones_kept():
    mask = np.zeros((60, 60), bool)
    mask[5:55, 5:55] = True
    mask[10:12, 10:12] = False
    mask[30:45, 30:45] = False
    filled = holes_filled(mask)
    assert filled[10:12, 10:12].all()
    assert not filled[30:45, 30:45].any()
    assert not filled[:5].any()


def test_the_union_of_no_class_is_empty():
    assert not compose(labels(np.full((9, 9), 2)), [], grow=3).any()


def test_an_unknown_class_says_what_there_is():
    with pytest.raises(SettingError, match=r"sleeve.*background, skin, upper"):
        compose(labels(np.zeros((4, 4))), ["sleeve"])


def test_the_largest_person_is_found_with_shoes_apart_and_without_the_neighbour():
    rows = np.zeros((400, 600))
    cv2.rectangle(rows, (100, 50), (160, 250), 2, -1)
    cv2.rectangle(rows, (110, 270), (150, 285), 3, -1)
    cv2.rectangle(rows, (400, 100), (430, 200), 2, -1)
    box = largest_person(labels(rows))
    assert np.allclose([box.x0, box.y0, box.x1, box.y1], [100, 50, 161, 286], atol=3)


def test_specks_are_no_person():
    rows = np.zeros((400, 300))
    assert largest_person(labels(rows)) is None
    rows[7:9, 9:11] = 2
    assert largest_person(labels(rows)) is None


def test_a_box_lies_within_the_photo_whatever_its_size():
    rows = np.full((3001, 17), 2)
    assert largest_person(labels(rows)) == Box(0, 0, 17, 3001)
