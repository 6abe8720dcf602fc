"""A feature space on a plane: t-SNE, UMAP or PCA, and how far to trust it (pure)."""

import warnings
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

from dlcr.core.errors import BackendError, SettingError

MEASURED = 2000
"""Trustworthiness and silhouettes compare all pairs: of more points so many are drawn (the same ones for the same seed)."""
NEIGHBOURS = 10
WIDTH = 50
FEWEST, MOST = 2, 200
LARGE = 20_000
"""Above this many points UMAP's own search and spectral start, on the one thread that a seed asks for, take longer than its
learning: all pairs are compared on all cores, and principal components are the start (Kobak and Linderman 2021)."""


@dataclass(frozen=True, slots=True, eq=False)
class Projection:
    """`places` (N, 2) float32, centred, the larger spread 1; `trustworthiness` 0..1 (Venna and Kaski 2001), nan below 5 points."""

    places: np.ndarray
    trustworthiness: float


def project(vectors: np.ndarray, method: str = "tsne", seed: int = 0, neighbours: int = 0) -> Projection:
    """Features (N, D) of length 1 -> places on a plane; the same input and seed give the same places on the same set-up.

    `neighbours` is t-SNE's perplexity, UMAP's number of neighbours (0: the usual 30 and 15; fewer where there are few points);
    PCA has none. Both see the first 50 principal components (van der Maaten and Hinton 2008, section 4). UMAP of more than
    LARGE points gets exact neighbours and starts from the first two.

    SettingError for an unknown method, fewer than three points or a wrong number, BackendError where a library is missing.
    """
    if method not in METHODS:
        raise SettingError(f"unknown projection '{method}'.", f"Choose one of: {', '.join(METHODS)}.")
    if len(vectors) < 3:
        raise SettingError(f"{len(vectors)} points make no picture.", "Choose three samples or more.")
    if neighbours and not FEWEST <= neighbours <= MOST:
        raise SettingError(
            f"neighbours must be from {FEWEST} to {MOST}, got {neighbours}.", "Leave it out for the usual."
        )
    try:
        made = METHODS[method](np.asarray(vectors, np.float32), seed, neighbours)
    except ImportError as error:
        raise BackendError(f"the projection '{method}' needs {error.name}.", f"Install {error.name}.") from error
    places = made - made.mean(axis=0)
    places = (places / max(float(places.std(axis=0).max()), 1e-12)).astype(np.float32)
    return Projection(places, trust(vectors, places, seed))


def trust(vectors: np.ndarray, places: np.ndarray, seed: int = 0) -> float:
    """Trustworthiness of places (N, 2) against features (N, D) over ten neighbours, cosine; nan if there are too few points."""
    from sklearn.manifold import trustworthiness

    rows = _drawn(len(vectors), seed)
    near = min(NEIGHBOURS, (len(rows) - 1) // 2)
    if len(rows) < 5:
        return float("nan")
    return float(trustworthiness(vectors[rows], places[rows], n_neighbors=near, metric="cosine"))


def silhouette(vectors: np.ndarray, labels: np.ndarray, seed: int = 0) -> float:
    """Mean silhouette -1..1 of features by labels (N,), cosine; nan where labels are all alike or all different.

    By person against by outfit it says how far clothes still rule the space.
    """
    from sklearn.metrics import silhouette_score

    rows = _drawn(len(vectors), seed)
    kinds = len(np.unique(labels[rows]))
    if not 2 <= kinds < len(rows):
        return float("nan")
    return float(silhouette_score(vectors[rows], labels[rows], metric="cosine"))


def _drawn(count: int, seed: int) -> np.ndarray:
    if count <= MEASURED:
        return np.arange(count)
    return np.sort(np.random.default_rng(seed).choice(count, MEASURED, replace=False))


def _pca(vectors: np.ndarray, seed: int, neighbours: int = 0, *, width: int = 2) -> Any:
    from sklearn.decomposition import PCA

    with np.errstate(invalid="ignore"):  # equal points have no variance to explain
        made = PCA(min(width, *vectors.shape), random_state=seed).fit_transform(vectors)
    return np.pad(made, ((0, 0), (0, max(0, 2 - made.shape[1]))))


def _tsne(vectors: np.ndarray, seed: int, neighbours: int) -> Any:
    from sklearn.manifold import TSNE

    first = _pca(vectors, seed, width=WIDTH)
    start = first[:, :2] / max(float(first[:, 0].std()), 1e-12) * 1e-4
    perplexity = min(float(neighbours or 30), (len(vectors) - 1) / 3)
    return TSNE(perplexity=perplexity, init=start, random_state=seed).fit_transform(first)


def _umap(vectors: np.ndarray, seed: int, neighbours: int) -> Any:
    from umap import UMAP

    near = min(neighbours or 15, len(vectors) - 1)
    first = _pca(vectors, seed, width=WIDTH)
    if len(vectors) <= LARGE:
        start = "spectral" if len(vectors) > 10 else "random"
        return UMAP(n_neighbors=near, init=start, random_state=seed, n_jobs=1).fit_transform(first)
    from sklearn.neighbors import NearestNeighbors

    lengths, rows = NearestNeighbors(n_neighbors=near, algorithm="brute").fit(first).kneighbors(first)
    start = first[:, :2] * (10 / max(float(np.abs(first[:, :2]).max()), 1e-12))
    with warnings.catch_warnings(action="ignore", category=UserWarning):  # that no further points could be placed
        return UMAP(
            n_neighbors=near, init=start, random_state=seed, n_jobs=1, precomputed_knn=(rows, lengths)
        ).fit_transform(first)


METHODS: dict[str, Callable[[np.ndarray, int, int], Any]] = {"tsne": _tsne, "umap": _umap, "pca": _pca}
