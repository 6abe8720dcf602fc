"""Evaluation against the plain loop over queries, on random and on hand-made cases."""

import tracemalloc

import numpy as np
import pytest

from dlcr.core.errors import SettingError
from dlcr.reid.evaluation import JUNK, RIGHT, RULES, evaluate, flags, score, similarities
from dlcr.reid.features import Identified, averaged, dense


def people(rng, count, pids, cameras, outfits, width=3):
    """Photos with few distinct features, so that ties abound."""
    pid = rng.integers(0, pids, count)
    clothes = pid * 10 + rng.integers(0, outfits, count)
    return Identified(
        rng.integers(-1, 2, (count, width)).astype(np.float32), pid, rng.integers(0, cameras, count), clothes
    )


def is_good(rule, same_camera, same_clothes):
    return not same_camera and {"general": True, "sc": same_clothes, "cc": not same_clothes}[rule]


def plain_loop(scores, query, gallery, rule):
    """One query after the other, everything sorted, nothing clever."""
    rows = []
    for q in range(len(query)):
        ranking = sorted(range(len(gallery)), key=lambda g: (-scores[q, g], g))
        hits, order = [], []
        for g in ranking:
            if gallery.pid[g] != query.pid[q]:
                hits.append(False)
                order.append(g)
            elif is_good(rule, gallery.camid[g] == query.camid[q], gallery.clothes[g] == query.clothes[q]):
                hits.append(True)
                order.append(g)
        places = [rank for rank, hit in enumerate(hits) if hit]
        precision = sum((i + 1) / (rank + 1) for i, rank in enumerate(places)) / len(places) if places else np.nan
        rows.append((precision, places[0] if places else -1, order[0] if order else -1))
    return [np.array(column) for column in zip(*rows, strict=True)]


@pytest.mark.parametrize("rule", RULES)
@pytest.mark.parametrize("seed", range(80))
def test_equals_the_plain_loop(rule, seed):
    rng = np.random.default_rng([seed, len(rule)])
    shape = {"pids": rng.integers(1, 6), "cameras": rng.integers(1, 4), "outfits": rng.integers(1, 3)}
    query = people(rng, int(rng.integers(1, 9)), **shape)
    gallery = people(rng, int(rng.integers(1, 40)), **shape)
    found = evaluate(query, gallery, rule, block_bytes=int(rng.integers(1, 2000)))
    precision, first, best = plain_loop(similarities(query.vectors, gallery.vectors), query, gallery, rule)
    np.testing.assert_allclose(found.precision, precision, atol=1e-12)
    np.testing.assert_array_equal(found.first, first)
    np.testing.assert_array_equal(found.best, best)
    counted = first[first >= 0]
    assert (found.queries, found.skipped) == (len(counted), len(first) - len(counted))
    for k in (1, 5, 10, 20):
        assert found.rank(k) == pytest.approx((counted < k).mean() if len(counted) else 0)


@pytest.mark.parametrize("seed", range(20))
def test_ready_scores_of_any_sign_rank_by_the_same_rules(seed):
    rng = np.random.default_rng(seed)
    query, gallery = people(rng, 6, 4, 3, 2), people(rng, 30, 4, 3, 2)
    scores = rng.integers(-3, 3, (6, 30)).astype(np.float32) * np.float32(-0.5)  # minus zero too
    before = scores.copy()
    found = score(scores, query, gallery, "cc")
    precision, first, best = plain_loop(scores, query, gallery, "cc")
    np.testing.assert_allclose(found.precision, precision)
    assert (found.first.tolist(), found.best.tolist()) == (first.tolist(), best.tolist())
    assert np.array_equal(scores, before)
    with pytest.raises(SettingError, match="30 gallery items"):
        score(scores.T, query, gallery, "cc")


SPREADS = {
    "even": lambda rng, shape: rng.random(shape) * 2,
    "tied": lambda rng, shape: rng.integers(-4, 4, shape) / 4,
    "crowded": lambda rng, shape: np.where(rng.random(shape) < 0.01, 1e6, 1 + rng.random(shape) * 1e-6),
    "close to nothing": lambda rng, shape: rng.standard_normal(shape) * 1e-42,
    "huge": lambda rng, shape: rng.standard_normal(shape) * 3e38,
    "all the same": lambda rng, shape: np.ones(shape),
}


@pytest.mark.filterwarnings("ignore:overflow")
@pytest.mark.parametrize("rule", RULES)
@pytest.mark.parametrize("spread", SPREADS)
@pytest.mark.parametrize("pids", [3, 40])
def test_many_and_few_right_photos_however_the_scores_are_spread(pids, spread, rule):
    rng = np.random.default_rng([len(spread), len(rule), pids])
    query, gallery = people(rng, 12, pids, 3, 2), people(rng, 700, pids, 3, 2)
    scores = SPREADS[spread](rng, (12, 700)).astype(np.float32)  # "huge" holds infinities
    found = score(scores, query, gallery, rule)
    precision, first, best = plain_loop(scores, query, gallery, rule)
    np.testing.assert_allclose(found.precision, precision)
    assert (found.first.tolist(), found.best.tolist()) == (first.tolist(), best.tolist())


def photos(*rows):
    vectors, pid, camid, clothes = zip(*rows, strict=True)
    return Identified(np.array(vectors, np.float32), np.array(pid), np.array(camid), np.array(clothes))


def test_the_three_rules_on_one_gallery():
    query = photos(((1, 0), 1, 0, 10))
    same_camera, other_clothes, same_clothes, stranger = (
        ((1, 0), 1, 0, 11),
        ((1, 0.1), 1, 1, 11),
        ((1, 0.2), 1, 1, 10),
        ((1, 0.3), 2, 0, 20),
    )
    gallery = photos(same_camera, other_clothes, same_clothes, stranger)
    assert flags(query, gallery, "general").tolist() == [[JUNK, RIGHT, RIGHT, 0]]
    assert flags(query, gallery, "cc").tolist() == [[JUNK, RIGHT, JUNK, 0]]
    assert flags(query, gallery, "sc").tolist() == [[JUNK, JUNK, RIGHT, 0]]


def test_a_query_whose_person_is_not_there_is_skipped_and_counted():
    query = photos(((1, 0), 1, 0, 10), ((1, 0), 9, 0, 90))
    found = evaluate(query, photos(((1, 0), 1, 1, 10), ((0, 1), 2, 1, 20)), "general")
    assert (found.queries, found.skipped, found.rank(1), found.mean_precision) == (1, 1, 1.0, 1.0)


def test_all_junk_and_an_empty_gallery_give_zero_not_an_error():
    query = photos(((1, 0), 1, 0, 10))
    for gallery in (photos(((1, 0), 1, 0, 10)), query.take(np.array([], int))):
        found = evaluate(query, gallery, "general")
        assert (found.queries, found.skipped, found.rank(1), found.mean_precision) == (0, 1, 0.0, 0.0)
        assert found.best.tolist() == [-1]


def test_a_single_camera_leaves_no_query():
    rng = np.random.default_rng(0)
    found = evaluate(people(rng, 6, 3, 1, 2), people(rng, 20, 3, 1, 2), "general")
    assert (found.queries, found.skipped) == (0, 6)


def test_ties_go_to_the_lower_gallery_index():
    query = photos(((1, 0), 1, 0, 10))
    right, wrong = ((1, 0), 1, 1, 10), ((1, 0), 2, 1, 20)
    assert evaluate(query, photos(right, wrong), "general").first.tolist() == [0]
    assert evaluate(query, photos(wrong, right), "general").first.tolist() == [1]


def test_half_precision_vectors_of_any_length_rank_alike():
    rng = np.random.default_rng(0)
    query, gallery = people(rng, 20, 5, 3, 2, 16), people(rng, 60, 5, 3, 2, 16)
    longer = Identified((gallery.vectors * 4).astype(np.float16), gallery.pid, gallery.camid, gallery.clothes)
    assert evaluate(query, gallery, "cc").mean_precision == evaluate(query, longer, "cc").mean_precision


def test_a_large_gallery_needs_little_memory():
    rng = np.random.default_rng(0)
    query, gallery = people(rng, 2000, 50, 3, 2, 8), people(rng, 20_000, 50, 3, 2, 8)
    tracemalloc.start()
    evaluate(query, gallery, "cc", block_bytes=8 * 2**20)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 40 * 2**20  # the whole matrix would take 153 MiB


def test_wrong_input_is_named():
    rng = np.random.default_rng(0)
    query, gallery = people(rng, 3, 2, 2, 2), people(rng, 4, 2, 2, 2)
    with pytest.raises(SettingError, match="cc"):
        evaluate(query, gallery, "changed")
    with pytest.raises(SettingError, match="differ in length"):
        evaluate(query, people(rng, 4, 2, 2, 2, 8), "cc")
    broken = np.where(np.arange(4)[:, None] == 2, np.nan, gallery.vectors)
    with pytest.raises(SettingError, match="not finite"):
        evaluate(query, Identified(broken, gallery.pid, gallery.camid, gallery.clothes), "cc")
    with pytest.raises(SettingError, match="differ in number"):
        Identified(query.vectors, gallery.pid, gallery.camid, gallery.clothes)


def test_outfits_are_numbered_over_sorted_names():
    assert dense(["b", "a", "10", "b"]).tolist() == [2, 1, 0, 2]


def test_a_tracklet_is_the_mean_of_its_photos():
    four = photos(((1, 0), 1, 0, 10), ((3, 0), 2, 1, 20), ((0, 2), 1, 0, 10), ((5, 6), 2, 1, 20))
    found, first = averaged(four, dense(["b", "a", "b", "a"]))
    assert found.vectors.tolist() == [[4, 3], [0.5, 1]]
    assert (found.pid.tolist(), found.camid.tolist(), found.clothes.tolist()) == ([2, 1], [1, 0], [20, 10])
    assert first.tolist() == [1, 0]
