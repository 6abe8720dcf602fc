"""CMC and mAP under the general, clothes-changing and same-clothes rules, in blocks; arrays in, numbers out (pure).

A rule says which gallery items are right, wrong or junk for a query; which photos are queries and gallery is the data set's
matter. Queries without a right gallery item are left out and counted. Ties go to the lower gallery index.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import cache

import numpy as np
from threadpoolctl import ThreadpoolController  # type: ignore[import-untyped]

from dlcr.core.errors import SettingError
from dlcr.core.threads import Rows, cores, in_threads
from dlcr.reid.features import Identified, inverse_lengths, part_lengths, unit
from dlcr.reid.ranking import JUNK, RIGHT, TOP, WRONG, flag_rows, rank_rows, score_rows, vote_rows

__all__ = ["JUNK", "RIGHT", "RULES", "WRONG", "Scores", "evaluate", "flags", "score"]

RULES = {"general": 0, "sc": 1, "cc": -1}
"""general: junk = the query's pid and camera. cc: junk also = the query's pid and clothes. sc: right = the query's pid and
clothes in another camera, the rest of the pid is junk (Qian et al. 2020; Gu et al. 2022, section 4.1)."""
BLOCK_BYTES = 256 * 2**20
"""Memory for the scores of one block of queries; about three times as much is used in all, beside the features themselves."""
PART, QUERY_ROWS = 4032, 512
"""Gallery items and queries of one matrix product at most; rows of a power of two would get in each other's way in the cache."""
TILE, QUERY_TILE = 64, 8
"""Rows of both that the kernels of matrix products take at once, or whole multiples."""


@dataclass(frozen=True, slots=True, eq=False)
class Scores:
    """Fractions of 1 over the `queries` that count; `skipped` had no right gallery item.

    For each query, in the given order: `precision` (Q,) float64, average precision, nan where skipped; `first` (Q,) int64, rank
    of the first right item from 0, -1 where skipped; `best` (Q,) int64, gallery index ranked first, -1 if all was junk. After a
    refinement also `items` (Q, 5) int64, the original's best (-1 = fewer), and `votes` (Q, 5, K + 1) float32, what each image adds.
    """

    precision: np.ndarray
    first: np.ndarray
    best: np.ndarray
    items: np.ndarray | None = None
    votes: np.ndarray | None = None

    @property
    def queries(self) -> int:
        return int((self.first >= 0).sum())

    @property
    def skipped(self) -> int:
        return len(self.first) - self.queries

    @property
    def mean_precision(self) -> float:
        """mAP; 0 if no query counts."""
        return float(np.nanmean(self.precision)) if self.queries else 0.0

    def rank(self, k: int) -> float:
        """CMC at rank `k` (from 1); 0 if no query counts."""
        return float((self.first[self.first >= 0] < k).mean()) if self.queries else 0.0


def rule_number(rule: str) -> int:
    """The number of a rule's name; SettingError lists the names."""
    if rule not in RULES:
        raise SettingError(f"unknown protocol rule '{rule}'.", f"Choose one of: {', '.join(RULES)}.")
    return RULES[rule]


def flags(query: Identified, gallery: Identified, rule: str) -> np.ndarray:
    """(Q, G) uint8 of WRONG, RIGHT or JUNK."""
    out = np.empty((len(query), len(gallery)), np.uint8)
    flag_rows(_labels(query), _columns(gallery), rule_number(rule), out)
    return out


def evaluate(
    query: Identified, gallery: Identified, rule: str, *,
    variants: np.ndarray | None = None, as_released: bool = False, block_bytes: int = BLOCK_BYTES,
) -> Scores:  # fmt: skip
    """Rank the gallery for every query by cosine and score it; with `variants` (Q, K, D) refined by their votes first."""
    number, labels, others = rule_number(rule), _labels(query), _columns(gallery)
    _agree(query, gallery, variants)
    parts: list[Scores] = []
    for rows, scores in _blocks(query, gallery, variants, block_bytes):
        if variants is None:
            parts.append(_ranked(scores[:, 0], labels[rows], others, number))
        else:
            raised, items, votes = refined(scores, labels[rows], others, number, as_released)
            parts.append(replace(_ranked(raised, labels[rows], others, number), items=items, votes=votes))
    return _joined(parts)


def score(scores: np.ndarray, query: Identified, gallery: Identified, rule: str) -> Scores:
    """The same from ready scores (Q, G) float32, higher = nearer, of any sign; the vectors are not looked at."""
    if scores.shape != (len(query), len(gallery)):
        raise SettingError(
            f"scores are {scores.shape}, for {len(query)} queries and {len(gallery)} gallery items.", "Give (Q, G)."
        )
    return _ranked(np.asarray(scores, np.float32), _labels(query), _columns(gallery), rule_number(rule))


def _ranked(scores: np.ndarray, query: np.ndarray, gallery: np.ndarray, rule: int) -> Scores:
    bits, count = np.ascontiguousarray(scores).view(np.int32), len(scores)
    precision = np.empty(count, np.float64)
    first, best = np.empty(count, np.int64), np.empty(count, np.int64)
    by_person = np.argsort(gallery[0], kind="stable")
    people = gallery[0, by_person]
    own = np.stack([np.searchsorted(people, query[:, 0], side) for side in ("left", "right")], axis=1)
    out = (Rows(precision), Rows(first), Rows(best))
    in_threads(rank_rows, count, Rows(bits), Rows(query), Rows(own), gallery, by_person, rule, *out)
    return Scores(precision, first, best)


def _joined(parts: list[Scores]) -> Scores:
    """Blocks of queries in one."""
    if not parts:
        return Scores(np.zeros(0), np.zeros(0, np.int64), np.zeros(0, np.int64))
    names = ("precision", "first", "best", *(("items", "votes") if parts[0].items is not None else ()))
    columns: list[np.ndarray] = [np.concatenate([getattr(part, name) for part in parts]) for name in names]
    return Scores(*columns)


def refined(
    scores: np.ndarray, query: np.ndarray, gallery: np.ndarray, rule: int, as_released: bool = False
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Scores (Q, K + 1, G) float32 = 1 + cosine -> the original's scores with those of its best items raised to their person's
    (Q, G), these items (Q, 5) int64 (-1 = fewer) and every image's vote for each of them (Q, 5, K + 1).

    `query` (Q, 3) and `gallery` (3, G) int64 hold pid, camid, clothes.
    """
    items = np.empty((len(scores), TOP), np.int64)
    votes = np.empty((len(scores), TOP, scores.shape[1]), np.float32)
    in_threads(vote_rows, len(scores), Rows(scores), Rows(query), gallery, rule, as_released, Rows(items), Rows(votes))
    raised = scores[:, 0].copy()
    rows, places = np.nonzero(items >= 0)
    chosen = items[rows, places]
    raised[rows, chosen] = np.maximum(raised[rows, chosen], votes.sum(axis=2)[rows, places])
    return raised, items, votes


def similarities(query: np.ndarray, gallery: np.ndarray, scale: np.ndarray | None = None) -> np.ndarray:
    """1 + cosine of (Q, D) and (G, D), any float types -> (Q, G) float32 in 0..2; `scale` = `inverse_lengths(gallery)` if known.

    The gallery is read in parts, so that it may be a memmap; each thread does lengths, products and scores of its own parts while
    they lie in its cache, for threads of a matrix product wait for each other. Equal vectors get equal scores, wherever they
    stand: sizes are whole tiles, because a matrix product's kernels for edges sum in another order and break ties by the last bit.
    """
    out = np.empty((len(query), len(gallery)), np.float32)
    parts = np.array(list(_parts(len(gallery))), np.int64).reshape(-1, 2)
    with _blas().limit(limits=1, user_api="blas"):
        in_threads(_score_parts, len(parts), Rows(parts), unit(_padded(query, QUERY_TILE)), gallery, scale, out)
    return out


def _score_parts(
    parts: np.ndarray, queries: np.ndarray, gallery: np.ndarray, scale: np.ndarray | None, out: np.ndarray
) -> None:
    """Fill the columns of `out` (Q, G) that are named by `parts` (P, 2); `queries` (Q or more, D) float32 of length 1."""
    products: dict[tuple[int, int], np.ndarray] = {}  # by size, so that memory is asked for once
    for start, stop in parts.tolist():
        answers = _padded(np.asarray(gallery[start:stop], np.float32), TILE)
        lengths = part_lengths(answers[: stop - start], start) if scale is None else scale[start:stop]
        for row in range(0, len(out), QUERY_ROWS):
            some = queries[row : row + QUERY_ROWS]
            size = len(some), len(answers)
            products[size] = np.matmul(some, answers.T, out=products.get(size))
            rows = out[row : row + QUERY_ROWS]
            score_rows(products[size][: len(rows)], lengths, start, rows)


@cache
def _blas() -> ThreadpoolController:
    return ThreadpoolController()


def _parts(count: int) -> Iterator[tuple[int, int]]:
    """From where to where the gallery is read: parts of one size, whole tiles unless there is but one; the last reaches back.

    As many for each thread as for any other.
    """
    threads = cores()
    parts = max(-(-count // PART), min(threads, count // (4 * TILE)))
    if parts > 1:
        parts = -(-parts // threads) * threads
    size = -(-count // (max(1, parts) * TILE)) * TILE
    for start in range(0, count, max(1, size)):
        stop = min(start + size, count)
        yield max(0, stop - size), stop


def _padded(vectors: np.ndarray, tile: int) -> np.ndarray:
    """The vectors with rows of zeros up to a whole number of tiles."""
    missing = -len(vectors) % tile
    return np.concatenate([vectors, np.zeros((missing, vectors.shape[1]), vectors.dtype)]) if missing else vectors


def _blocks(
    query: Identified, gallery: Identified, variants: np.ndarray | None, block_bytes: int
) -> Iterator[tuple[slice, np.ndarray]]:
    images = 1 + (0 if variants is None else variants.shape[1])
    size = max(1, block_bytes // max(1, 4 * images * len(gallery)))
    scale = inverse_lengths(gallery.vectors) if size < len(query) else None  # once for all blocks
    for start in range(0, len(query), size):
        rows = slice(start, start + size)
        vectors = np.asarray(query.vectors[rows])[:, None]
        if variants is not None:
            vectors = np.concatenate([vectors, variants[rows]], axis=1)
        count = len(vectors)
        scores = similarities(vectors.reshape(count * images, -1), gallery.vectors, scale)
        yield rows, scores.reshape(count, images, len(gallery))


def _labels(photos: Identified) -> np.ndarray:
    return np.stack([photos.pid, photos.camid, photos.clothes], axis=1)


def _columns(photos: Identified) -> np.ndarray:
    return np.stack([photos.pid, photos.camid, photos.clothes])


def _agree(query: Identified, gallery: Identified, variants: np.ndarray | None) -> None:
    widths = {query.vectors.shape[1], gallery.vectors.shape[1]} | (set() if variants is None else {variants.shape[2]})
    if len(widths) > 1:
        raise SettingError(f"features differ in length: {sorted(widths)}.", "Embed query and gallery by the same run.")
    if variants is not None and len(variants) != len(query):
        raise SettingError(
            f"{len(variants)} rows of variants for {len(query)} queries.", "Give the same number for each query."
        )
