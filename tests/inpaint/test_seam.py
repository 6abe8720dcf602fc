"""Seams: a bright line at the mask's edge is seen, one that the photo has too is not."""

import numpy as np
import pytest

from dlcr.inpaint.seam import FAINT, edge_energy, seam


@pytest.fixture
def scene():
    mask = np.zeros((40, 40), bool)
    mask[10:30, 10:30] = True
    return np.repeat(np.arange(0, 160, 4, dtype=np.uint8)[:, None], 40, 1)[..., None].repeat(3, 2), mask


def test_energy_is_the_mean_gradient_in_the_two_pixels_at_the_edge(scene):
    photo, mask = scene
    flat = np.full_like(photo, 90)
    assert edge_energy(flat, mask) == 0
    assert edge_energy(photo, mask) == pytest.approx(8 * 4)  # Sobel weighs a slope of one with eight
    assert edge_energy(photo, np.ones_like(mask)) == 0


def test_a_seam_is_told_against_the_photo(scene):
    photo, mask = scene
    painted = photo.copy()
    painted[mask] += 60
    assert seam(photo, photo, mask) == 1
    assert seam(photo, painted, mask) > 2
    assert seam(painted, painted, mask) == 1


def test_a_flat_photo_is_no_reason_to_divide_by_nothing(scene):
    photo, mask = scene
    flat = np.full_like(photo, 90)
    assert seam(flat, flat, mask) == 1
    assert seam(flat, photo, mask) == pytest.approx(32 / FAINT)
