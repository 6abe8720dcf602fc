"""All samples of a data set at once, for what looks at the whole of it (`held.py` keeps them in memory)."""

import hashlib
import json
from collections.abc import Mapping
from functools import cached_property
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Row, select

from dlcr.catalog.rows import SampleRow
from dlcr.catalog.tables import samples

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


def read(connection: Connection, dataset: Row[Any]) -> Mapping[str | None, SampleRows]:
    """The present samples of each split of a data set, and under None all of them."""
    query = select(*(samples.c[one] for one in COLUMNS)).where(samples.c.dataset_id == dataset.id, samples.c.present)
    root = Path(dataset.root)
    every = SampleRows(
        SampleRow(row[0], dataset.name, root, Path(row[1]), *row[2:])
        for row in sorted(connection.execute(query).all(), key=lambda row: row[1])
    )
    splits: dict[str, list[SampleRow]] = {}
    for one in every:
        splits.setdefault(one.split, []).append(one)
    return {None: every} | {split: SampleRows(found) for split, found in splits.items()}
