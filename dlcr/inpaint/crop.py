"""Where a photo is painted: the part shown to the model, and the way back into the photo (pure)."""

from dataclasses import dataclass

import numpy as np
from PIL import Image

from dlcr.core.errors import MaskError
from dlcr.core.images import resize
from dlcr.core.values import Box

MARGIN = 0.15
FILL = 127
"""Grey under the mask: the model, which gets it as zero, never sees a pixel of the old clothes."""


@dataclass(frozen=True, slots=True, eq=False)
class Canvas:
    """What the model gets: `photo` (h, w, 3) uint8 grey under `mask` (h, w) bool, both in the model's size, cut at `box`."""

    photo: np.ndarray
    mask: np.ndarray
    box: Box


def paste(photo: np.ndarray, painted: np.ndarray, mask: np.ndarray) -> np.ndarray:
    """Painted where mask, photo elsewhere. (H, W, 3) uint8 twice, (H, W) bool -> (H, W, 3) uint8."""
    return np.where(mask[..., None], painted, photo)


def mask_box(mask: np.ndarray) -> Box:
    """Smallest box around what is True; MaskError if nothing is."""
    rows, columns = np.flatnonzero(mask.any(axis=1)), np.flatnonzero(mask.any(axis=0))
    if not len(rows):
        raise MaskError(
            "the clothing mask is empty.", "Switch a class on, brush the clothes in, or choose another photo."
        )
    return Box(int(columns[0]), int(rows[0]), int(columns[-1]) + 1, int(rows[-1]) + 1)


def union(a: Box, b: Box) -> Box:
    return Box(min(a.x0, b.x0), min(a.y0, b.y0), max(a.x1, b.x1), max(a.y1, b.y1))


def is_person_crop(person: Box, width: int, height: int) -> bool:
    """True if the photo itself is a crop of one person: upright, and the person fills most of its height."""
    return 1.4 <= height / width <= 4 and person.height >= 0.6 * height


def work_box(person: Box, mask: np.ndarray, aspect: float) -> Box:
    """The part of the photo to paint in: a person crop whole; else person and mask, 15 % larger, at the model's aspect.

    `aspect` is the model's height / width. The box may reach beyond the photo; `cut` repeats the edge there.
    """
    height, width = mask.shape
    if is_person_crop(person, width, height):
        return Box(0, 0, width, height)
    inner = union(person, mask_box(mask))
    tall = max(inner.height * (1 + MARGIN), inner.width * (1 + MARGIN) * aspect)
    wide = tall / aspect
    x0, y0 = round((inner.x0 + inner.x1 - wide) / 2), round((inner.y0 + inner.y1 - tall) / 2)
    return Box(x0, y0, x0 + round(wide), y0 + round(tall))


def cut(array: np.ndarray, box: Box) -> np.ndarray:
    """`array[box]`; beyond the array its edge is repeated. (H, W[, 3]) -> (box.height, box.width[, 3])."""
    height, width = array.shape[:2]
    inside = array[max(0, box.y0) : max(0, box.y1), max(0, box.x0) : max(0, box.x1)]
    before = (max(0, -box.y0), max(0, -box.x0))
    after = (max(0, box.y1 - height), max(0, box.x1 - width))
    if not any(before + after):
        return inside
    pad = [(before[0], after[0]), (before[1], after[1])] + [(0, 0)] * (array.ndim - 2)
    return np.pad(inside, pad, mode="edge")


def covered(mask: np.ndarray, width: int, height: int) -> np.ndarray:
    """Mask in the model's size: True for every pixel that more than 2 % of the mask flows into. (H, W) bool -> (h, w) bool."""
    if mask.shape == (height, width):
        return mask
    soft = Image.fromarray(mask.astype(np.float32)).resize((width, height), Image.Resampling.BILINEAR)
    return np.asarray(soft) > 0.02


def to_canvas(photo: np.ndarray, mask: np.ndarray, box: Box, width: int, height: int) -> Canvas:
    """Grey out the mask, cut at `box`, resize to the model's size."""
    if mask.shape != photo.shape[:2]:
        raise MaskError(
            f"the mask has shape {mask.shape}, the photo {photo.shape[:2]}.", "Give a mask of the photo's size."
        )
    greyed = photo.copy()
    greyed[mask] = FILL
    return Canvas(resize(cut(greyed, box), width, height), covered(cut(mask, box), width, height), box)


def from_canvas(photo: np.ndarray, mask: np.ndarray, painted: np.ndarray, box: Box) -> np.ndarray:
    """Resize the model's picture back to `box` and paste it where the mask is; elsewhere the photo's own pixels.

    photo (H, W, 3) uint8, mask (H, W) bool, painted (h, w, 3) uint8 -> (H, W, 3) uint8.
    """
    full = resize(painted, box.width, box.height)
    height, width = mask.shape
    y0, y1, x0, x1 = max(0, box.y0), min(height, box.y1), max(0, box.x0), min(width, box.x1)
    out = photo.copy()
    patch = full[y0 - box.y0 : y1 - box.y0, x0 - box.x0 : x1 - box.x0]
    out[y0:y1, x0:x1] = paste(photo[y0:y1, x0:x1], patch, mask[y0:y1, x0:x1])
    return out
