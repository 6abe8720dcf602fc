"""Light on people: a key light with soft shadows, light from sky and ground, ambient occlusion, folds, gloss (kernel)."""

import math

import numpy as np
from numba import njit

from tools.world.cloth import face_mix, fold_height, lie, mix_of, strapped
from tools.world.materials import (
    BASE,
    FOLD,
    FOLD_SCALE,
    FRAME,
    GLOSS,
    LABEL,
    PATTERN,
    PLACKET,
    SECOND,
    SEED,
    STRAP,
    STRAP_COLOUR,
    THIRD,
)
from tools.world.noise import hash3, smooth


@njit(cache=True, fastmath=True)
def lit_share(shadow, x, y, depth, radius, slack, turn):
    """Share 0..1 of a disc of the shadow map that is lit, by twelve taps on a spiral."""
    height, width = shadow.shape
    lit = 0.0
    for k in range(12):
        r = radius * math.sqrt((k + 0.5) / 12.0)
        angle = 2.39996 * k + turn
        i, j = int(y + r * math.sin(angle)), int(x + r * math.cos(angle))
        if i < 0 or j < 0 or i >= height or j >= width or shadow[i, j] > depth - slack:
            lit += 1.0
    return lit / 12.0


@njit(cache=True, fastmath=True)
def paint(m, x, y, z, arm, u, v, out):
    """Albedo of a rest point into `out`; returns (its label, share of the second colour)."""
    kind, label = int(m[PATTERN]), int(m[LABEL])
    mixed = 0.0
    if kind == 14:
        mixed = face_mix(m, x, y, z)
    elif kind > 0:
        mixed = mix_of(m, x, y, z, arm, u, v)
    for k in range(3):
        out[k] = m[THIRD + k] if mixed > 1.5 else m[BASE + k] * (1 - mixed) + m[SECOND + k] * mixed
    if m[PLACKET] > 0 and z > 0.2 and arm < 0.3 and abs(x) < 0.05:
        for k in range(3):
            out[k] *= 0.6
    if m[STRAP] > 0 and strapped(int(m[STRAP]), x, y, z, arm):
        label = 9
        for k in range(3):
            out[k] = m[STRAP_COLOUR + k]
    return label, mixed


@njit(cache=True, fastmath=True)
def occlusion(depth, x, y, reach, seed):
    """Share 0..1 of the neighbourhood that stands in front of a subpixel (screen-space ambient occlusion)."""
    height, width = depth.shape
    here, hidden = depth[y, x], 0.0
    turn = 6.28 * hash3(x, y, seed)
    for k in range(12):
        r = reach * math.sqrt((k + 0.5) / 12.0)
        angle = 2.39996 * k + turn
        i, j = int(y + r * math.sin(angle)), int(x + r * math.cos(angle))
        if i < 0 or j < 0 or i >= height or j >= width:
            continue
        step = here - depth[i, j]
        if 0.012 < step < 0.45:
            hidden += 1.0 if step < 0.12 else (0.45 - step) / 0.33
    return hidden / 12.0


@njit(cache=True, fastmath=True)
def shade(tri, wts, depth, show, f, pos, nrm, rest, arms, tint, uv, mat, mat_of, eye, light, key, sky, earth, shadow, to_shadow,
          focal, dark, soft):  # fmt: skip
    """Linear colour (H, W, 3) float32 and labels (H, W) uint8 of every subpixel that shows a triangle where `show`.

    `light` is the unit vector to the key light of colour `key`; `sky` and `earth` light from above and below; `dark` is how
    much a full shadow takes, `soft` its radius on the shadow map, `focal` subpixels a unit of the image plane.
    """
    height, width = tri.shape
    rgb = np.zeros((height, width, 3), np.float32)
    labels = np.zeros((height, width), np.uint8)
    out = np.zeros(3)
    for y in range(height):
        for x in range(width):
            t = tri[y, x]
            if t < 0 or not show[y, x]:
                continue
            q1, q2 = wts[y, x, 0], wts[y, x, 1]
            q0 = 1 - q1 - q2
            a, b, c = f[t, 0], f[t, 1], f[t, 2]
            px = q0 * pos[a, 0] + q1 * pos[b, 0] + q2 * pos[c, 0]
            py = q0 * pos[a, 1] + q1 * pos[b, 1] + q2 * pos[c, 1]
            pz = q0 * pos[a, 2] + q1 * pos[b, 2] + q2 * pos[c, 2]
            nx = q0 * nrm[a, 0] + q1 * nrm[b, 0] + q2 * nrm[c, 0]
            ny = q0 * nrm[a, 1] + q1 * nrm[b, 1] + q2 * nrm[c, 1]
            nz = q0 * nrm[a, 2] + q1 * nrm[b, 2] + q2 * nrm[c, 2]
            rx = q0 * rest[a, 0] + q1 * rest[b, 0] + q2 * rest[c, 0]
            ry = q0 * rest[a, 1] + q1 * rest[b, 1] + q2 * rest[c, 1]
            rz = q0 * rest[a, 2] + q1 * rest[b, 2] + q2 * rest[c, 2]
            arm = q0 * arms[a] + q1 * arms[b] + q2 * arms[c]
            u = q0 * uv[t, 0, 0] + q1 * uv[t, 1, 0] + q2 * uv[t, 2, 0]
            v = q0 * uv[t, 0, 1] + q1 * uv[t, 1, 1] + q2 * uv[t, 2, 1]
            m = mat[mat_of[t]]
            label, mixed = paint(m, rx, ry, rz, arm, u, v, out)
            labels[y, x] = label
            length = math.sqrt(nx * nx + ny * ny + nz * nz) + 1e-9
            nx, ny, nz = nx / length, ny / length, nz / length
            vx, vy, vz = eye[0] - px, eye[1] - py, eye[2] - pz
            length = math.sqrt(vx * vx + vy * vy + vz * vz)
            vx, vy, vz = vx / length, vy / length, vz / length
            inside = nx * vx + ny * vy + nz * vz < 0
            if inside:
                nx, ny, nz = -nx, -ny, -nz
            worn = 1.0
            if m[FOLD] > 0 and mixed < 2.5:
                frame, scale, seed, e = int(m[FRAME]), m[FOLD_SCALE], m[SEED], 0.2
                limb, skirt, waist = frame == 1 or arm > 0.5, frame == 2, 1 - smooth(1.0, 3.2, ry)
                s, r = lie(frame, rx, ry, rz, arm)
                h = fold_height(limb, skirt, waist, scale, seed, s, r)
                ds = m[FOLD] * (fold_height(limb, skirt, waist, scale, seed, s + e, r) - h) / e
                dt = m[FOLD] * (fold_height(limb, skirt, waist, scale, seed, s, r + e) - h) / e
                # tilt away from the slope: (-ny, nx, 0) runs round the body, n x that runs up it
                nx, ny, nz = nx + dt * ny + ds * nz * nx, ny - dt * nx + ds * nz * ny, nz - ds * (nx * nx + ny * ny)
                length = math.sqrt(nx * nx + ny * ny + nz * nz) + 1e-9
                nx, ny, nz = nx / length, ny / length, nz / length
                worn = 0.94 + 0.12 * h
            ao = 1 - 0.62 * occlusion(depth, x, y, 0.11 * focal / depth[y, x], 1)
            ao *= 0.78 + 0.22 * smooth(0.0, 0.5, pz)
            if inside:
                ao *= 0.75
            nl = nx * light[0] + ny * light[1] + nz * light[2]
            ox, oy, oz = px + 0.03 * nx, py + 0.03 * ny, pz + 0.03 * nz
            sx = to_shadow[0, 0] * ox + to_shadow[0, 1] * oy + to_shadow[0, 2] * oz + to_shadow[0, 3]
            sy = to_shadow[1, 0] * ox + to_shadow[1, 1] * oy + to_shadow[1, 2] * oz + to_shadow[1, 3]
            sd = to_shadow[2, 0] * ox + to_shadow[2, 1] * oy + to_shadow[2, 2] * oz + to_shadow[2, 3]
            lit = 1.0
            if nl > -0.2:
                lit = 1 - dark * (1 - lit_share(shadow, sx, sy, sd, soft, 0.045, 6.28 * hash3(x, y, 3)))
            diffuse = max(0.0, (nl + 0.3) / 1.3) * lit
            up = 0.5 + 0.5 * nz
            hx, hy, hz = light[0] + vx, light[1] + vy, light[2] + vz
            length = math.sqrt(hx * hx + hy * hy + hz * hz) + 1e-9
            half = max(0.0, (nx * hx + ny * hy + nz * hz) / length)
            gloss = m[GLOSS] * half**24 * lit * (1.0 if nl > 0 else 0.0)
            rim = (1 - max(0.0, nx * vx + ny * vy + nz * vz)) ** 3 * 0.10
            for k in range(3):
                tone = q0 * tint[a, k] + q1 * tint[b, k] + q2 * tint[c, k]
                albedo = out[k] * tone * worn
                if int(m[PATTERN]) == 14:
                    albedo = m[BASE + k] * tone * (1 - mixed) + m[SECOND + k] * mixed
                ambient = (sky[k] * up + earth[k] * (1 - up)) * ao
                light_k = key[k] * diffuse * (0.55 + 0.45 * ao) + ambient
                rgb[y, x, k] = albedo * light_k + gloss * key[k] + rim * ambient * albedo
    return rgb, labels
