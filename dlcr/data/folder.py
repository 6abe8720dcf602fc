"""Any folder of pictures: what a newcomer has."""

import hashlib
from collections.abc import Mapping, Sequence
from pathlib import Path

from dlcr.core.images import EXTENSIONS
from dlcr.data.labels import BadPicture, FolderLabels, Labeller
from dlcr.data.walk import parts

NOBODY = -1
"""The pid of pictures that lie in no sub-folder: nothing says who is on them."""


class Folder:
    """A sub-folder is a person, the folder a picture lies in is its outfit; camera 0, split `all`.

    Persons count from 0 in sorted order of their folders' names. A picture in no sub-folder has pid -1 and is its own
    outfit.
    """

    looks_for = f"pictures ({', '.join(sorted(EXTENSIONS))}), in sub-folders by person if there are any"

    def open(self, root: Path, folders: Mapping[str, int]) -> Labeller:
        return _People(sorted({parts(folder)[0] for folder in folders if folder}))


class _People:
    def __init__(self, people: list[str]):
        self.pids = {person: pid for pid, person in enumerate(people)}
        self.digest = hashlib.blake2b("/".join(people).encode("utf-8", "surrogateescape"), digest_size=12).hexdigest()

    def label(self, folder: str, names: Sequence[str]) -> FolderLabels:
        found = FolderLabels(folder)
        pid = self.pids[parts(folder)[0]] if folder else NOBODY
        for name in names:
            found.add(name, "all", pid, 0, folder or name)
        return found

    def absent(self, folders: Mapping[str, int]) -> list[BadPicture]:
        return []
