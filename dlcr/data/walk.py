"""Which pictures lie below a folder, with their sizes and times of change, whatever links and permissions do."""

import hashlib
import marshal
import os
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import IO, Self

from dlcr.core.images import EXTENSIONS
from dlcr.data.labels import BadPicture

_SUFFIXES = tuple(EXTENSIONS)
IN_MEMORY = 16_000_000
"""A listing above this many bytes goes to a temporary file: memory stays flat whatever the size of the set."""


@dataclass(frozen=True, slots=True)
class Listed:
    """One folder's pictures, sorted by name: bytes and time of change in nanoseconds of each.

    `folder` is relative to the root, `/` between its parts, empty for the root. Equal `digest`s mean equal listings.
    """

    folder: str
    names: list[str]
    sizes: list[int]
    times: list[int]
    digest: str


class Listing:
    """All folders with pictures below a root, walked once. A context manager: what it spooled goes away at the end."""

    def __init__(self, root: Path):
        self.digests: dict[str, str] = {}
        """Folder -> digest, in sorted order; links and what lies behind them last."""
        self.counts: dict[str, int] = {}
        """Folder -> number of pictures, in the same order."""
        self.bad: list[BadPicture] = []
        self._lengths: dict[str, int] = {}
        self._spool: IO[bytes] = tempfile.SpooledTemporaryFile(IN_MEMORY)  # noqa: SIM115 (closed by __exit__)
        self._walk(root)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._spool.close()

    @property
    def pictures(self) -> int:
        """How many pictures there are."""
        return sum(self.counts.values())

    def folders(self) -> Iterator[Listed]:
        """Every folder with pictures, in the order of `digests`."""
        place = 0
        for folder, digest in self.digests.items():
            self._spool.seek(place)
            data = self._spool.read(self._lengths[folder])
            place += len(data)
            names, sizes, times = marshal.loads(data)
            yield Listed(folder, names, sizes, times, digest)

    def _walk(self, root: Path) -> None:
        """Read each real folder once: by its own name, else by the first link to it, so that loops end."""
        seen: set[tuple[int, int]] = set()
        folders, links = [""], list[str]()
        while folders or links:
            folder = folders.pop() if folders else links.pop(0)
            try:
                handle = os.open(root / folder, os.O_RDONLY | os.O_DIRECTORY)
            except OSError as error:
                self._refuse(folder, error)
                continue
            try:
                status = os.fstat(handle)
                if (status.st_dev, status.st_ino) not in seen:
                    seen.add((status.st_dev, status.st_ino))
                    inner, linked = self._read(folder, handle)
                    folders += reversed(inner)
                    links += linked
            except OSError as error:
                self._refuse(folder, error)
            finally:
                os.close(handle)

    def _read(self, folder: str, handle: int) -> tuple[list[str], list[str]]:
        """Note the pictures of one open folder; give the folders in it, sorted: real ones, and links to folders."""
        files: list[tuple[str, int, int]] = []
        inner: list[str] = []
        linked: list[str] = []
        with os.scandir(handle) as entries:
            for entry in entries:
                name = entry.name
                if name[0] == ".":
                    continue
                picture = name.lower().endswith(_SUFFIXES)
                if picture and not entry.is_dir():
                    try:
                        status = entry.stat()
                        files.append((name, status.st_size, status.st_mtime_ns))
                    except OSError as error:
                        self._refuse(joined(folder, name), error)
                elif entry.is_dir():
                    (linked if entry.is_symlink() else inner).append(joined(folder, name))
        if files:
            files.sort()
            self._note(folder, files)
        return sorted(inner), sorted(linked)

    def _note(self, folder: str, files: list[tuple[str, int, int]]) -> None:
        data = marshal.dumps([list(column) for column in zip(*files, strict=True)], 2)
        self.digests[folder] = hashlib.blake2b(data, digest_size=12).hexdigest()
        self.counts[folder] = len(files)
        self._lengths[folder] = len(data)
        self._spool.write(data)

    def _refuse(self, path: str, error: OSError) -> None:
        self.bad.append(BadPicture(Path(path), (error.strerror or str(error)).lower()))


def joined(folder: str, name: str) -> str:
    """`folder/name`, or `name` alone in the root."""
    return f"{folder}/{name}" if folder else name


def parts(folder: str) -> tuple[str, ...]:
    """`rgb/train/001` -> its three parts; none for the root."""
    return PurePosixPath(folder).parts
