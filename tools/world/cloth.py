"""Patterns that follow the cloth: where a point lies on the garment, and what colour its pattern has there (kernels).

Rest positions are MakeHuman's: decimetres, x to the person's left, y up from the navel, z forward.
"""

import math

from tools.world.kernels import kernel
from tools.world.materials import AMOUNT, FRAME, PATTERN, SCALE, SEED, SHAPE, THIRD
from tools.world.noise import fractal3, hash3, noise3, smooth


@kernel
def ellipse_arc(a, b, angle):
    """Length along an ellipse from its front, to first order: exact steps `a` at the front and `b` at the side."""
    return 0.5 * (a + b) * angle + 0.25 * (a - b) * math.sin(2 * angle)


@kernel
def along_arm(x, y, z):
    """Decimetres from the shoulder along an arm."""
    return 0.62 * (abs(x) - 1.55) - 0.75 * (y - 5.35) + 0.22 * z


@kernel
def beside_leg(x, y):
    """Decimetres outwards from the middle of a leg."""
    return abs(x) - (1.1 + max(0.0, -0.38 - y) * 0.143)


@kernel
def lie(frame, x, y, z, arm):
    """(s, t) in decimetres: s along the limb or up the trunk, t round it.

    Over the shoulders s goes on along the cloth to the ridge, as a printed panel does; sleeves are set in, with a seam.
    """
    if frame == 1:
        return y, 0.8 * math.atan2(beside_leg(x, y), z - 0.15)
    if frame == 2:
        return y, ellipse_arc(1.9, 1.4, math.atan2(x / 1.9, (z - 0.15) / 1.4))
    if frame == 3:
        return y, x
    if arm > 0.5:
        across, down = abs(x) - 1.55, y - 5.35
        along = 0.62 * across - 0.75 * down + 0.22 * z
        axis = 0.1 + 0.17 * along + 0.6 * max(0.0, along - 2.9)
        return 5.35 - along, 0.5 * math.atan2(0.77 * across + 0.63 * down, z - axis)
    over = smooth(4.4, 5.4, y)
    rise = 1.0 - abs(z - 0.1) if z > 0.1 else 0.95 - abs(z - 0.1)
    arc = ellipse_arc(1.75, 1.25, math.atan2(x / 1.75, (z - 0.25) / 1.25))
    flat = smooth(1.5, 4.6, y)
    return y + 0.8 * over * rise, arc * (1 - flat) + x * flat


@kernel
def _stripe(value, share):
    return 1.0 if value - math.floor(value) < share else 0.0


@kernel
def _logo(m, x, y, z, arm):
    """One of four marks on the chest."""
    if z < 0.3 or arm > 0.3:
        return 0.0
    dx, dy, size, shape = abs(x), abs(y - 3.9), m[AMOUNT], int(m[SHAPE])
    radius = math.sqrt(dx * dx + dy * dy)
    if shape == 0:
        return 1.0 if radius < size else 0.0
    if shape == 1:
        return 1.0 if dx < size * 1.5 and dy < size * 0.5 else 0.0
    if shape == 2:
        return 1.0 if dx + dy < size * 1.25 else 0.0
    return 1.0 if size * 0.6 < radius < size else 0.0


@kernel
def _blossom(s, t, scale, seed):
    """Flowers on a jittered grid: 1 petals, 2 leaves, 0 ground."""
    u, v = s * scale, t * scale
    best = 0.0
    for i in range(-1, 2):
        for j in range(-1, 2):
            a, b = math.floor(u) + i, math.floor(v) + j
            du = u - a - 0.2 - 0.6 * hash3(a, b, int(seed))
            dv = v - b - 0.2 - 0.6 * hash3(b, a, int(seed) + 7)
            radius, angle = math.sqrt(du * du + dv * dv), math.atan2(du, dv)
            petals = 0.30 * (0.75 + 0.25 * math.cos(5 * angle))
            if radius < petals:
                best = 1.0
            elif (
                best == 0.0
                and radius < 0.45
                and hash3(a, b, 3) < 0.6
                and math.cos(angle * 2 + 6 * hash3(a, b, 4)) > 0.8
            ):
                best = 2.0
    return best


@kernel
def mix_of(m, x, y, z, arm, u, v):
    """How much of the second colour shows at a rest point: 0..1, or 2 for the third colour."""
    kind, scale, amount = int(m[PATTERN]), m[SCALE], m[AMOUNT]
    s, t = lie(int(m[FRAME]), x, y, z, arm)
    mixed = 0.0
    if kind == 1:
        mixed = _stripe(s * scale, amount)
    elif kind == 2:
        mixed = _stripe(t * scale, amount)
    elif kind == 3:
        mixed = 0.5 * (_stripe(s * scale, amount) + _stripe(t * scale, amount))
    elif kind == 4:
        row = math.floor(s * scale)
        a, b = s * scale - row - 0.5, t * scale + 0.5 * (int(row) & 1)
        b -= math.floor(b) + 0.5
        mixed = 1.0 if a * a + b * b < amount * amount else 0.0
    elif kind == 5:
        mixed = _logo(m, x, y, z, arm)
    elif kind == 6:
        mixed = 1.0 if arm > 0.5 else 0.0
    elif kind == 7:
        mixed = 1.0 if z > 0.3 and arm < 0.4 and abs(x) < amount + 0.10 * (y - 2.0) else 0.0
    elif kind == 8:
        n = fractal3(s * scale * 1.3 + m[SEED], t * scale * 1.3, 0.5)
        mixed = 1.0 if n > 0.55 else (2.0 if n < 0.42 else 0.0)
    elif kind == 9:
        mixed = 1.0 if s < amount else 0.0
    elif kind == 10:
        mixed = 1.0 if amount - 0.55 < s < amount + 0.55 else 0.0
    elif kind == 11:
        mixed = 1.0 if abs(z - 0.15) < 0.17 and beside_leg(x, y) > 0 else 0.0
    elif kind == 12:
        mixed = _blossom(s, t, scale, m[SEED])
    elif kind == 13:
        mixed = 0.6 * noise3(u * 60 + m[SEED], v * 3.0, 1.0) + 0.4 * noise3(u * 140, v * 5, 2.0)
    elif kind == 15:
        mixed = 1.0 if y < amount else 0.0
    return mixed


@kernel
def face_mix(m, x, y, z):
    """How much of the second colour (brows, frames of glasses) covers the face at a rest point."""
    ax, mixed = abs(x), 0.0
    if z > 0.9 and 7.2 < y < 7.9 and 0.09 < ax < 0.56:
        middle = 7.50 + m[SCALE] + 0.045 * smooth(0.09, 0.36, ax) - 0.10 * smooth(0.36, 0.56, ax)
        thick = m[AMOUNT] * (1 - 0.6 * smooth(0.30, 0.58, ax))
        mixed = m[THIRD] * (1 - smooth(thick * 0.6, thick * 1.25, abs(y - middle)))
    if m[THIRD + 1] > 0 and z > 0.75 and 6.9 < y < 7.7:
        rx, ry = (ax - 0.33) / 1.25, y - 7.25
        ring = math.sqrt(rx * rx + ry * ry)
        bridge, temple = ax < 0.09 and abs(ry - 0.06) < 0.03, ax > 0.58 and abs(ry - 0.08) < 0.03
        if abs(ring - 0.205) < 0.030 or bridge or temple:
            mixed = 1.0
    return mixed


@kernel
def strapped(kind, x, y, z, arm):
    """Whether a backpack's straps (1) or a bag's sling (2) lie over a rest point of the upper garment."""
    if arm > 0.3:
        return False
    if kind == 1:
        return z > -0.4 and y > 2.4 and abs(abs(x) - (0.78 + 0.04 * y)) < 0.15
    if kind == 2:
        return y > 0.2 and abs(x * 0.86 - (y - 2.9) * 0.42) < 0.13
    return False


@kernel
def fold_height(limb, skirt, waist, scale, seed, s, t):
    """Height 0..1 of the cloth's folds at (s, t): across the limbs, down skirts, down the trunk and slanting at the waist."""
    if limb:
        return 0.75 * noise3(s * 1.15 * scale + 0.9 * t + seed, t * 1.1 * scale, seed * 0.37)
    if skirt:
        return noise3(s * 0.16 * scale + seed, t * 1.9 * scale, seed * 0.37)
    return noise3(s * (0.5 + 0.9 * waist) * scale + 0.55 * t + seed, t * (1.25 - 0.5 * waist) * scale, seed * 0.37)
