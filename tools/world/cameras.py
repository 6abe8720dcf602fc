"""Six cameras that differ as real ones do, and the shots they take (pure)."""

from dataclasses import dataclass, replace

import numpy as np

from tools.world.poses import STANDING
from tools.world.scenes import CEILINGS

OCCLUDERS = ("bollard", "pillar", "bench", "railing", "planter", "suitcase")
PASSERS_BY = 24
"""How many different passers-by there are."""


@dataclass(frozen=True, slots=True)
class Camera:
    """Where a camera hangs and how it sees.

    `scene` and `place` (the scene's seed); `height`, `near`, `far` metres; `focal` pixels; `exposure` and `white` gains;
    `contrast`, `saturation` shares of neutral; `blur` output pixels; `noise` of full scale; `quality` of its JPEG; `tight`
    range of the crop's height over the person's; `jitter` of the crop's place, share of its size.
    """

    number: int
    scene: str
    place: int
    height: float
    near: float
    far: float
    focal: float
    exposure: float
    white: tuple[float, float, float]
    contrast: float
    saturation: float
    blur: float
    noise: float
    quality: int
    tight: tuple[float, float]
    jitter: float


CAMERAS = (
    Camera(
        0,
        "street",
        900,
        3.2,
        5.0,
        9.0,
        1150,
        1.00,
        (0.99, 1.00, 1.04),
        1.05,
        1.05,
        0.40,
        0.006,
        80,
        (1.05, 1.14),
        0.012,
    ),
    Camera(
        1,
        "corridor",
        901,
        2.6,
        3.8,
        7.0,
        520,
        0.92,
        (1.06, 1.00, 0.92),
        0.98,
        0.95,
        0.50,
        0.010,
        64,
        (1.02, 1.12),
        0.022,
    ),
    Camera(
        2, "park", 902, 4.2, 6.0, 9.0, 1500, 1.02, (1.03, 1.00, 0.96), 1.08, 1.08, 0.35, 0.006, 86, (1.08, 1.22), 0.012
    ),
    Camera(
        3,
        "plaza",
        903,
        5.6,
        7.0,
        10.4,
        1250,
        1.05,
        (0.96, 1.00, 1.06),
        0.90,
        0.90,
        0.62,
        0.007,
        72,
        (1.04, 1.16),
        0.018,
    ),
    Camera(
        4, "garage", 904, 2.8, 4.5, 8.0, 560, 0.84, (0.98, 1.03, 0.93), 1.02, 0.86, 0.60, 0.013, 58, (1.02, 1.16), 0.026
    ),
    Camera(
        5,
        "station",
        905,
        3.7,
        5.0,
        10.0,
        900,
        0.97,
        (0.98, 1.01, 1.02),
        1.00,
        0.92,
        0.48,
        0.008,
        70,
        (1.04, 1.2),
        0.018,
    ),
)


@dataclass(frozen=True, slots=True)
class Passer:
    """Somebody else on the picture: which one of the pool, and where, metres from the person; `yaw` radians."""

    number: int
    dx: float
    dy: float
    yaw: float


@dataclass(frozen=True, slots=True)
class Shot:
    """One picture to take: `yaw` radians (0 faces the camera), `pose` a standing pose or `walk`, `phase` 0..1 of the stride.

    `x`, `y` metres on the ground; `zoom` crop height over person height; `shift` of the crop, shares of its size; `gain` of the
    exposure; `occluder` one of OCCLUDERS or none; `seed` of noise and of the occluder's place.
    """

    yaw: float
    pose: str
    phase: float
    amplitude: float
    x: float
    y: float
    zoom: float
    shift: tuple[float, float]
    gain: float
    occluder: str
    passer: Passer | None
    seed: int


def draw_camera(rng: np.random.Generator) -> Camera:
    """Some camera like one of the six, in one of eight places of its kind: what a training corpus is made of."""
    like = CAMERAS[rng.integers(len(CAMERAS))]
    white = tuple(np.clip(np.array(like.white) * rng.uniform(0.95, 1.05, 3), 0.88, 1.12))
    place, ceiling = int(rng.integers(8)), CEILINGS.get(like.scene, np.inf)
    height = float(min(like.height * rng.uniform(0.8, 1.25), ceiling - 0.1))
    return replace(
        like, place=place, height=height, focal=like.focal * rng.uniform(0.7, 1.4),
        exposure=like.exposure * rng.uniform(0.9, 1.12), white=(white[0], white[1], white[2]),
        contrast=like.contrast * rng.uniform(0.93, 1.07), saturation=like.saturation * rng.uniform(0.92, 1.08),
        blur=rng.uniform(0.3, 0.7), noise=rng.uniform(0.003, 0.014), quality=int(rng.integers(58, 92)),
    )  # fmt: skip


def draw_shot(camera: Camera, half_width: float, rng: np.random.Generator) -> Shot:
    """How somebody happens to be seen; two of three walk."""
    y = float(rng.uniform(camera.near, camera.far))
    walks = rng.random() < 0.67
    passer = None
    if rng.random() < 0.2:
        side, before = rng.choice([-1.0, 1.0]), rng.random() < 0.35
        dx = side * rng.uniform(0.42, 0.62) if before else side * rng.uniform(0.35, 1.0)
        dy = -rng.uniform(0.5, 0.9) if before else rng.uniform(0.6, 2.5)
        passer = Passer(int(rng.integers(PASSERS_BY)), float(dx), float(dy), float(rng.uniform(0, 2 * np.pi)))
    jitter = rng.normal(0, camera.jitter, 2)
    return Shot(
        yaw=float(rng.uniform(0, 2 * np.pi)), pose="walk" if walks else str(rng.choice(STANDING)), phase=float(rng.uniform(0, 1)),
        amplitude=float(rng.uniform(0.75, 1.1)), x=float(rng.uniform(-half_width, half_width)), y=y,
        zoom=float(rng.uniform(*camera.tight)), shift=(float(jitter[0]), float(jitter[1])),
        gain=float(rng.uniform(0.94, 1.06)), occluder=str(rng.choice(OCCLUDERS)) if rng.random() < 0.14 else "",
        passer=passer, seed=int(rng.integers(1 << 31)),
    )  # fmt: skip


@dataclass(frozen=True, slots=True)
class View:
    """A camera at `eye`, looking along +y tilted down by `pitch` radians; image coordinates are tangents, y down."""

    eye: np.ndarray
    pitch: float

    @property
    def axes(self) -> np.ndarray:
        """(3, 3): right, down and forward as columns."""
        c, s = np.cos(self.pitch), np.sin(self.pitch)
        return np.array([[1, 0, 0], [0, -s, c], [0, -c, -s]], float)

    def project(self, points: np.ndarray) -> np.ndarray:
        """(N, 3) world metres -> (N, 3): tangent to the right, tangent downwards, depth in metres."""
        seen = (points - self.eye) @ self.axes
        return np.concatenate([seen[:, :2] / seen[:, 2:], seen[:, 2:]], 1)


def view_of(camera: Camera) -> View:
    """The camera aims at a walker's waist in the middle of its range."""
    middle = 0.5 * (camera.near + camera.far)
    return View(np.array([0.0, 0.0, camera.height]), float(np.arctan2(camera.height - 0.95, middle)))
