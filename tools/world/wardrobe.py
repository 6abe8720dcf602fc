"""The meshes behind the words: MakeHuman's garments and hair by name, and what of the body each hides."""

from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

import numpy as np

from dlcr.core.errors import LayoutError, SettingError
from tools.world import props
from tools.world.body import Template
from tools.world.meshes import Cloth, read_fitting

SUITS: dict[str, tuple[str, tuple[int, ...]]] = {
    "tee": ("female_casualsuit01", (0,)), "tee long": ("female_casualsuit02", (2,)), "tee wide": ("male_casualsuit04", (0,)),
    "blouse": ("female_elegantsuit01", (1,)), "polo": ("male_casualsuit06", (0,)), "sweater": ("male_casualsuit02", (1,)),
    "hoodie": ("male_casualsuit03", (0,)), "jacket": ("male_casualsuit05", (0, 1, 2)), "suit": ("male_elegantsuit01", (1,)),
    "trousers woman": ("female_casualsuit01", (1,)), "leggings": ("female_sportsuit01", (1,)),
    "trousers": ("male_casualsuit02", (0,)), "jeans": ("male_casualsuit04", (1,)), "suit trousers": ("male_elegantsuit01", (0,)),
}  # fmt: skip
"""Garment meshes: MakeHuman's suit, and which of its connected components are the garment."""
PROPS = {
    "backpack": props.backpack,
    "bag": props.shoulder_bag,
    "scarf": props.scarf,
    "beanie": props.beanie,
    "cap": props.cap,
}


@dataclass(frozen=True, slots=True)
class Cover:
    """Body vertices `body` (N,) that lie under the cloth vertices `cloth` (N,), away from the cloth's rim."""

    body: np.ndarray
    cloth: np.ndarray


class Wardrobe:
    """Every mesh, read once; `folder` is MakeHuman's (the one that holds base/)."""

    def __init__(self, folder: Path, template: Template) -> None:
        self.base = folder / "base"
        self.template = template
        self.cloth = lru_cache(maxsize=None)(self._cloth)
        self.cover = lru_cache(maxsize=None)(self._cover)

    def _cloth(self, model: str) -> Cloth:
        if model in PROPS:
            return PROPS[model](self.template)
        if model == "hat":
            return self._read("clothes", "fedora01", "fedora")
        if model in SUITS:
            suit, components = SUITS[model]
            return self._read("clothes", suit).part(components)
        kind, _, number = model.partition(" ")
        if kind in ("shoes", "socks"):
            return self._feet(f"shoes0{number}", socks=kind == "socks")
        if kind == "hair":
            return self._read("hair", number)
        raise SettingError(f"there is no garment mesh {model!r}; known are {', '.join([*SUITS, *PROPS])}")

    def _read(self, kind: str, name: str, file: str = "") -> Cloth:
        path = self.base / kind / name / f"{file or name}.mhclo"
        if not path.is_file():
            raise LayoutError(
                f"{path} is missing.", "Name MakeHuman's asset folder (the one that holds base/) with --makehuman."
            )
        return read_fitting(path, self.template.base.points, self.template.skin)

    def _feet(self, name: str, *, socks: bool) -> Cloth:
        """A pair of shoes, or the socks in the same file: the two components of 144 vertices."""
        cloth = self._read("clothes", name)
        sizes = np.bincount(cloth.components())
        return cloth.part(tuple(int(number) for number in np.flatnonzero((sizes == 144) == socks)))

    def _cover(self, model: str) -> Cover:
        """The body under a garment: near it, not at its rim; far from it only where MakeHuman says it is hidden."""
        from scipy.spatial import cKDTree

        cloth, points = self.cloth(model), self.template.base.points
        distance, nearest = cKDTree(cloth.rest).query(points)
        inner = ~rim(cloth.faces, len(cloth.rest), rings=2)
        told = np.zeros(len(points), bool)
        told[cloth.hides] = True
        outside = ((cloth.rest[nearest] - points) * self.template.normals).sum(1) > -0.15
        under = inner[nearest] & (((distance < 0.55) & outside) | (told & (distance < 1.3)))
        body = np.flatnonzero(under)
        return Cover(body, nearest[body])


def rim(faces: np.ndarray, count: int, *, rings: int) -> np.ndarray:
    """(count,) bool: vertices on an open edge, or within `rings` edges of one."""
    edges = np.sort(np.concatenate([faces[:, [0, 1]], faces[:, [1, 2]], faces[:, [2, 0]]]), axis=1)
    unique, times = np.unique(edges, axis=0, return_counts=True)
    marked = np.zeros(count, bool)
    marked[unique[times == 1].ravel()] = True
    for _ in range(rings):
        touching = marked[unique].any(1)
        marked[unique[touching].ravel()] = True
    return marked
