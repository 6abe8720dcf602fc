"""Work on the rows of arrays, shared out over threads: for loops that release the interpreter's lock."""

import os
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import numpy as np


def cores() -> int:
    """How many cores this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def in_threads(work: Callable[..., Any], count: int, *arrays: Any) -> None:
    """Call `work` on equal parts of the first axis of all numpy `arrays` of length `count`; other arguments go whole."""
    threads = max(1, min(cores(), count))
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
