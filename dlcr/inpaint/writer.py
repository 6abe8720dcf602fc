"""Writing variants while the next ones are painted: a bounded pool of threads, each file whole or absent."""

from collections import deque
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from types import TracebackType
from typing import Generic, Self, TypeVar

Made = TypeVar("Made")


class Writer(Generic[Made]):
    """Runs `write()` calls in `threads` threads, at most `waiting` of them unfinished; gives their results in order."""

    def __init__(self, threads: int = 2, waiting: int = 32):
        self._pool = ThreadPoolExecutor(threads, thread_name_prefix="writer")
        self._waiting = waiting
        self._pending: deque[Future[Made]] = deque()

    def submit(self, write: Callable[[], Made]) -> list[Made]:
        """Queue one call; the results finished meanwhile. Waits while the queue is full; a call's error is raised here."""
        done = []
        while len(self._pending) >= self._waiting:
            done.append(self._pending.popleft().result())
        self._pending.append(self._pool.submit(write))
        return done + list(self._finished())

    def drain(self) -> list[Made]:
        """Wait for everything that is queued; the results."""
        return [self._pending.popleft().result() for _ in range(len(self._pending))]

    def _finished(self) -> Iterator[Made]:
        while self._pending and self._pending[0].done():
            yield self._pending.popleft().result()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._pool.shutdown(wait=True)
