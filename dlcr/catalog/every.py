"""All samples of a data set in memory, read anew when they change: pages that look at a whole set ask for them often."""

import hashlib
import json
from collections import OrderedDict
from collections.abc import Mapping
from functools import cached_property
from pathlib import Path
from threading import Lock
from typing import Any

from sqlalchemy import Connection, select

from dlcr.catalog.rows import SampleRow
from dlcr.catalog.tables import datasets, samples

KEPT = 3
"""Data sets kept in memory at once; 100,000 samples take about 100 MB."""
COLUMNS = ("id", "image", "split", "pid", "camid", "clothes_id", "tracklet")


class SampleRows(tuple[SampleRow, ...]):
    """Samples in order of their pictures' names."""

    @cached_property
    def fingerprint(self) -> str:
        """16 hex digits over names and labels, whatever the ids."""
        told = sorted((s.image.as_posix(), s.split, s.pid, s.camid, s.clothes_id) for s in self)
        return hashlib.sha256(json.dumps(told).encode()).hexdigest()[:16]


class EverySample:
    """The data sets asked for last."""

    def __init__(self) -> None:
        self._kept: OrderedDict[int, tuple[Any, Mapping[str | None, SampleRows]]] = OrderedDict()
        self._lock = Lock()

    def of(self, connection: Connection, dataset: int) -> Mapping[str | None, SampleRows]:
        """The present samples of each split, and under None all of them."""
        with self._lock:  # two that ask at once wait for one reading
            row = connection.execute(select(datasets).where(datasets.c.id == dataset)).one()
            state = row.name, row.root, row.created, row.changes
            if self._kept.get(dataset, (None,))[0] != state:
                self._kept[dataset] = state, _read(connection, dataset, row.name, Path(row.root))
            self._kept.move_to_end(dataset)
            while len(self._kept) > KEPT:
                self._kept.popitem(last=False)
            return self._kept[dataset][1]


def _read(connection: Connection, dataset: int, name: str, root: Path) -> Mapping[str | None, SampleRows]:
    query = select(*(samples.c[one] for one in COLUMNS)).where(samples.c.dataset_id == dataset, samples.c.present)
    every = SampleRows(
        SampleRow(row[0], name, root, Path(row[1]), *row[2:])
        for row in sorted(connection.execute(query).all(), key=lambda row: row[1])
    )
    splits: dict[str, list[SampleRow]] = {}
    for one in every:
        splits.setdefault(one.split, []).append(one)
    return {None: every} | {split: SampleRows(found) for split, found in splits.items()}
