"""Which pictures lie below a folder, in sorted order, whatever links and permissions do."""

import os
from pathlib import Path, PurePath

from dlcr.core.images import EXTENSIONS


def pictures_below(root: Path) -> tuple[list[Path], list[tuple[Path, str]]]:
    """Sorted paths of the pictures below `root`, relative to it, and (path, reason) of folders that cannot be read.

    Extensions count in any case, hidden names do not. Links are followed, but each real folder is read once: by
    its own name, else by the first link to it, so that loops end and no picture is found twice.
    """
    found: list[Path] = []
    bad: list[tuple[Path, str]] = []
    seen: set[tuple[int, int]] = set()
    folders = [root]
    links: list[Path] = []
    while folders or links:
        folder = folders.pop() if folders else links.pop(0)
        try:
            status = folder.stat()
            entries = sorted(os.scandir(folder), key=lambda entry: entry.name)
        except OSError as error:
            bad.append((folder.relative_to(root), (error.strerror or str(error)).lower()))
            continue
        if (status.st_dev, status.st_ino) in seen:
            continue
        seen.add((status.st_dev, status.st_ino))
        for entry in entries:
            if entry.name.startswith("."):
                continue
            if entry.is_dir():
                (links if entry.is_symlink() else folders).append(Path(entry.path))
            elif PurePath(entry.name).suffix.lower() in EXTENSIONS:
                found.append(Path(entry.path).relative_to(root))
    return sorted(found), sorted(bad)
