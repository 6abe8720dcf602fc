"""Class shares that follow a photo's edges: the guided filter (He, Sun, Tang, ECCV 2010), the photo in colour as its guide."""

import cv2
import numpy as np

RADIUS = 4
SMOOTH = 1e-3
"""Variance of a window's colours, of values in [0, 1], below which it counts as flat."""


def along_edges(shares: np.ndarray, photo: np.ndarray, radius: int = RADIUS, smooth: float = SMOOTH) -> np.ndarray:
    """Shares (classes, H, W) float32, in each window a linear function of the photo's colours (H, W, 3) uint8; same shape.

    What changes where no colour changes is smoothed; a border a pixel beside an edge of the photo moves onto it.
    """
    wide = 2 * radius + 1

    def mean(planes: np.ndarray) -> np.ndarray:
        return np.stack([cv2.blur(plane, (wide, wide), borderType=cv2.BORDER_REFLECT_101) for plane in planes])

    guide = np.ascontiguousarray(photo.transpose(2, 0, 1), np.float32) / 255
    middle, average = mean(guide), mean(shares)
    red, green, blue = guide
    own = mean(np.stack([red * red, red * green, red * blue, green * green, green * blue, blue * blue]))
    r, g, b = middle
    rr, rg, rb, gg, gb, bb = own - np.stack([r * r, r * g, r * b, g * g, g * b, b * b])
    rr, gg, bb = rr + smooth, gg + smooth, bb + smooth
    # the inverse of the symmetric covariance, by its cofactors
    crr, crg, crb = gg * bb - gb * gb, rb * gb - rg * bb, rg * gb - rb * gg
    cgg, cgb, cbb = rr * bb - rb * rb, rg * rb - rr * gb, rr * gg - rg * rg
    whole = rr * crr + rg * crg + rb * crb
    out = np.empty_like(shares)
    for index, share in enumerate(shares):
        vr, vg, vb = mean(guide * share) - middle * average[index]
        slopes = (
            np.stack([crr * vr + crg * vg + crb * vb, crg * vr + cgg * vg + cgb * vb, crb * vr + cgb * vg + cbb * vb])
            / whole
        )
        base = average[index] - (slopes * middle).sum(0)
        *slopes, base = mean(np.concatenate([slopes, base[None]]))
        out[index] = slopes[0] * red + slopes[1] * green + slopes[2] * blue + base
    return out
