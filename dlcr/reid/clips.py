"""Clips of tracklets: which frames are learned and tested together (pure; frames are rows of photos in the order of time)."""

from collections.abc import Sequence

import numpy as np

PIECE = 64
"""A tracklet gives one clip an epoch for every so many frames (Gu et al.'s dense sampling)."""


def tracklets(names: Sequence[str | None]) -> list[np.ndarray]:
    """Rows of equal names, (frames,) int64 each, in the order of their first rows; who has no name is alone."""
    found: dict[str | int, list[int]] = {}
    for row, name in enumerate(names):
        found.setdefault(row if name is None else name, []).append(row)
    return [np.array(rows, np.int64) for rows in found.values()]


def pieces(frames: np.ndarray) -> list[np.ndarray]:
    """A tracklet cut into even parts of at least `PIECE` frames (a shorter one is one part)."""
    return np.array_split(frames, max(1, len(frames) // PIECE))


def drawn_clip(frames: np.ndarray, count: int, stride: int, rng: np.random.Generator) -> np.ndarray:
    """(count,) int64: every `stride`-th frame from a drawn one on; spread evenly over what there is where that is too short."""
    span = (count - 1) * stride + 1
    start = int(rng.integers(0, max(1, len(frames) - span + 1)))
    if len(frames) >= span:
        return frames[start : start + span : stride]
    return frames[np.linspace(0, len(frames) - 1, count).round().astype(np.int64)]


def covering_clips(frames: np.ndarray, count: int, stride: int) -> list[np.ndarray]:
    """Clips of `count` frames that together hold every frame of a tracklet: interleaved in stretches of count * stride frames.

    The last stretch is filled up with the tracklet's last frame.
    """
    stretch = count * stride
    whole = np.concatenate([frames, np.repeat(frames[-1:], -len(frames) % stretch)])
    return list(whole.reshape(-1, count, stride).swapaxes(1, 2).reshape(-1, count))
