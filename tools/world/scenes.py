"""Street, corridor, park, plaza, garage and station: boxes and light, a little different with every seed (pure)."""

from collections.abc import Callable
from dataclasses import dataclass, field

import numpy as np

from tools.world import scenery as look
from tools.world.geometry import unit
from tools.world.materials import Colour

KINDS = ("street", "corridor", "park", "plaza", "garage", "station")
CEILINGS = {"corridor": 3.1, "garage": 2.9}
"""Metres; a camera above one sees nobody."""


@dataclass(frozen=True, slots=True)
class Light:
    """`towards` the key light, unit; its colour `key`; light from `sky` and `earth`; shadow `dark` 0..1, `soft` subpixels."""

    towards: np.ndarray
    key: np.ndarray
    sky: np.ndarray
    earth: np.ndarray
    dark: float
    soft: float


@dataclass(frozen=True, slots=True)
class Scene:
    """A place: `boxes` (K, 6), `surfaces` (K, 8), `ground` (8,), `sky` (6,) horizon and zenith, its light, how wide people walk."""

    kind: str
    boxes: np.ndarray
    surfaces: np.ndarray
    ground: np.ndarray
    sky: np.ndarray
    light: Light
    fog: float
    half_width: float


@dataclass(slots=True)
class Builder:
    """Collects boxes; colours are tinted a little by the scene's own generator."""

    rng: np.random.Generator
    boxes: list[list[float]] = field(default_factory=list)
    surfaces: list[list[float]] = field(default_factory=list)

    def box(
        self, low: tuple, high: tuple, kind: int, colour: Colour, second: Colour | None = None, scale: float = 1.0
    ) -> None:
        """A box between two corners in metres."""
        tint = self.rng.uniform(0.85, 1.15) * self.rng.uniform(0.96, 1.04, 3)
        self.boxes.append([*low, *high])
        self.surfaces.append([kind, *np.multiply(colour, tint), *(second or colour), scale])

    def car(self, x: float, y: float, colour: Colour) -> None:
        """A parked car seen from its side: body, cabin, roof, wheels, lamps."""
        glass, tyre = (0.05, 0.06, 0.07), (0.03, 0.03, 0.03)
        self.box((x, y, 0.28), (x + 4.2, y + 1.7, 0.82), look.METAL, colour)
        self.box((x + 0.75, y + 0.1, 0.82), (x + 3.55, y + 1.6, 0.92), look.METAL, colour)
        self.box((x + 0.95, y + 0.12, 0.92), (x + 3.4, y + 1.58, 1.34), look.PANELS, glass, colour, 0.85)
        self.box((x + 0.9, y + 0.1, 1.34), (x + 3.45, y + 1.6, 1.44), look.METAL, colour)
        for wheel in (x + 0.5, x + 3.1):
            self.box((wheel, y - 0.03, 0), (wheel + 0.62, y + 0.2, 0.6), look.WHEEL, tyre, colour, wheel + 0.31)
        self.box((x - 0.02, y + 0.1, 0.6), (x + 0.05, y + 0.5, 0.72), look.METAL, (0.7, 0.08, 0.06))

    def tree(self, x: float, y: float) -> None:
        """A trunk and three masses of leaves."""
        self.box((x - 0.16, y, 0), (x + 0.16, y + 0.3, 3), look.ROUGH, (0.16, 0.11, 0.08))
        for _ in range(3):
            cx, cy, cz = x + self.rng.uniform(-0.9, 0.9), y + self.rng.uniform(-0.6, 0.6), self.rng.uniform(2.6, 4.4)
            leaves = (0.06, 0.14, 0.03), (0.14, 0.26, 0.06)
            self.box((cx - 1.1, cy - 0.9, cz), (cx + 1.1, cy + 0.9, cz + 1.5), look.LEAVES, *leaves)


BRIGHT, DULL = 1.6, 0.68
"""Light that shows a cloth's own colour on its lit half, and places a little darker than drawn to go with it."""
CARS = (
    (0.36, 0.05, 0.05),
    (0.5, 0.51, 0.53),
    (0.06, 0.1, 0.25),
    (0.7, 0.7, 0.68),
    (0.05, 0.05, 0.055),
    (0.12, 0.25, 0.2),
)


def make_scene(kind: str, seed: int) -> Scene:
    """The scene of a kind and a seed."""
    rng = np.random.default_rng([seed, KINDS.index(kind), 5])
    builder = Builder(rng)
    ground, sky, light, fog, half = SCENES[kind](builder, rng)
    surfaces, floor = np.array(builder.surfaces), np.array(ground, float)
    surfaces[:, 1:7] *= DULL
    floor[1:7] *= DULL
    return Scene(kind, np.array(builder.boxes), surfaces, floor, np.array(sky), light, fog, half)


def _light(towards: tuple, key: tuple, sky: tuple, earth: tuple, dark: float, soft: float) -> Light:
    lamp, above, below = (BRIGHT * np.array(colour) for colour in (key, sky, earth))
    return Light(unit(np.array(towards)), lamp, above, below, dark, soft)


def _car_colour(rng: np.random.Generator) -> Colour:
    return CARS[rng.integers(len(CARS))]


def _street(b: Builder, rng: np.random.Generator) -> tuple:
    b.box((-40, 11.0, 0), (40, 13.4, 0.14), look.TILES, (0.48, 0.46, 0.43), (0.3, 0.29, 0.28), 1.2)
    walls = [(look.BRICK, (0.36, 0.19, 0.13), (0.45, 0.42, 0.38), 1.7), (look.WINDOWS, (0.6, 0.54, 0.45), (0.10, 0.13, 0.16), 0.45),
             (look.WINDOWS, (0.5, 0.33, 0.26), (0.1, 0.12, 0.15), 0.38), (look.ROUGH, (0.62, 0.6, 0.55), None, 1.0)]  # fmt: skip
    x = -24.0
    while x < 24:
        wide = rng.uniform(5, 9)
        kind, colour, second, scale = walls[rng.integers(len(walls))]
        b.box((x, 13.4, 0), (x + wide, 18, rng.uniform(8, 15)), kind, colour, second, scale)
        b.box((x + 0.8, 13.35, 0.1), (x + 2.0, 13.42, 2.3), look.PANELS, (0.12, 0.09, 0.07), (0.05, 0.04, 0.03), 1.4)
        b.box(
            (x + 2.7, 13.3, 0.9), (x + wide - 0.5, 13.42, 2.5), look.WINDOWS, (0.2, 0.2, 0.2), (0.10, 0.12, 0.14), 0.8
        )
        x += wide
    for x in (-9.0, -3.6, 1.9, 7.4):
        if rng.random() < 0.75:
            b.car(x + rng.uniform(-0.4, 0.4), 9.2, _car_colour(rng))
    b.box((2.7, 11.6, 0), (2.82, 11.72, 5), look.METAL, (0.1, 0.1, 0.1))
    light = _light((-0.6, -0.45, 0.75), (0.78, 0.73, 0.62), (0.40, 0.46, 0.56), (0.22, 0.20, 0.18), 0.85, 2.6)
    return [look.ROAD, 0.17, 0.17, 0.18, 0.6, 0.6, 0.57, 8.3], (0.62, 0.70, 0.80, 0.35, 0.52, 0.80), light, 0.006, 2.2


def _corridor(b: Builder, rng: np.random.Generator) -> tuple:
    b.box((-30, -5, 0), (-2.3, 30, 3.1), look.PANELS, (0.72, 0.69, 0.62), (0.3, 0.28, 0.26), 0.5)
    b.box((2.3, -5, 0), (30, 30, 3.1), look.PANELS, (0.66, 0.69, 0.70), (0.3, 0.29, 0.27), 0.5)
    b.box((-30, 15, 0), (30, 20, 3.1), look.PANELS, (0.35, 0.45, 0.55), (0.2, 0.2, 0.22), 0.9)
    b.box((-30, -5, CEILINGS["corridor"]), (30, 30, 3.3), look.TILES, (0.8, 0.8, 0.78), (0.5, 0.5, 0.5), 0.8)
    for y in (5.5, 9.0, 12.5):
        wood = (0.34, 0.2, 0.1), (0.22, 0.13, 0.07)
        b.box((-2.36, y, 0), (-2.27, y + 1.0, 2.1), look.WOOD, *wood)
        b.box((2.27, y + 1, 0), (2.36, y + 2.0, 2.1), look.WOOD, *wood)
        b.box((-2.34, y + 1.5, 1.2), (-2.28, y + 2.4, 2.0), look.POSTER, (0.7, 0.68, 0.6), (0.15, 0.3, 0.5), 2.0)
    b.box((-0.6, 14.9, 0), (0.6, 15.0, 2.2), look.PANELS, (0.25, 0.3, 0.33), (0.1, 0.1, 0.1), 1.6)
    light = _light((0.15, -0.5, 0.9), (0.48, 0.46, 0.40), (0.52, 0.50, 0.45), (0.27, 0.25, 0.22), 0.4, 9.0)
    return [look.TILES, 0.50, 0.48, 0.44, 0.34, 0.32, 0.30, 1.7], (0.8, 0.8, 0.76, 0.8, 0.8, 0.76), light, 0.003, 1.3


def _park(b: Builder, rng: np.random.Generator) -> tuple:
    b.box((-40, 3.2, -0.1), (40, 9.0, 0.012), look.ROUGH, (0.47, 0.42, 0.34))
    b.box((-40, 19, 0), (40, 22, 2.4), look.LEAVES, (0.07, 0.14, 0.04), (0.13, 0.24, 0.07))
    for k in range(8):
        b.tree(-14 + 4 * k + rng.uniform(-1, 1), rng.uniform(11, 16))
    for x in rng.uniform(-6, 6, 2):
        b.box((x, 9.6, 0.40), (x + 1.7, 10.05, 0.47), look.WOOD, (0.33, 0.2, 0.1), (0.2, 0.12, 0.06))
        b.box((x, 10.0, 0.5), (x + 1.7, 10.06, 0.9), look.WOOD, (0.33, 0.2, 0.1), (0.2, 0.12, 0.06))
        b.box((x + 0.1, 9.65, 0), (x + 0.18, 10.0, 0.4), look.METAL, (0.08, 0.08, 0.08))
        b.box((x + 1.5, 9.65, 0), (x + 1.58, 10.0, 0.4), look.METAL, (0.08, 0.08, 0.08))
    light = _light((0.7, -0.35, 0.6), (0.82, 0.72, 0.55), (0.38, 0.45, 0.48), (0.20, 0.22, 0.13), 0.8, 3.2)
    return (
        [look.LEAVES, 0.10, 0.19, 0.05, 0.19, 0.28, 0.09, 1.0],
        (0.66, 0.74, 0.82, 0.4, 0.58, 0.84),
        light,
        0.008,
        2.4,
    )


def _plaza(b: Builder, rng: np.random.Generator) -> tuple:
    b.box((-40, 17, 0), (40, 22, 20), look.WINDOWS, (0.42, 0.48, 0.52), (0.16, 0.25, 0.32), 0.6)
    for k in range(7):
        x = -13 + 4.2 * k + rng.uniform(-0.3, 0.3)
        b.box((x, 13.6, 0), (x + 0.7, 14.3, 6), look.ROUGH, (0.55, 0.54, 0.52))
    for x in rng.uniform(-7, 5, 2):
        b.box((x, 12.0, 0), (x + 2.6, 12.9, 0.5), look.ROUGH, (0.48, 0.47, 0.45))
        b.box((x + 0.1, 12.1, 0.5), (x + 2.5, 12.8, 1.2), look.LEAVES, (0.07, 0.16, 0.05), (0.15, 0.27, 0.09))
    light = _light((-0.2, -0.6, 0.6), (0.44, 0.45, 0.48), (0.55, 0.58, 0.65), (0.36, 0.36, 0.36), 0.35, 12.0)
    return [look.TILES, 0.33, 0.33, 0.34, 0.22, 0.22, 0.23, 1.1], (0.8, 0.83, 0.86, 0.7, 0.75, 0.8), light, 0.008, 2.6


def _garage(b: Builder, rng: np.random.Generator) -> tuple:
    b.box((-40, 15, 0), (40, 16, 3), look.ROUGH, (0.42, 0.42, 0.39))
    b.box((-40, -5, CEILINGS["garage"]), (40, 30, 3.1), look.ROUGH, (0.33, 0.33, 0.31))
    for x in (-6.0, -0.7, 4.6):
        b.box((x, 10.6, 0), (x + 0.55, 11.2, 3), look.ROUGH, (0.5, 0.5, 0.47))
        b.box((x - 0.01, 10.59, 0.2), (x + 0.56, 11.21, 0.9), look.PANELS, (0.62, 0.5, 0.08), (0.08, 0.08, 0.08), 2.5)
    for x in (-10.5, -5.2, 0.2, 5.4):
        if rng.random() < 0.7:
            b.car(x, 12.0, _car_colour(rng))
    light = _light((0.4, -0.55, 0.8), (0.46, 0.47, 0.38), (0.44, 0.45, 0.38), (0.22, 0.22, 0.18), 0.45, 8.0)
    return [look.ROAD, 0.25, 0.25, 0.24, 0.6, 0.55, 0.2, 4.2], (0.3, 0.3, 0.28, 0.3, 0.3, 0.28), light, 0.012, 2.2


def _station(b: Builder, rng: np.random.Generator) -> tuple:
    b.box((-40, 14, 0), (-3, 15, 5), look.TILES, (0.66, 0.66, 0.62), (0.45, 0.45, 0.43), 2.5)
    b.box((-3, 14, 0), (4, 15, 5), look.WINDOWS, (0.5, 0.5, 0.49), (0.14, 0.2, 0.27), 0.5)
    b.box((4, 14, 0), (40, 15, 5), look.TILES, (0.62, 0.6, 0.52), (0.4, 0.4, 0.38), 2.5)
    b.box((-40, 13.95, 1.0), (40, 14.02, 1.25), look.PANELS, (0.1, 0.22, 0.5), (0.8, 0.8, 0.8), 0.2)
    b.box((-40, 9.2, -0.1), (40, 9.6, 0.012), look.ROUGH, (0.72, 0.6, 0.1))
    for x in (-6.2, -1.6, 3.4):
        b.box((x, 11, 0), (x + 0.6, 11.6, 5), look.METAL, (0.5, 0.5, 0.5))
        b.box((x + 1.6, 13.9, 0.9), (x + 2.6, 13.97, 2.3), look.POSTER, (0.75, 0.7, 0.55), (0.55, 0.12, 0.15), 1.6)
    b.box((0.6, 12.4, 0.42), (2.6, 12.9, 0.5), look.METAL, (0.35, 0.36, 0.38))
    light = _light((-0.35, -0.6, 0.85), (0.46, 0.47, 0.50), (0.52, 0.55, 0.60), (0.32, 0.32, 0.33), 0.4, 11.0)
    return [look.TILES, 0.40, 0.40, 0.39, 0.28, 0.28, 0.28, 1.3], (0.85, 0.88, 0.9, 0.85, 0.88, 0.9), light, 0.005, 2.2


SCENES: dict[str, Callable[[Builder, np.random.Generator], tuple]] = {
    "street": _street, "corridor": _corridor, "park": _park, "plaza": _plaza, "garage": _garage, "station": _station,
}  # fmt: skip
