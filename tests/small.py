"""A small data set: a few people of the embedded world in PRCC's layout, two outfits and three photos each, and one test person."""

import shutil
from pathlib import Path

from dlcr.data import world_root


def save_small(root: Path, people: int = 3) -> Path:
    """Copy it below `root`, which is given back."""
    train = root / "rgb" / "train"
    for person in sorted((world_root() / "rgb" / "train").iterdir())[:people]:
        (train / person.name).mkdir(parents=True)
        for photo in [*sorted(person.glob("A*"))[:1], *sorted(person.glob("C*"))[:2]]:
            shutil.copy(photo, train / person.name)
    for split in ("val", "test/A/900", "test/B/900", "test/C/900"):
        (root / "rgb" / split).mkdir(parents=True)
    for camera in "ABC":
        shutil.copy(photo, root / "rgb" / "test" / camera / "900" / "1.jpg")
    return root
