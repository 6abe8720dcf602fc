"""Rotations, unit vectors and a smooth step: small numpy helpers that several modules share."""

import numpy as np


def hermite(low: float, high: float, x: np.ndarray) -> np.ndarray:
    """0 at `low`, 1 at `high` (which may lie below `low`), Hermite between; any shape."""
    t = np.clip((x - low) / (high - low), 0, 1)
    return t * t * (3 - 2 * t)


def turn_x(angle: float) -> np.ndarray:
    """(3, 3) rotation about x, radians."""
    c, s = np.cos(angle), np.sin(angle)
    return np.array([[1, 0, 0], [0, c, -s], [0, s, c]])


def turn_y(angle: float) -> np.ndarray:
    """(3, 3) rotation about y, radians."""
    c, s = np.cos(angle), np.sin(angle)
    return np.array([[c, 0, s], [0, 1, 0], [-s, 0, c]])


def turn_z(angle: float) -> np.ndarray:
    """(3, 3) rotation about z, radians."""
    c, s = np.cos(angle), np.sin(angle)
    return np.array([[c, -s, 0], [s, c, 0], [0, 0, 1]])


def unit(vector: np.ndarray) -> np.ndarray:
    """The vector at length 1."""
    return vector / np.linalg.norm(vector)
