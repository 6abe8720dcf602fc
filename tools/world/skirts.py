"""Skirts, dresses' and coats' lower parts: rings of cloth round both legs, so that a stride widens them and the hem stays level.

Pure: posed points in, ring vertices out. The cloth is the convex hull of what is inside it, and hangs from its widest place.
"""

from dataclasses import dataclass

import numpy as np

RINGS, SIDES = 20, 44
_TURN = np.linspace(0, 2 * np.pi, SIDES, endpoint=False)


@dataclass(frozen=True, slots=True)
class Drape:
    """`top` and `hem` are heights on the base body (decimetres); `flare` metres wider a metre down; `pleats` how many folds."""

    top: float
    hem: float
    flare: float
    pleats: int
    depth: float
    phase: float
    margin: float = 0.012


def ring_faces() -> np.ndarray:
    """(F, 3) triangles of the rings' mesh."""
    ring, side = np.meshgrid(np.arange(RINGS - 1), np.arange(SIDES), indexing="ij")
    a, b = ring * SIDES + side, ring * SIDES + (side + 1) % SIDES
    return np.concatenate([np.stack([a, a + SIDES, b], -1), np.stack([b, a + SIDES, b + SIDES], -1)]).reshape(-1, 3)


def ring_rest(drape: Drape) -> np.ndarray:
    """(RINGS * SIDES, 3) rest positions, for patterns: an upright tube round the base body."""
    height = np.repeat(np.linspace(drape.top, drape.hem, RINGS), SIDES)
    turn = np.tile(_TURN, RINGS)
    return np.stack([1.9 * np.sin(turn), height, 0.15 + 1.4 * np.cos(turn)], -1)


def hull_radius(points: np.ndarray, centre: np.ndarray) -> np.ndarray:
    """Radius of the convex hull of `points` (N, 2) in the SIDES directions from `centre`; angle 0 is -y, then +x."""
    directions = np.stack([np.sin(_TURN), -np.cos(_TURN)], -1)
    support = ((points - centre) @ directions.T).max(0)
    cosine = directions @ directions.T
    reach = np.where(cosine > 0.08, support[None] / np.maximum(cosine, 0.08), np.inf)
    return np.maximum(reach.min(1), 0.02)


def hang(inside: np.ndarray, drape: Drape, heights: np.ndarray) -> np.ndarray:
    """Ring vertices (RINGS * SIDES, 3) in metres round the posed points `inside` (N, 3); `heights` (RINGS,) from top to hem."""
    waist = inside[np.abs(inside[:, 2] - heights[0]) < 0.05]
    centre = waist[:, :2].mean(0)
    radius = np.zeros((RINGS, SIDES))
    for ring, height in enumerate(heights):
        near = inside[np.abs(inside[:, 2] - height) < 0.035]
        if len(near):
            radius[ring] = hull_radius(near[:, :2], centre) + drape.margin
        if ring:
            radius[ring] = np.maximum(radius[ring], radius[ring - 1] + drape.flare * (heights[ring - 1] - height))
    radius = (radius + np.roll(radius, 1, 1) + np.roll(radius, -1, 1)) / 3
    down = np.linspace(0, 1, RINGS)[:, None]
    radius[1:-1] = (radius[:-2] + 2 * radius[1:-1] + radius[2:]) / 4
    wave = np.sin(drape.pleats * _TURN + drape.phase + 0.6 * np.sin(2 * _TURN + drape.phase))
    radius = radius * (1 + drape.depth * down * wave) + 0.4 * drape.depth * down * radius
    x, y = centre[0] + radius * np.sin(_TURN), centre[1] - radius * np.cos(_TURN)
    return np.stack([x, y, np.repeat(heights[:, None], SIDES, 1)], -1).reshape(-1, 3).astype(np.float32)
