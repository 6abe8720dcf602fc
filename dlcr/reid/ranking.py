"""The inner loops of evaluation and refinement, compiled; ties always go to the lower gallery index (pure)."""

import os
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import numpy as np
from numba import njit

WRONG, RIGHT, JUNK = 0, 1, 2
LARGEST, BELOW_ALL = np.int32(0x7FFFFFFF), np.int32(-0x80000000)
TOP = 5
"""How many gallery items of each image vote in the refinement (method of DLCR, test-time prediction refinement)."""


@njit(cache=True, nogil=True, inline="always")
def _flag(same_pid, same_camera, same_clothes, clothes_rule):  # type: ignore[no-untyped-def]
    """WRONG, RIGHT or JUNK; `clothes_rule` 0: any clothes count, 1: the same only, -1: others only."""
    if not same_pid:
        return WRONG
    if same_camera or (clothes_rule == 1 and not same_clothes) or (clothes_rule == -1 and same_clothes):
        return JUNK
    return RIGHT


@njit(cache=True, nogil=True)
def flag_rows(query, gallery, rule, out):  # type: ignore[no-untyped-def]
    """Fill `out` (Q, G) uint8; `query` (Q, 3) and `gallery` (3, G) int64 hold pid, camid, clothes."""
    for q in range(len(query)):
        pid, camid, clothes = query[q]
        for g in range(gallery.shape[1]):
            out[q, g] = _flag(gallery[0, g] == pid, gallery[1, g] == camid, gallery[2, g] == clothes, rule)


@njit(cache=True, nogil=True)
def _rank_of(row, item):  # type: ignore[no-untyped-def]
    """How many items of `row` come before `item`: higher ones, and equal ones with a lower index.

    32-bit integers throughout: the compiler then compares sixteen items at once, which beats sorting.
    """
    score, before = row[item], np.int32(0)
    for g in range(np.uint32(item)):
        before += np.int32(row[g] >= score)
    for g in range(np.uint32(item + 1), np.uint32(len(row))):
        before += np.int32(row[g] > score)
    return before


@njit(cache=True, nogil=True)
def _keys(bits, query, gallery, rule, keys, right):  # type: ignore[no-untyped-def]
    """Fill `keys` (G,) int32 with integers in the order of a row of float32 scores, given by their bits, junk below all; and
    `right` with the right items' indices, of which there are as many as returned. -0.0 and 0.0 are the same."""
    pid, camid, clothes = query
    for g in range(len(bits)):
        keys[g] = bits[g] if bits[g] >= 0 else -(bits[g] & LARGEST)
    count = 0
    for g in range(len(bits)):
        if gallery[0, g] == pid:
            if _flag(True, gallery[1, g] == camid, gallery[2, g] == clothes, rule) == JUNK:
                keys[g] = BELOW_ALL
            else:
                right[count] = g
                count += 1
    return count


@njit(cache=True, nogil=True)
def rank_rows(bits, query, gallery, rule, precision, first, best):  # type: ignore[no-untyped-def]
    """For each row of `bits` (Q, G) int32, those of float32 scores: fill average precision (nan = no right item), rank of the first
    right item from 0 (-1 = none) and the gallery index ranked first (-1 = all junk)."""
    right, keys = np.empty(bits.shape[1], np.int64), np.empty(bits.shape[1], np.int32)
    for q in range(len(bits)):
        count = _keys(bits[q], query[q], gallery, rule, keys, right)
        best[q], highest = -1, BELOW_ALL
        for g in range(len(keys)):
            if keys[g] > highest:
                best[q], highest = g, keys[g]
        if count == 0:
            precision[q], first[q] = np.nan, -1
            continue
        ranks = np.empty(count, np.int64)
        for i in range(count):
            ranks[i] = _rank_of(keys, right[i])
        ranks.sort()
        total = 0.0
        for i in range(count):
            total += (i + 1) / (ranks[i] + 1)
        precision[q], first[q] = total / count, ranks[0]


@njit(cache=True, nogil=True)
def _top(row, allowed, items, values):  # type: ignore[no-untyped-def]
    """The best allowed items of `row`, best first, as many as `items` holds; -1 and 0 where there are fewer."""
    items[:], values[:] = -1, 0.0
    filled, count = 0, len(items)
    for g in range(len(row)):
        if not allowed[g] or (filled == count and row[g] <= values[count - 1]):
            continue
        place = min(filled, count - 1)
        while place > 0 and row[g] > values[place - 1]:
            items[place], values[place] = items[place - 1], values[place - 1]
            place -= 1
        items[place], values[place] = g, row[g]
        filled = min(filled + 1, count)


@njit(cache=True, nogil=True)
def top_rows(scores, allowed, items, values):  # type: ignore[no-untyped-def]
    """For each row of `scores` (Q, G) float32, where `allowed` (Q, G) bool: fill `items` and `values` (Q, k), best first."""
    for q in range(len(scores)):
        _top(scores[q], allowed[q], items[q], values[q])


@njit(cache=True, nogil=True)
def vote_rows(scores, query, gallery, rule, released, items, votes):  # type: ignore[no-untyped-def]
    """For each query: `scores` (Q, K + 1, G) float32 = 1 + cosine, image 0 the original. Fills `items` (Q, TOP) int64, the
    original's best, and `votes` (Q, TOP, K + 1) float32: what each image adds to the score of that item's person."""
    images, size = scores.shape[1], scores.shape[2]
    found, values = np.empty(TOP, np.int64), np.empty(TOP, np.float32)
    allowed = np.ones(size, np.bool_)
    votes[:] = 0.0
    for q in range(len(query)):
        pid, camid, clothes = query[q]
        if not released:
            for g in range(size):
                same = gallery[0, g] == pid
                allowed[g] = not same or _flag(True, gallery[1, g] == camid, gallery[2, g] == clothes, rule) != JUNK
        for i in range(images):
            _top(scores[q, i], allowed, found, values)
            if i == 0:
                items[q] = found
            for r in range(TOP):
                if items[q, r] < 0:
                    continue
                person = gallery[0, items[q, r]]
                for other in range(TOP):  # best first: the first of this person is its best score
                    if found[other] >= 0 and gallery[0, found[other]] == person:
                        if i == 0:
                            votes[q, r, 0] = values[other]
                        if (i > 0 or released) and values[0] > 0:
                            votes[q, r, i] += values[other] * values[other] / values[0]
                        break


def in_threads(work: Callable[..., Any], count: int, *arrays: Any) -> None:
    """Call `work` on equal parts of the first axis of all numpy `arrays` of length `count`; other arguments go whole."""
    threads = max(1, min(len(os.sched_getaffinity(0)), count))
    bounds = np.linspace(0, count, threads + 1).astype(int)

    def part(start: int, stop: int) -> None:
        work(*(value.rows[start:stop] if isinstance(value, Rows) else value for value in arrays))

    with ThreadPoolExecutor(threads) as pool:
        list(pool.map(part, bounds[:-1], bounds[1:]))


class Rows:
    """Marks an argument of `in_threads` that is cut along its first axis."""

    __slots__ = ("rows",)

    def __init__(self, rows: np.ndarray):
        self.rows = rows
