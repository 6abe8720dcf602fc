"""Augmentation of whole batches: every chance is drawn with numpy for all photos first, then any part of them is changed.

So processes that share a batch change each photo as one process alone would.
"""

from dataclasses import dataclass

import cv2
import numpy as np
import torch
from torch import Tensor
from torch.nn import functional

LARGER = 1.125
ERASED_AREA, ERASED_RATIO, ERASED_TRIES = (0.02, 0.4), 0.3, 10
HUE, COLOURFULNESS, BRIGHTNESS = 90, (0.5, 1.5), (0.6, 1.4)
"""How far clothes are recoloured: hue by any turn (OpenCV's half degrees), the others by a factor."""


@dataclass(frozen=True, slots=True, eq=False)
class Changes:
    """What is done to N photos: `crop` (N, 2) int64 corner of the cut in the 1.125-fold photo, -1 = none; `flip` (N,) bool;
    `erase` (N, 4) int64 top, left, height, width of the rectangle set to zero, height 0 = none."""

    crop: np.ndarray
    flip: np.ndarray
    erase: np.ndarray

    def take(self, rows: np.ndarray, frames: int = 1) -> "Changes":
        """Those of some photos, each `frames` times in a row: a clip's frames are changed alike."""
        rows = np.repeat(rows, frames)
        return Changes(self.crop[rows], self.flip[rows], self.erase[rows])


def draw_changes(count: int, size: tuple[int, int], erasing: float, rng: np.random.Generator) -> Changes:
    """Crop of the 1.125-fold photo, flip, each half of the time, and an erased rectangle with chance `erasing` (Gu et al. 2022)."""
    room = [round(side * LARGER) - side for side in size]
    corner = np.stack([rng.integers(0, space + 1, count) for space in room], 1)
    crop = np.where(rng.random((count, 1)) < 0.5, corner, -1)
    flip = rng.random(count) < 0.5
    erased = rng.random(count) < erasing
    rectangles = [_rectangle(size, rng) if wanted else (0, 0, 0, 0) for wanted in erased]
    return Changes(crop, flip, np.array(rectangles, np.int64).reshape(count, 4))


def _rectangle(size: tuple[int, int], rng: np.random.Generator) -> tuple[int, int, int, int]:
    """As torchvision's RandomErasing: an area and a ratio until they fit, none after ten tries."""
    height, width = size
    for _ in range(ERASED_TRIES):
        area = rng.uniform(*ERASED_AREA) * height * width
        ratio = np.exp(rng.uniform(np.log(ERASED_RATIO), -np.log(ERASED_RATIO)))
        h, w = round((area * ratio) ** 0.5), round((area / ratio) ** 0.5)
        if h < height and w < width:
            return int(rng.integers(0, height - h + 1)), int(rng.integers(0, width - w + 1)), h, w
    return 0, 0, 0, 0


def changed(x: Tensor, changes: Changes) -> Tensor:
    """Normalised photos (N, 3, H, W) with their changes made, channels last; `x` itself stays as it is."""
    height, width = x.shape[2:]
    out = x.clone(memory_format=torch.channels_last)
    cut = np.flatnonzero(changes.crop[:, 0] >= 0)
    if len(cut):
        larger = functional.interpolate(
            x[cut], (round(height * LARGER), round(width * LARGER)), mode="bilinear", align_corners=False
        )
        for place, row in enumerate(cut):
            top, left = changes.crop[row]
            out[row] = larger[place, :, top : top + height, left : left + width]
    turned = np.flatnonzero(changes.flip)
    if len(turned):
        out[turned] = out[turned].flip(3)
    for row in np.flatnonzero(changes.erase[:, 2]):
        top, left, h, w = changes.erase[row]
        out[row, :, top : top + h, left : left + w] = 0
    return out


def draw_tints(count: int, rng: np.random.Generator) -> np.ndarray:
    """(count, 3) float64: turn of the hue in OpenCV's half degrees, factors of colourfulness and brightness."""
    turns = rng.uniform(-HUE, HUE, count)
    return np.stack([turns, rng.uniform(*COLOURFULNESS, count), rng.uniform(*BRIGHTNESS, count)], 1)


def recoloured(photo: np.ndarray, mask: np.ndarray, tint: np.ndarray) -> np.ndarray:
    """Colours changed inside the mask alone (DLCR, Figure 1's cheap rival). (H, W, 3) uint8, (H, W) bool -> (H, W, 3) uint8."""
    colours = cv2.cvtColor(photo, cv2.COLOR_RGB2HSV).astype(np.float32)
    colours[..., 0] = (colours[..., 0] + tint[0]) % 180
    colours[..., 1:] = np.clip(colours[..., 1:] * tint[1:], 0, 255)
    turned = cv2.cvtColor(colours.round().astype(np.uint8), cv2.COLOR_HSV2RGB)
    return np.where(mask[..., None], turned, photo)
