"""Evaluation, distances, top k and refinement at the sizes of PRCC and LaST, against the field's released ways.

Peers are written as the releases do it: one query after the other with argsort and set operations, products row by row [CAL's
release]; nested dictionaries [DLCR's release, on a part of the queries, counted up]. Ours and the peer take turns; medians count.

    python benchmarks/bench_eval.py [--only eval-prcc,topk] [--repeats 9]

Prints one JSON object on one line.
"""

import argparse
import json
import os
import platform
import resource
import statistics
import time
from collections.abc import Callable
from functools import partial
from typing import Any

import numpy as np

from dlcr.reid.evaluation import evaluate, refined, score, similarities
from dlcr.reid.features import Identified, unit
from dlcr.reid.retrieval import top_k

REST = 0.1
"""Seconds before each measurement: threads of a matrix product spin for a while after it, and would count for the next one."""


def crowd(count: int, people: int, camera: int, width: int, seed: int) -> Identified:
    """Features around each person's own direction."""
    rng = np.random.default_rng(seed)
    pid = rng.integers(0, people, count)
    centres = np.random.default_rng(99).standard_normal((people, width)).astype(np.float32)
    vectors = centres[pid] + 2 * rng.standard_normal((count, width)).astype(np.float32)
    return Identified(unit(vectors), pid, np.full(count, camera), pid * 2 + camera)


def released_score(scores: np.ndarray, query: Identified, gallery: Identified) -> tuple[float, float]:
    """mAP and rank-1, clothes-changing, query by query with argsort and sets."""
    precisions, firsts = [], []
    for row in range(len(query)):
        index = np.argsort(-scores[row])
        person = np.argwhere(gallery.pid == query.pid[row])
        camera = np.argwhere(gallery.camid == query.camid[row])
        clothes = np.argwhere(gallery.clothes == query.clothes[row])
        good = np.setdiff1d(np.setdiff1d(person, camera, assume_unique=True), clothes, assume_unique=True)
        junk = np.union1d(np.intersect1d(person, camera), np.intersect1d(person, clothes))
        if good.size == 0:
            continue
        index = index[np.isin(index, junk, invert=True)]
        places = np.argwhere(np.isin(index, good)).flatten()
        firsts.append(places[0] == 0)
        precisions.append(sum((i + 1) / (place + 1) for i, place in enumerate(places)) / len(good))
    return float(np.mean(precisions)), float(np.mean(firsts))


def _descending(row: np.ndarray, item: int) -> Any:
    return -row[item]


def released_refine(scores: np.ndarray, gallery: Identified) -> list[Any]:
    """Each query's best person by nested dictionaries; scores (Q, K + 1, G)."""
    answers = []
    for images in scores:
        table: dict[int, dict[int, float]] = {}
        for number, row in enumerate(images):
            ranking = sorted(range(len(row)), key=partial(_descending, row))[:5]
            table[number] = {}
            for g in ranking:
                person = int(gallery.pid[g])
                table[number][person] = max(table[number].get(person, 0.0), float(row[g]))
        total = dict(table[0])
        for number in range(1, len(images)):
            for person in total:
                if person in table[number]:
                    total[person] += table[number][person] ** 2 / max(table[number].values())
        answers.append(max(total, key=total.__getitem__))
    return answers


def seconds(work: Callable[[], Any]) -> float:
    time.sleep(REST)
    start = time.perf_counter()
    work()
    return time.perf_counter() - start


def turns(ours: Callable[[], Any], peer: Callable[[], Any], repeats: int, share: float = 1.0) -> tuple[float, float]:
    """Median seconds of both, interleaved; the peer does `share` of the work and is counted up."""
    ours()
    times = [(seconds(ours), seconds(peer) / share) for _ in range(repeats)]
    return statistics.median(t[0] for t in times), statistics.median(t[1] for t in times)


def eval_prcc(repeats: int) -> dict[str, Any]:
    query, gallery = crowd(3543, 71, 2, 64, 1), crowd(3384, 71, 0, 64, 2)
    scores = similarities(query.vectors, gallery.vectors)
    found, expected = score(scores, query, gallery, "cc"), released_score(scores, query, gallery)
    assert abs(found.mean_precision - expected[0]) < 1e-6
    assert found.rank(1) == expected[1]
    ours, peer = turns(
        lambda: score(scores, query, gallery, "cc"), lambda: released_score(scores, query, gallery), repeats
    )
    return {"ours": ours, "peer": peer, "floor": scores.nbytes / memory_rate(), "wanted": 25}


def eval_last(repeats: int) -> dict[str, Any]:
    query, gallery = crowd(500, 5000, 1, 64, 1), crowd(125_353, 5000, 0, 64, 2)
    scores = similarities(query.vectors, gallery.vectors)
    part = query.take(np.arange(50))
    ours, peer = turns(
        lambda: score(scores, query, gallery, "general"),
        lambda: released_score(scores[:50], part, gallery), repeats, share=0.1,
    )  # fmt: skip
    evaluate(query, gallery, "general")
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**20
    return {
        "ours": ours,
        "peer": peer,
        "floor": scores.nbytes / memory_rate(),
        "wanted": 18,
        "peak_gib": round(peak, 2),
    }


def distance(repeats: int) -> dict[str, Any]:
    query, gallery = crowd(500, 100, 1, 4096, 1).vectors, crowd(20_000, 100, 0, 4096, 2).vectors
    floor = statistics.median(seconds(lambda: np.matmul(query, gallery.T)) for _ in range(repeats + 1))
    ours, peer = turns(
        lambda: similarities(query, gallery), lambda: [row[None] @ gallery.T for row in query[:50]], repeats, share=0.1
    )
    return {
        "ours": ours,
        "peer": peer,
        "floor": floor,
        "share_of_gemm_rate": floor / ours,
        "wanted": 0.9,
        "gallery": 20_000,
    }


def topk(repeats: int) -> dict[str, Any]:
    scores = np.random.default_rng(0).random((200, 125_353), np.float32)
    ours, peer = turns(
        lambda: top_k(scores, 50), lambda: [np.argsort(-row) for row in scores[:50]], repeats, share=0.25
    )
    return {"ours": ours, "peer": peer, "floor": scores.nbytes / memory_rate(), "wanted": 30}


def refine(repeats: int) -> dict[str, Any]:
    query, gallery = crowd(700, 71, 2, 64, 1), crowd(3384, 71, 0, 64, 2)
    scores = np.random.default_rng(0).random((700, 5, 3384), np.float32)
    who = np.stack([query.pid, query.camid, query.clothes], 1)
    whom = np.stack([gallery.pid, gallery.camid, gallery.clothes])
    ours, peer = turns(
        lambda: refined(scores, who, whom, -1), lambda: released_refine(scores[:14], gallery), repeats, share=0.02
    )
    return {"ours": ours, "peer": peer, "floor": scores.nbytes / memory_rate(), "wanted": 50, "queries": 700}


def memory_rate() -> float:
    """Bytes a second that this machine reads, measured now."""
    block = np.ones(32 * 2**20, np.float32)
    return block.nbytes / min(seconds(block.max) for _ in range(3))


BENCHMARKS = {"eval-prcc": eval_prcc, "eval-last": eval_last, "distance": distance, "topk": topk, "refine": refine}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--only", default=",".join(BENCHMARKS))
    parser.add_argument("--repeats", type=int, default=9)
    given = parser.parse_args()
    results = []
    for name in given.only.split(","):
        told = BENCHMARKS[name](given.repeats)
        results.append({"name": name, "ratio": told["peer"] / told["ours"], **told})
    machine = {"cpus": len(os.sched_getaffinity(0)), "python": platform.python_version(), "numpy": np.__version__}
    print(json.dumps({"results": results, "machine": machine}))


if __name__ == "__main__":
    main()
