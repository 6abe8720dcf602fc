"""The rasteriser, the vote, the camera and the skirts against plain arithmetic."""

from collections import Counter

import numpy as np
import pytest

from tools.world.cameras import CAMERAS, View, draw_camera, draw_shot, view_of
from tools.world.lens import develop, toned
from tools.world.occluders import MAKERS, occluder
from tools.world.poses import HIP, KNEE, joint, walking
from tools.world.raster import Buffers, fill, vertex_normals, vote
from tools.world.scenes import CEILINGS, KINDS, make_scene
from tools.world.skirts import RINGS, SIDES, Drape, hang, hull_radius, ring_faces

RNG = np.random.default_rng(8)


def drawn(points: np.ndarray, faces: np.ndarray, pull: np.ndarray, cut: np.ndarray, size: int) -> Buffers:
    buffers = Buffers.empty(size, size)
    arrays = points.astype(np.float32), faces.astype(np.int32), pull.astype(np.float32), cut.astype(np.float32)
    fill(buffers.depth, buffers.triangle, buffers.weights, *arrays, 0, len(faces), False)
    return buffers


def plain(points: np.ndarray, faces: np.ndarray, pull: np.ndarray, cut: np.ndarray, size: int) -> np.ndarray:
    """The nearest triangle of every pixel by solving for barycentric weights, one pixel at a time."""
    shown = np.full((size, size), -1)
    for y in range(size):
        for x in range(size):
            nearest = np.inf
            for number, corners in enumerate(faces):
                matrix = np.vstack([points[corners, :2].T, np.ones(3)])
                weights = np.linalg.solve(matrix, [x + 0.5, y + 0.5, 1])
                depth = weights @ points[corners, 2] - pull[number]
                if weights.min() >= 0 and weights @ cut[corners] <= 0 and depth < nearest:
                    nearest, shown[y, x] = depth, number
    return shown


def test_the_rasteriser_shows_what_a_plain_one_shows():
    points = np.column_stack([RNG.uniform(-4, 20, (36, 2)), RNG.uniform(1, 3, 36)])
    faces, pull, cut = np.arange(36).reshape(12, 3), RNG.uniform(0, 0.2, 12), RNG.uniform(-1, 0.4, 36)
    found = drawn(points, faces, pull, cut, 16)
    assert (found.triangle == plain(points, faces, pull, cut, 16)).mean() > 0.99


def test_what_is_pulled_to_the_viewer_covers_what_lies_before_it():
    points = np.array([[0, 0, 2.0], [9, 0, 2], [0, 9, 2], [0, 0, 2.01], [9, 0, 2.01], [0, 9, 2.01]])
    faces = np.array([[0, 1, 2], [3, 4, 5]])
    assert drawn(points, faces, np.array([0, 0.02]), np.full(6, -1), 8).triangle[1, 1] == 1
    assert drawn(points, faces, np.array([0, 0.0]), np.full(6, -1), 8).triangle[1, 1] == 0


def test_normals_of_a_flat_mesh_point_its_way():
    points = np.array([[0, 0, 0], [1, 0, 0], [0, 1, 0], [1, 1, 0]], np.float32)
    normals = vertex_normals(points, np.array([[0, 1, 2], [2, 1, 3]], np.int32))
    assert np.allclose(normals, [0, 0, 1])


def test_the_vote_takes_the_commonest_label():
    labels = RNG.integers(0, 11, (12, 9)).astype(np.uint8)
    for (y, x), value in np.ndenumerate(vote(labels, 3)):
        counts = Counter(labels[3 * y : 3 * y + 3, 3 * x : 3 * x + 3].ravel().tolist())
        assert value == min(counts, key=lambda label: (-counts[label], label))


def test_a_camera_sees_what_it_aims_at_in_the_middle_and_the_ground_below():
    view = view_of(CAMERAS[0])
    middle = 0.5 * (CAMERAS[0].near + CAMERAS[0].far)
    aim, ground = view.project(np.array([[0, middle, 0.95], [0, middle, 0.0]]))
    assert np.allclose(aim[:2], 0, atol=1e-9)
    assert np.isclose(aim[2], np.hypot(middle, CAMERAS[0].height - 0.95))
    assert ground[1] > 0


def test_a_level_camera_projects_by_similar_triangles():
    seen = View(np.array([0, 0, 1.5]), 0.0).project(np.array([[1.0, 4.0, 2.5]]))
    assert np.allclose(seen, [[0.25, -0.25, 4.0]])


def test_the_six_cameras_differ_in_every_respect():
    for name in ("scene", "height", "focal", "exposure", "white", "contrast", "blur", "noise", "quality", "tight"):
        assert len({getattr(camera, name) for camera in CAMERAS}) >= 5, name


def test_shots_repeat_with_their_seed_and_stay_in_the_cameras_range():
    for seed in range(50):
        camera = draw_camera(np.random.default_rng(seed))
        shot = draw_shot(camera, 1.3, np.random.default_rng(seed))
        assert shot == draw_shot(camera, 1.3, np.random.default_rng(seed))
        assert camera.near <= shot.y <= camera.far
        assert abs(shot.x) <= 1.3


def test_a_camera_of_a_corpus_hangs_below_the_ceiling_of_its_place():
    drawn = [draw_camera(np.random.default_rng(seed)) for seed in range(300)]
    inside = [camera for camera in drawn if camera.scene in CEILINGS]
    assert {camera.scene for camera in inside} == set(CEILINGS)
    assert all(camera.height < CEILINGS[camera.scene] for camera in inside)


def test_about_a_quarter_of_the_shots_have_something_in_the_way():
    rng = np.random.default_rng(0)
    shots = [draw_shot(CAMERAS[k % 6], 2.0, rng) for k in range(2000)]
    before = [bool(shot.occluder) or (shot.passer is not None and shot.passer.dy < 0) for shot in shots]
    assert 0.12 < np.mean(before) < 0.28


@pytest.mark.parametrize("kind", MAKERS)
def test_an_occluder_stands_before_the_person(kind: str):
    boxes, surfaces = occluder(kind, 1.0, 6.0, np.random.default_rng(2))
    assert len(boxes) == len(surfaces) > 0
    assert (boxes[:, :3] < boxes[:, 3:]).all()
    assert (boxes[:, 4] < 6.0).all()


@pytest.mark.parametrize("kind", KINDS)
def test_a_scene_repeats_with_its_seed_and_differs_with_another(kind: str):
    one, again, other = make_scene(kind, 1), make_scene(kind, 1), make_scene(kind, 2)
    assert np.array_equal(one.surfaces, again.surfaces)
    assert one.surfaces.shape != other.surfaces.shape or not np.array_equal(one.surfaces, other.surfaces)
    assert np.isclose(np.linalg.norm(one.light.towards), 1)


def test_joint_angles_follow_the_published_curve():
    for table in (HIP, KNEE):
        found = np.degrees([joint(table, tenth / 10) for tenth in range(10)])
        assert np.abs(found - table).max() < 4


def test_a_walkers_legs_are_half_a_cycle_apart():
    from tools.world.people import draw_person

    gait = draw_person(0, ()).gait
    now, later = walking(0.2, gait), walking(0.7, gait)
    assert np.allclose(now["lowerleg01.L"], later["lowerleg01.R"])


def test_a_skirt_encloses_the_legs_and_its_hem_is_level():
    height = RNG.uniform(0.2, 1.1, 4000)
    legs = np.column_stack([0.1 * RNG.choice([-1, 1], 4000), 0.4 * (1.1 - height) * RNG.choice([-1, 1], 4000), height])
    points = hang(legs, Drape(1.0, -4.0, 0.1, 6, 0.0, 0.0), np.linspace(1.1, 0.5, RINGS)).reshape(RINGS, SIDES, 3)
    assert np.ptp(points[-1, :, 2]) == 0
    low = legs[np.abs(legs[:, 2] - 0.5) < 0.02]
    assert np.abs(low[:, 1]).max() < np.abs(points[-1, :, 1]).max()


def test_the_hull_of_a_disc_is_its_radius():
    turn = np.linspace(0, 2 * np.pi, 400)
    disc = np.column_stack([0.3 * np.cos(turn), 0.3 * np.sin(turn)])
    assert np.allclose(hull_radius(disc, np.zeros(2)), 0.3, atol=1e-3)


def test_the_rings_close_into_a_tube():
    faces = ring_faces()
    edges = Counter(
        tuple(sorted(edge)) for face in faces.tolist() for edge in zip(face, [*face[1:], face[0]], strict=True)
    )
    assert sum(times == 1 for times in edges.values()) == 2 * SIDES


def test_developing_repeats_with_its_generator_and_grey_stays_grey():
    light = np.full((768, 384, 3), 0.2, np.float32)
    one, again = (develop(light, CAMERAS[3], gain=1, sensor_rows=200, rng=np.random.default_rng(4)) for _ in range(2))
    assert one.shape == (256, 128, 3)
    assert np.array_equal(one, again)
    assert np.ptp(toned(np.full((1, 3), 0.2), CAMERAS[0])) == 0
