"""PRCC (Yang, Wu and Zheng 2019): three cameras; A and B show a person's first outfit, C the second."""

from collections.abc import Sequence

from dlcr.data.labels import ByName, FolderLabels, number
from dlcr.data.walk import parts

CAMERAS = {"A": 0, "B": 1, "C": 2}
OUTFITS = {"A": 1, "B": 1, "C": 2}


class Prcc(ByName):
    """`rgb/train/<pid>/A*.jpg`, `rgb/val/<pid>/...` likewise, `rgb/test/A/<pid>/*.jpg`.

    The test part's camera A is the split `gallery`; B (same clothes) and C (changed clothes) are both `query`: the
    camera tells the protocol.
    """

    looks_for = "rgb/{train,val}/<pid>/{A,B,C}*.jpg and rgb/test/{A,B,C}/<pid>/*.jpg"

    def label(self, folder: str, names: Sequence[str]) -> FolderLabels:
        """Pictures in `rgb/train`, `rgb/val` and `rgb/test`."""
        found, place = FolderLabels(folder), parts(folder)
        if len(place) < 2 or place[0] != "rgb" or place[1] not in ("train", "val", "test"):
            return found
        test = place[1] == "test"
        pid = number(place[-1]) if len(place) == 3 + test else None
        for name in names:
            letter = place[2] if test and len(place) > 2 else name[0]
            if pid is None or letter not in CAMERAS:
                found.bad.append((name, f"its name does not fit: the layout 'prcc' looks for {self.looks_for}"))
                continue
            split = place[1] if not test else "gallery" if letter == "A" else "query"
            found.add(name, split, pid, CAMERAS[letter], f"{place[-1]}_{OUTFITS[letter]}")
        return found
