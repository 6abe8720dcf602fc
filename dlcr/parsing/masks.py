"""Mask algebra (pure): masks are (H, W) bool, True = repaint; lengths are pixels of the photo."""

from collections.abc import Sequence
from dataclasses import dataclass

import cv2
import numpy as np

from dlcr.core.errors import SettingError
from dlcr.core.images import resize
from dlcr.core.values import Box, Labels
from dlcr.parsing.limbs import bare_limbs

HOLE_SHARE = 0.01
"""Holes up to this share of the mask are filled; larger ones are gaps between arm and body."""
SEARCH_SIDE = 512
PERSON_SHARE = 0.0005


@dataclass(frozen=True, slots=True)
class Difference:
    """Pixels that the second mask has and the first lacks, and the other way round; intersection over union."""

    added: int
    removed: int
    iou: float


def compose(
    labels: Labels, classes: Sequence[str], grow: int = 0, protect: bool = True, limbs: bool = False
) -> np.ndarray:
    """Union of `classes`, small holes filled, grown (or shrunk, `grow` < 0) by a disc, without what is protected.

    With `limbs` bare arms and legs without hands too, which then are not protected: what other clothes may need.

    -> (H, W) bool. Protection wins over growth, but not over a class that was asked for by name.
    """
    unknown = sorted(set(classes) - set(labels.classes))
    if unknown:
        raise SettingError(f"no class {', '.join(unknown)}.", f"This parser has: {', '.join(labels.classes)}.")
    bare = bare_limbs(labels) if limbs else np.zeros(labels.map.shape, bool)
    mask = grown(holes_filled(labels.where(*classes) | bare), grow)
    if protect:
        mask &= bare | ~labels.where(*(name for name in labels.protected if name not in classes))
    return mask


def grown(mask: np.ndarray, pixels: int) -> np.ndarray:
    """Every pixel within `pixels` of the mask; negative: those farther than that from what is not mask. (H, W) bool.

    Beyond the photo's edge nothing is assumed. By Euclidean distance, so a large radius costs no more than a small one.
    """
    if pixels == 0 or not mask.any() or mask.all():
        return mask
    far = cv2.distanceTransform((~mask if pixels > 0 else mask).astype(np.uint8), cv2.DIST_L2, cv2.DIST_MASK_PRECISE)
    return np.asarray(far <= pixels if pixels > 0 else far > -pixels)


def holes_filled(mask: np.ndarray) -> np.ndarray:
    """Fill enclosed holes of at most 1 % of the mask's pixels. (H, W) bool both ways."""
    outside = np.pad(~mask, 1, constant_values=True).astype(np.uint8)
    count, pieces, stats, _ = cv2.connectedComponentsWithStats(outside, connectivity=4)
    small = stats[:, cv2.CC_STAT_AREA] <= max(4, HOLE_SHARE * int(mask.sum()))
    small[[0, pieces[0, 0]]] = False
    return mask if count <= 2 else mask | small[pieces][1:-1, 1:-1]


def iou(a: np.ndarray, b: np.ndarray) -> float:
    """Intersection over union of two masks in [0, 1]; 1 if both are empty."""
    union = int((a | b).sum())
    return int((a & b).sum()) / union if union else 1.0


def difference(before: np.ndarray, after: np.ndarray) -> Difference:
    return Difference(int((after & ~before).sum()), int((before & ~after).sum()), iou(before, after))


def person_pixels(person: np.ndarray) -> np.ndarray:
    """The largest person among labelled pixels: the largest piece and those that hang together with it.

    (H, W) bool -> (H, W) bool. Pieces count as one when a gap of 2 % of the side parts them (thin ankles, a strap), or
    when they lie above or below the largest within a fifth of its height (shoes under a long coat).
    """
    gap = max(1, round(0.02 * max(person.shape)))
    near = cv2.dilate(person.astype(np.uint8), np.ones((gap, gap), np.uint8))
    count, pieces, stats, _ = cv2.connectedComponentsWithStats(near, connectivity=8)
    areas = np.bincount(pieces[person], minlength=count)
    areas[0] = 0
    main = int(areas.argmax())
    x0, y0, width, height = stats[main, :4]
    left, top, right, bottom = stats[:, 0], stats[:, 1], stats[:, 0] + stats[:, 2], stats[:, 1] + stats[:, 3]
    above_or_below = (np.minimum(right, x0 + width) - np.maximum(left, x0)) > 0.5 * (right - left)
    close = np.maximum(top - (y0 + height), y0 - bottom) < 0.2 * height
    joined = above_or_below & close & (areas < 0.5 * areas[main])
    joined[main], joined[0] = True, False
    return np.asarray(joined[pieces] & person)


def largest_person(labels: Labels) -> Box | None:
    """Box of the largest person in the photo's pixels; None if what is labelled is too little, or wears no clothes."""
    height, width = labels.map.shape
    scale = min(1.0, SEARCH_SIDE / max(height, width))
    size = (max(1, round(width * scale)), max(1, round(height * scale)))
    small = resize(labels.map, *size, nearest=True)
    if not small.any():
        return None
    person = person_pixels(small > 0)
    clothes = np.isin(small, [labels.classes.index(name) for name in labels.clothing]) & person
    if person.sum() < max(16, PERSON_SHARE * small.size) or clothes.sum() < 0.1 * person.sum():
        return None
    ys, xs = np.nonzero(person)
    fx, fy = width / size[0], height / size[1]
    x1, y1 = np.ceil((xs.max() + 1) * fx), np.ceil((ys.max() + 1) * fy)
    return Box(int(xs.min() * fx), int(ys.min() * fy), min(width, int(x1)), min(height, int(y1)))
