"""VC-Clothes (Wan et al. 2020): rendered people; person, camera and outfit in the file name."""

import re
from collections.abc import Sequence

from dlcr.data.labels import ByName, FolderLabels

NAME = re.compile(r"(\d+)-(\d+)-(\d+)-\d+\.", re.ASCII)


class VcClothes(ByName):
    """`{train,query,gallery}/<pid>-<cam>-<outfit>-<n>.jpg`; the outfit's id is pid and outfit written together."""

    looks_for = "{train,query,gallery}/<pid>-<cam>-<outfit>-<n>.jpg"

    def label(self, folder: str, names: Sequence[str]) -> FolderLabels:
        """Pictures right in `train`, `query` and `gallery`; cameras in the names count from 1."""
        found = FolderLabels(folder)
        for name in names if folder in ("train", "query", "gallery") else ():
            fits = NAME.match(name)
            if fits is None or int(fits[2]) == 0:
                found.bad.append((name, f"its name does not fit: the layout 'vcclothes' looks for {self.looks_for}"))
                continue
            found.add(name, folder, int(fits[1]), int(fits[2]) - 1, fits[1] + fits[3])
        return found
