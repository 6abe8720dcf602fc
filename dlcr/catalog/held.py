"""What was read of whole data sets, kept in memory for those asked for last and read anew when their samples change."""

from collections import OrderedDict
from collections.abc import Callable
from threading import Lock
from typing import Any, Generic, TypeVar

from sqlalchemy import Connection, Row, select

from dlcr.catalog.tables import datasets

T = TypeVar("T")


class Held(Generic[T]):
    """What `read` tells of at most `most` data sets; `datasets.changes` says in every process whether it is old."""

    def __init__(self, read: Callable[[Connection, Row[Any]], T], most: int):
        self._read, self._most = read, most
        self._kept: OrderedDict[int, tuple[Any, T]] = OrderedDict()
        self._lock = Lock()

    def of(self, connection: Connection, dataset: int) -> T:
        """What `read` tells of the row of a data set."""
        with self._lock:  # two that ask at once wait for one reading
            row = connection.execute(select(datasets).where(datasets.c.id == dataset)).one()
            state = row.name, row.root, row.created, row.changes
            if self._kept.get(dataset, (None,))[0] != state:
                self._kept[dataset] = state, self._read(connection, row)
            self._kept.move_to_end(dataset)
            while len(self._kept) > self._most:
                self._kept.popitem(last=False)
            return self._kept[dataset][1]
