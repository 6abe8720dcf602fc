"""Things MakeHuman has no mesh for: backpacks, shoulder bags, scarves, beanies, caps; shapes hung on the base body."""

import numpy as np

from tools.world.body import Template
from tools.world.meshes import Cloth, hung_skin


def hat_line(rest: np.ndarray) -> np.ndarray:
    """Height of the brim of caps and beanies at rest points (V, 3): low at the nape, high over the forehead."""
    return 7.05 + 0.45 * np.clip(rest[:, 2] + 0.4, 0, None)


def grid_faces(rows: int, columns: int, *, closed: bool) -> np.ndarray:
    """(F, 3) triangles of a grid of rows x columns vertices; `closed` joins the last column to the first."""
    row, column = np.meshgrid(np.arange(rows - 1), np.arange(columns if closed else columns - 1), indexing="ij")
    a, b = row * columns + column, row * columns + (column + 1) % columns
    return np.concatenate([np.stack([a, b, a + columns], -1), np.stack([b, b + columns, a + columns], -1)]).reshape(
        -1, 3
    )


def pillow(
    size: tuple[float, float, float], centre: tuple[float, float, float], square: float
) -> tuple[np.ndarray, np.ndarray]:
    """Points and faces of a superellipsoid with half axes `size`; `square` near 0 is a box, 1 an ellipsoid."""
    turn, tilt = np.meshgrid(np.linspace(0, 2 * np.pi, 28, endpoint=False), np.linspace(-np.pi / 2, np.pi / 2, 16))

    def power(wave: np.ndarray) -> np.ndarray:
        return np.sign(wave) * np.abs(wave) ** square

    x, y, z = power(np.cos(tilt)) * power(np.cos(turn)), power(np.sin(tilt)), power(np.cos(tilt)) * power(np.sin(turn))
    return np.stack([x, y, z], -1).reshape(-1, 3) * size + centre, grid_faces(16, 28, closed=True)


def hung(template: Template, points: np.ndarray, faces: np.ndarray, *, near: np.ndarray, rigid: bool) -> Cloth:
    """Cloth of `points` on the nearest of the body vertices `near`; `rigid` moves it as one piece."""
    from scipy.spatial import cKDTree

    base = template.base.points
    _, index = cKDTree(base[near]).query(points, k=3)
    anchors, weights = near[index], np.full((len(points), 3), 1 / 3)
    skin = hung_skin(template.skin, anchors, weights)
    if rigid:
        skin = np.repeat(skin.mean(0, keepdims=True), len(points), 0)
        anchors = np.repeat(near[cKDTree(base[near]).query(points.mean(0), k=3)[1]][None], len(points), 0)
    offsets = points - np.einsum("vk,vkc->vc", weights, base[anchors])
    uv = np.zeros((len(faces), 3, 2))
    return Cloth(faces, uv, anchors, weights, offsets, {}, np.zeros(0, int), points, skin.astype(np.float32))


def _body_vertices(template: Template, low: tuple[float, float, float], high: tuple[float, float, float]) -> np.ndarray:
    """Vertices of the body's own surface inside a box (decimetres)."""
    used = np.unique(template.base.faces[template.shown])
    inside = (template.base.points[used] > low).all(1) & (template.base.points[used] < high).all(1)
    return used[inside]


def backpack(template: Template) -> Cloth:
    """A day pack on the back with a front pocket."""
    body, faces = pillow((1.12, 1.5, 0.55), (0, 3.75, -1.15), 0.42)
    pocket, more = pillow((0.85, 0.62, 0.22), (0, 3.1, -1.70), 0.4)
    near = _body_vertices(template, (-0.9, 2.5, -2), (0.9, 5.3, 0))
    points = np.concatenate([body, pocket])
    return hung(template, points, np.concatenate([faces, more + len(body)]), near=near, rigid=True)


def shoulder_bag(template: Template) -> Cloth:
    """A bag at the right hip, on a sling over the left shoulder (the sling is drawn on the upper garment)."""
    points, faces = pillow((0.30, 0.85, 1.05), (-2.35, -0.45, 0.25), 0.42)
    near = _body_vertices(template, (-2, -0.6, -1), (-1, 1.2, 1.2))
    return hung(template, points, faces, near=near, rigid=True)


def scarf(template: Template) -> Cloth:
    """A thick ring round the neck and a tail down the chest."""
    turn, tube = np.meshgrid(np.linspace(0, 2 * np.pi, 36, endpoint=False), np.linspace(0, 2 * np.pi, 12))
    swell = 1 + 0.12 * np.sin(3 * turn + 1) + 0.06 * np.sin(7 * turn)
    out = 0.26 * swell * np.cos(tube)
    x, z = (0.80 + out) * np.sin(turn), 0.42 + (0.80 + out) * np.cos(turn)
    y = 5.98 - 0.30 * np.cos(turn) + 0.36 * swell * np.sin(tube)
    ring = np.stack([x, y, z], -1).reshape(-1, 3)
    near = _body_vertices(template, (-1.3, 5.0, -1.0), (1.3, 6.6, 1.6))
    near = near[(template.head[near] > 0.2) | (template.base.points[near, 1] < 5.7)]
    tail, faces = pillow((0.36, 1.15, 0.12), (0.42, 4.75, 1.55), 0.5)
    chest = _body_vertices(template, (-0.8, 3.6, 0.5), (1.2, 5.6, 2.0))
    parts = [hung(template, ring, grid_faces(12, 36, closed=True), near=near, rigid=False)]
    parts.append(hung(template, tail, faces, near=chest, rigid=False))
    return joined(parts)


def shell(template: Template, thick: float, slack: float) -> Cloth:
    """The head above the hat line, `thick` off the skin; `slack` more at the crown (a beanie's tip)."""
    points = template.base.points
    above = (template.head > 0.6) & (points[:, 1] > hat_line(points) - 0.12) & template.surface
    faces = template.base.faces[template.shown]
    faces = faces[above[faces].all(1)]
    used, flat = np.unique(faces, return_inverse=True)
    crown = np.clip((points[used, 1] - 7.9) / 0.7, 0, 1)[:, None]
    offsets = template.normals[used] * (thick + slack * crown) + np.array([0, 0.5 * slack, -0.6 * slack]) * crown**2
    anchors, weights = np.repeat(used[:, None], 3, 1), np.tile([1.0, 0, 0], (len(used), 1))
    skin = hung_skin(template.skin, anchors, weights)
    uv = np.zeros((len(faces), 3, 2))
    return Cloth(flat.reshape(-1, 3), uv, anchors, weights, offsets, {}, used, points[used] + offsets, skin)


def beanie(template: Template) -> Cloth:
    """A knitted cap that covers the hair's volume."""
    return shell(template, 0.24, 0.35)


def cap(template: Template) -> Cloth:
    """A baseball cap: shell and visor."""
    across, out = np.meshgrid(np.linspace(-1, 1, 17), np.linspace(0, 1, 7))
    x = 0.74 * across
    z = 1.15 + 0.62 * np.sqrt(np.clip(1 - across**2, 0, 1)) + 0.75 * out * np.sqrt(np.clip(1 - across**2, 0, 1))
    y = 7.98 - 0.12 * out - 0.16 * across**2
    near = _body_vertices(template, (-0.8, 7.6, 0.6), (0.8, 8.3, 1.9))
    visor = hung(
        template, np.stack([x, y, z], -1).reshape(-1, 3), grid_faces(7, 17, closed=False), near=near, rigid=True
    )
    return joined([shell(template, 0.20, 0.05), visor])


def joined(parts: list[Cloth]) -> Cloth:
    """Several cloths as one."""
    shift = np.cumsum([0, *(len(part.anchors) for part in parts)])
    faces = np.concatenate([part.faces + shift[number] for number, part in enumerate(parts)])

    def all_of(name: str) -> np.ndarray:
        return np.concatenate([getattr(part, name) for part in parts])

    return Cloth(
        faces, all_of("uv"), all_of("anchors"), all_of("weights"), all_of("offsets"), {}, all_of("hides"), all_of("rest"),
        all_of("skin"),
    )  # fmt: skip
