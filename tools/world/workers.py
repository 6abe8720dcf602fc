"""Rendering on several processes: each builds its own studio once and takes tasks until none is left."""

import multiprocessing
from collections.abc import Callable, Iterator, Sequence
from functools import lru_cache
from pathlib import Path
from typing import TypeVar

from tools.world.render import Studio

Task = TypeVar("Task")
Done = TypeVar("Done")


@lru_cache(maxsize=1)
def studio(makehuman: Path) -> Studio:
    """This process's studio."""
    return Studio(makehuman)


def each(work: Callable[[Task], Done], tasks: Sequence[Task], *, workers: int) -> Iterator[Done]:
    """`work` of every task, in order; on this process alone for one worker. A failure of one ends all."""
    if workers == 1:
        yield from map(work, tasks)
        return
    with multiprocessing.get_context("spawn").Pool(workers) as pool:
        yield from pool.imap(work, tasks)
