"""What a match rests on: parts of a photo are hidden, and what the similarity loses is theirs. For any network.

Why hiding and no gradients: docs/decisions/021-saliency-by-occlusion.md.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from math import comb

import numpy as np
import torch
from torch import Tensor

from dlcr.core.errors import SettingError
from dlcr.reid.network import Network, extract

WINDOW = 0.15
"""Side of the square that is slid over a photo, as a share of the photo's height; it moves by half of itself."""
BATCH = 64
MOST_PARTS = 8


@dataclass(frozen=True, slots=True, eq=False)
class Evidence:
    """What one photo adds to its cosine with another's features, everything in cosines.

    `heat` (H, W) float32: what is lost where a square hides the photo, > 0 where it speaks for the match. `parts` (R,) float32:
    what each part of the photo adds to `base`, the cosine of a picture of which nothing is left; all together are `similarity`.
    """

    heat: np.ndarray
    parts: np.ndarray
    base: float
    similarity: float


def evidence(network: Network, photo: np.ndarray, parts: np.ndarray, other: np.ndarray) -> Evidence:
    """What a photo (H, W, 3) uint8 of the network's size adds to its cosine with the features `other` (D,) of length 1.

    `parts` (R, H, W) bool share the photo among themselves: each pixel is of one of them, else SettingError. The heat is that of
    Zeiler and Fergus 2014, section 4.2, averaged over the squares that hide a pixel; the parts' values are Shapley's.
    """
    if photo.shape[:2] != network.size or parts.shape[1:] != network.size:
        raise SettingError(
            f"the network looks at {network.size}, the photo has {photo.shape[:2]} and its parts {parts.shape[1:]}.",
            "Resize both first.",
        )
    if len(parts) > MOST_PARTS or not (parts.sum(axis=0) == 1).all():
        raise SettingError("every pixel must be of one part.", f"Give 1 to {MOST_PARTS} parts that do not overlap.")
    squares = windows(network.size)
    hidden = np.concatenate([squares, ~visible(parts)])
    left = similarities(network, photo, hidden, other)
    similarity = float(left[-1])
    values = left[len(squares) :]
    return Evidence(heat(similarity - left[: len(squares)], squares), shapley(values), float(values[0]), similarity)


def similarities(network: Network, photo: np.ndarray, hidden: np.ndarray, other: np.ndarray) -> np.ndarray:
    """(M,) float32: cosines of `other` (D,) with a photo (H, W, 3) uint8 of which `hidden` (M, H, W) bool is hidden.

    What is hidden has the colour that normalisation makes zero.
    """
    colour = np.round(network.mean.flatten().cpu().numpy() * 255).astype(np.uint8)

    def batches() -> Iterator[Tensor]:
        for start in range(0, len(hidden), BATCH):
            yield torch.from_numpy(np.where(hidden[start : start + BATCH, ..., None], colour, photo[None]))

    found: np.ndarray = extract(network, batches()) @ np.asarray(other, np.float32)
    return found


def windows(size: tuple[int, int]) -> np.ndarray:
    """(M, H, W) bool: the squares slid over a photo of `size` (H, W), row by row; together they cover all of it."""
    height, width = size
    side = min(max(2, round(WINDOW * height)), height, width)
    tops, lefts = (range(0, length - side, max(1, side // 2)) for length in size)
    places = [(top, left) for top in (*tops, height - side) for left in (*lefts, width - side)]
    found = np.zeros((len(places), height, width), bool)
    for square, (top, left) in zip(found, places, strict=True):
        square[top : top + side, left : left + side] = True
    return found


def heat(lost: np.ndarray, squares: np.ndarray) -> np.ndarray:
    """(H, W) float32: the mean of what was lost (M,) over the squares (M, H, W) bool that hid a pixel."""
    covered = squares.reshape(len(squares), -1).astype(np.float32)
    made: np.ndarray = (np.asarray(lost, np.float32) @ covered) / np.maximum(covered.sum(axis=0), 1)
    return made.reshape(squares.shape[1:])


def visible(parts: np.ndarray) -> np.ndarray:
    """(2**R, H, W) bool: the union of every choice among parts (R, H, W) bool; part r is in choice k if its bit r is set."""
    count = len(parts)
    chosen = (np.arange(2**count)[:, None] >> np.arange(count)) & 1 > 0
    found: np.ndarray = (chosen[:, :, None, None] & parts[None]).any(axis=1)
    return found


def shapley(values: np.ndarray) -> np.ndarray:
    """(R,) float32: what each of R parts adds, averaged over all orders in which they may come (Shapley 1953).

    `values` (2**R,): what every choice among them is worth, in the order of `visible`. Their sum is that of all less that of none.
    """
    count = len(values).bit_length() - 1
    choices = np.arange(len(values))
    sizes = np.array([int(choice).bit_count() for choice in choices])
    weights = 1 / (count * np.array([comb(count - 1, size) for size in range(count)]))
    found = []
    for part in range(count):
        without = choices[(choices >> part) & 1 == 0]
        added = values[without | (1 << part)].astype(np.float64) - values[without]
        found.append((weights[sizes[without]] * added).sum())
    return np.array(found, np.float32)
