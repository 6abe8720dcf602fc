"""Masks: every version of every sample's mask."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Select, insert, select

from dlcr.catalog.rows import MaskRow
from dlcr.catalog.store import Store, hold, missing, relative, told
from dlcr.catalog.tables import masks, now, samples
from dlcr.core.errors import CatalogError


def _history(sample_id: int) -> Select[Any]:
    return select(masks).where(masks.c.sample_id == sample_id)


def own_mask(connection: Connection, sample_id: int, mask_id: int) -> None:
    """CatalogError unless the mask is one of the sample's."""
    if connection.execute(_history(sample_id).where(masks.c.id == mask_id)).first() is None:
        raise CatalogError(f"mask {mask_id} is none of sample {sample_id}.", "Open the sample again.")


class Masks(Store):
    """The catalog's masks."""

    def add_mask(
        self,
        sample_id: int,
        file: Path | str,
        digest: str,
        source: str,
        settings: Mapping[str, Any],
        coverage: float,
        parent: int | None = None,
    ) -> MaskRow:
        """Add the sample's next version; the newest is given back if it has the same digest and source.

        `file` is relative to the workspace, `coverage` in 0..1, `parent` the id of the version it was made from.
        """
        values = {
            "sample_id": sample_id,
            "file": relative(file),
            "digest": digest,
            "source": source,
            "settings": dict(settings),
            "coverage": float(coverage),
            "parent": parent,
            "created": now(),
        }
        with self._writing() as connection:
            hold(connection, samples, sample_id)
            if parent is not None:
                own_mask(connection, sample_id, parent)
            last = connection.execute(_history(sample_id).order_by(masks.c.version.desc())).first()
            if last is not None and (last.digest, last.source) == (digest, source):
                return told(MaskRow, last)
            version = last.version + 1 if last else 1
            made = connection.execute(insert(masks).values(**values, version=version).returning(masks))
            return told(MaskRow, made.one())

    def masks(self, sample_id: int) -> list[MaskRow]:
        """Every version of the sample's mask, oldest first."""
        with self._reading() as connection:
            return [told(MaskRow, row) for row in connection.execute(_history(sample_id).order_by(masks.c.version))]

    def mask(self, mask_id: int) -> MaskRow:
        """The mask with this id; CatalogError if there is none."""
        with self._reading() as connection:
            row = connection.execute(select(masks).where(masks.c.id == mask_id)).first()
        if row is None:
            raise missing(masks, mask_id)
        return told(MaskRow, row)
