"""Correction by clicks with GrabCut (Rother, Kolmogorov, Blake, SIGGRAPH 2004), seeded by the current mask. Local and quick."""

from collections.abc import Sequence

import cv2
import numpy as np

from dlcr.core.errors import BackendError, MaskError
from dlcr.parsing.registry import Clicker, Point

REACH = 0.16
"""Half of the side of the square that a click may change, as a share of the photo's longer side."""
WORK_SIDE = 160
TOLERANCE = 14
SPAN = 0.04
"""Radius of the disc around a click that certainly follows it, as a share of the square's side."""


def grabcut(photo: np.ndarray, mask: np.ndarray, points: Sequence[Point]) -> np.ndarray:
    """The mask after clicks, one after the other. (H, W, 3) uint8, (H, W) bool -> (H, W) bool.

    A click changes only what hangs together with the clicked pixel, only in its direction, only inside a square around it;
    every clicked pixel ends as its last click says. MaskError if a click lies outside the photo.
    """
    height, width = mask.shape
    for x, y, _ in points:
        if not (0 <= x < width and 0 <= y < height):
            raise MaskError(
                f"the click at {x}, {y} lies outside the photo of {width} x {height} pixels.", "Click in it."
            )
    out = mask.copy()
    for point in points:
        _click(photo, out, point)
    for x, y, adds in points:
        out[y, x] = adds
    return out


def load_grabcut(argument: str | None = None, device: str = "auto") -> Clicker:
    """GrabCut needs no weights and no device."""
    if argument is not None:
        raise BackendError(f"grabcut takes no argument, got '{argument}'.", f"Did you mean sam:{argument}?")
    return grabcut


def _click(photo: np.ndarray, mask: np.ndarray, point: Point) -> None:
    """Change `mask` in place around one click."""
    x, y, adds = point
    reach = max(24, round(REACH * max(mask.shape)))
    x0, y0 = max(0, x - reach), max(0, y - reach)
    window = np.s_[y0 : y + reach + 1, x0 : x + reach + 1]
    part = mask[window]
    height, width = part.shape
    scale = min(1.0, WORK_SIDE / max(part.shape))
    size = (max(2, round(width * scale)), max(2, round(height * scale)))
    small = cv2.GaussianBlur(cv2.resize(photo[window], size, interpolation=cv2.INTER_AREA), (3, 3), 0)
    current = cv2.resize(part.astype(np.uint8), size, interpolation=cv2.INTER_NEAREST) > 0
    at = (min(size[0] - 1, int((x - x0) * scale)), min(size[1] - 1, int((y - y0) * scale)))
    changed = _changed(small, current, at, adds).astype(np.float32)
    follows = cv2.resize(changed, (width, height), interpolation=cv2.INTER_LINEAR) > 0.5
    mask[window] = part | follows if adds else part & ~follows


def _changed(photo: np.ndarray, mask: np.ndarray, at: tuple[int, int], adds: bool) -> np.ndarray:
    """What the click changes: the pixels, connected with it, that GrabCut gives to its side. (h, w) bool."""
    disc = np.zeros(mask.shape, np.uint8)
    cv2.circle(disc, at, max(1, round(SPAN * max(mask.shape))), 1, -1)
    hint, sure = (cv2.GC_PR_FGD, cv2.GC_FGD) if adds else (cv2.GC_PR_BGD, cv2.GC_BGD)
    trimap = np.where(mask, cv2.GC_PR_FGD, cv2.GC_PR_BGD).astype(np.uint8)
    trimap[_alike(photo, at)] = hint
    trimap[disc > 0] = sure
    inside = np.isin(trimap, (cv2.GC_FGD, cv2.GC_PR_FGD))
    if min(inside.sum(), (~inside).sum()) > 5:  # GrabCut's colour models have five components each
        cv2.setRNGSeed(0)
        bgr = np.ascontiguousarray(photo[..., ::-1])
        cv2.grabCut(bgr, trimap, None, np.zeros((1, 65)), np.zeros((1, 65)), 2, cv2.GC_INIT_WITH_MASK)
        inside = np.isin(trimap, (cv2.GC_FGD, cv2.GC_PR_FGD))
    moved = (inside & ~mask) if adds else (~inside & mask)
    pieces = cv2.connectedComponents((moved | (disc > 0)).astype(np.uint8), connectivity=4)[1]
    return np.asarray(pieces == pieces[at[1], at[0]])


def _alike(photo: np.ndarray, at: tuple[int, int]) -> np.ndarray:
    """Pixels of nearly the clicked colour that hang together with the click. (h, w, 3) uint8 -> (h, w) bool."""
    filled = np.zeros((photo.shape[0] + 2, photo.shape[1] + 2), np.uint8)
    flags = 4 | cv2.FLOODFILL_MASK_ONLY | cv2.FLOODFILL_FIXED_RANGE | (1 << 8)
    spread = (TOLERANCE,) * 3
    cv2.floodFill(cv2.cvtColor(photo, cv2.COLOR_RGB2LAB), filled, at, 0, spread, spread, flags)
    return filled[1:-1, 1:-1] > 0
