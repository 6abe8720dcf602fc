"""The software rasteriser: triangles to depth, triangle index and barycentric weights, and the vote over subpixels."""

import math
from dataclasses import dataclass

import numpy as np

from tools.world.kernels import kernel

FAR = 1e9


@dataclass(frozen=True, slots=True)
class Buffers:
    """What each subpixel shows: `depth` (H, W) float32, `triangle` (H, W) int32 or -1, `weights` (H, W, 2) float32.

    `weights` are the barycentric weights of a triangle's second and third corner.
    """

    depth: np.ndarray
    triangle: np.ndarray
    weights: np.ndarray

    @classmethod
    def empty(cls, height: int, width: int) -> "Buffers":
        """Buffers that show nothing."""
        return cls(
            np.full((height, width), FAR, np.float32),
            np.full((height, width), -1, np.int32),
            np.zeros((height, width, 2), np.float32),
        )


@kernel
def vertex_normals(vertices, faces):
    """Area-weighted unit normals; (V, 3) float32, (F, 3) int32 -> (V, 3) float32."""
    n = np.zeros_like(vertices)
    for i in range(faces.shape[0]):
        a, b, c = faces[i, 0], faces[i, 1], faces[i, 2]
        ux, uy, uz = vertices[b, 0] - vertices[a, 0], vertices[b, 1] - vertices[a, 1], vertices[b, 2] - vertices[a, 2]
        wx, wy, wz = vertices[c, 0] - vertices[a, 0], vertices[c, 1] - vertices[a, 1], vertices[c, 2] - vertices[a, 2]
        nx, ny, nz = uy * wz - uz * wy, uz * wx - ux * wz, ux * wy - uy * wx
        for k in (a, b, c):
            n[k, 0] += nx
            n[k, 1] += ny
            n[k, 2] += nz
    for i in range(n.shape[0]):
        length = math.sqrt(n[i, 0] ** 2 + n[i, 1] ** 2 + n[i, 2] ** 2) + 1e-12
        n[i, 0] /= length
        n[i, 1] /= length
        n[i, 2] /= length
    return n


@kernel
def fill(depth, triangle, weights, points, faces, pull, cut, start, stop, perspective):
    """Draw triangles `start` to `stop` into the buffers, nearest first.

    `points` (V, 3) float32: x, y in subpixels, depth. `pull` (F,) metres towards the viewer (layers of cloth). A pixel
    whose interpolated `cut` (V,) is positive is not drawn (hems). `perspective` makes the weights perspective-right.
    """
    height, width = depth.shape
    for t in range(start, stop):
        a, b, c = faces[t, 0], faces[t, 1], faces[t, 2]
        ca, cb, cc = cut[a], cut[b], cut[c]
        if ca > 0 and cb > 0 and cc > 0:
            continue
        x0, y0, x1, y1, x2, y2 = points[a, 0], points[a, 1], points[b, 0], points[b, 1], points[c, 0], points[c, 1]
        z0, z1, z2 = points[a, 2], points[b, 2], points[c, 2]
        area = (x1 - x0) * (y2 - y0) - (x2 - x0) * (y1 - y0)
        if area == 0 or (perspective and (z0 < 0.2 or z1 < 0.2 or z2 < 0.2)):
            continue
        left, right = (
            max(0, math.floor(min(x0, x1, x2) - 0.5)),
            min(width - 1, math.ceil(max(x0, x1, x2) - 0.5)),
        )
        top, bottom = (
            max(0, math.floor(min(y0, y1, y2) - 0.5)),
            min(height - 1, math.ceil(max(y0, y1, y2) - 0.5)),
        )
        hemmed = ca > 0 or cb > 0 or cc > 0
        inverse = 1.0 / area
        for y in range(top, bottom + 1):
            py = y + 0.5
            for x in range(left, right + 1):
                px = x + 0.5
                w1 = ((px - x0) * (y2 - y0) - (x2 - x0) * (py - y0)) * inverse
                w2 = ((x1 - x0) * (py - y0) - (px - x0) * (y1 - y0)) * inverse
                w0 = 1 - w1 - w2
                if w0 < 0 or w1 < 0 or w2 < 0:
                    continue
                if perspective:
                    p1, p2 = w1 / z1, w2 / z2
                    z = 1.0 / (w0 / z0 + p1 + p2)
                    q1, q2 = p1 * z, p2 * z
                else:
                    z = w0 * z0 + w1 * z1 + w2 * z2
                    q1, q2 = w1, w2
                if hemmed and (1 - q1 - q2) * ca + q1 * cb + q2 * cc > 0:
                    continue
                near = z - pull[t]
                if near < depth[y, x]:
                    depth[y, x] = near
                    triangle[y, x] = t
                    weights[y, x, 0] = q1
                    weights[y, x, 1] = q2


@kernel
def vote(labels, factor):
    """The commonest label of each factor x factor block, the lower one on a tie; (H*f, W*f) uint8 -> (H, W) uint8."""
    height, width = labels.shape[0] // factor, labels.shape[1] // factor
    out = np.zeros((height, width), np.uint8)
    count = np.zeros(256, np.int32)
    for y in range(height):
        for x in range(width):
            count[:] = 0
            best = 0
            for i in range(factor):
                for j in range(factor):
                    count[labels[y * factor + i, x * factor + j]] += 1
            for value in range(16):
                if count[value] > count[best]:
                    best = value
            out[y, x] = best
    return out
