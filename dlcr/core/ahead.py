"""Preparing what comes next while this is worked on: an iterator run in a thread, a few items ahead."""

import queue
import threading
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import TypeVar

Item = TypeVar("Item")


@dataclass(frozen=True, slots=True)
class _End:
    """The last thing in the queue: nothing more, or the error that ended it."""

    error: BaseException | None


def ahead(items: Iterable[Item], count: int) -> Iterator[Item]:
    """The same items in the same order, made in a thread at most `count` ahead; its error is raised where it would be."""
    made: queue.Queue[Item | _End] = queue.Queue(count)
    stop = threading.Event()
    threading.Thread(target=_fill, args=(items, made, stop), name="ahead", daemon=True).start()
    try:
        while not isinstance(found := made.get(), _End):
            yield found
        if found.error is not None:
            raise found.error
    finally:
        stop.set()


def _fill(items: Iterable[Item], made: "queue.Queue[Item | _End]", stop: threading.Event) -> None:
    end = _End(None)
    try:
        for item in items:
            if not _put(made, item, stop):
                return
    except BaseException as error:  # handed to the reader, who raises it
        end = _End(error)
    _put(made, end, stop)


def _put(made: "queue.Queue[Item | _End]", item: Item | _End, stop: threading.Event) -> bool:
    """Wait for room; False if nobody reads any more."""
    while not stop.is_set():
        try:
            made.put(item, timeout=0.1)
            return True
        except queue.Full:
            continue
    return False
