"""The refinement by variants against nested loops over persons, as the paper's text tells it."""

import numpy as np
import pytest

from dlcr.reid.evaluation import JUNK, RULES, evaluate, flags, refined, rule_number, similarities
from dlcr.reid.features import Identified
from tests.reid.test_evaluation import people


def plain_votes(scores, pid, junk, released):
    """Person -> vote of each image, for the persons in the original's top five; scores (K + 1, G) = 1 + cosine."""
    tops = []
    for row in scores:
        ranking = sorted((g for g in range(len(row)) if released or not junk[g]), key=lambda g: (-row[g], g))[:5]
        tops.append({"items": ranking, "best": {}})
        for g in ranking:
            tops[-1]["best"].setdefault(pid[g], row[g])
    told = {}
    for person, own in tops[0]["best"].items():
        told[person] = [own] + [0.0] * (len(scores) - 1)
        for i, top in enumerate(tops):
            if (i > 0 or released) and person in top["best"] and max(top["best"].values()) > 0:
                told[person][i] += top["best"][person] ** 2 / max(top["best"].values())
    return tops[0]["items"], told


def labels(photos):
    return np.stack([photos.pid, photos.camid, photos.clothes], 1)


@pytest.mark.parametrize("released", [False, True])
@pytest.mark.parametrize("rule", RULES)
@pytest.mark.parametrize("seed", range(40))
def test_votes_equal_the_plain_loops(rule, seed, released):
    rng = np.random.default_rng([seed, released])
    query, gallery = people(rng, 3, 4, 3, 2), people(rng, int(rng.integers(1, 30)), 4, 3, 2)
    views = rng.integers(-1, 2, (3, int(rng.integers(1, 5)), 3)).astype(np.float32)
    views[:, 0] = query.vectors
    count = views.shape[1]
    scores = similarities(views.reshape(-1, 3), gallery.vectors).reshape(3, count, len(gallery))
    who, whom = labels(query), labels(gallery).T
    raised, items, votes = refined(scores, who, whom, rule_number(rule), released)
    junk = flags(query, gallery, rule) == JUNK
    for q in range(3):
        order, told = plain_votes(scores[q], gallery.pid, junk[q], released)
        assert items[q].tolist() == order + [-1] * (5 - len(order))
        expected = scores[q, 0].copy()
        for place, g in enumerate(order):
            np.testing.assert_allclose(votes[q, place], told[gallery.pid[g]], rtol=1e-5)
            expected[g] = max(expected[g], sum(told[gallery.pid[g]]))
        np.testing.assert_allclose(raised[q], expected, rtol=1e-5)


def one(vector, pid, camid, clothes):
    return Identified(np.array([vector], np.float32), np.array([pid]), np.array([camid]), np.array([clothes]))


def test_variants_that_agree_on_the_right_person_lift_it_to_rank_one():
    query = one((1, 0, 0), 1, 0, 10)
    vectors = np.array([[0.9, 0.1, 0.4], [0.8, 0.6, 0.1]], np.float32)
    gallery = Identified(vectors, np.array([2, 1]), np.array([1, 1]), np.array([20, 11]))
    assert evaluate(query, gallery, "cc").first.tolist() == [1]
    variants = np.array([[[0.8, 0.6, 0], [0.7, 0.7, 0]]], np.float32)
    assert evaluate(query, gallery, "cc", variants=variants).first.tolist() == [0]


def test_variants_equal_to_the_query_change_no_ranking():
    rng = np.random.default_rng(1)
    query, gallery = people(rng, 30, 6, 3, 2, 16), people(rng, 80, 6, 3, 2, 16)
    same = np.repeat(query.vectors[:, None], 4, axis=1)
    plain, voted = evaluate(query, gallery, "cc"), evaluate(query, gallery, "cc", variants=same)
    np.testing.assert_array_equal(plain.first == 0, voted.first == 0)


def test_junk_votes_only_as_released():
    query = one((1, 0), 1, 0, 10)
    junk, stranger = (1, 0), (0.9, 0.3)
    gallery = Identified(np.array([junk, stranger], np.float32), np.array([1, 2]), np.array([0, 1]), np.array([10, 20]))
    who, whom = labels(query), labels(gallery).T
    scores = similarities(np.array([(1, 0), (1, 0)], np.float32), gallery.vectors)[None]
    assert refined(scores, who, whom, 0)[1][0, :2].tolist() == [1, -1]
    assert refined(scores, who, whom, 0, as_released=True)[1][0, :2].tolist() == [0, 1]
