"""The work: a small data set cut from the embedded world, and the commands that are done on it one after the other."""

import shutil
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from PIL import Image

from dlcr.data import world_root

NAME, RUN = "small", "r"
SIZE = (64, 128)
"""Width and height of the photos."""


@dataclass(frozen=True, slots=True)
class Place:
    """Where the harness works: `disk` may be filled, `kept` holds what a workspace looked like before and after each verb."""

    root: Path

    @property
    def disk(self) -> Path:
        return self.root / "disk"

    @property
    def home(self) -> Path:
        return self.disk / "home"

    @property
    def out(self) -> Path:
        return self.disk / "out"

    @property
    def kept(self) -> Path:
        return self.root / "kept"

    @property
    def photos(self) -> Path:
        return self.root / "photos"

    @property
    def log(self) -> Path:
        return self.root / "log.txt"

    @property
    def answer(self) -> Path:
        return self.root / "answer.txt"

    @property
    def bare(self) -> Path:
        """Commands are run here."""
        return self.root


def write_photos(root: Path) -> None:
    """Three people of the embedded world with two outfits and three photos each, and one to test with, in PRCC's layout."""
    world = world_root() / "rgb"
    for person in sorted((world / "train").iterdir())[:3]:
        for photo in [*sorted(person.glob("A*"))[:1], *sorted(person.glob("C*"))[:2]]:
            _save(photo, root / "rgb" / "train" / person.name / photo.name)
    asked = sorted((world / "test" / "A").iterdir())[0].name
    for camera in "ABC":
        photo = sorted((world / "test" / camera / asked).iterdir())[0]
        _save(photo, root / "rgb" / "test" / camera / asked / "1.jpg")
    (root / "rgb" / "val").mkdir(parents=True)


def _save(photo: Path, place: Path) -> None:
    place.parent.mkdir(parents=True, exist_ok=True)
    with Image.open(photo) as opened:
        opened.resize(SIZE, Image.Resampling.LANCZOS).save(place, quality=92)


def verbs(place: Place) -> dict[str, list[str]]:
    """Every verb with its words, in the order in which they are done."""
    return {
        "index": ["index", str(place.photos), "--name", NAME, "--layout", "prcc"],
        "parse": ["parse", NAME],
        "describe": ["describe", NAME],
        "expand": ["expand", NAME, "--variants", "2", "--limit", "4", "--steps", "1", "--batch", "2"],
        "train": [
            "train", NAME, "--run", RUN, "--epochs", "3", "--batch", "12", "--photos-per-person", "2", "--with-variants",
            "--variants", "2",
        ],
        "embed": ["embed", NAME, "--run", RUN],
        "export": ["export", NAME, str(place.out)],
    }  # fmt: skip


VERBS = ("index", "parse", "describe", "expand", "train", "embed", "export")
ENGINES = ("parse", "describe", "expand", "embed")
"""Verbs that run over Ray too."""


def keep(place: Place, name: str) -> None:
    """Keep the workspace and what was exported under a name."""
    shutil.rmtree(place.kept / name, ignore_errors=True)
    for folder in (place.home, place.out):
        if folder.exists():
            shutil.copytree(folder, place.kept / name / folder.name, symlinks=True)


def restore(place: Place, name: str) -> None:
    """Put back what was kept."""
    for folder in (place.home, place.out):
        shutil.rmtree(folder, ignore_errors=True)
        if (place.kept / name / folder.name).exists():
            shutil.copytree(place.kept / name / folder.name, folder, symlinks=True)


def size_of(folders: Sequence[Path]) -> int:
    """Bytes of all files below folders."""
    return sum(path.stat().st_size for folder in folders for path in folder.rglob("*") if path.is_file())
