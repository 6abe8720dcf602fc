"""The first k answers to a query, with ties to the lower gallery index (pure)."""

import numpy as np

from dlcr.core.errors import SettingError
from dlcr.core.threads import Rows, in_threads
from dlcr.core.values import Ranking
from dlcr.reid.evaluation import JUNK, RIGHT, flags, similarities
from dlcr.reid.features import Identified
from dlcr.reid.ranking import top_rows


def top_k(scores: np.ndarray, k: int, allowed: np.ndarray | None = None) -> tuple[np.ndarray, np.ndarray]:
    """(Q, G) float32 -> gallery indices (Q, k) int64, best first, -1 where there are fewer, and their scores (Q, k) float32."""
    if k < 1:
        raise SettingError(f"k must be at least 1, got {k}.", "Ask for one answer or more.")
    items, values = np.empty((len(scores), k), np.int64), np.empty((len(scores), k), np.float32)
    chosen = None if allowed is None else Rows(np.ascontiguousarray(allowed))
    in_threads(top_rows, len(scores), Rows(scores), chosen, Rows(items), Rows(values))
    return items, values


def retrieve(query: Identified, gallery: Identified, k: int, rule: str | None, *, junk: bool = False) -> list[Ranking]:
    """The k best gallery items of each query by cosine, with or without junk. Without a `rule` the same pid is right."""
    found = flags(query, gallery, rule) if rule else np.where(query.pid[:, None] == gallery.pid[None], RIGHT, 0)
    items, values = top_k(similarities(query.vectors, gallery.vectors), k, None if junk else found != JUNK)
    rankings = []
    for row, score, flag in zip(items, values, found, strict=True):
        kept = row >= 0
        chosen = row[kept]
        rankings.append(Ranking(chosen, score[kept] - 1, flag[chosen] == RIGHT, flag[chosen] == JUNK))
    return rankings
