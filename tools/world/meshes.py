"""MakeHuman's files: `.obj` meshes, `.mhclo` fittings, and cloth that hangs on a body's vertices (no anny here)."""

from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from dlcr.core.errors import LayoutError


@dataclass(frozen=True, slots=True)
class Wavefront:
    """`points` (V, 3), `faces` (F, 3) triangles, `uv` (F, 3, 2), `groups` (F,) names."""

    points: np.ndarray
    faces: np.ndarray
    uv: np.ndarray
    groups: np.ndarray


@dataclass(frozen=True, slots=True)
class Cloth:
    """A mesh whose every vertex hangs on three body vertices.

    `faces` (F, 3), `uv` (F, 3, 2), `anchors` (V, 3) body vertices, `weights` (V, 3), `offsets` (V, 3) decimetres, `rulers`
    axis -> (vertex, vertex, length) that scale the offsets, `hides` body vertices below it, `rest` (V, 3) on the base body,
    `skin` (V, bones).
    """

    faces: np.ndarray
    uv: np.ndarray
    anchors: np.ndarray
    weights: np.ndarray
    offsets: np.ndarray
    rulers: dict[int, tuple[int, int, float]]
    hides: np.ndarray
    rest: np.ndarray
    skin: np.ndarray

    def fit(self, body: np.ndarray) -> np.ndarray:
        """Vertices on a body at rest; (19158, 3) decimetres -> (V, 3)."""
        scale = np.ones(3)
        for axis, (low, high, length) in self.rulers.items():
            scale[axis] = abs(body[low, axis] - body[high, axis]) / length
        return np.einsum("vk,vkc->vc", self.weights, body[self.anchors]) + self.offsets * scale

    def part(self, components: tuple[int, ...]) -> "Cloth":
        """The cloth of some connected components only, by their number; its `hides` go to the nearest component."""
        kept = np.isin(self.components(), components)
        faces = kept[self.faces].all(1)
        used = np.unique(self.faces[faces])
        number = np.full(len(self.anchors), -1)
        number[used] = np.arange(len(used))
        return replace(
            self,
            faces=number[self.faces[faces]],
            uv=self.uv[faces],
            anchors=self.anchors[used],
            weights=self.weights[used],
            offsets=self.offsets[used],
            rest=self.rest[used],
            skin=self.skin[used],
        )

    def components(self) -> np.ndarray:
        """(V,) number of the connected component of each vertex."""
        from scipy.sparse import coo_matrix
        from scipy.sparse.csgraph import connected_components

        edges = np.concatenate([self.faces[:, :2], self.faces[:, 1:]])
        graph = coo_matrix((np.ones(len(edges)), edges.T), shape=(len(self.anchors),) * 2)
        return connected_components(graph, directed=False)[1]


def read_obj(path: Path) -> Wavefront:
    """A Wavefront file as triangles; LayoutError if it is not there."""
    if not path.is_file():
        raise LayoutError(
            f"{path} is missing.", "Name MakeHuman's asset folder (the one that holds base/) with --makehuman."
        )
    points, texture, faces, corners, groups, group = [], [(0.0, 0.0)], [], [], [], ""
    for line in path.read_text().splitlines():
        key, *values = line.split() or [""]
        if key == "v":
            points.append([float(value) for value in values[:3]])
        elif key == "vt":
            texture.append((float(values[0]), float(values[1])))
        elif key == "g":
            group = values[0]
        elif key == "f":
            numbers = [[int(part or 0) for part in value.split("/")] for value in values]
            for k in range(1, len(numbers) - 1):
                fan = (numbers[0], numbers[k], numbers[k + 1])
                faces.append([corner[0] - 1 for corner in fan])
                corners.append([corner[1] if len(corner) > 1 else 0 for corner in fan])
                groups.append(group)
    return Wavefront(np.array(points), np.array(faces), np.array(texture)[np.array(corners)], np.array(groups))


def read_fitting(path: Path, base: np.ndarray, skin: np.ndarray) -> Cloth:
    """An `.mhclo` garment with its `.obj`, on the base body (19158, 3) with skin weights (19158, bones)."""
    anchors, weights, offsets, hides, rulers = [], [], [], [], {}
    section, mesh = "", ""
    for line in path.read_text().splitlines():
        words = line.split()
        if not words or words[0].startswith("#"):
            continue
        if words[0] == "obj_file":
            mesh = words[1]
        elif words[0] in ("x_scale", "y_scale", "z_scale"):
            rulers["xyz".index(words[0][0])] = (int(words[1]), int(words[2]), float(words[3]))
        elif words[0] in ("verts", "delete_verts"):
            section = words[0]
        elif section == "verts" and words[0].isdigit():
            one = len(words) == 1
            anchors.append([int(words[0])] * 3 if one else [int(word) for word in words[:3]])
            weights.append([1.0, 0.0, 0.0] if one else [float(word) for word in words[3:6]])
            offsets.append([float(word) for word in words[6:9]] if len(words) >= 9 else [0.0] * 3)
        elif section == "delete_verts" and words[0].isdigit():
            hides += _ranges(words)
    drawn = read_obj(path.parent / mesh)
    on, by, off = np.array(anchors), np.array(weights), np.array(offsets)
    bare = Cloth(drawn.faces, drawn.uv, on, by, off, rulers, np.unique(hides).astype(int), np.zeros(0), np.zeros(0))
    return replace(bare, rest=bare.fit(base), skin=hung_skin(skin, on, by))


def hung_skin(skin: np.ndarray, anchors: np.ndarray, weights: np.ndarray) -> np.ndarray:
    """Skin weights (V, bones) of vertices that hang on `anchors` (V, 3) by `weights` (V, 3)."""
    share = np.clip(weights, 0, None)
    share = share / (share.sum(1, keepdims=True) + 1e-9)
    mixed = np.einsum("vk,vkb->vb", share, skin[anchors])
    return (mixed / (mixed.sum(1, keepdims=True) + 1e-9)).astype(np.float32)


def _ranges(words: list[str]) -> list[int]:
    """`12 - 15 20` -> [12, 13, 14, 15, 20]."""
    numbers: list[int] = []
    k = 0
    while k < len(words):
        if k + 2 < len(words) and words[k + 1] == "-":
            numbers += range(int(words[k]), int(words[k + 2]) + 1)
            k += 3
        else:
            numbers.append(int(words[k]))
            k += 1
    return numbers
