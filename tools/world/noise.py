"""Hashed value noise for numba kernels: every pattern, fold and wall is computed, none is painted from a picture."""

import math

from tools.world.kernels import kernel


@kernel
def hash3(i, j, k):
    """A number in 0..1 that depends on three integers and nothing else."""
    n = (i * 374761393 + j * 668265263 + k * 2147483647 * 3) & 0xFFFFFFFF
    n = ((n ^ (n >> 13)) * 1274126177) & 0xFFFFFFFF
    n = n ^ (n >> 16)
    return (n & 0xFFFF) / 65535.0


@kernel
def smooth(low, high, x):
    """0 below `low`, 1 above `high`, Hermite between."""
    t = (x - low) / (high - low)
    t = 0.0 if t < 0 else (1.0 if t > 1 else t)
    return t * t * (3 - 2 * t)


@kernel
def noise3(x, y, z):
    """Value noise in 0..1 with a continuous slope, one cell a unit."""
    i = math.floor(x)
    j = math.floor(y)
    k = math.floor(z)
    u, v, w = x - i, y - j, z - k
    u, v, w = u * u * (3 - 2 * u), v * v * (3 - 2 * v), w * w * (3 - 2 * w)
    a = hash3(i, j, k) * (1 - u) + hash3(i + 1, j, k) * u
    b = hash3(i, j + 1, k) * (1 - u) + hash3(i + 1, j + 1, k) * u
    c = hash3(i, j, k + 1) * (1 - u) + hash3(i + 1, j, k + 1) * u
    d = hash3(i, j + 1, k + 1) * (1 - u) + hash3(i + 1, j + 1, k + 1) * u
    return (a * (1 - v) + b * v) * (1 - w) + (c * (1 - v) + d * v) * w


@kernel
def fractal3(x, y, z):
    """Four octaves of noise3, about 0..1."""
    coarse = 0.5 * noise3(x, y, z) + 0.27 * noise3(2 * x + 5.1, 2 * y + 1.3, 2 * z + 7.7)
    return coarse + 0.15 * noise3(4 * x, 4 * y, 4 * z) + 0.08 * noise3(8 * x, 8 * y, 8 * z)
