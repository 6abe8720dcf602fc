"""CCVID (Gu et al. 2022): videos; lists name the tracklets, each a folder of frames."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from dlcr.core.errors import LayoutError
from dlcr.data.labels import BadPicture, FolderLabels, Labeller
from dlcr.data.lists import digest_of, read_list

LISTS = ("train", "query", "gallery")
LINE = re.compile(r"((session\d+)/\d+_(\d+))\s+(\d+)\s+(\S+)", re.ASCII)
LATER_CAMERAS = 12
"""Session 3 has cameras of its own, numbered on after the twelve of sessions 1 and 2."""


@dataclass(frozen=True, slots=True)
class Tracklet:
    """What a list says of one tracklet."""

    split: str
    pid: int
    camid: int
    clothes_id: str


class Ccvid:
    """`{train,query,gallery}.txt` with lines `session<k>/<pid>_<cam> <pid> <outfit>`; frames in `<tracklet>/*`.

    Every frame is a sample whose `tracklet` is its folder. Outfit `<pid>_<outfit>`.
    """

    looks_for = "{train,query,gallery}.txt with lines `session<k>/<pid>_<cam> <pid> <outfit>`, frames in session<k>/<pid>_<cam>/"

    def open(self, root: Path, folders: Mapping[str, int]) -> Labeller:
        """Read the lists; LayoutError names list and line of what makes no sense."""
        lists = [root / f"{split}.txt" for split in LISTS if (root / f"{split}.txt").is_file()]
        tracklets: dict[str, Tracklet] = {}
        for path in lists:
            for count, line in enumerate(read_list(path), 1):
                if line.strip():
                    name, tracklet = _tracklet(path, count, line.strip())
                    tracklets.setdefault(name, tracklet)
        return _Listed(tracklets, digest_of(lists))


def _tracklet(path: Path, count: int, line: str) -> tuple[str, Tracklet]:
    fits = LINE.fullmatch(line)
    if fits is None:
        wanted = "`session<k>/<pid>_<cam> <pid> <outfit>`"
        raise LayoutError(f"{path}, line {count}: '{line[:60]}' is not {wanted}.", "Correct the list.")
    name, session, camera, pid, outfit = fits.groups()
    camid = int(camera) + LATER_CAMERAS * (session == "session3")
    return name, Tracklet(path.stem, int(pid), camid, f"{pid}_{outfit}")


class _Listed:
    def __init__(self, tracklets: dict[str, Tracklet], digest: str):
        self.tracklets, self.digest = tracklets, digest

    def label(self, folder: str, names: Sequence[str]) -> FolderLabels:
        found, one = FolderLabels(folder), self.tracklets.get(folder)
        if one is not None:
            for name in names:
                found.add(name, one.split, one.pid, one.camid, one.clothes_id, folder)
        return found

    def absent(self, folders: Mapping[str, int]) -> list[BadPicture]:
        return [
            BadPicture(Path(name), f"{tracklet.split}.txt names it, but there are no frames in it")
            for name, tracklet in self.tracklets.items() if name not in folders
        ]  # fmt: skip
