import numpy as np
import scipy.linalg

from dlcr.core.values import Caption, Outfit
from tools.evaluate_embedded import compared, edge_energy, frechet, shares


def caption(*items: str) -> Caption:
    return Caption("", Outfit(items))


def test_frechet_distance_is_that_of_the_matrix_square_root():
    rng = np.random.default_rng(0)
    a, b = rng.normal(size=(300, 6)), rng.normal(size=(200, 6)) @ rng.normal(size=(6, 6)) + 0.5
    sa, sb = np.cov(a.T), np.cov(b.T)
    plain = ((a.mean(0) - b.mean(0)) ** 2).sum() + np.trace(sa + sb - 2 * scipy.linalg.sqrtm(sa @ sb).real)
    assert np.isclose(frechet(a, b), plain)


def test_a_missed_garment_is_wrong_in_everything_and_a_near_word_is_right():
    asked = "red striped t-shirt | blue trousers"
    assert not any(right for _, _, right in compared(asked, caption()))
    pairs = compared(asked, caption("red top", "navy suit trousers"))
    seen = {(slot, aspect): right for slot, aspect, right in pairs}
    assert seen["upper", "colour"]
    assert seen["upper", "garment"]
    assert not seen["upper", "pattern"]
    assert seen["lower", "garment"]
    assert not seen["lower", "colour"]


def test_shares_pool_slots_and_keep_them_apart():
    found = shares([("upper", "colour", True), ("lower", "colour", False)])
    assert found == {"colour": 0.5, "upper colour": 1.0, "lower colour": 0.0}


def test_a_seam_has_more_energy_at_the_edge_than_a_smooth_picture():
    mask = np.zeros((40, 40), bool)
    mask[10:30, 10:30] = True
    smooth = np.repeat(np.arange(40, dtype=np.uint8)[:, None], 40, 1)[..., None].repeat(3, 2)
    seamed = smooth.copy()
    seamed[mask] += 60
    assert edge_energy(seamed, mask) > 5 * edge_energy(smooth, mask)
