"""Choose the embedded data set from rendered crops: 50 people, two outfits each, in PRCC's layout.

python -m tools.make_world --rendered FOLDER --out assets/world
"""

import argparse
import json
import tarfile
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from dlcr.core.files import write_bytes

SHARD = "rendered-05.tar"
"""Held out from every training, so that nothing is shown on pictures a model has learned."""
PEOPLE = 50
CARD = """# The embedded data set

{people} rendered people, two outfits each, three photos of each outfit, in PRCC's layout: {train} people in
`rgb/train`, {test} in `rgb/test`. Cameras A and B show a person's first outfit, camera C the second; in the test
part A is the gallery, B the same-clothes queries, C the changed-clothes queries.

- Made by this project: 3-D bodies dressed, lit and photographed by a renderer, from several cameras. Nobody on these
  pictures exists.
- Licence: CC0-1.0.
- {images} JPEG files, copied byte for byte from the rendered corpus's shard 05, which no embedded model is trained on.
- A first, small set: it shows the program at work and is too small to compare methods on.

`tools/make_world.py` chose the pictures; the same corpus gives the same files.
"""


@dataclass(frozen=True, slots=True)
class Shot:
    """One crop: `outfit` 0 or 1 of its person, taken by camera `camera` of the render; `data` is the JPEG file."""

    name: str
    outfit: int
    camera: int
    data: bytes


def shots(shard: Path) -> dict[int, list[Shot]]:
    """Every person's shots in a WebDataset shard, by identity, each sorted by name."""
    with tarfile.open(shard) as archive:
        members = {member.name: member for member in archive if member.isfile()}

        def content(name: str) -> bytes:
            stream = archive.extractfile(members[name])
            if stream is None:
                raise SystemExit(f"{shard}: {name} is no file")
            return stream.read()

        found = defaultdict(list)
        for name in sorted(members):
            if name.endswith(".json"):
                told, stem = json.loads(content(name)), name.removesuffix(".json")
                found[told["identity"]].append(Shot(stem, told["outfit"], told["camera"], content(f"{stem}.jpg")))
    return found


def lettered(person: list[Shot]) -> list[tuple[str, Shot]] | None:
    """Each shot with its PRCC camera letter; None if the person lacks three shots of an outfit or two cameras.

    The first outfit's lowest-numbered camera is A, its others are B; the second outfit is C.
    """
    first = [shot for shot in person if shot.outfit == 0]
    second = [shot for shot in person if shot.outfit == 1]
    cameras = {shot.camera for shot in first}
    if len(first) != 3 or len(second) != 3 or len(cameras) < 2:
        return None
    gallery = min(cameras)
    return [("A" if shot.camera == gallery else "B", shot) for shot in first] + [("C", shot) for shot in second]


def chosen(people: dict[int, list[Shot]]) -> Iterator[tuple[Path, bytes]]:
    """Relative path and JPEG bytes of every picture of the set: every second person to train, the others to test."""
    fit = [(pid, letters) for pid in sorted(people) if (letters := lettered(people[pid]))]
    if len(fit) < PEOPLE:
        raise SystemExit(f"only {len(fit)} people have what is needed, {PEOPLE} are")
    for place, (pid, letters) in enumerate(fit[:PEOPLE]):
        for letter, shot in letters:
            name = f"{shot.name}.jpg"
            folder = Path(f"rgb/train/{pid}") if place % 2 == 0 else Path(f"rgb/test/{letter}/{pid}")
            yield folder / (f"{letter}_{name}" if place % 2 == 0 else name), shot.data


def main() -> None:
    """Write the set and its card."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rendered", type=Path, required=True, help=f"folder that holds {SHARD}")
    parser.add_argument("--out", type=Path, required=True, help="folder to write the set to")
    arguments = parser.parse_args()
    pictures = list(chosen(shots(arguments.rendered / SHARD)))
    for path, data in pictures:
        write_bytes(arguments.out / path, data)
    half = PEOPLE // 2
    card = CARD.format(people=PEOPLE, train=PEOPLE - half, test=half, images=len(pictures))
    write_bytes(arguments.out / "README.md", card.encode())
    print(f"{len(pictures)} pictures, {sum(len(data) for _, data in pictures) / 1e6:.1f} MB in {arguments.out}")


if __name__ == "__main__":
    main()
