"""Market-1501 (Zheng et al. 2015): the field's usual same-clothes set, for comparison."""

import re
from collections.abc import Sequence

from dlcr.data.labels import ByName, FolderLabels

SPLITS = {"bounding_box_train": "train", "query": "query", "bounding_box_test": "gallery"}
NAME = re.compile(r"(-1|\d+)_c(\d+)s\d+_", re.ASCII)
JUNK = "-1"
"""Pictures of nobody in particular; the published protocol drops them. Pid 0 are distractors and stay."""


class Market1501(ByName):
    """`{bounding_box_train,query,bounding_box_test}/<pid>_c<cam>s<seq>_*.jpg`; a person has one outfit, named as the pid."""

    looks_for = "{bounding_box_train,query,bounding_box_test}/<pid>_c<cam>s<seq>_*.jpg"

    def label(self, folder: str, names: Sequence[str]) -> FolderLabels:
        """Pictures right in the three folders; cameras in the names count from 1."""
        found, split = FolderLabels(folder), SPLITS.get(folder)
        for name in names if split else ():
            fits = NAME.match(name)
            if fits is None or int(fits[2]) == 0:
                found.bad.append((name, f"its name does not fit: the layout 'market1501' looks for {self.looks_for}"))
            elif fits[1] != JUNK:
                found.add(name, split or "", int(fits[1]), int(fits[2]) - 1, fits[1])
        return found
