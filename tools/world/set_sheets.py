"""Contact sheets of a finished set in PRCC's layout; nothing is rendered.

python -m tools.world.set_sheets assets/world docs/pictures
"""

import argparse
from pathlib import Path

import numpy as np
from PIL import Image

from dlcr.core.files import write_bytes
from tools.world.plan import LETTERS
from tools.world.sheets import small_jpeg, tiled

ROWS = 8
LIMIT = 250_000
"""Bytes of a sheet, at most."""


def shots(root: Path, person: str, letter: str, count: int) -> list[np.ndarray]:
    """The first `count` crops (256, 128, 3) of a test person by a camera letter."""
    paths = sorted((root / "rgb" / "test" / letter / person).glob("*.jpg"))[:count]
    return [np.asarray(Image.open(path).convert("RGB")) for path in paths]


def people_sheet(root: Path, people: list[str]) -> np.ndarray:
    """A row a person: four crops by each letter, so the second outfit is the last third."""
    return tiled([[tile for letter in LETTERS for tile in shots(root, person, letter, 4)] for person in people])


def cameras_sheet(root: Path, people: list[str]) -> np.ndarray:
    """A row a person: two crops by each of the six cameras, letter by letter."""
    rows = []
    for person in people:
        taken = [shots(root, person, letter, 4) for letter in LETTERS]
        rows.append([four[k] for four in taken for k in (0, 2, 1, 3)])
    return tiled(rows)


def main() -> None:
    """Write `world-people.jpg` and `world-cameras.jpg`."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("root", type=Path)
    parser.add_argument("out", type=Path)
    arguments = parser.parse_args()
    people = sorted(path.name for path in (arguments.root / "rgb" / "test" / "A").iterdir())
    sheets = {
        "people": people_sheet(arguments.root, people[:ROWS]),
        "cameras": cameras_sheet(arguments.root, people[ROWS : 2 * ROWS]),
    }
    for name, sheet in sheets.items():
        print(write_bytes(arguments.out / f"world-{name}.jpg", small_jpeg(sheet, LIMIT)))


if __name__ == "__main__":
    main()
