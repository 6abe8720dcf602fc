"""A dressed person: every layer fitted at rest once, then posed as often as wanted."""

from dataclasses import dataclass, replace

import numpy as np

from tools.world.body import Rest, Template, skinned
from tools.world.materials import LABEL, Label
from tools.world.poses import Pose
from tools.world.skirts import Drape, hang, ring_faces, ring_rest

BARE = -1.0
"""The `cut` of what is worn whole."""


@dataclass(frozen=True, slots=True)
class Layer:
    """One mesh of a dressed person at rest.

    `points` (V, 3) metres, `rest` (V, 3) on the base body in decimetres, `skin` (V, bones), `arm` (V,) share, `cut` (V,)
    positive where nothing is worn, `tint` (V, 3), `rows` (F,) rows of the figure's materials, `pull` metres.
    """

    faces: np.ndarray
    uv: np.ndarray
    points: np.ndarray
    rest: np.ndarray
    skin: np.ndarray
    arm: np.ndarray
    cut: np.ndarray
    tint: np.ndarray
    rows: np.ndarray
    pull: float


@dataclass(frozen=True, slots=True)
class Hanging:
    """A skirt to be draped at every pose: its `heights` (RINGS,) on this person at rest in metres, its material's row."""

    drape: Drape
    heights: np.ndarray
    row: int
    pull: float
    opening: float


@dataclass(frozen=True, slots=True)
class Figure:
    """Triangles ready to draw, feet on z = 0, facing -y; per vertex and per face as in Layer."""

    faces: np.ndarray
    uv: np.ndarray
    points: np.ndarray
    rest: np.ndarray
    arm: np.ndarray
    cut: np.ndarray
    tint: np.ndarray
    rows: np.ndarray
    pull: np.ndarray
    materials: np.ndarray

    @property
    def worn(self) -> np.ndarray:
        """(V,) bool: vertices that are drawn."""
        used = np.zeros(len(self.points), bool)
        used[self.faces] = True
        return used & (self.cut <= 0)

    def placed(self, yaw: float, x: float, y: float) -> "Figure":
        """Turned by `yaw` radians about the upright and moved on the ground."""
        c, s = np.cos(yaw), np.sin(yaw)
        turned = self.points @ np.array([[c, s, 0], [-s, c, 0], [0, 0, 1]], np.float32)
        return replace(self, points=(turned + np.array([x, y, 0], np.float32)).astype(np.float32))

    def unlabelled(self) -> "Figure":
        """The same, as a passer-by: all its labels are background."""
        materials = self.materials.copy()
        materials[:, LABEL] = Label.BACKGROUND
        return replace(self, materials=materials)


@dataclass(frozen=True, slots=True)
class Dressed:
    """A person in an outfit at rest; `pose` makes figures."""

    template: Template
    rest: Rest
    layers: tuple[Layer, ...]
    hangings: tuple[Hanging, ...]
    materials: np.ndarray
    below: np.ndarray
    """Body vertices that skirts hang round: trunk and legs, without arms and head."""

    def pose(self, rotations: Pose) -> Figure:
        """The figure in a pose."""
        moved = self.template.pose(self.rest, rotations)
        posed = [skinned(layer.points, layer.skin, moved) for layer in self.layers]
        parts = [(layer, points) for layer, points in zip(self.layers, posed, strict=True)]
        worn = [(layer.pull, points[(layer.cut <= 0) & (layer.arm < 0.2)]) for layer, points in parts[1:]]
        worn.append((0.0, posed[0][self.below]))
        hips = self.below & (np.abs(self.template.base.points[:, 1] - 1) < 0.5)
        lift = float(np.median(posed[0][hips, 2] - self.layers[0].points[hips, 2]))
        for hanging in self.hangings:
            inside = [points for pull, points in worn if pull < hanging.pull]
            parts.append(_hung(hanging, np.concatenate(inside), lift))
            worn.append((hanging.pull, parts[-1][1]))
        return _merged(parts, self.materials)


def _hung(hanging: Hanging, inside: np.ndarray, lift: float) -> tuple[Layer, np.ndarray]:
    """A draped skirt as a layer with its posed points."""
    points = hang(inside, hanging.drape, hanging.heights + lift)
    rest, faces = ring_rest(hanging.drape), ring_faces()
    cut = np.full(len(points), BARE)
    if hanging.opening:
        cut = np.where(rest[:, 2] > 0.3, hanging.opening - np.abs(rest[:, 0]), BARE)
    none = np.zeros((len(points), 1))
    rows, tint = np.full(len(faces), hanging.row), np.ones((len(points), 3))
    uv = np.zeros((len(faces), 3, 2))
    return Layer(faces, uv, points, rest, none, none[:, 0], cut, tint, rows, hanging.pull), points


def _merged(parts: list[tuple[Layer, np.ndarray]], materials: np.ndarray) -> Figure:
    """One mesh of all layers, standing on the ground."""
    shift = np.cumsum([0, *(len(points) for _, points in parts)])
    faces = np.concatenate([layer.faces + shift[k] for k, (layer, _) in enumerate(parts)]).astype(np.int32)
    points = np.concatenate([points for _, points in parts]).astype(np.float32)

    def joined(name: str, kind: type) -> np.ndarray:
        return np.concatenate([getattr(layer, name) for layer, _ in parts]).astype(kind)

    pull = np.concatenate([np.full(len(layer.faces), layer.pull) for layer, _ in parts]).astype(np.float32)
    rest, arm, cut, tint = (joined(name, np.float32) for name in ("rest", "arm", "cut", "tint"))
    uv, rows = joined("uv", np.float32), joined("rows", np.int32)
    figure = Figure(faces, uv, points, rest, arm, cut, tint, rows, pull, materials)
    seen = points[figure.worn]
    low = np.array([np.median(seen[:, 0]), np.median(seen[:, 1]), seen[:, 2].min()], np.float32)
    return replace(figure, points=points - low)
