"""How visible a mask's edge is in a variant (pure)."""

import cv2
import numpy as np

FAINT = 4.0
"""Gradient below which an edge counts as this much, grey levels: a flat wall behind flat cloth has no seam to compare with."""


def edge_energy(image: np.ndarray, mask: np.ndarray) -> float:
    """Mean Sobel magnitude in the two-pixel band along the mask's edge; 0 without an edge. (H, W, 3) uint8, (H, W) bool."""
    grey = cv2.cvtColor(image, cv2.COLOR_RGB2GRAY).astype(np.float32)
    size = np.hypot(cv2.Sobel(grey, cv2.CV_32F, 1, 0), cv2.Sobel(grey, cv2.CV_32F, 0, 1))
    solid, kernel = mask.astype(np.uint8), np.ones((3, 3), np.uint8)
    band = (cv2.dilate(solid, kernel) > 0) & (cv2.erode(solid, kernel) == 0)
    return float(size[band].mean()) if band.any() else 0.0


def seam(photo: np.ndarray, variant: np.ndarray, mask: np.ndarray) -> float:
    """Edge energy of a variant over its photo's: 1 = as in the photo, much more = a visible seam. (H, W, 3) uint8 twice."""
    return max(edge_energy(variant, mask), FAINT) / max(edge_energy(photo, mask), FAINT)
