"""What a match rests on, against plain loops, orders of parts written out, and networks that look at one place only."""

from itertools import permutations

import numpy as np
import pytest
import torch
from torch import nn

from dlcr.core.errors import SettingError
from dlcr.reid.network import Body, Network, extract
from dlcr.reid.saliency import evidence, heat, shapley, similarities, visible, windows

SIZE = (32, 16)


@pytest.fixture
def photo():
    return np.random.default_rng(3).integers(0, 256, (*SIZE, 3), np.uint8)


@pytest.fixture
def other(small, photo):
    return extract(small(1), [torch.from_numpy(photo[None, ::-1].copy())])[0]


def thirds():
    parts = np.zeros((3, *SIZE), bool)
    for number, rows in enumerate((slice(0, 8), slice(8, 20), slice(20, 32))):
        parts[number, rows] = True
    return parts


def one_by_one(network, photo, hide, other):
    """The cosine of each picture alone, hidden pixels set in a loop."""
    found = []
    for mask in hide:
        picture = photo.copy()
        for row, column in np.argwhere(mask):
            picture[row, column] = [124, 116, 104]  # ImageNet's mean colour
        vector = extract(network, [torch.from_numpy(picture[None])])[0]
        found.append(sum(float(a) * float(b) for a, b in zip(vector, other, strict=True)))
    return np.array(found)


def test_cosines_and_heat_are_those_of_a_loop_over_hidden_pictures(small, photo, other):
    network, squares = small(), windows(SIZE)
    expected = one_by_one(network, photo, squares, other)
    assert np.allclose(similarities(network, photo, squares, other), expected, atol=1e-5)
    whole = one_by_one(network, photo, np.zeros((1, *SIZE), bool), other)[0]
    found = evidence(network, photo, thirds(), other)
    assert found.similarity == pytest.approx(whole, abs=1e-5)
    for row, column in ((0, 0), (13, 7), (31, 15)):
        losses = [whole - left for left, square in zip(expected, squares, strict=True) if square[row, column]]
        assert found.heat[row, column] == pytest.approx(np.mean(losses), abs=1e-5)


def test_parts_add_what_they_add_on_average_over_all_orders(small, photo, other):
    network, parts = small(), thirds()
    found, added = evidence(network, photo, parts, other), np.zeros(3)
    for order in permutations(range(3)):
        shown = np.zeros(SIZE, bool)
        before = one_by_one(network, photo, ~shown[None], other)[0]
        assert found.base == pytest.approx(before, abs=1e-5)
        for part in order:
            shown |= parts[part]
            after = one_by_one(network, photo, ~shown[None], other)[0]
            added[part] += (after - before) / 6
            before = after
    assert np.allclose(found.parts, added, atol=1e-5)
    assert found.base + found.parts.sum() == pytest.approx(found.similarity, abs=1e-5)


class Peeking(nn.Module):
    """Sees the first twelve rows of a photo and nothing else."""

    def forward(self, x):
        return nn.functional.avg_pool2d(x[:, :, :12], 4)


def test_a_network_that_sees_the_upper_part_only_finds_everything_there(photo):
    network = Network(Body(Peeking(), 3, SIZE))
    other = extract(network, [torch.from_numpy(photo[None])])[0]
    parts = np.zeros((2, *SIZE), bool)
    parts[0, :12], parts[1, 12:] = True, True
    found = evidence(network, photo, parts, other)
    assert found.similarity == pytest.approx(1, abs=1e-5)
    assert found.parts[1] == pytest.approx(0, abs=1e-6)
    assert found.parts[0] == pytest.approx(1 - found.base, abs=1e-5)
    assert np.allclose(found.heat[16:], 0, atol=1e-6)
    assert found.heat[:12].max() > 1e-3


@pytest.mark.parametrize("size", [(32, 16), (160, 80), (384, 192), (224, 224), (33, 20), (16, 64)])
def test_windows_cover_every_pixel_and_nothing_else_does(size):
    squares = windows(size)
    assert squares.any(axis=0).all()
    areas = squares.sum(axis=(1, 2))
    assert len(np.unique(areas)) == 1
    assert len({square.tobytes() for square in squares}) == len(squares)
    assert np.allclose(heat(np.ones(len(squares)), squares), 1)


def test_a_part_that_adds_the_same_whenever_it_comes_adds_just_that():
    worth = np.array([3.0, -1.0, 0.5, 0.0])
    values = np.array([sum(worth[part] for part in range(4) if choice >> part & 1) for choice in range(16)])
    assert np.allclose(shapley(values), worth)
    assert shapley(np.array([0.0, 0.0, 0.0, 1.0])) == pytest.approx([0.5, 0.5])  # only together


def test_choices_are_unions_of_their_parts():
    parts = thirds()
    found = visible(parts)
    assert np.array_equal(found[0b101], parts[0] | parts[2])
    assert (found[0].any(), found[7].all()) == (False, True)


def test_parts_that_overlap_or_have_another_size_are_refused(small, photo, other):
    overlapping = thirds()
    overlapping[0, 10] = True
    for parts in (overlapping, thirds()[:2], thirds()[:, :16]):
        with pytest.raises(SettingError):
            evidence(small(), photo, parts, other)
