"""DeepChange (Xu et al. 2021): a year of cameras; lists give every picture's tracklet."""

import re
from collections.abc import Mapping, Sequence
from pathlib import Path

from dlcr.core.errors import LayoutError
from dlcr.data.labels import BadPicture, FolderLabels, Labeller
from dlcr.data.lists import digest_of, read_list

SPLITS = {
    "train-set": "train", "val-set-query": "val_query", "val-set-gallery": "val_gallery",
    "test-set-query": "query", "test-set-gallery": "gallery",
}  # fmt: skip
NAME = re.compile(r"(P(\d+))_C\d+_([^_.]+)", re.ASCII)


class DeepChange:
    """Five folders, each with `<set>-bbox.txt` (beside it, or in it), lines `P<pid>_C<cam>_<outfit>...,<tracklet>`.

    As published, the tracklet serves as the camera: a match by the query's own camera counts, one of its own tracklet
    does not. Outfit: person and outfit tokens written together, as `P1` + `2`.
    """

    looks_for = (
        "{train-set,{val,test}-set-{query,gallery}}/P<pid>_C<cam>_<outfit>* with <set>-bbox.txt (`<name>,<tracklet>`)"
    )

    def open(self, root: Path, folders: Mapping[str, int]) -> Labeller:
        """Read the lists of the folders that are there; LayoutError if one is missing or makes no sense."""
        lists = {}
        for name in SPLITS:
            beside, inside = root / f"{name}-bbox.txt", root / name / f"{name}-bbox.txt"
            if beside.is_file() or inside.is_file():
                lists[name] = beside if beside.is_file() else inside
            elif name in folders:
                raise LayoutError(f"{root / name} has pictures but no list {beside.name}.", f"Put it at {beside}.")
        return _Tracklets({name: _tracklets(path) for name, path in lists.items()}, digest_of(list(lists.values())))


def _tracklets(path: Path) -> dict[str, int]:
    found = {}
    for count, line in enumerate(read_list(path), 1):
        name, _, tracklet = line.strip().rpartition(",")
        if line.strip() and not (name and tracklet.strip().isdigit()):
            raise LayoutError(f"{path}, line {count}: '{line[:60]}' is not `<name>,<tracklet>`.", "Correct the list.")
        if name:
            found[name.split(",")[0].strip()] = int(tracklet)
    return found


class _Tracklets:
    def __init__(self, tracklets: dict[str, dict[str, int]], digest: str):
        self.tracklets, self.digest = tracklets, digest

    def label(self, folder: str, names: Sequence[str]) -> FolderLabels:
        found = FolderLabels(folder)
        if folder not in self.tracklets:
            return found
        listed, split = self.tracklets[folder], SPLITS[folder]
        for name in names:
            fits, tracklet = NAME.match(name), listed.get(name)
            if fits is None:
                found.bad.append(
                    (name, f"its name does not fit: the layout 'deepchange' looks for {DeepChange.looks_for}")
                )
            elif tracklet is None:
                found.bad.append((name, f"{folder}-bbox.txt does not name it"))
            else:
                found.add(name, split, int(fits[2]), tracklet, fits[1] + fits[3], str(tracklet))
        there = set(names)
        found.bad.extend(
            (name, f"{folder}-bbox.txt names it, but it is not there") for name in listed if name not in there
        )
        return found

    def absent(self, folders: Mapping[str, int]) -> list[BadPicture]:
        return [
            BadPicture(Path(name), f"{name}-bbox.txt names {len(listed)} pictures, but none is there")
            for name, listed in self.tracklets.items() if listed and name not in folders
        ]  # fmt: skip
