"""PRCC (Yang, Wu and Zheng 2019): three cameras; A and B show a person's first outfit, C the second."""

from collections.abc import Sequence
from pathlib import Path

from dlcr.core.values import Sample
from dlcr.data.reading import BadPicture, Reading

CAMERAS = {"A": 0, "B": 1, "C": 2}
OUTFITS = {"A": 1, "B": 1, "C": 2}


class Prcc:
    """`rgb/train/<pid>/A*.jpg`, `rgb/val/<pid>/...` likewise, `rgb/test/A/<pid>/*.jpg`.

    The test part's camera A is the split `gallery`; B (same clothes) and C (changed clothes) are both `query`: the
    camera tells the protocol.
    """

    looks_for = "rgb/{train,val}/<pid>/{A,B,C}*.jpg and rgb/test/{A,B,C}/<pid>/*.jpg"

    def label(self, root: Path, images: Sequence[Path]) -> Reading:
        """Samples of the pictures in `rgb/train`, `rgb/val` and `rgb/test`; `bad` are those that do not fit."""
        samples, bad = [], []
        for image in images:
            if len(image.parts) < 3 or image.parts[0] != "rgb" or image.parts[1] not in ("train", "val", "test"):
                continue
            sample = _sample(image)
            if sample is None:
                bad.append(BadPicture(image, f"its name does not fit: the layout 'prcc' looks for {self.looks_for}"))
            else:
                samples.append(sample)
        return Reading(samples, bad)


def _sample(image: Path) -> Sample | None:
    if len(image.parts) != 5 - (image.parts[1] != "test"):
        return None
    if image.parts[1] == "test":
        letter, person = image.parts[2:4]
        split = "gallery" if letter == "A" else "query"
    else:
        letter, person, split = image.name[0], image.parts[2], image.parts[1]
    if letter not in CAMERAS or not (person.isascii() and person.isdigit()):
        return None
    return Sample(image, split, int(person), CAMERAS[letter], f"{person}_{OUTFITS[letter]}")
