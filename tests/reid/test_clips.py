import numpy as np
import pytest
import torch
from torch import nn
from torch.nn import functional

from dlcr.reid.clips import covering_clips, drawn_clip, pieces, tracklets
from dlcr.reid.network import Body, Network, extract_clips
from dlcr.reid.schedule import Schedule


def test_rows_of_one_name_are_one_tracklet():
    found = tracklets(["b", "a", None, "b", None])
    assert [rows.tolist() for rows in found] == [[0, 3], [1], [2], [4]]


def test_long_tracklets_give_a_clip_for_every_64_frames():
    assert [len(piece) for piece in pieces(np.arange(200))] == [67, 67, 66]
    assert [len(piece) for piece in pieces(np.arange(63))] == [63]


def test_a_clip_has_every_fourth_frame_from_any_start():
    rng, frames = np.random.default_rng(0), np.arange(100, 140)
    clips = np.stack([drawn_clip(frames, 8, 4, rng) for _ in range(200)])
    assert (np.diff(clips) == 4).all()
    assert (clips.min(), clips.max()) == (100, 139)
    assert drawn_clip(np.arange(5), 8, 4, rng).tolist() == [0, 1, 1, 2, 2, 3, 3, 4]
    assert drawn_clip(np.array([7]), 8, 4, rng).tolist() == [7] * 8


@pytest.mark.parametrize("length", [1, 3, 32, 33, 100])
def test_test_clips_hold_every_frame_and_no_other(length):
    clips = covering_clips(np.arange(length), 8, 4)
    assert {len(clip) for clip in clips} == {8}
    assert set(np.concatenate(clips).tolist()) == set(range(length))
    if length % 32 == 0:
        assert np.concatenate(clips).size == length
        assert clips[1].tolist() == [1, 5, 9, 13, 17, 21, 25, 29]


def test_a_clip_is_the_mean_over_frames_of_the_maximum_over_places():
    torch.manual_seed(0)
    network = Network(Body(nn.Conv2d(3, 5, 3), 5, (16, 8)), video=True).eval()
    photos = torch.randint(0, 256, (6, 16, 8, 3), dtype=torch.uint8)
    x = network.normalise(photos)
    expected = network.bn(torch.stack([network.body(x[i : i + 3]).amax((2, 3)).mean(0) for i in (0, 3)]))
    assert torch.allclose(network(x, frames=3), expected, atol=1e-6)
    found = extract_clips(network, [photos[:4], photos[4:]], [np.arange(3), np.arange(3, 6)])
    assert np.allclose(found, functional.normalize(expected, dim=1).detach().numpy(), atol=1e-6)
    assert network.width == 5


def test_clips_have_epoch_numbers_of_their_own():
    full = Schedule(150, video=True)
    rates = [full.learning_rate(epoch, 1.0) for epoch in (39, 40, 80, 120)]
    assert rates == pytest.approx([1.0, 0.1, 0.01, 0.001])
    assert [full.clothes_losses(epoch) for epoch in (49, 50)] == [False, True]
