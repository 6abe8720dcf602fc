"""What a check looks at and what it says: a workspace under examination, a damage, the place for what is put aside."""

import json
import os
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from dlcr.catalog import Catalog
from dlcr.core import claim
from dlcr.core.files import make_folder, write_error
from dlcr.core.workspace import Workspace

QUICK = 5000
"""Rows of a kind, the newest, that are looked at unless every byte is asked for."""
ATTIC, ROWS = "lost+found", "rows.jsonl"


@dataclass(frozen=True, slots=True)
class Damage:
    """Something that is not as it should be: what, and what to do about it. `mend` does that and says what it did; None: only a
    person can."""

    what: str
    remedy: str
    mend: Callable[[], str] | None = None

    def __str__(self) -> str:
        return f"{self.what} {self.remedy}"


@dataclass(frozen=True, slots=True)
class Ward:
    """A workspace under examination. `deep`: every file to its last byte; `alone`: nobody else works in it now, so that a file
    without a row is nobody's and a partial file never becomes whole."""

    workspace: Workspace
    catalog: Catalog
    deep: bool = False
    alone: bool = False

    @property
    def limit(self) -> int | None:
        """Rows of a kind to look at."""
        return None if self.deep else QUICK

    def place(self, path: Path) -> str:
        """What to call a file of the workspace."""
        return path.relative_to(self.workspace.home).as_posix()

    def put_aside(self, path: Path) -> str:
        """Move a file or folder to `lost+found`, under its own place there; what was done."""
        return f"{self.place(path)} moved to {self.place(move_aside(self.workspace.home, path))}."

    def keep_rows(self, rows: Iterable[Mapping[str, Any]]) -> None:
        """Write rows that were taken out of the catalog to the end of `lost+found/rows.jsonl`."""
        told = "".join(json.dumps(row, ensure_ascii=False, default=str) + "\n" for row in rows)
        if told:
            file = make_folder(self.workspace.home / ATTIC) / ROWS
            try:
                with file.open("ab") as stream:
                    stream.write(told.encode())
                    stream.flush()
                    os.fsync(stream.fileno())
            except OSError as error:
                raise write_error(file, error) from error


def move_aside(home: Path, path: Path) -> Path:
    """Move a file or folder of a workspace to its `lost+found`; where it is now. Nothing there is overwritten."""
    wanted = home / ATTIC / path.relative_to(home)
    target, number = wanted, 1
    while target.exists():
        target, number = wanted.with_name(f"{wanted.name}.{number}"), number + 1
    make_folder(target.parent)
    try:
        path.rename(target)
    except OSError as error:
        raise write_error(target, error) from error
    return target


@contextmanager
def open_ward(workspace: Workspace, *, deep: bool = False) -> Iterator[Ward]:
    """A workspace to look at; its catalog must be one that opens."""
    held = claim.alone(workspace.home)
    catalog = Catalog.open(workspace.database_url)
    try:
        yield Ward(workspace, catalog, deep, held is not None)
    finally:
        catalog.close()
        if held is not None:
            held.close()
