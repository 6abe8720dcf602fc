"""What a layout is: it labels the pictures of one folder at a time, from their names and the set's own lists alone."""

from abc import ABC, abstractmethod
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol

from dlcr.core.values import Sample

UNKNOWN = ""
"""The clothes_id of a picture whose set has no outfit labels."""


@dataclass(frozen=True, slots=True)
class BadPicture:
    """A file or folder that cannot be used; `path` is relative to the root."""

    path: Path
    reason: str


@dataclass(frozen=True, slots=True)
class FolderLabels:
    """Labels of the pictures in one folder as columns of equal length: a set may have millions, an object each is slow.

    `folder` is relative to the root, `/` between its parts, empty for the root itself. `names` are file names, sorted.
    `bad` holds (name, reason) of what lies where the layout's pictures lie and does not fit.
    """

    folder: str
    names: list[str] = field(default_factory=list)
    splits: list[str] = field(default_factory=list)
    pids: list[int] = field(default_factory=list)
    camids: list[int] = field(default_factory=list)
    clothes_ids: list[str] = field(default_factory=list)
    tracklets: list[str | None] = field(default_factory=list)
    bad: list[tuple[str, str]] = field(default_factory=list)

    def add(self, name: str, split: str, pid: int, camid: int, clothes_id: str, tracklet: str | None = None) -> None:
        """Label one picture."""
        self.names.append(name)
        self.splits.append(split)
        self.pids.append(pid)
        self.camids.append(camid)
        self.clothes_ids.append(clothes_id)
        self.tracklets.append(tracklet)

    def samples(self) -> Iterator[Sample]:
        """The columns as one value a picture."""
        folder = Path(self.folder)
        columns = (self.names, self.splits, self.pids, self.camids, self.clothes_ids, self.tracklets)
        for name, *labels in zip(*columns, strict=True):
            yield Sample(folder / name, *labels)


class Labeller(Protocol):
    """A layout opened on one folder."""

    digest: str
    """Of all that labels depend on beside names: the set's lists, the order of its people. Changed: label all again."""

    def label(self, folder: str, names: Sequence[str]) -> FolderLabels:
        """Labels of the pictures `names` (sorted) of `folder`; those of no part of the layout are left out."""

    def absent(self, folders: Mapping[str, int]) -> list[BadPicture]:
        """What the set's own lists name in folders that are not there."""


class Layout(Protocol):
    """How one kind of data set tells its labels."""

    looks_for: str
    """The names this layout knows, for messages."""

    def open(self, root: Path, folders: Mapping[str, int]) -> Labeller:
        """Read what labels depend on; `folders` are those below `root` in sorted order with their numbers of pictures.

        LayoutError if a list the layout needs is missing or makes no sense.
        """


class ByName(ABC):
    """The usual layout, for others to be made of: labels come from names alone, so that there is nothing to open."""

    digest = ""

    def open(self, root: Path, folders: Mapping[str, int]) -> "ByName":
        return self

    def absent(self, folders: Mapping[str, int]) -> list[BadPicture]:
        return []

    @abstractmethod
    def label(self, folder: str, names: Sequence[str]) -> FolderLabels:
        """What each layout says itself; see `Labeller`."""


def number(text: str) -> int | None:
    """A whole number written in at most nine plain digits (as `0012`), else None: databases hold no larger ones."""
    return int(text) if text.isascii() and text.isdigit() and len(text) <= 9 else None
