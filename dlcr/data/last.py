"""LaST (Shu et al. 2021): films; every picture is a camera of its own, outfits are known in the train part only."""

import hashlib
from collections.abc import Mapping, Sequence
from pathlib import Path

from dlcr.data.labels import BadPicture, FolderLabels, Labeller, number
from dlcr.data.walk import parts

SPLITS = {
    ("train",): "train", ("val", "query"): "val_query", ("val", "gallery"): "val_gallery",
    ("test", "query"): "query", ("test", "gallery"): "gallery",
}  # fmt: skip


class Last:
    """`train/<pid>/*.jpg`, `{val,test}/query/*.jpg`, `{val,test}/gallery/*/*.jpg`, named `<pid>_..._<outfit>.jpg`.

    Cameras count the pictures of a part in sorted order; a gallery's are numbered on after its queries.
    """

    looks_for = "train/<pid>/*.jpg, {val,test}/query/*.jpg and {val,test}/gallery/*/*.jpg, named <pid>_..._<outfit>.jpg"

    def open(self, root: Path, folders: Mapping[str, int]) -> Labeller:
        """Number the first camera of every folder: galleries after the queries of the same part."""
        first: dict[str, int] = {}
        for split in SPLITS.values():
            number_on = sum(n for f, n in folders.items() if _split(f) == split.replace("gallery", "query"))
            next_camera = number_on if split.endswith("gallery") else 0
            for folder in sorted((f for f in folders if _split(f) == split), key=parts):
                first[folder] = next_camera
                next_camera += folders[folder]
        return _Numbered(first)


class _Numbered:
    def __init__(self, first: dict[str, int]):
        self.first = first
        self.digest = hashlib.blake2b(repr(sorted(first.items())).encode(), digest_size=12).hexdigest()

    def label(self, folder: str, names: Sequence[str]) -> FolderLabels:
        found, split = FolderLabels(folder), _split(folder)
        for camid, name in enumerate(names if split else (), self.first.get(folder, 0)):
            words = name.partition(".")[0].split("_")
            pid = number(words[0])
            if pid is None or (split == "train" and len(words) < 2):
                found.bad.append((name, f"its name does not fit: the layout 'last' looks for {Last.looks_for}"))
                continue
            found.add(name, split or "", pid, camid, f"{words[0]}_{words[-1]}" if split == "train" else words[0])
        return found

    def absent(self, folders: Mapping[str, int]) -> list[BadPicture]:
        return []


def _split(folder: str) -> str | None:
    """The split whose pictures lie right in this folder; None for folders of no part."""
    place = parts(folder)
    inside = place if place[1:] == ("query",) else place[:-1]
    return SPLITS.get(inside)
