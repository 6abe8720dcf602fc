"""What tells one garment from another at a glance: denim's fading, creases, hoods, ribs, collars, quilting (kernel).

Shapes alone do not: on a crop of 128x256 a hoodie's mesh is a sweater's, and a pair of jeans has the outline of any trousers.
Rest positions as in `cloth`: decimetres, x to the person's left, y up from the navel, z forward; a pixel shows 7 mm or so.
"""

import math

from tools.world.cloth import along_arm, beside_leg
from tools.world.kernels import kernel
from tools.world.materials import Detail
from tools.world.noise import smooth


@kernel
def _bump(value, middle, half):
    """1 at the middle, falling to 0 at `half` from it."""
    d = abs(value - middle) / half
    return 0.0 if d > 1 else 1 - d * d * (3 - 2 * d)


@kernel
def _near_line(x, y, ax, ay, bx, by):
    """Distance of (x, y) from the stretch between two points."""
    dx, dy = bx - ax, by - ay
    share = min(1.0, max(0.0, ((x - ax) * dx + (y - ay) * dy) / (dx * dx + dy * dy)))
    px, py = x - ax - share * dx, y - ay - share * dy
    return math.sqrt(px * px + py * py)


@kernel
def _denim(x, y, z):
    """Faded thighs, knees and seat; dark outer seams; turned-up hems."""
    ax = abs(x)
    side = ax - (1.1 + max(0.0, -0.38 - y) * 0.143)
    ahead = (z - 0.15) / (math.sqrt(side * side + (z - 0.15) * (z - 0.15)) + 1e-6)
    light = smooth(0.0, 0.8, ahead) * max(_bump(y, -2.2, 1.9), 0.8 * _bump(y, -4.7, 0.8))
    light = max(light, 0.8 * smooth(0.0, 0.8, -ahead) * max(_bump(y, -1.0, 0.9), 0.6 * _bump(y, -5.6, 1.4)))
    dark = 0.5 if abs(ahead) < 0.16 and side > 0 else 0.0
    if z > 0.3 and _near_line(ax, y, 0.75, 0.35, 1.6, -0.6) < 0.09:
        dark = 0.5
    if z < 0 and 0.3 < ax < 1.45 and -1.5 < y < -0.3 and not (0.42 < ax < 1.33 and -1.38 < y < -0.42):
        dark = 0.5
    if y < -6.9:
        dark, light = 0.0, 1.0
        if y > -7.0:
            dark, light = 0.6, 0.0
    return light, dark


@kernel
def _creased(x, y, z):
    """A pressed crease down the front and the back of each leg: one side in the light, one in the shade."""
    off = beside_leg(x, y)
    if y > 0.2 or y < -7.6 or abs(off) > 0.2 or abs(z - 0.15) < 0.35:
        return 0.0, 0.0
    return (0.35, 0.0) if off > 0 else (0.0, 0.4)


@kernel
def _hooded(x, y, z, arm, along):
    """A pouch on the belly, two cords on the chest, a hood on the back; ribs at hem and cuffs."""
    ax = abs(x)
    if arm > 0.5:
        return 0.0, 0.35 if along > 5.3 else 0.0
    if y < 0.15:
        return 0.0, 0.35
    if z > 0.2:
        if 0.16 < ax < 0.34 and 3.3 < y < 5.2:
            return 2.0, 0.0
        wide = 1.25 if y < 1.2 else 1.25 - 0.75 * (y - 1.2)
        if 0.35 < y < 2.0 and ax < wide:
            edge = y > 1.87 or y < 0.47 or ax > wide - 0.16
            return 0.0, 0.6 if edge else 0.12
    elif y > 3.9:
        sag = 4.05 + 0.55 * ax * ax
        if y > sag and ax < 1.25:
            return 0.0, 0.65 if y < sag + 0.24 else 0.18
    return 0.0, 0.0


@kernel
def _knitted(x, y, z, arm, along):
    """Ribs round the knit, a cable on either side of the chest; wide ribbed bands at hem, cuffs and neck."""
    if (arm > 0.5 and along > 5.2) or (arm < 0.5 and y < 0.45) or y > 5.75:
        return 0.0, 0.38
    s = along if arm > 0.5 else y
    wave = 0.5 + 0.5 * math.sin(2 * math.pi * s / 0.42)
    if arm < 0.5 and abs(abs(x) - 0.62) < 0.22:
        twist = 0.62 + 0.16 * math.sin(2 * math.pi * y / 0.8)
        return (0.22, 0.0) if abs(abs(x) - twist) < 0.1 else (0.0, 0.35)
    return 0.0, 0.26 * wave


@kernel
def _collared(x, y, z, arm, along):
    """A shirt's collar and chest pocket in front, its yoke behind, its cuffs."""
    ax = abs(x)
    if arm > 0.5:
        return 0.0, 0.4 if 5.0 < along < 5.15 else 0.0
    if z > 0.2:
        if _near_line(ax, y, 0.0, 4.55, 0.62, 4.75) < 0.09 or _near_line(ax, y, 0.62, 4.75, 0.55, 5.6) < 0.09:
            return 0.0, 0.6
        if 0.35 < x < 1.15 and 3.2 < y < 4.1 and not (0.47 < x < 1.03 and 3.32 < y < 3.98):
            return 0.0, 0.45
    elif abs(y - 4.3) < 0.08:
        return 0.0, 0.5
    return 0.0, 0.0


@kernel
def _polo(x, y, z, arm, along):
    """A short placket with a flat collar, bands at the sleeves."""
    ax = abs(x)
    if arm > 0.5:
        return (2.0, 0.0) if 1.7 < along < 2.0 else (0.0, 0.0)
    if z > 0.2:
        if ax < 0.09 and 4.1 < y < 5.15:
            return 0.0, 0.65
        if _near_line(ax, y, 0.12, 5.05, 0.7, 5.4) < 0.12:
            return 2.0, 0.0
    if y > 5.5 and ax < 0.8:
        return 2.0, 0.0
    return 0.0, 0.0


@kernel
def _trimmed(x, y, z, arm, along):
    """A top's trim in another tone round neck and armholes."""
    if (arm > 0.5 and along > 0.15) or (arm < 0.5 and y > 5.35 and abs(x) < 0.9):
        return 2.0, 0.0
    return 0.0, 0.0


@kernel
def _quilted(x, y, z, arm, along):
    """Stitched across every eight centimetres, puffed between."""
    s = along if arm > 0.5 else y
    place = s / 0.8 - math.floor(s / 0.8)
    return (0.25 * _bump(place, 0.6, 0.3), 0.0) if place > 0.2 else (0.0, 0.55)


@kernel
def _banded(x, y, z, arm, along):
    """A jacket's knitted bands at hem and cuffs, and slanted pockets."""
    ax = abs(x)
    if (arm > 0.5 and along > 5.2) or (arm < 0.5 and y < 0.35):
        return 0.0, 0.55
    if arm < 0.5 and z > 0.0 and _near_line(ax, y, 0.75, 1.7, 1.15, 0.75) < 0.1:
        return 0.0, 0.6
    return 0.0, 0.0


@kernel
def _tailored(x, y, z, arm, along):
    """A coat's or suit's lapels and pocket flaps."""
    ax = abs(x)
    if arm < 0.5 and z > 0.1:
        outer = _near_line(ax, y, 0.15, 2.3, 0.95, 4.3) < 0.09 or _near_line(ax, y, 0.95, 4.3, 0.55, 4.6) < 0.09
        flap = 0.7 < ax < 1.5 and 0.55 < y < 0.75
        return 0.0, 0.5 if outer or flap else 0.0
    if arm < 0.5 and ax < 0.06 and y < 1.6:
        return 0.0, 0.5  # the vent
    return 0.0, 0.0


@kernel
def _gathered(x, y, z, arm, along):
    """A blouse's pleats below the neck, in front."""
    if arm < 0.5 and z > 0.2 and 2.6 < y < 5.1 and abs(x) < 0.66:
        place = abs(x) / 0.22 - math.floor(abs(x) / 0.22)
        return (0.25, 0.0) if place > 0.5 else (0.0, 0.3)
    return 0.0, 0.0


@kernel
def detailed(kind, x, y, z, arm):
    """(light, dark): shares 0..1 by which the cloth is lightened and darkened at a rest point; light 2: in a contrasting tone."""
    along = along_arm(x, y, z)
    if kind == Detail.DENIM:
        return _denim(x, y, z)
    if kind == Detail.CREASED:
        return _creased(x, y, z)
    if kind == Detail.HOODED:
        return _hooded(x, y, z, arm, along)
    if kind == Detail.KNITTED:
        return _knitted(x, y, z, arm, along)
    if kind == Detail.COLLARED:
        return _collared(x, y, z, arm, along)
    if kind == Detail.POLO:
        return _polo(x, y, z, arm, along)
    if kind == Detail.QUILTED:
        return _quilted(x, y, z, arm, along)
    if kind == Detail.BANDED:
        return _banded(x, y, z, arm, along)
    if kind == Detail.TAILORED:
        return _tailored(x, y, z, arm, along)
    if kind == Detail.GATHERED:
        return _gathered(x, y, z, arm, along)
    if kind == Detail.TRIMMED:
        return _trimmed(x, y, z, arm, along)
    if kind == Detail.CUFFED:  # ribbed ankles below a thin band
        return (2.0, 0.0) if -7.0 < y < -6.8 else (0.0, 0.45 if y < -6.8 else 0.0)
    return 0.0, 0.0


@kernel
def worked(kind, x, y, z, arm, out):
    """Put the details of a kind of garment into its albedo `out`."""
    light, dark = detailed(kind, x, y, z, arm)
    if light > 1.5:
        tone = 0.8 if out[0] + out[1] + out[2] < 0.9 else 0.06
        for k in range(3):
            out[k] = tone
        return
    for k in range(3):
        faded = min(0.92, out[k] * 1.5 + 0.13)
        out[k] = (out[k] + 0.6 * light * (faded - out[k])) * (1 - dark)
