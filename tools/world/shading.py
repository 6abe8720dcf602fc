"""Light on people: a key light with soft shadows, light from sky and ground, ambient occlusion, folds, gloss (kernel)."""

import math

import numpy as np

from tools.world.cloth import face_mix, fold_height, lie, mix_of, strapped
from tools.world.details import worked
from tools.world.kernels import kernel
from tools.world.materials import (
    BASE,
    DETAIL,
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


@kernel
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


@kernel
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
    if m[DETAIL] > 0:
        worked(int(m[DETAIL]), x, y, z, arm, out)
    if m[STRAP] > 0 and strapped(int(m[STRAP]), x, y, z, arm):
        label = 9
        for k in range(3):
            out[k] = m[STRAP_COLOUR + k]
    return label, mixed


@kernel
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


@kernel
def unit3(x, y, z):
    """The vector (x, y, z) at length 1."""
    length = math.sqrt(x * x + y * y + z * z) + 1e-9
    return x / length, y / length, z / length


@kernel
def between(values, a, b, c, q1, q2):
    """Rows a, b, c of (V, 3) mixed by barycentric weights."""
    q0 = 1 - q1 - q2
    return (
        q0 * values[a, 0] + q1 * values[b, 0] + q2 * values[c, 0],
        q0 * values[a, 1] + q1 * values[b, 1] + q2 * values[c, 1],
        q0 * values[a, 2] + q1 * values[b, 2] + q2 * values[c, 2],
    )


@kernel
def folded(m, normal, x, y, z, arm):
    """(unit normal tilted by the cloth's folds, how bright the fold is) at a rest point."""
    nx, ny, nz = normal
    frame, scale, seed, e = int(m[FRAME]), m[FOLD_SCALE], m[SEED], 0.2
    limb, skirt, waist = frame == 1 or arm > 0.5, frame == 2, 1 - smooth(1.0, 3.2, y)
    s, t = lie(frame, x, y, z, arm)
    h = fold_height(limb, skirt, waist, scale, seed, s, t)
    ds = m[FOLD] * (fold_height(limb, skirt, waist, scale, seed, s + e, t) - h) / e
    dt = m[FOLD] * (fold_height(limb, skirt, waist, scale, seed, s, t + e) - h) / e
    # tilt away from the slope: (-ny, nx, 0) runs round the body, n x that runs up it
    tilted = nx + dt * ny + ds * nz * nx, ny - dt * nx + ds * nz * ny, nz - ds * (nx * nx + ny * ny)
    return unit3(tilted[0], tilted[1], tilted[2]), 0.94 + 0.12 * h


@kernel
def lit_by(shadow, to_shadow, point, normal, light, dark, soft, turn):
    """Share 0..1 of the key light that a surface point gets past everything else."""
    if normal[0] * light[0] + normal[1] * light[1] + normal[2] * light[2] <= -0.2:
        return 1.0
    x, y, z = point[0] + 0.03 * normal[0], point[1] + 0.03 * normal[1], point[2] + 0.03 * normal[2]
    sx = to_shadow[0, 0] * x + to_shadow[0, 1] * y + to_shadow[0, 2] * z + to_shadow[0, 3]
    sy = to_shadow[1, 0] * x + to_shadow[1, 1] * y + to_shadow[1, 2] * z + to_shadow[1, 3]
    sd = to_shadow[2, 0] * x + to_shadow[2, 1] * y + to_shadow[2, 2] * z + to_shadow[2, 3]
    return 1 - dark * (1 - lit_share(shadow, sx, sy, sd, soft, 0.045, turn))


@kernel
def shade(tri, wts, depth, show, mesh, surface, eye, lamp, shadow, to_shadow, lens):
    """Linear colour (H, W, 3) float32 and labels (H, W) uint8 of every subpixel that shows a triangle where `show`.

    `mesh`: faces, points, normals, rest, arm shares, tints, uv. `surface`: materials (M, 25), rows (F,). `lamp`: unit vector to
    the key light, its colour, light from above, light from below. `lens`: subpixels a unit of the image plane, how much a full
    shadow takes, its radius on the shadow map.
    """
    faces, points, normals, rest, arms, tints, uv = mesh
    mat, mat_of = surface
    light, key, sky, earth = lamp
    focal, dark, soft = lens
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
            a, b, c = faces[t, 0], faces[t, 1], faces[t, 2]
            point, where = between(points, a, b, c, q1, q2), between(rest, a, b, c, q1, q2)
            tint, normal = between(tints, a, b, c, q1, q2), between(normals, a, b, c, q1, q2)
            arm = q0 * arms[a] + q1 * arms[b] + q2 * arms[c]
            u = q0 * uv[t, 0, 0] + q1 * uv[t, 1, 0] + q2 * uv[t, 2, 0]
            v = q0 * uv[t, 0, 1] + q1 * uv[t, 1, 1] + q2 * uv[t, 2, 1]
            m = mat[mat_of[t]]
            labels[y, x], mixed = paint(m, where[0], where[1], where[2], arm, u, v, out)
            n = unit3(normal[0], normal[1], normal[2])
            view = unit3(eye[0] - point[0], eye[1] - point[1], eye[2] - point[2])
            inside = n[0] * view[0] + n[1] * view[1] + n[2] * view[2] < 0
            if inside:
                n = -n[0], -n[1], -n[2]
            worn = 1.0
            if m[FOLD] > 0:
                n, worn = folded(m, n, where[0], where[1], where[2], arm)
            ao = 1 - 0.62 * occlusion(depth, x, y, 0.11 * focal / depth[y, x], 1)
            ao *= (0.78 + 0.22 * smooth(0.0, 0.5, point[2])) * (0.75 if inside else 1.0)
            lit = lit_by(shadow, to_shadow, point, n, light, dark, soft, 6.28 * hash3(x, y, 3))
            nl = n[0] * light[0] + n[1] * light[1] + n[2] * light[2]
            diffuse, up = max(0.0, (nl + 0.3) / 1.3) * lit, 0.5 + 0.5 * n[2]
            half = unit3(light[0] + view[0], light[1] + view[1], light[2] + view[2])
            shine = max(0.0, n[0] * half[0] + n[1] * half[1] + n[2] * half[2])
            gloss = m[GLOSS] * shine**24 * lit * (1.0 if nl > 0 else 0.0)
            rim = (1 - max(0.0, n[0] * view[0] + n[1] * view[1] + n[2] * view[2])) ** 3 * 0.10
            for k in range(3):
                albedo = out[k] * tint[k] * worn
                if int(m[PATTERN]) == 14:
                    albedo = m[BASE + k] * tint[k] * (1 - mixed) + m[SECOND + k] * mixed
                ambient = (sky[k] * up + earth[k] * (1 - up)) * ao
                light_k = key[k] * diffuse * (0.55 + 0.45 * ao) + ambient
                rgb[y, x, k] = albedo * light_k + gloss * key[k] + rim * ambient * albedo
    return rgb, labels
