"""Photos from disk to batches: decoded by several threads, resized, kept in memory as far as there is room."""

from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import cv2
import numpy as np
import torch
from torch import Tensor

from dlcr.core.images import read_photo
from dlcr.core.threads import cores

KEEP_BYTES = 2 * 2**30
"""Resized photos are kept up to this size; a second epoch over a small set reads nothing."""


class Photos:
    """Picture files by number, all in one size (height, width)."""

    def __init__(self, paths: Sequence[Path], size: tuple[int, int], keep_bytes: int = KEEP_BYTES) -> None:
        self.paths, self.size = list(paths), size
        self._room = keep_bytes // (3 * size[0] * size[1])
        self._kept: dict[int, np.ndarray] = {}
        self._pool = ThreadPoolExecutor(cores())

    def __len__(self) -> int:
        return len(self.paths)

    def batch(self, rows: Iterable[int]) -> Tensor:
        """(n, H, W, 3) uint8 of the pictures with these numbers; PhotoError names one that cannot be read."""
        found = list(self._pool.map(self._photo, [int(row) for row in rows]))
        return torch.from_numpy(np.stack(found)) if found else torch.zeros((0, *self.size, 3), dtype=torch.uint8)

    def batches(self, count: int) -> Iterator[Tensor]:
        """All pictures in order, `count` at a time, the next batch read while this one is used."""
        with ThreadPoolExecutor(1) as ahead:
            parts = [range(start, min(start + count, len(self))) for start in range(0, len(self), count)]
            coming = [ahead.submit(self.batch, part) for part in parts[:1]]
            for part in [*parts[1:], None]:
                if not coming:
                    return
                ready = coming.pop()
                if part is not None:
                    coming.append(ahead.submit(self.batch, part))
                yield ready.result()

    def _photo(self, row: int) -> np.ndarray:
        kept = self._kept.get(row)
        if kept is None:
            kept = fitted(read_photo(self.paths[row]), self.size)
            if len(self._kept) < self._room:
                self._kept[row] = kept
        return kept


def fitted(photo: np.ndarray, size: tuple[int, int]) -> np.ndarray:
    """(h, w, 3) uint8 resized to (height, width): areas averaged when shrinking, else bilinear."""
    height, width = size
    if photo.shape[:2] == (height, width):
        return photo
    shrinks = photo.shape[0] > height and photo.shape[1] > width
    made: np.ndarray = cv2.resize(photo, (width, height), interpolation=cv2.INTER_AREA if shrinks else cv2.INTER_LINEAR)
    return made
