"""Recolouring turns the hue of the clothes and touches nothing else."""

import numpy as np

from dlcr.stages_first import clothing_change, recolour


def test_recolouring_leaves_everything_outside_the_mask() -> None:
    photo = np.random.default_rng(0).integers(0, 256, (20, 10, 3)).astype(np.uint8)
    mask = np.zeros((20, 10), bool)
    mask[5:15, 2:8] = True
    picture = recolour(photo, mask)
    assert np.array_equal(picture[~mask], photo[~mask])
    assert clothing_change(photo, picture, mask) > 10


def test_a_grey_garment_cannot_be_recoloured() -> None:
    photo, mask = np.full((4, 4, 3), 90, np.uint8), np.ones((4, 4), bool)
    assert clothing_change(photo, recolour(photo, mask), mask) == 0


def test_no_clothes_no_change() -> None:
    photo = np.zeros((4, 4, 3), np.uint8)
    assert clothing_change(photo, photo + 9, np.zeros((4, 4), bool)) == 0
