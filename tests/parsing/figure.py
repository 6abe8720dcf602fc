"""A drawn person whose every part has a colour of its own, for parsers that see colours."""

import numpy as np

COLOURS = {"background": (120, 120, 120), "face": (0, 200, 0), "upper-clothes": (220, 0, 0), "pants": (0, 0, 220)}
PARTS = {"face": (10, 30, 24, 40), "upper-clothes": (30, 80, 14, 50), "pants": (80, 150, 18, 46)}
"""y0, y1, x0, x1 in a photo of 160 x 64."""


def figure() -> tuple[np.ndarray, dict[str, np.ndarray]]:
    """(160, 64, 3) uint8 and the true mask of each part."""
    photo = np.empty((160, 64, 3), np.uint8)
    photo[:] = COLOURS["background"]
    truth = {}
    for name, (y0, y1, x0, x1) in PARTS.items():
        photo[y0:y1, x0:x1] = COLOURS[name]
        truth[name] = np.zeros(photo.shape[:2], bool)
        truth[name][y0:y1, x0:x1] = True
    return photo, truth
