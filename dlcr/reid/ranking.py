"""The inner loops of evaluation and refinement, compiled; ties always go to the lower gallery index (pure)."""

import numpy as np
from numba import njit

WRONG, RIGHT, JUNK = 0, 1, 2
LARGEST, BELOW_ALL = np.int32(0x7FFFFFFF), np.int32(-0x80000000)
INFINITE = np.int32(0x7F800000)
"""The key of an infinite score; those beyond are of no number."""
LEAST, MOST = np.float32(1e-30), np.float32(1e30)
"""Ranges of scores between which the arithmetic of buckets stays finite."""
BLOCK = 64
"""Scores that are looked at together."""
FEW, LANES = 32, 256
"""Groups of a row's items whose best tell what the first few, or the first hundred, reach at least."""
BUCKETS, MANY = 2048, 100
"""From so many right items on counting by buckets is quicker than comparing each with the whole row."""
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
def score_rows(products, scale, start, out):  # type: ignore[no-untyped-def]
    """Fill `out` (Q, G) float32 from column `start` on with 1 + products (Q, n or more) * scale (n,), 0 where that is below 0."""
    for q in range(len(products)):
        for g in range(len(scale)):
            out[q, start + g] = max(products[q, g] * scale[g] + np.float32(1), np.float32(0))


@njit(cache=True, nogil=True)
def flag_rows(query, gallery, rule, out):  # type: ignore[no-untyped-def]
    """Fill `out` (Q, G) uint8; `query` (Q, 3) and `gallery` (3, G) int64 hold pid, camid, clothes."""
    for q in range(len(query)):
        pid, camid, clothes = query[q]
        for g in range(gallery.shape[1]):
            out[q, g] = _flag(gallery[0, g] == pid, gallery[1, g] == camid, gallery[2, g] == clothes, rule)


@njit(cache=True, nogil=True)
def _rank_of(row, item):  # type: ignore[no-untyped-def]
    """How many items of `row` (whole blocks) come before `item`: higher ones, and equal ones with a lower index.

    The sum is made 32 bits again at every step: the compiler then compares eight items at once, which beats sorting. The item's own
    block is counted by itself, so that no loop ends between two of them.
    """
    score, before = row[item], np.int32(0)
    start = np.uint32(item - item % BLOCK)
    for g in range(start):
        before = np.int32(before + np.int32(row[g] >= score))
    block, place = row[start : start + BLOCK], np.int32(item - start)
    for j in range(np.int32(BLOCK)):
        before = np.int32(before + np.int32((block[j] > score) | ((block[j] == score) & (np.int32(j) < place))))
    for g in range(np.uint32(start + BLOCK), np.uint32(len(row))):
        before = np.int32(before + np.int32(row[g] > score))
    return before


@njit(cache=True, nogil=True)
def _keys(bits, query, gallery, own, rule, keys, right):  # type: ignore[no-untyped-def]
    """Fill `keys` (G,) int32 with integers in the order of a row of float32 scores, given by their bits, junk below all; and
    `right` with the right items' indices, of which there are as many as returned. -0.0 and 0.0 are the same.

    `own` are the gallery's items of the query's person, in ascending order."""
    _, camid, clothes = query
    for g in range(np.uint32(len(bits))):
        keys[g] = bits[g] if bits[g] >= 0 else -(bits[g] & LARGEST)
    count = 0
    for g in own:
        if _flag(True, gallery[1, g] == camid, gallery[2, g] == clothes, rule) == JUNK:
            keys[g] = BELOW_ALL
        else:
            right[count] = g
            count += 1
    return count


@njit(cache=True, nogil=True)
def _highest(keys):  # type: ignore[no-untyped-def]
    """The first of the highest keys, -1 if all are junk; and the highest key."""
    high, size = BELOW_ALL, len(keys)
    for g in range(np.uint32(size)):
        high = max(high, keys[g])
    if high == BELOW_ALL:
        return -1, high
    start, found = 0, np.int32(0)
    while start + BLOCK <= size:
        for j in range(np.uint32(BLOCK)):
            found |= np.int32(keys[start + j] == high)
        if found:
            break
        start += BLOCK
    while keys[start] != high:
        start += 1
    return start, high


@njit(cache=True, nogil=True)
def _lowest(keys):  # type: ignore[no-untyped-def]
    """The lowest key that is not junk."""
    low = LARGEST
    for g in range(np.uint32(len(keys))):
        low = min(low, keys[g] if keys[g] != BELOW_ALL else LARGEST)
    return low


@njit(cache=True, nogil=True)
def _score_of(key):  # type: ignore[no-untyped-def]
    """The float32 score that a key stands for."""
    bits = np.empty(1, np.int32)
    bits[0] = abs(key)
    return np.copysign(bits.view(np.float32)[0], np.float32(key))


@njit(cache=True, nogil=True)
def _scale(low, high):  # type: ignore[no-untyped-def]
    """Buckets a unit of score, if the scores between two keys can be counted in buckets; else 0."""
    if high >= INFINITE or low <= -INFINITE:
        return np.float32(0)
    span = _score_of(high) - _score_of(low)
    return np.float32(BUCKETS - 1) / span if LEAST < span < MOST else np.float32(0)


@njit(cache=True, nogil=True)
def _rank_in_buckets(scores, keys, right, start, scale, work, ranks):  # type: ignore[no-untyped-def]
    """Fill `ranks` of the right items: those before an item are all of higher buckets and the higher ones of its own.

    Buckets are equal parts of the scores' range from `start` on; only the few items that share one with a right item are compared.
    """
    place, few, few_place, few_key, above, marked = work
    above[:], marked[:] = 0, 0
    for g in range(np.uint32(len(keys))):
        place[g] = np.int32((scores[g] - start) * scale) if keys[g] != BELOW_ALL else np.int32(0)
    for g in range(np.uint32(len(keys))):
        above[place[g]] += 1
    total = np.int32(0)
    for bucket in range(BUCKETS - 1, -1, -1):
        above[bucket], total = total, total + above[bucket]
    for i in range(len(right)):
        marked[place[right[i]]] = 1
    count = 0
    for g in range(np.uint32(len(keys))):
        few[count] = g
        count += marked[place[g]]
    for j in range(np.uint32(count)):
        few_place[j], few_key[j] = place[few[j]], keys[few[j]]
    own = 0
    for i in range(len(right)):
        while few[own] != right[i]:
            own += 1
        bucket, key, before = few_place[own], few_key[own], above[few_place[own]]
        for j in range(np.uint32(own)):
            before += np.int32((few_place[j] == bucket) & (few_key[j] >= key))
        for j in range(np.uint32(own + 1), np.uint32(count)):
            before += np.int32((few_place[j] == bucket) & (few_key[j] > key))
        ranks[i] = before


@njit(cache=True, nogil=True)
def _precision(ranks):  # type: ignore[no-untyped-def]
    """Average precision of right items at these `ranks` (n,) int32 from 0, in any order, which is not kept; and the first rank.

    A few are counted against each other, which is quicker than to sort them.
    """
    total = 0.0
    if len(ranks) >= MANY:
        ranks.sort()
        for i in range(len(ranks)):
            total += (i + 1) / (ranks[i] + 1)
        return total / len(ranks), ranks[0]
    first = ranks[0]
    for i in range(len(ranks)):
        rank, before = ranks[i], np.int32(1)
        for j in range(np.uint32(len(ranks))):
            before = np.int32(before + np.int32(ranks[j] < rank))
        total += before / (rank + 1)
        first = min(first, rank)
    return total / len(ranks), first


@njit(cache=True, nogil=True)
def rank_rows(bits, query, own, gallery, by_person, rule, precision, first, best):  # type: ignore[no-untyped-def]
    """For each row of `bits` (Q, G) int32, those of float32 scores: fill average precision (nan = no right item), rank of the first
    right item from 0 (-1 = none) and the gallery index ranked first (-1 = all junk).

    `by_person` (G,) are the gallery's indices by person, ascending in each; `own` (Q, 2) where the query's person begins and ends.
    """
    size, scores = bits.shape[1], bits.view(np.float32)
    right, all_ranks = np.empty(size, np.int64), np.empty(size, np.int32)
    whole = np.full(-(-size // BLOCK) * BLOCK, BELOW_ALL)
    keys = whole[:size]
    work = (
        np.empty(size, np.int32), np.empty(size + 1, np.int32), np.empty(size, np.int32), np.empty(size, np.int32),
        np.empty(BUCKETS, np.int32), np.empty(BUCKETS, np.int32),
    )  # fmt: skip
    for q in range(len(bits)):
        count = _keys(bits[q], query[q], gallery, by_person[own[q, 0] : own[q, 1]], rule, keys, right)
        best[q], high = _highest(keys)
        if count == 0:
            precision[q], first[q] = np.nan, -1
            continue
        ranks = all_ranks[:count]
        low = _lowest(keys) if count >= MANY else high
        scale = _scale(low, high)
        if scale > 0:
            _rank_in_buckets(scores[q], keys, right[:count], _score_of(low), scale, work, ranks)
        else:
            for i in range(count):
                ranks[i] = _rank_of(whole, right[i])
        precision[q], first[q] = _precision(ranks)


@njit(cache=True, nogil=True)
def _bound(row, allowed, count):  # type: ignore[no-untyped-def]
    """A score that at least `count` allowed items of `row` reach; -inf if that is not known.

    The items fall into groups by their index, several times as many as are wanted; every group's best is an item of its own.
    """
    none = np.float32(-np.inf)
    groups = FEW if count <= FEW // 4 else LANES
    if count > groups // 2 or len(row) < 4 * groups:
        return none
    lanes = np.full(groups, none)
    for start in range(0, max(4 * groups, len(row) // 8) - groups + 1, groups):  # a part of the row tells enough
        part = row[start : start + groups]
        for j in range(np.uint32(groups)):
            value = part[j]
            if allowed is not None:
                value = value if allowed[start + j] else none
            lanes[j] = value if value > lanes[j] else lanes[j]
    lanes.sort()
    return lanes[groups - count]


@njit(cache=True, nogil=True)
def _insert(items, values, filled, item, value):  # type: ignore[no-untyped-def]
    """Put an item behind those of `items` that have its value or more; the last falls out if there were `filled` = all."""
    place = min(filled, len(items) - 1)
    while place > 0 and value > values[place - 1]:
        items[place], values[place] = items[place - 1], values[place - 1]
        place -= 1
    items[place], values[place] = item, value


@njit(cache=True, nogil=True)
def _top(row, allowed, items, values):  # type: ignore[no-untyped-def]
    """The best items of `row` that are `allowed` (None: all), best first, as many as `items` holds; -1 and 0 where there are fewer.

    A block in which nothing reaches what the last of them must have is passed over at once.
    """
    items[:], values[:] = -1, 0.0
    filled, size = 0, len(row)
    needed = _bound(row, allowed, len(items))
    for start in range(0, size, BLOCK):
        part = row[start : start + BLOCK]
        if len(part) == BLOCK:
            reached = np.int32(0)
            for j in range(np.uint32(BLOCK)):
                reached |= np.int32(part[j] >= needed)
            if not reached:
                continue
        for j in range(np.uint32(len(part))):
            if part[j] < needed:
                continue
            if allowed is not None and not allowed[start + j]:
                continue
            _insert(items, values, filled, start + j, part[j])
            filled = min(filled + 1, len(items))
            if filled == len(items):  # an equal one further on comes later: more is needed from now on
                needed = max(needed, np.float32(np.nextafter(values[filled - 1], np.float32(np.inf))))


@njit(cache=True, nogil=True)
def top_rows(scores, allowed, items, values):  # type: ignore[no-untyped-def]
    """For each row of `scores` (Q, G) float32, where `allowed` (Q, G) bool, or everywhere if that is None: fill `items` and
    `values` (Q, k), best first."""
    for q in range(len(scores)):
        _top(scores[q], None if allowed is None else allowed[q], items[q], values[q])


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
