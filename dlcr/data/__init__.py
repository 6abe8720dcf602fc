"""Data sets: one file per layout, all read into the same `Sample`s; the embedded set is `world_root()`.

May import only `core`. Nothing here ever writes below a data set's root. Start with `reading.py`; `prcc.py`
shows what a layout is.
"""

from pathlib import Path

from dlcr.core.workspace import ASSETS
from dlcr.data.reading import LAYOUTS, BadPicture, Layout, Reading, read_layout

__all__ = ["LAYOUTS", "BadPicture", "Layout", "Reading", "read_layout", "world_root"]


def world_root() -> Path:
    """The root of the embedded data set, in PRCC's layout."""
    return ASSETS / "world"
