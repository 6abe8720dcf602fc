"""Measures of a feature space, and of clothes by their colours (pure)."""

import numpy as np

UPPER, LOWER, MIDDLE = (0.18, 0.5), (0.5, 0.85), (0.3, 0.7)
"""Where clothes are on a crop of one person: rows of the upper and of the lower body, columns; shares of the photo."""
DULL, DARK = 60, 45
"""Below this saturation or value (0..255) a pixel is a grey."""


def drift(a: np.ndarray, b: np.ndarray) -> float:
    """1 - cosine of two feature vectors (D,): 0 = same direction, 1 = unrelated, 2 = opposite; 1 if one is zero."""
    size = float(np.linalg.norm(a) * np.linalg.norm(b))
    return 1.0 - float(np.clip(np.dot(a, b) / size, -1.0, 1.0)) if size else 1.0


def clothes_colours(photo: np.ndarray) -> np.ndarray:
    """(70,) float32 of sum 1: how often 5 greys and 30 colours stand where a crop's upper and lower clothes are.

    `photo` (H, W, 3) uint8 shows one person and little else; no mask is asked for.
    """
    height, width = photo.shape[:2]
    columns = slice(int(MIDDLE[0] * width), max(int(MIDDLE[1] * width), int(MIDDLE[0] * width) + 1))
    parts = [_colours(photo[int(low * height) : int(high * height), columns]) for low, high in (UPPER, LOWER)]
    both: np.ndarray = np.concatenate(parts) / 2
    return both


def _colours(part: np.ndarray) -> np.ndarray:
    import cv2

    hue, saturation, value = cv2.cvtColor(np.ascontiguousarray(part), cv2.COLOR_RGB2HSV).reshape(-1, 3).astype(int).T
    colour = 5 + hue // 18 * 3 + np.minimum(value // 86, 2)  # hue is 0..179
    bins = np.where((saturation < DULL) | (value < DARK), np.minimum(value // 52, 4), colour)
    counts: np.ndarray = np.bincount(bins, minlength=35).astype(np.float32)
    return counts / np.float32(bins.size)


def overlap(a: np.ndarray, b: np.ndarray) -> float:
    """The share that two histograms of sum 1 have in common, 0..1 (Swain and Ballard 1991)."""
    return float(np.minimum(a, b).sum())
