"""Places by ray casting: a ground plane and boxes with computed textures, their shadows at the ground, and their depth (kernel)."""

import math

import numpy as np

from tools.world.kernels import kernel
from tools.world.noise import fractal3, hash3, noise3, smooth
from tools.world.shading import lit_share

ROUGH, TILES, BRICK, WINDOWS, LEAVES, PANELS, ROAD, WOOD, METAL, POSTER, WHEEL = range(11)


@kernel
def texture(kind, scale, u, v, height):
    """(share of the second colour, brightness) of a surface at (u, v) metres, `height` metres above the ground."""
    mixed, tone = 0.0, 1.0
    grain = 0.95 + 0.10 * hash3(int(u * 90), int(v * 90), 2)
    if kind == 0:
        tone = (0.82 + 0.36 * fractal3(u * 2, v * 2, 4.0)) * grain
        tone *= 1 - 0.25 * smooth(0.62, 0.75, fractal3(u * 0.6, v * 0.6, 9.0))
    elif kind == 1:
        a, b = u * scale - math.floor(u * scale), v * scale - math.floor(v * scale)
        mixed = 1.0 if a < 0.03 or b < 0.03 else 0.0
        tone = (0.92 + 0.14 * hash3(math.floor(u * scale), math.floor(v * scale), 9)) * grain
        tone *= 0.88 + 0.24 * fractal3(u * 0.8, v * 0.8, 2.0)
    elif kind == 2:
        row = math.floor(v * scale * 3)
        a, b = u * scale + 0.5 * (row & 1), v * scale * 3 - row
        mixed = 1.0 if a - math.floor(a) < 0.05 or b < 0.14 else 0.0
        tone = (0.78 + 0.35 * hash3(math.floor(a), row, 3)) * grain
    elif kind == 3:
        a, b = u * scale - math.floor(u * scale), v * scale * 0.8 - math.floor(v * scale * 0.8)
        if 0.22 < a < 0.8 and 0.28 < b < 0.86:
            mixed = 0.2 if abs(a - 0.51) < 0.02 else 1.0
            tone = 0.6 + 0.8 * noise3(u * 1.5 + v, v * 2, 5.0)
        else:
            tone = (0.85 + 0.3 * fractal3(u * 1.5, v * 1.5, 1.0)) * grain
    elif kind == 4:
        mixed = smooth(0.35, 0.65, fractal3(u * 4, v * 4, 7.0))
        tone = (0.70 + 0.6 * fractal3(u * 9, v * 9, 3.0)) * (0.85 + 0.3 * hash3(int(u * 55), int(v * 55), 5))
    elif kind == 5:
        mixed = 1.0 if u * scale - math.floor(u * scale) < 0.025 or height < 0.12 else 0.0
        tone = (0.95 + 0.08 * hash3(math.floor(u * scale), 1, 1)) * (0.92 + 0.16 * fractal3(u, v, 6.0))
    elif kind == 6:
        tone = (0.85 + 0.3 * fractal3(u * 3, v * 3, 4.0)) * grain
        dash = u * 0.25 - math.floor(u * 0.25)
        mixed = 0.85 if abs(v - scale) < 0.07 and dash < 0.6 else 0.0
        tone *= 1 - 0.3 * smooth(0.6, 0.72, fractal3(u * 0.4, v * 0.7, 8.0))
    elif kind == 7:
        mixed = noise3(u * 2, v * 26, 1.0) * 0.8
        tone = 0.9 + 0.2 * noise3(u * 7, v * 50, 2.0)
    elif kind == 8:
        tone = 0.8 + 0.5 * noise3(u * 0.8, v * 7, 2.0)
    elif kind == 9:
        mixed = 1.0 if fractal3(u * scale * 2, v * scale * 3, 6.0) > 0.52 else 0.0
        tone = 0.8 + 0.4 * hash3(int(u * scale * 3), int(v * scale * 4), 6)
    elif kind == 10:
        radius = math.sqrt((u - scale) ** 2 + (v - 0.3) ** 2)
        if radius < 0.30:
            tone = 6.0 if radius < 0.18 else 1.0
        else:
            mixed, tone = (1.0, 0.9) if v > 0.28 else (0.0, 0.7)
    return mixed, tone


@kernel
def nearest_box(boxes, o, dx, dy, dz, best):
    """(distance, box or -1, axis) of the first box that a ray meets before `best`."""
    hit, side = -1, 2
    for k in range(boxes.shape[0]):
        near, far, axis, meets = 0.0, best, -1, True
        for d in range(3):
            step = dx if d == 0 else (dy if d == 1 else dz)
            if abs(step) < 1e-9:
                step = 1e-9
            q, r = (boxes[k, d] - o[d]) / step, (boxes[k, 3 + d] - o[d]) / step
            if q > r:
                q, r = r, q
            if q > near:
                near, axis = q, d
            if r < far:
                far = r
            if near > far:
                meets = False
                break
        if meets and axis >= 0 and near < best:
            best, hit, side = near, k, axis
    return best, hit, side


@kernel
def grounded(x, y, feet):
    """How much light reaches the ground at (x, y) beside the feet (N, 3) that touch it."""
    open_ = 1.0
    for k in range(feet.shape[0]):
        away = (x - feet[k, 0]) ** 2 + (y - feet[k, 1]) ** 2
        open_ *= 1 - 0.6 * math.exp(-away / 0.0162) * feet[k, 2] - 0.28 * math.exp(-away / 0.125)
    return open_


@kernel
def facing(hit, side, dx, dy, dz):
    """Unit normal of what a ray in direction (dx, dy, dz) met: the ground, or side 0, 1, 2 of a box."""
    if hit < 0:
        return 0.0, 0.0, 1.0
    if side == 0:
        return (-1.0 if dx > 0 else 1.0), 0.0, 0.0
    if side == 1:
        return 0.0, (-1.0 if dy > 0 else 1.0), 0.0
    return 0.0, 0.0, (-1.0 if dz > 0 else 1.0)


@kernel
def cast(height, width, o, window, axes, boxes, surfaces, ground, sky, lamp, shadow, to_shadow, feet, look):
    """Linear colour (H, W, 3) float32 and depth (H, W) float32 of a place seen from `o` through `window` (u0, v0, du, dv).

    `axes` (3, 3): right, down, forward as columns. `boxes` (K, 6) low and high corners; `surfaces` (K, 8) and `ground` (8,):
    texture, two colours, scale. `lamp`: unit vector to the key light, its colour, light from everywhere. `feet` (N, 3): x, y, how
    firmly a foot touches. `look`: how much a full shadow takes, its radius, haze a metre, the clouds' seed.
    """
    light, key, ambient = lamp
    dark, soft, fog, seed = look
    rgb = np.zeros((height, width, 3), np.float32)
    depth = np.full((height, width), 1e9, np.float32)
    for y in range(height):
        for x in range(width):
            a, b = window[0] + (x + 0.5) * window[2], window[1] + (y + 0.5) * window[3]
            dx = axes[0, 0] * a + axes[0, 1] * b + axes[0, 2]
            dy = axes[1, 0] * a + axes[1, 1] * b + axes[1, 2]
            dz = axes[2, 0] * a + axes[2, 1] * b + axes[2, 2]
            floor = -o[2] / dz if dz < -1e-6 else 1e9
            best, hit, side = nearest_box(boxes, o, dx, dy, dz, floor)
            depth[y, x] = best
            if best > 1e8:
                rise, cloud = min(1.0, max(0.0, dz * 2.5)), fractal3(dx * 3 + seed, dz * 7, 1.0)
                for k in range(3):
                    rgb[y, x, k] = sky[k] * (1 - rise) + sky[3 + k] * rise + 0.25 * max(0.0, cloud - 0.5)
                continue
            px, py, pz = o[0] + dx * best, o[1] + dy * best, o[2] + dz * best
            m = ground if hit < 0 else surfaces[hit]
            normal = facing(hit, side, dx, dy, dz)
            u, v = (px, py) if abs(normal[2]) > 0.5 else ((py, pz) if abs(normal[0]) > 0.5 else (px, pz))
            apart = (
                0.0 if int(m[0]) == 10 else 3.7 * (hit + 1)
            )  # a wheel is drawn where it is, other textures differ by box
            mixed, tone = texture(int(m[0]), m[7], u + apart, v, pz)
            contact, lit = 0.72 + 0.28 * smooth(0.0, 1.2, pz), 1.0
            if hit < 0:
                sx = to_shadow[0, 0] * px + to_shadow[0, 1] * py + to_shadow[0, 2] * pz + to_shadow[0, 3]
                sy = to_shadow[1, 0] * px + to_shadow[1, 1] * py + to_shadow[1, 2] * pz + to_shadow[1, 3]
                sd = to_shadow[2, 0] * px + to_shadow[2, 1] * py + to_shadow[2, 2] * pz + to_shadow[2, 3]
                lit = 1 - dark * (1 - lit_share(shadow, sx, sy, sd, soft * 1.3, 0.02, 6.28 * hash3(x, y, 3)))
                contact = grounded(px, py, feet)
            direct = max(0.0, normal[0] * light[0] + normal[1] * light[1] + normal[2] * light[2]) * lit
            haze = 1 - math.exp(-best * fog)
            for k in range(3):
                albedo = (m[1 + k] * (1 - mixed) + m[4 + k] * mixed) * tone
                value = albedo * (key[k] * direct + ambient[k] * (0.8 + 0.2 * normal[2])) * contact
                rgb[y, x, k] = value * (1 - haze) + sky[k] * haze
    return rgb, depth
