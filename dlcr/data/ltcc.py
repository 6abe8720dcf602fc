"""LTCC (Qian et al. 2020): outfits and cameras in the file name."""

import re
from collections.abc import Sequence

from dlcr.data.labels import ByName, FolderLabels

SPLITS = {"train": "train", "query": "query", "test": "gallery"}
NAME = re.compile(r"(\d+)_(\d+)_c(\d+)_", re.ASCII)


class Ltcc(ByName):
    """`{train,query,test}/<pid>_<outfit>_c<cam>_<frame>.png`; `test` is the gallery. Outfit `<pid>_<outfit>`."""

    looks_for = "{train,query,test}/<pid>_<outfit>_c<cam>_<frame>.png"

    def label(self, folder: str, names: Sequence[str]) -> FolderLabels:
        """Pictures right in `train`, `query` and `test`; cameras in the names count from 1."""
        found, split = FolderLabels(folder), SPLITS.get(folder)
        for name in names if split else ():
            fits = NAME.match(name)
            if fits is None or int(fits[3]) == 0:
                found.bad.append((name, f"its name does not fit: the layout 'ltcc' looks for {self.looks_for}"))
                continue
            found.add(name, split or "", int(fits[1]), int(fits[3]) - 1, f"{fits[1]}_{fits[2]}")
        return found
