"""The guided filter against its definition, and what it is for: a border that was a pixel off."""

import numpy as np
import pytest

from dlcr.parsing.edges import along_edges


def by_definition(share: np.ndarray, photo: np.ndarray, radius: int, smooth: float) -> np.ndarray:
    """Least squares in every window of the mirrored photo, one after another; each pixel the mean of its windows' answers."""
    pad, side = 2 * radius, 2 * radius + 1
    guide = np.pad(photo / 255.0, [(pad, pad), (pad, pad), (0, 0)], mode="reflect")
    values = np.pad(share.astype(float), pad, mode="reflect")
    total, count = np.zeros_like(values), np.zeros_like(values)
    for y in range(values.shape[0] - side + 1):
        for x in range(values.shape[1] - side + 1):
            window = np.s_[y : y + side, x : x + side]
            colours, wanted = guide[window].reshape(-1, 3), values[window].ravel()
            middle = colours - colours.mean(0)
            slopes = np.linalg.solve(
                middle.T @ middle / len(middle) + smooth * np.eye(3), middle.T @ (wanted - wanted.mean()) / len(middle)
            )
            total[window] += (middle @ slopes + wanted.mean()).reshape(side, side)
            count[window] += 1
    return (total / count)[pad:-pad, pad:-pad]


@pytest.mark.parametrize(("radius", "smooth"), [(1, 1e-3), (2, 1e-2)])
def test_each_window_is_the_best_linear_function_of_its_colours(radius: int, smooth: float):
    rng = np.random.default_rng(0)
    photo, shares = rng.integers(0, 256, (14, 11, 3), np.uint8), rng.random((3, 14, 11), np.float32)
    found = along_edges(shares, photo, radius, smooth)
    wanted = np.stack([by_definition(share, photo, radius, smooth) for share in shares])
    assert found.dtype == np.float32
    assert np.abs(found - wanted).max() < 1e-4


def test_a_border_beside_an_edge_moves_onto_it():
    rng = np.random.default_rng(1)
    photo = np.full((40, 40, 3), (60, 90, 140), np.uint8)
    photo[:, 20:] = (190, 180, 90)
    photo = np.clip(photo + rng.normal(0, 3, photo.shape), 0, 255).astype(np.uint8)
    off = np.zeros((2, 40, 40), np.float32)
    off[0, :, :21], off[1, :, 21:] = 1, 1
    truth = np.arange(40) >= 20
    assert (off.argmax(0) == truth).mean() == 0.975
    assert (along_edges(off, photo).argmax(0) == truth).all()


def test_shares_of_a_pixel_still_sum_to_one():
    rng = np.random.default_rng(2)
    shares = rng.random((4, 20, 16)).astype(np.float32)
    shares /= shares.sum(0)
    assert np.abs(along_edges(shares, rng.integers(0, 256, (20, 16, 3), np.uint8)).sum(0) - 1).max() < 1e-4
