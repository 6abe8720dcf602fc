"""One shot to one labelled picture: pose, place, draw, light, develop. Start here to read the renderer."""

from dataclasses import dataclass, replace
from functools import lru_cache
from pathlib import Path

import numpy as np

from dlcr.core.errors import LayoutError
from tools.world.body import Template
from tools.world.cameras import Camera, Shot, view_of
from tools.world.figures import Dressed, Figure
from tools.world.fitting import Dresser
from tools.world.lens import develop
from tools.world.occluders import occluder
from tools.world.outfits import draw_outfit
from tools.world.people import Gait, Person, draw_person
from tools.world.poses import STANDING, Pose, read_bvh, walking
from tools.world.raster import Buffers, fill, vertex_normals, vote
from tools.world.scenery import cast
from tools.world.scenes import Scene, make_scene
from tools.world.shading import shade
from tools.world.wardrobe import Wardrobe

HEIGHT, WIDTH = 256, 128
FINE = 3
"""Subpixels an output pixel, each way."""
SHADOW = 320
PASSER_SEED = 77_000
VISIBLE = 0.62
"""Least share of a person that occluders leave to be seen; a shot that hides more is taken without them."""


@dataclass(frozen=True, slots=True)
class Picture:
    """`photo` (256, 128, 3) uint8, `labels` (256, 128) uint8 of `materials.Label`, `visible` share of the person."""

    photo: np.ndarray
    labels: np.ndarray
    visible: float


@dataclass(frozen=True, slots=True)
class Model:
    """Somebody ready to be photographed."""

    person: Person
    dressed: Dressed


@dataclass(frozen=True, slots=True)
class Shadow:
    """A shadow map seen from the light: `depth` (SHADOW, SHADOW) and the (3, 4) map from world metres to it."""

    depth: np.ndarray
    matrix: np.ndarray


class Studio:
    """Bodies, wardrobe, places and passers-by, loaded once a process; `makehuman` is the folder that holds base/."""

    def __init__(self, makehuman: Path) -> None:
        if not (makehuman / "base").is_dir():
            raise LayoutError(f"{makehuman} has no folder base.", "Name MakeHuman's asset folder with --makehuman.")
        self.template = Template()
        self.wardrobe = Wardrobe(makehuman, self.template)
        self.dresser = Dresser(self.template, self.wardrobe)
        self.scene = lru_cache(maxsize=64)(make_scene)
        self.passer = lru_cache(maxsize=None)(self._passer)
        self.standing = {name: read_bvh(self.wardrobe.base / "poses" / f"{name}.bvh") for name in STANDING}

    def pose(self, name: str, phase: float, amplitude: float, gait: Gait) -> Pose:
        """A standing pose by name, or a moment of a walk."""
        if name != "walk":
            return self.standing[name]
        return walking(phase, gait, amplitude=amplitude)

    def photograph(self, model: Model, camera: Camera, shot: Shot, *, framed: Model | None = None) -> Picture:
        """Take a shot; the same arguments give the same bytes. The crop is the one of `framed` if that is somebody else."""
        scene = self.scene(camera.scene, camera.place)
        pose = self.pose(shot.pose, shot.phase, shot.amplitude, model.person.gait)
        posed = model.dressed.pose(pose)
        box = framed.dressed.pose(pose) if framed else posed
        picture = self._taken(posed, box, camera, shot, scene)
        if picture.visible < VISIBLE:
            return self._taken(posed, box, camera, replace(shot, occluder="", passer=None), scene)
        return picture

    def _taken(self, posed: Figure, framed: Figure, camera: Camera, shot: Shot, scene: Scene) -> Picture:
        rng = np.random.default_rng([shot.seed, 3])
        person, framed = (one.placed(shot.yaw, shot.x, shot.y) for one in (posed, framed))
        figures = [person]
        if shot.passer:
            figures.append(
                self.passer(shot.passer.number).placed(
                    shot.passer.yaw, shot.x + shot.passer.dx, shot.y + shot.passer.dy
                )
            )
        boxes, surfaces = occluder(shot.occluder, shot.x, shot.y, rng)
        here = replace(
            scene, boxes=np.concatenate([scene.boxes, boxes]), surfaces=np.concatenate([scene.surfaces, surfaces])
        )
        return _Exposure(camera, shot, here, framed, together(figures), len(person.faces)).picture(rng)

    def _passer(self, number: int) -> Figure:
        """A passer-by of the pool, posed."""
        rng = np.random.default_rng([PASSER_SEED, number])
        person = draw_person(PASSER_SEED + number, self.template.local_changes)
        dressed = self.dresser.dress(person, self.dresser.body(person), draw_outfit(person.sex, rng))
        return dressed.pose(walking(float(rng.uniform()), person.gait)).unlabelled()


def together(figures: list[Figure]) -> Figure:
    """Several figures as one mesh, in order."""
    if len(figures) == 1:
        return figures[0]
    vertices = np.cumsum([0, *(len(figure.points) for figure in figures)])
    materials = np.cumsum([0, *(len(figure.materials) for figure in figures)])
    faces = np.concatenate([figure.faces + vertices[k] for k, figure in enumerate(figures)]).astype(np.int32)
    rows = np.concatenate([figure.rows + materials[k] for k, figure in enumerate(figures)]).astype(np.int32)

    def joined(name: str) -> np.ndarray:
        return np.concatenate([getattr(figure, name) for figure in figures])

    columns = {name: joined(name) for name in ("uv", "points", "rest", "arm", "cut", "tint", "pull", "materials")}
    return Figure(faces=faces, rows=rows, **columns)


class _Exposure:
    """The steps of one picture; lives for one call. `mesh` is the person (its first `own` faces) and any passer-by; the crop
    is the box of `framed`."""

    def __init__(self, camera: Camera, shot: Shot, scene: Scene, framed: Figure, mesh: Figure, own: int) -> None:
        self.camera, self.shot, self.scene, self.mesh, self.own = camera, shot, scene, mesh, own
        self.framed = framed
        self.view = view_of(camera)
        self.window = self._window()
        self.shadow = self._shadow()

    def _window(self) -> np.ndarray:
        """The crop (left, top, width, height) in tangents: a detector's box round the person."""
        seen = self.view.project(self.framed.points[self.framed.worn])[:, :2]
        low, high = seen.min(0), seen.max(0)
        height = max((high[1] - low[1]) * self.shot.zoom, (high[0] - low[0]) * 1.03 * HEIGHT / WIDTH)
        width = height * WIDTH / HEIGHT
        middle = (low + high) / 2 + np.array(self.shot.shift) * (width, height)
        return np.array([middle[0] - width / 2, middle[1] - height / 2, width, height])

    def _shadow(self) -> Shadow:
        light = self.scene.light.towards
        right = np.cross(light, [0, 0, 1.0])
        right /= np.linalg.norm(right)
        down = np.cross(light, right)
        scale, centre = SHADOW / 3.2, np.array([self.shot.x, self.shot.y, 0.9])
        rows = np.stack([right * scale, down * scale, -light])
        shift = np.array([SHADOW / 2, SHADOW / 2, 5.0]) - rows @ centre
        matrix = np.concatenate([rows, shift[:, None]], 1).astype(np.float32)
        buffers, mesh = Buffers.empty(SHADOW, SHADOW), self.mesh
        points = (mesh.points @ matrix[:, :3].T + matrix[:, 3]).astype(np.float32)
        layers = np.zeros(len(mesh.faces), np.float32)
        fill(
            buffers.depth,
            buffers.triangle,
            buffers.weights,
            points,
            mesh.faces,
            layers,
            mesh.cut,
            0,
            len(mesh.faces),
            False,
        )
        return Shadow(buffers.depth, matrix)

    def picture(self, rng: np.random.Generator) -> Picture:
        """Draw people over the place, nearest first, and develop."""
        rows, columns = HEIGHT * FINE, WIDTH * FINE
        buffers, mesh = Buffers.empty(rows, columns), self.mesh
        seen = self.view.project(mesh.points.astype(float))
        pixels = (seen[:, :2] - self.window[:2]) / self.window[2:] * (columns, rows)
        points = np.concatenate([pixels, seen[:, 2:]], 1).astype(np.float32)
        drawn = buffers.depth, buffers.triangle, buffers.weights
        fill(*drawn, points, mesh.faces, mesh.pull, mesh.cut, 0, self.own, True)
        whole = int((buffers.triangle >= 0).sum())
        fill(*drawn, points, mesh.faces, mesh.pull, mesh.cut, self.own, len(mesh.faces), True)
        place, far = self.place(rows, columns)
        show = (buffers.triangle >= 0) & (buffers.depth < far)
        own = show & (buffers.triangle < self.own)
        light, labels = self.lit(buffers, show)
        light = np.where(show[..., None], light, place)
        sensor = self.window[3] * self.camera.focal
        photo = develop(light, self.camera, gain=self.shot.gain, sensor_rows=sensor, rng=rng)
        return Picture(photo, vote(np.where(own, labels, 0).astype(np.uint8), FINE), own.sum() / max(whole, 1))

    def place(self, rows: int, columns: int) -> tuple[np.ndarray, np.ndarray]:
        """The place behind and before the people at half the subpixels, blown up: colour and depth."""
        half = rows // 2, columns // 2
        window = np.array([*self.window[:2], self.window[2] / half[1], self.window[3] / half[0]])
        scene, light, shadow = self.scene, self.scene.light, self.shadow
        lamp = light.towards, light.key, light.sky
        boxes = scene.boxes, scene.surfaces, scene.ground, scene.sky
        look = light.dark, light.soft, scene.fog, float(self.camera.place)
        shade_map = shadow.depth, shadow.matrix
        colour, depth = cast(*half, self.view.eye, window, self.view.axes, *boxes, lamp, *shade_map, self.feet(), look)
        return _doubled(colour), _doubled(depth)

    def feet(self) -> np.ndarray:
        """(N, 3) x, y and firmness of each foot near the ground."""
        mesh = self.mesh
        low = mesh.worn & (mesh.points[:, 2] < 0.14) & (mesh.rest[:, 1] < -6.8)
        spots = []
        for side in (1, -1):
            points = mesh.points[low & (mesh.rest[:, 0] * side > 0.3)]
            if len(points):
                spots.append([*points[:, :2].mean(0), max(0.0, 1 - 12 * points[:, 2].min())])
        return np.array(spots).reshape(-1, 3)

    def lit(self, buffers: Buffers, show: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Colour and labels of the people's subpixels."""
        mesh, light, shadow = self.mesh, self.scene.light, self.shadow
        normals = vertex_normals(mesh.points, mesh.faces)
        geometry = mesh.faces, mesh.points, normals, mesh.rest, mesh.arm, mesh.tint, mesh.uv
        lamp = light.towards, light.key, light.sky, light.earth
        lens = HEIGHT * FINE / self.window[3], light.dark, light.soft
        drawn = buffers.triangle, buffers.weights, buffers.depth, show
        surface = mesh.materials, mesh.rows
        return shade(*drawn, geometry, surface, self.view.eye, lamp, shadow.depth, shadow.matrix, lens)


def _doubled(plane: np.ndarray) -> np.ndarray:
    """Each pixel of (H, W[, 3]) as a square of four."""
    return np.repeat(np.repeat(plane, 2, 0), 2, 1)
