"""A drawn data set in PRCC's layout, for tests: eight people for training, four for testing, small pictures."""

from pathlib import Path

import numpy as np
from PIL import Image


def draw_set(root: Path, train: int = 8, test: int = 4, shots: int = 4, seed: int = 0) -> Path:
    """Heads in the person's colour, bodies in the outfit's (A and B share one, C shows another); `shots` pictures a camera."""
    rng = np.random.default_rng(seed)
    for person in range(train + test):
        head, first, second = rng.integers(0, 256, (3, 3))
        for camera, body in (("A", first), ("B", first), ("C", second)):
            for shot in range(shots):
                place = (
                    f"train/{person}/{camera}_{shot}.png" if person < train else f"test/{camera}/{person}/{shot}.png"
                )
                draw(root / "rgb" / place, head, body, rng)
    return root


def draw(path: Path, head: np.ndarray, body: np.ndarray, rng: np.random.Generator) -> Path:
    """One picture of 64x32 pixels."""
    photo = np.empty((64, 32, 3))
    photo[:26], photo[26:] = head, body
    path.parent.mkdir(parents=True, exist_ok=True)
    Image.fromarray(np.clip(photo + rng.normal(0, 12, photo.shape), 0, 255).astype(np.uint8)).save(path)
    return path
