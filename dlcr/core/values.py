"""The values that travel between stages. Frozen dataclasses; photos are (H, W, 3) uint8 RGB, masks (H, W) bool, True = repaint."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np


@dataclass(frozen=True, slots=True)
class Sample:
    """One photo of one person; `camid` counts from 0, `clothes_id` is unique per person and outfit.

    `image` is relative to the data set's root. `tracklet` is None where the set has no tracklets.
    """

    image: Path
    split: str
    pid: int
    camid: int
    clothes_id: str
    tracklet: str | None = None


@dataclass(frozen=True, slots=True)
class PhotoFile:
    """What is known of a picture file without decoding it: bytes, time of change in nanoseconds, pixels as stored."""

    size: int
    mtime_ns: int
    width: int
    height: int


@dataclass(frozen=True, slots=True, eq=False)
class Labels:
    """A parser's answer: `map` (H, W) uint8 indexes `classes`; `clothing` are the names that are repainted by default."""

    map: np.ndarray
    classes: tuple[str, ...]
    clothing: tuple[str, ...]
    protected: tuple[str, ...] = ()

    def where(self, *names: str) -> np.ndarray:
        """(H, W) bool, True where one of the named classes is; unknown names raise KeyError."""
        unknown = set(names) - set(self.classes)
        if unknown:
            raise KeyError(f"no class {sorted(unknown)}; this parser has {list(self.classes)}")
        return np.isin(self.map, [self.classes.index(name) for name in names])


@dataclass(frozen=True, slots=True)
class Outfit:
    """Garment items in order, each text: `Outfit(("red t-shirt", "blue jeans"))`."""

    items: tuple[str, ...]

    def __str__(self) -> str:
        return " | ".join(self.items)


@dataclass(frozen=True, slots=True)
class Caption:
    """What a captioner said of one frame: its own words and the outfit read from them."""

    text: str
    outfit: Outfit


@dataclass(frozen=True, slots=True)
class Box:
    """Pixels x0 <= x < x1, y0 <= y < y1 of a photo; may reach beyond its edge where a crop is widened."""

    x0: int
    y0: int
    x1: int
    y1: int

    @property
    def width(self) -> int:
        return self.x1 - self.x0

    @property
    def height(self) -> int:
        return self.y1 - self.y0


@dataclass(frozen=True, slots=True, eq=False)
class Variant:
    """One repainted photo: `image` (H, W, 3) uint8 has the photo's own size and its own pixels outside `mask`."""

    image: np.ndarray
    prompt: str
    seed: int
    lineage: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, eq=False)
class Ranking:
    """Answers to one query, best first: gallery `items` (k,) int64, `scores` (k,) float32 cosines, `right` and `junk` (k,) bool."""

    items: np.ndarray
    scores: np.ndarray
    right: np.ndarray
    junk: np.ndarray
