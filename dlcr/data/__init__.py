"""Data sets: one file per layout, all read into the same labels; the embedded set is `world_root()`.

May import only `core`. Nothing here ever writes below a data set's root. Start with `labels.py` (what a layout is) and
`prcc.py` (what one looks like); `scan.py` reads a set folder by folder, `protocols.py` says how each is tested.
"""

import json
from pathlib import Path

from dlcr.core.workspace import ASSETS
from dlcr.data.labels import BadPicture, FolderLabels
from dlcr.data.layouts import LAYOUTS
from dlcr.data.protocols import People, Protocol, judge, protocol, protocols, rows
from dlcr.data.reading import Reading, read_layout
from dlcr.data.scan import Scan, scan

__all__ = [
    "LAYOUTS",
    "PROMPTS_BY",
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
    "world_prompts",
    "world_root",
]

PROMPTS_BY = "summariser:embedded"
"""Who made the embedded prompts: another summariser, or a person, replaces them."""


def world_root() -> Path:
    """The root of the embedded data set, in PRCC's layout."""
    return ASSETS / "world"


def world_prompts() -> dict[str, str]:
    """Outfit -> prompt of the embedded set, as the embedded models described it (`python -m tools.world_prompts`)."""
    found: dict[str, str] = json.loads((world_root() / "prompts.json").read_text(encoding="utf-8"))
    return found
