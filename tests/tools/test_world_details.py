"""What each garment is known by: where the cloth is lightened and darkened, and that it stays cloth."""

import numpy as np
import pytest

from tools.world.details import detailed, worked
from tools.world.materials import DETAIL, Detail, Label, Material
from tools.world.outfits import DETAILS, PATTERNS, draw_outfit

FRONT, BACK = 1.2, -0.8
POINTS = np.random.default_rng(4).uniform((-2.2, -8.0, -1.2), (2.2, 6.0, 1.6), (4000, 3))


def put_on(kind: Detail, colour: float, point: tuple[float, float, float], arm: float = 0.0) -> np.ndarray:
    out = np.full(3, colour)
    worked(int(kind), *point, arm, out)
    return out


@pytest.mark.parametrize("kind", [kind for kind in Detail if kind != Detail.NONE])
@pytest.mark.parametrize("colour", [0.01, 0.3, 0.9])
def test_cloth_stays_cloth_and_shows_its_kind_on_every_colour(kind: Detail, colour: float):
    found = np.array([put_on(kind, colour, tuple(point), arm) for point in POINTS for arm in (0.0, 1.0)])
    assert found.min() >= 0
    assert found.max() <= 0.92
    assert (np.abs(found - colour).max(1) > 0.15 * colour).mean() > 0.004


@pytest.mark.parametrize("kind", [kind for kind in Detail if kind != Detail.COLLARED])
def test_left_is_as_right_but_for_a_shirts_pocket(kind: Detail):
    for x, y, z in POINTS[:500]:
        assert detailed(int(kind), x, y, z, 0.0) == detailed(int(kind), -x, y, z, 0.0)


def test_jeans_are_faded_on_the_thigh_dark_at_the_outer_seam_and_turned_up():
    thigh, seam = put_on(Detail.DENIM, 0.2, (1.37, -2.2, 1.1)), put_on(Detail.DENIM, 0.2, (2.2, -3.5, 0.2))
    assert thigh[0] > 0.25
    assert seam[0] < 0.12
    assert put_on(Detail.DENIM, 0.2, (1.9, -7.4, 0.9))[0] > 0.25


def test_a_hoodie_has_cords_in_front_and_a_hood_behind():
    assert put_on(Detail.HOODED, 0.02, (0.25, 4.2, FRONT))[0] > 0.5
    assert put_on(Detail.HOODED, 0.9, (0.25, 4.2, FRONT))[0] < 0.1
    assert put_on(Detail.HOODED, 0.5, (0.0, 4.15, BACK))[0] < 0.25
    assert put_on(Detail.HOODED, 0.5, (0.0, 2.5, BACK))[0] == 0.5


def test_a_plain_material_has_no_details_and_every_named_garment_has_its_own():
    assert Material((0.1, 0.1, 0.1), Label.UPPER).row()[DETAIL] == Detail.NONE
    rng, seen = np.random.default_rng(6), {}
    for _ in range(600):
        for item in draw_outfit(str(rng.choice(["woman", "man"])), rng).items:
            seen.setdefault(item.garment, set()).add(int(item.material.row()[DETAIL]))
    assert {name: kinds for name, kinds in seen.items() if name in DETAILS} == {k: {int(v)} for k, v in DETAILS.items()}
    assert all(kinds == {Detail.NONE} for name, kinds in seen.items() if name not in DETAILS)
    assert set(PATTERNS) - {"t-shirt", "dress", "skirt"} <= set(DETAILS)
