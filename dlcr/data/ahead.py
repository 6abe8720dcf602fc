"""Working ahead: an iterator's items are made in a thread while its user is busy with earlier ones."""

import queue
import threading
from collections.abc import Iterable, Iterator
from typing import TypeVar

Item = TypeVar("Item")


def ahead(items: Iterable[Item], most: int = 200) -> Iterator[Item]:
    """The same items in the same order, at most `most` of them made early; an error of `items` is raised in its place."""
    made: queue.Queue[tuple[bool, Item | BaseException | None]] = queue.Queue(most)
    left = threading.Event()

    def give(last: bool, item: Item | BaseException | None) -> bool:
        while not left.is_set():
            try:
                made.put((last, item), timeout=0.1)
                return True
            except queue.Full:
                continue
        return False

    def make() -> None:
        try:
            all(give(False, item) for item in items)
            give(True, None)
        except BaseException as error:
            give(True, error)

    worker = threading.Thread(target=make, daemon=True, name="ahead")
    worker.start()
    try:
        while True:
            last, item = made.get()
            if last and isinstance(item, BaseException):
                raise item
            if last:
                return
            yield item  # type: ignore[misc]
    finally:
        left.set()
        worker.join()
