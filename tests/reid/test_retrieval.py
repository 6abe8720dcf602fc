import numpy as np
import pytest

from dlcr.core.errors import SettingError
from dlcr.reid.evaluation import JUNK, RIGHT, flags, similarities
from dlcr.reid.retrieval import retrieve, top_k
from tests.reid.test_evaluation import people


@pytest.mark.parametrize("k", [1, 3, 50])
@pytest.mark.parametrize("seed", range(20))
def test_top_k_is_the_beginning_of_a_stable_sort(seed, k):
    rng = np.random.default_rng(seed)
    scores = rng.integers(0, 5, (4, int(rng.integers(1, 60)))).astype(np.float32)
    items, values = top_k(scores, k)
    expected = np.argsort(-scores, axis=1, kind="stable")[:, :k]
    there = expected.shape[1]
    assert np.array_equal(items[:, :there], expected)
    assert np.array_equal(values[:, :there], np.take_along_axis(scores, expected, 1))
    assert (items[:, there:] == -1).all()


@pytest.mark.parametrize("seed", range(30))
def test_in_a_large_gallery_too_with_ties_and_with_what_is_not_allowed(seed):
    rng = np.random.default_rng(seed)
    size, k = int(rng.integers(100, 6000)), int(rng.integers(1, 140))
    scores = (rng.integers(-9, 200, (3, size)) / 100).astype(np.float32)
    allowed = rng.random((3, size)) < 0.7
    items, values = top_k(scores, k, allowed)
    for q in range(3):
        expected = [g for g in np.argsort(-scores[q], kind="stable") if allowed[q, g]][:k]
        assert items[q, : len(expected)].tolist() == expected
        assert np.array_equal(values[q, : len(expected)], scores[q, expected])
        assert (items[q, len(expected) :] == -1).all()


def test_answers_are_flagged_and_junk_is_shown_on_demand():
    rng = np.random.default_rng(0)
    query, gallery = people(rng, 5, 3, 2, 2), people(rng, 40, 3, 2, 2)
    told, scores = flags(query, gallery, "cc"), similarities(query.vectors, gallery.vectors)
    for q, (plain, full) in enumerate(
        zip(retrieve(query, gallery, 40, "cc"), retrieve(query, gallery, 40, "cc", junk=True), strict=True)
    ):
        assert set(plain.items) == set(np.flatnonzero(told[q] != JUNK))
        assert np.array_equal(full.items, np.argsort(-scores[q], kind="stable"))
        assert np.array_equal(full.junk, told[q, full.items] == JUNK)
        assert np.array_equal(full.right, told[q, full.items] == RIGHT)
        np.testing.assert_allclose(plain.scores, scores[q, plain.items] - 1)


def test_no_answers_asked_for_is_an_error():
    with pytest.raises(SettingError, match="at least 1"):
        top_k(np.zeros((1, 3), np.float32), 0)
