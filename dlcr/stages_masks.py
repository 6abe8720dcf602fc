"""Masks as files and rows: written once under a name made from their pixels, every version kept. Part of the stages.

`dlcr.stages` gives these names too.
"""

from collections.abc import Mapping
from typing import Any

import numpy as np

from dlcr.catalog import MaskRow, NewMask
from dlcr.core.errors import MaskError
from dlcr.core.images import digest, read_mask, write_png
from dlcr.session import Session


def keep_mask(
    session: Session, sample_id: int, mask: np.ndarray, source: str,
    settings: Mapping[str, Any] | None = None, parent: int | None = None,
) -> MaskRow:  # fmt: skip
    """Write a mask and its row; the same mask again from the same source is the same version."""
    return record_mask(session, write_mask(session, sample_id, mask, source, settings), parent)


def write_mask(
    session: Session, sample_id: int, mask: np.ndarray, source: str, settings: Mapping[str, Any] | None = None
) -> NewMask:
    """Write a mask's file; the row to record. MaskError if it is empty."""
    if not mask.any():
        raise MaskError("the clothing mask is empty.", "Switch a class on, or brush the clothes in.")
    name = digest(mask)
    file = session.workspace.masks / str(sample_id) / f"{name}.png"
    if not file.exists():
        write_png(file, mask)
    place = file.relative_to(session.workspace.home)
    return NewMask(sample_id, place, name, source, dict(settings or {}), float(mask.mean()))


def record_mask(session: Session, new: NewMask, parent: int | None = None) -> MaskRow:
    """The row of a mask whose file is written."""
    return session.catalog.add_mask(
        new.sample_id, new.file, new.digest, new.source, new.settings, coverage=new.coverage, parent=parent
    )


def load_mask(session: Session, mask_id: int) -> np.ndarray:
    """A kept mask, (H, W) bool."""
    return read_mask(session.workspace.home / session.catalog.mask(mask_id).file)


def record_once(session: Session, new: NewMask) -> MaskRow:
    """The row of a mask as `record_mask` makes it; an older version of the same source is not made the newest again."""
    same = [row for row in session.catalog.masks(new.sample_id) if (row.source, row.digest) == (new.source, new.digest)]
    return same[0] if same else record_mask(session, new)
