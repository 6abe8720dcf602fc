"""Reading a data set folder by folder: what changed since the last time, and its labels."""

import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from dlcr.core.errors import LayoutError
from dlcr.data.labels import BadPicture, FolderLabels, Labeller
from dlcr.data.layouts import AUTO, layout, layout_name, misfit, recognise
from dlcr.data.manifest import FILES
from dlcr.data.walk import Listed, Listing


@dataclass(frozen=True, slots=True)
class Scan:
    """A data set's folder, walked once and opened in a layout; `why` says how the layout was found, if it was asked for."""

    root: Path
    layout: str
    why: str
    listing: Listing
    labeller: Labeller

    @property
    def rules(self) -> str:
        """What labels depend on beside file names: if it changed, every folder must be labelled again."""
        return f"{self.layout}:{self.labeller.digest}"

    @property
    def lost(self) -> list[BadPicture]:
        """What could not be listed, and what the set's lists name in folders that are not there."""
        return sorted([*self.listing.bad, *self.labeller.absent(self.listing.counts)], key=lambda one: one.path)

    def changed(self, known: Mapping[str, str]) -> Iterator[tuple[Listed, FolderLabels]]:
        """Every folder whose digest is not the `known` one, with its labels."""
        if self.listing.digests == known:
            return
        for listed in self.listing.folders():
            if known.get(listed.folder) != listed.digest:
                yield listed, self.labeller.label(listed.folder, listed.names)

    def misfit(self) -> LayoutError:
        """The error for a folder in which nothing has labels in this layout."""
        there = sorted(entry for entry in os.listdir(self.root) if not entry.startswith("."))
        return misfit(self.layout, self.root, self.listing, there)


@contextmanager
def scan(name: str, root: Path | str) -> Iterator[Scan]:
    """Walk `root` and open it in the layout called `name` (`auto`: the one it is recognised to be in).

    Pictures are not opened. UsageError for an unknown layout; LayoutError if there is no such folder, or if the lists
    that the layout needs make no sense.
    """
    root, name = Path(root), layout_name(name)
    if root.is_file() and root.name in FILES and name in (AUTO, "manifest"):
        root = root.parent
    if not root.is_dir():
        raise LayoutError(f"there is no folder {root}.", "Give the folder that holds the data set.")
    with Listing(root) as listing:
        why = ""
        if name == AUTO:
            found = recognise(root, listing)
            name, why = found.layout, found.why
        yield Scan(root, name, why, listing, layout(name).open(root, listing.counts))
