"""Clicks change what they point at, near them, and nothing else."""

import time

import cv2
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dlcr.core.errors import BackendError, MaskError
from dlcr.parsing import load_clicker

grabcut = load_clicker("grabcut")


@pytest.fixture(scope="module")
def scene():
    """A red shirt over blue trousers on grey, a green bag beside it; the mask has shirt and trousers."""
    rng = np.random.default_rng(0)
    photo = np.full((256, 128, 3), 128, np.uint8)
    cv2.rectangle(photo, (40, 60), (88, 130), (190, 30, 30), -1)
    cv2.rectangle(photo, (45, 131), (83, 220), (30, 50, 170), -1)
    cv2.rectangle(photo, (94, 100), (112, 130), (30, 150, 60), -1)
    photo = np.clip(photo + rng.normal(0, 4, photo.shape), 0, 255).astype(np.uint8)
    mask = np.zeros((256, 128), bool)
    mask[60:131, 40:89] = mask[131:221, 45:84] = True
    return photo, mask


def test_a_click_on_a_forgotten_bag_adds_it(scene):
    photo, mask = scene
    out = grabcut(photo, mask, [(103, 115, True)])
    assert out[100:131, 94:113].mean() > 0.9
    assert (out & ~mask).sum() < 1.3 * 31 * 19
    assert (out | ~mask).all()


def test_a_click_on_the_trousers_removes_them_and_keeps_the_shirt(scene):
    photo, mask = scene
    out = grabcut(photo, mask, [(64, 160, False)])
    assert not out[145:175, 50:80].any()
    assert out[62:128, 42:86].mean() > 0.98


@settings(max_examples=25, deadline=None)
@given(
    st.lists(
        st.tuples(st.integers(0, 127), st.integers(0, 255), st.booleans()),
        min_size=1,
        max_size=3,
        unique_by=lambda p: p[:2],
    )
)
def test_every_clicked_pixel_is_as_its_click_says(scene, points):
    photo, mask = scene
    out = grabcut(photo, mask, points)
    assert [bool(out[y, x]) for x, y, _ in points] == [adds for _, _, adds in points]


def test_far_from_the_click_nothing_changes(scene):
    photo, mask = scene
    out = grabcut(photo, mask, [(64, 70, False)])
    assert np.array_equal(out[130:], mask[130:])


@pytest.mark.parametrize("full", [False, True])
def test_an_empty_and_a_full_mask_can_be_clicked(scene, full):
    photo, mask = scene
    before = np.full_like(mask, full)
    out = grabcut(photo, before, [(64, 100, not full)])
    assert out[100, 64] != full
    assert before.all() == full


def test_twelve_megapixels_take_less_than_two_seconds(scene):
    photo, mask = scene
    big = cv2.resize(photo, (2448, 4896))
    start = time.monotonic()
    grabcut(big, cv2.resize(mask.astype(np.uint8), (2448, 4896)) > 0, [(1980, 2200, True)])
    assert time.monotonic() - start < 2


def test_a_click_outside_the_photo_is_refused(scene):
    with pytest.raises(MaskError, match="128 x 256"):
        grabcut(*scene, [(128, 3, True)])


def test_grabcut_takes_no_argument():
    with pytest.raises(BackendError, match="sam:x"):
        load_clicker("grabcut:x")
