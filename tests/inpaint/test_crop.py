"""Where a photo is painted, and that nothing else is touched."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dlcr.core.errors import MaskError
from dlcr.core.values import Box
from dlcr.inpaint.crop import covered, cut, from_canvas, mask_box, paste, to_canvas, work_box

sizes = st.integers(16, 90)


@st.composite
def scenes(draw):
    """A photo, a mask that is not empty, and a person's box that lies in the photo."""
    height, width = draw(sizes), draw(sizes)
    rng = np.random.default_rng(draw(st.integers(0, 2**32)))
    mask = np.zeros((height, width), bool)
    y, x = rng.integers(0, height - 4), rng.integers(0, width - 4)
    mask[y : y + rng.integers(1, height), x : x + rng.integers(1, width)] = True
    person = mask_box(mask)
    return rng.integers(0, 256, (height, width, 3), np.uint8), mask, person


@given(scenes(), st.integers(0, 255))
@settings(max_examples=60, deadline=None)
def test_outside_the_mask_nothing_ever_changes_and_inside_everything_is_painted(scene, grey):
    photo, mask, person = scene
    box = work_box(person, mask, 2.0)
    out = from_canvas(photo, mask, np.full((64, 32, 3), grey, np.uint8), box)
    assert np.array_equal(out[~mask], photo[~mask])
    assert (out[mask] == grey).all()


@given(scenes())
@settings(max_examples=60, deadline=None)
def test_the_model_never_sees_the_old_clothes(scene):
    photo, mask, person = scene
    box = work_box(person, mask, 2.0)
    other = photo.copy()
    other[mask] = 255 - other[mask]
    first, second = (to_canvas(p, mask, box, 32, 64) for p in (photo, other))
    assert np.array_equal(first.photo, second.photo)
    assert first.mask.any()


def test_a_person_crop_is_painted_whole_and_a_photo_around_its_person():
    mask = np.zeros((200, 100), bool)
    mask[40:160, 20:80] = True
    assert work_box(Box(10, 5, 90, 195), mask, 2.0) == Box(0, 0, 100, 200)
    wide = np.zeros((200, 400), bool)
    wide[60:140, 180:220] = True
    box = work_box(Box(175, 40, 225, 160), wide, 2.0)
    assert box.height / box.width == pytest.approx(2.0, rel=0.05)
    assert box.x0 <= 175
    assert box.x1 >= 225
    assert box.height == round(120 * 1.15)


def test_a_crop_that_leaves_the_photo_repeats_its_edge():
    ramp = np.arange(12, dtype=np.uint8).reshape(3, 4)
    assert cut(ramp, Box(-1, -1, 2, 2)).tolist() == [[0, 0, 1], [0, 0, 1], [4, 4, 5]]
    assert cut(ramp, Box(3, 2, 6, 4)).tolist() == [[11, 11, 11], [11, 11, 11]]


def test_paste_takes_each_pixel_from_its_side():
    mask = np.array([[True, False]])
    assert paste(np.zeros((1, 2, 3), np.uint8), np.full((1, 2, 3), 9, np.uint8), mask).tolist() == [[[9] * 3, [0] * 3]]


def test_shrinking_a_mask_keeps_its_thin_parts():
    mask = np.zeros((64, 32), bool)
    mask[:, 16] = True
    assert covered(mask, 8, 16).any(axis=1).all()


def test_empty_and_ill_fitting_masks_are_clear_errors():
    with pytest.raises(MaskError, match="empty"):
        mask_box(np.zeros((4, 4), bool))
    with pytest.raises(MaskError, match="shape"):
        to_canvas(np.zeros((4, 4, 3), np.uint8), np.ones((4, 5), bool), Box(0, 0, 4, 4), 8, 16)
