"""Data sets: one file per layout, all read into the same labels; the embedded set is `world_root()`.

May import only `core`. Nothing here ever writes below a data set's root. Start with `labels.py` (what a layout is) and
`prcc.py` (what one looks like); `scan.py` reads a set folder by folder, `protocols.py` says how each is tested.
"""

from pathlib import Path

from dlcr.core.workspace import ASSETS
from dlcr.data.labels import BadPicture, FolderLabels
from dlcr.data.layouts import LAYOUTS
from dlcr.data.protocols import People, Protocol, judge, protocol, protocols, rows
from dlcr.data.reading import Reading, read_layout
from dlcr.data.scan import Scan, scan

__all__ = [
    "LAYOUTS",
    "BadPicture",
    "FolderLabels",
    "People",
    "Protocol",
    "Reading",
    "Scan",
    "judge",
    "protocol",
    "protocols",
    "read_layout",
    "rows",
    "scan",
    "world_root",
]


def world_root() -> Path:
    """The root of the embedded data set, in PRCC's layout."""
    return ASSETS / "world"
