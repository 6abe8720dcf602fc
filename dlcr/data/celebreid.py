"""Celeb-reID (Huang et al. 2019): street photos of celebrities; no cameras, no outfit labels."""

import re
from collections.abc import Sequence

from dlcr.data.labels import UNKNOWN, ByName, FolderLabels

NAME = re.compile(r"(\d+)_\d+_\d+\.", re.ASCII)


class CelebReid(ByName):
    """`{train,query,gallery}/<pid>_<n>_<x>.jpg`. Outfits are unknown.

    The set has no cameras. Gallery pictures get camera 1 and all others camera 0, so that no match of a query counts
    as taken by the query's own camera.
    """

    looks_for = "{train,query,gallery}/<pid>_<n>_<x>.jpg"

    def label(self, folder: str, names: Sequence[str]) -> FolderLabels:
        """Pictures right in `train`, `query` and `gallery`."""
        found = FolderLabels(folder)
        for name in names if folder in ("train", "query", "gallery") else ():
            fits = NAME.match(name)
            if fits is None:
                found.bad.append((name, f"its name does not fit: the layout 'celebreid' looks for {self.looks_for}"))
                continue
            found.add(name, folder, int(fits[1]), int(folder == "gallery"), UNKNOWN)
        return found
