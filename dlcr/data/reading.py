"""Reading a folder by the layout of its name: labels from relative paths, pictures checked, misfits explained."""

import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol

from dlcr.core.errors import LayoutError, PhotoError, UsageError
from dlcr.core.images import photo_size, read_photo
from dlcr.core.registry import resolve
from dlcr.core.values import PhotoFile, Sample
from dlcr.data.files import pictures_below

LAYOUTS = {"folder": "dlcr.data.folder:Folder", "prcc": "dlcr.data.prcc:Prcc"}


@dataclass(frozen=True, slots=True)
class BadPicture:
    """A file or folder that cannot be used; `path` is relative to the root."""

    path: Path
    reason: str


@dataclass(frozen=True, slots=True)
class Reading:
    """What a folder holds: usable samples in order, the rest with reasons, what is known of each picture file."""

    samples: Sequence[Sample]
    bad: Sequence[BadPicture]
    files: Mapping[Path, PhotoFile] = field(default_factory=dict)


class Layout(Protocol):
    """How one kind of data set tells its labels."""

    looks_for: str
    """The names this layout knows, for messages."""

    def label(self, root: Path, images: Sequence[Path]) -> Reading:
        """Samples of those `images` (sorted, relative to `root`) that belong to the layout.

        `bad` lists those that lie where the layout's pictures lie and do not fit; the pictures are not opened.
        """


def read_layout(name: str, root: Path | str, *, full: bool = False) -> Reading:
    """Every sample below `root` by the layout called `name`; picture headers are checked, pixels too if `full`.

    LayoutError says what was looked for, what was found and which layout the folder resembles.
    """
    root = Path(root)
    if name not in LAYOUTS:
        raise UsageError(f"unknown layout '{name}'.", f"Choose one of: {', '.join(sorted(LAYOUTS))}.")
    if not root.is_dir():
        raise LayoutError(f"there is no folder {root}.", "Give the folder that holds the data set.")
    images, closed = pictures_below(root)
    labelled = layout(name).label(root, images)
    if not labelled.samples and not labelled.bad:
        raise _misfit(name, root, images)
    bad = [BadPicture(path, reason) for path, reason in closed] + list(labelled.bad)
    samples, files = [], {}
    for sample in labelled.samples:
        try:
            files[sample.image] = _examined(root / sample.image, full)
            samples.append(sample)
        except PhotoError as error:
            bad.append(BadPicture(sample.image, str(error)))
    return Reading(tuple(samples), tuple(sorted(bad, key=lambda one: one.path)), files)


def layout(name: str) -> Layout:
    """The layout of this name, made when asked for."""
    made: Layout = resolve("layout", LAYOUTS, name)[0]()
    return made


def _examined(path: Path, full: bool) -> PhotoFile:
    width, height = photo_size(path)
    if full:
        read_photo(path)
    status = path.stat()
    return PhotoFile(status.st_size, status.st_mtime_ns, width, height)


def _misfit(name: str, root: Path, images: Sequence[Path]) -> LayoutError:
    """The error that says what `name` looked for below `root`, what is there, and what would fit."""
    entries = sorted(entry for entry in os.listdir(root) if not entry.startswith("."))
    there = ", ".join(entries[:8]) + (f" and {len(entries) - 8} more" if len(entries) > 8 else "")
    what = f"{root} is not in the layout '{name}': looked for {layout(name).looks_for}; found {there or 'nothing'}."
    return LayoutError(what, _advice(name, root, images))


def _advice(name: str, root: Path, images: Sequence[Path]) -> str:
    if layout(name).label(root.parent, [Path(root.name) / image for image in images]).samples:
        return f"Give the folder above it: {root.parent}."
    for child in sorted({image.parts[0] for image in images if len(image.parts) > 1}):
        inside = [image.relative_to(child) for image in images if image.parts[0] == child]
        if layout(name).label(root / child, inside).samples:
            return f"Give the folder in it: {root / child}."
    fits = {other: len(layout(other).label(root, images).samples) for other in LAYOUTS if other != name}
    likely = [other for other in fits if fits[other] and other != "folder"] + ["folder"] * bool(fits.get("folder"))
    if not likely:
        return "It holds no pictures of any known layout."
    best = max(likely, key=lambda other: (other != "folder", fits[other]))
    return f"It resembles the layout '{best}' ({fits[best]} pictures)."
