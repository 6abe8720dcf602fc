"""How much clothes alone tell: a colour-histogram matcher under PRCC's protocols. It must win in SC and fail in CC.

python -m tools.world.histogram assets/world
"""

import argparse
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np

BINS = (12, 6, 6)
"""Hue, saturation, value."""
STRIPES = 6
"""Horizontal bands, each with its own histogram, so that shirt and trousers are told apart."""


@dataclass(frozen=True, slots=True)
class Figures:
    """Rank-1 as fractions of 1."""

    same_clothes: float
    changed_clothes: float


def describe(photo: np.ndarray, body: np.ndarray | None = None) -> np.ndarray:
    """HSV histograms of horizontal bands of a photo (H, W, 3) uint8, square-rooted, unit length; where `body` (H, W) bool.

    Without `body`, an upright ellipse in the middle stands for the person, as in classical person descriptors.
    """
    height, width = photo.shape[:2]
    if body is None:
        y, x = np.mgrid[0:height, 0:width]
        body = ((x / width - 0.5) / 0.28) ** 2 + ((y / height - 0.5) / 0.46) ** 2 < 1
    hsv = cv2.cvtColor(photo, cv2.COLOR_RGB2HSV)
    bands = []
    for rows in np.array_split(np.arange(height), STRIPES):
        mask = body[rows].astype(np.uint8)
        band = cv2.calcHist([np.ascontiguousarray(hsv[rows])], [0, 1, 2], mask, BINS, [0, 180, 0, 256, 0, 256]).ravel()
        bands.append(band / max(band.sum(), 1.0))
    features = np.sqrt(np.concatenate(bands))
    return features / max(np.linalg.norm(features), 1e-9)


def rank1(query: np.ndarray, query_pids: np.ndarray, gallery: np.ndarray, gallery_pids: np.ndarray) -> float:
    """Share of queries whose nearest gallery feature, by cosine, is of the same person; ties go to gallery order."""
    best = (query @ gallery.T).argmax(1)
    return float((gallery_pids[best] == query_pids).mean())


def figures(letters: dict[str, tuple[np.ndarray, np.ndarray]]) -> Figures:
    """PRCC's SC (B against A) and CC (C against A) from features and pids by letter."""
    gallery, gallery_pids = letters["A"]
    return Figures(*(rank1(*letters[letter], gallery, gallery_pids) for letter in "BC"))


def read_letter(root: Path, letter: str) -> tuple[np.ndarray, np.ndarray]:
    """Features (N, D) and pids (N,) of `rgb/test/<letter>` of a set in PRCC's layout."""
    paths: Sequence[Path] = sorted((root / "rgb" / "test" / letter).glob("*/*.jpg"))
    photos = (cv2.cvtColor(cv2.imread(str(path)), cv2.COLOR_BGR2RGB) for path in paths)
    return np.stack([describe(photo) for photo in photos]), np.array([int(path.parent.name) for path in paths])


def measure(root: Path) -> Figures:
    """The figures of a set in PRCC's layout."""
    return figures({letter: read_letter(root, letter) for letter in "ABC"})


def main() -> None:
    """Print the figures of a set."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("root", type=Path)
    found = measure(parser.parse_args().root)
    print(f"rank-1: same clothes {found.same_clothes:.3f}, changed clothes {found.changed_clothes:.3f}")


if __name__ == "__main__":
    main()
