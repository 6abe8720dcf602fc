"""What stands between camera and person: bollards, pillars, benches, railings, planters, suitcases (pure)."""

import numpy as np

from tools.world import scenery as look

Boxes = list[tuple[tuple[float, ...], tuple[float, ...]]]
STEEL, STONE, WOODEN = (0.22, 0.23, 0.25), (0.46, 0.45, 0.43), (0.33, 0.2, 0.1)


def occluder(kind: str, x: float, y: float, rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
    """Boxes (K, 6) and surfaces (K, 8) of an occluder just before a person at (x, y); none for an empty `kind`."""
    parts = MAKERS[kind](x, y, rng) if kind else []
    boxes = np.array([box for box, _ in parts], float).reshape(-1, 6)
    return boxes, np.array([surface for _, surface in parts], float).reshape(-1, 8)


def _part(low: tuple, high: tuple, kind: int, colour: tuple, second: tuple | None = None) -> tuple:
    return (*low, *high), (kind, *colour, *(second or colour), 1.0)


def _side(rng: np.random.Generator, low: float, high: float) -> float:
    return float(rng.choice([-1, 1]) * rng.uniform(low, high))


def _bollard(x: float, y: float, rng: np.random.Generator) -> Boxes:
    cx, half, top = x + _side(rng, 0.05, 0.35), rng.uniform(0.06, 0.10), rng.uniform(0.75, 1.0)
    steel = _part((cx - half, y - 0.6, 0), (cx + half, y - 0.6 + 2 * half, top), look.METAL, STEEL)
    band = _part(
        (cx - half - 0.005, y - 0.605, top - 0.2),
        (cx + half + 0.005, y - 0.59 + 2 * half, top - 0.1),
        look.METAL,
        (0.7, 0.7, 0.7),
    )
    return [steel, band]


def _pillar(x: float, y: float, rng: np.random.Generator) -> Boxes:
    side = _side(rng, 0.36, 0.48)
    cx, half = x + side, rng.uniform(0.14, 0.2)
    return [_part((cx - half, y - 0.9, 0), (cx + half, y - 0.9 + 2 * half, 5), look.ROUGH, STONE)]


def _bench(x: float, y: float, rng: np.random.Generator) -> Boxes:
    cx = x + _side(rng, 0.3, 0.9)
    seat = _part((cx - 0.8, y - 0.95, 0.40), (cx + 0.8, y - 0.55, 0.46), look.WOOD, WOODEN, (0.2, 0.12, 0.06))
    legs = [_part((cx + at, y - 0.9, 0), (cx + at + 0.06, y - 0.6, 0.40), look.METAL, STEEL) for at in (-0.7, 0.64)]
    return [seat, *legs]


def _railing(x: float, y: float, rng: np.random.Generator) -> Boxes:
    bars = [_part((x - 3, y - 0.7, at), (x + 3, y - 0.66, at + 0.04), look.METAL, STEEL) for at in (0.18, 0.95)]
    start = x - 2 + rng.uniform(0, 0.3)
    return bars + [
        _part((start + 0.28 * k, y - 0.695, 0.18), (start + 0.28 * k + 0.022, y - 0.67, 0.95), look.METAL, STEEL)
        for k in range(14)
    ]


def _planter(x: float, y: float, rng: np.random.Generator) -> Boxes:
    cx = x + _side(rng, 0.25, 0.6)
    tub = _part((cx - 0.35, y - 1.0, 0), (cx + 0.35, y - 0.55, 0.38), look.ROUGH, STONE)
    leaves = (0.07, 0.16, 0.05), (0.15, 0.27, 0.09)
    return [tub, _part((cx - 0.32, y - 0.97, 0.38), (cx + 0.32, y - 0.58, rng.uniform(0.5, 0.7)), look.LEAVES, *leaves)]


def _suitcase(x: float, y: float, rng: np.random.Generator) -> Boxes:
    cx = x + _side(rng, 0.28, 0.5)
    colour = tuple(rng.uniform(0.03, 0.4, 3))
    case = _part(
        (cx - 0.2, y - 0.5, 0.05), (cx + 0.2, y - 0.26, 0.62), look.PANELS, colour, tuple(np.multiply(colour, 0.6))
    )
    pole = [_part((cx + at, y - 0.36, 0.6), (cx + at + 0.02, y - 0.34, 0.98), look.METAL, STEEL) for at in (-0.1, 0.08)]
    return [case, *pole, _part((cx - 0.1, y - 0.37, 0.96), (cx + 0.1, y - 0.33, 1.0), look.METAL, (0.05, 0.05, 0.05))]


MAKERS = {
    "bollard": _bollard, "pillar": _pillar, "bench": _bench, "railing": _railing, "planter": _planter, "suitcase": _suitcase,
}  # fmt: skip
