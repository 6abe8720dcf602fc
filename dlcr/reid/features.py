"""What travels from a backbone to evaluation: vectors and who is on the photos (pure)."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from dlcr.core.errors import SettingError
from dlcr.core.threads import Rows, in_threads

PART = 4096
"""Vectors that are made float32 at a time."""


@dataclass(frozen=True, slots=True, eq=False)
class Identified:
    """Features of N photos and their labels: `vectors` (N, D) float16 or float32, any length; `pid`, `camid`, `clothes` (N,) int64.

    `clothes` numbers outfits: equal numbers are the same outfit of the same person, over query and gallery alike.
    SettingError if the sizes disagree or a vector is not finite.
    """

    vectors: np.ndarray
    pid: np.ndarray
    camid: np.ndarray
    clothes: np.ndarray

    def __post_init__(self) -> None:
        sizes = {name: len(getattr(self, name)) for name in ("vectors", "pid", "camid", "clothes")}
        if len(set(sizes.values())) > 1:
            raise SettingError(f"features and labels differ in number: {sizes}.", "Give one label for each vector.")
        for name in ("pid", "camid", "clothes"):
            object.__setattr__(self, name, np.ascontiguousarray(getattr(self, name), np.int64))

    def __len__(self) -> int:
        return len(self.pid)

    def take(self, rows: np.ndarray) -> "Identified":
        """The rows given by an index or bool array, in its order."""
        return Identified(self.vectors[rows], self.pid[rows], self.camid[rows], self.clothes[rows])


def unit(vectors: np.ndarray) -> np.ndarray:
    """(N, D) of any float type -> float32 of length 1; zero vectors stay zero. SettingError if one is not finite."""
    wide = np.asarray(vectors, np.float32)
    made: np.ndarray = wide * inverse_lengths(wide)[:, None]
    return made


def inverse_lengths(vectors: np.ndarray) -> np.ndarray:
    """1 / length of each of (N, D) of any float type, 0 for zero vectors: (N,) float32. SettingError if one is not finite."""
    made = np.empty(len(vectors), np.float32)
    in_threads(_fill_lengths, len(vectors), Rows(np.arange(len(vectors))), vectors, Rows(made))
    return made


def part_lengths(wide: np.ndarray, first: int = 0) -> np.ndarray:
    """`inverse_lengths` of a part (N, D) float32 of some vectors that begins at vector `first`, in this thread."""
    lengths = np.sqrt(np.einsum("nd,nd->n", wide, wide))
    if not np.isfinite(lengths).all():
        row = first + int(np.flatnonzero(~np.isfinite(lengths))[0])
        raise SettingError(f"feature {row} is not finite.", "The model is broken: take an earlier checkpoint.")
    made: np.ndarray = np.divide(1, lengths, out=np.zeros_like(lengths), where=lengths > 0)
    return made


def _fill_lengths(rows: np.ndarray, vectors: np.ndarray, out: np.ndarray) -> None:
    for start in range(0, len(rows), PART):
        first, stop = int(rows[start]), int(rows[min(start + PART, len(rows)) - 1]) + 1
        out[start : start + PART] = part_lengths(np.asarray(vectors[first:stop], np.float32), first)


def averaged(photos: Identified, groups: np.ndarray) -> tuple[Identified, np.ndarray]:
    """One row for each group: the mean of its vectors with its first photo's labels, and that photo's row.

    `groups` (N,) int64 numbers them from 0, such as tracklets by `dense`; the rows come in the order of these numbers.
    """
    numbers, first = np.unique(groups, return_index=True)
    sums = np.zeros((len(numbers), photos.vectors.shape[1]), np.float32)
    np.add.at(sums, groups, photos.vectors)
    counts = np.bincount(groups, minlength=len(numbers))[:, None]
    return Identified(sums / counts, photos.pid[first], photos.camid[first], photos.clothes[first]), first


def dense(names: Sequence[str]) -> np.ndarray:
    """Labels of any text -> (N,) int64 over the sorted distinct ones, so that the same set gives the same numbers."""
    return np.unique(np.asarray(names, dtype=str), return_inverse=True)[1].astype(np.int64).reshape(-1)
