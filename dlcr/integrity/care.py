"""What `dlcr doctor` says of a workspace and does for it; here too what is done for a catalog that cannot be opened."""

import sqlite3
from collections.abc import Sequence
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

from dlcr.catalog import Catalog, file_damage, salvage
from dlcr.core import claim
from dlcr.core.errors import DlcrError
from dlcr.core.workspace import Workspace
from dlcr.integrity.check import find, repair
from dlcr.integrity.ward import move_aside, open_ward

SHOWN = 100
"""Problems that are told one by one."""


@dataclass(frozen=True, slots=True)
class Care:
    """What is wrong with a workspace, and what was mended before it was looked at, a sentence each."""

    problems: Sequence[str]
    repaired: Sequence[str]


def care(home: Path | None, *, deep: bool = False, mend: bool = False) -> Care:
    """Look at a workspace, after mending what can be mended if told to.

    WorkspaceError if it is to be mended while others work in it. A workspace or catalog that cannot be opened is a problem, not an
    error.
    """
    try:
        workspace = Workspace.open(home)
    except DlcrError as error:
        return Care([str(error)], [])
    if mend and not _is_alone(workspace):
        raise claim.in_use(workspace.home)
    done = restore_catalog(workspace, deep=deep) if mend else []
    try:
        with open_ward(workspace, deep=deep) as ward:
            if mend:
                done += repair(ward)
            found = [str(damage) for damage in find(ward)]
    except DlcrError as error:
        return Care([str(error)], done)
    shown = found[:SHOWN]
    if len(found) > SHOWN:
        shown.append(f"and {len(found) - SHOWN} more.")
    if found and not mend:
        shown.append("`dlcr doctor --repair` mends what can be mended.")
    return Care(shown, done)


def _is_alone(workspace: Workspace) -> bool:
    held = claim.alone(workspace.home)
    if held is not None:
        held.close()
    return held is not None


def restore_catalog(workspace: Workspace, *, deep: bool = False) -> list[str]:
    """Make a damaged catalog one that opens: its indexes anew, else every row that can be read in a new file.

    The damaged file goes to lost+found. Nothing is done for a file that is no database at all, or for a server's.
    """
    file = workspace.home / "catalog.sqlite"
    told = file_damage(file, deep) if workspace.database_url == f"sqlite:///{file}" else None
    if told is None or told == "it is no SQLite database":
        return []
    if _reindexed(file):
        return [f"the catalog was damaged: {told}. Its indexes were made anew."]
    fresh = workspace.home / "catalog.new.sqlite"
    for left in workspace.home.glob(f"{fresh.name}*"):
        left.unlink()
    Catalog.open(f"sqlite:///{fresh}").close()
    kept = salvage(file, fresh)
    places = [move_aside(workspace.home, file.with_name(file.name + end)) for end in _ENDS if _there(file, end)]
    fresh.rename(file)
    rows = ", ".join(f"{count} {table}" for table, count in kept.items() if count)
    where = places[-1].relative_to(workspace.home).as_posix()
    said = f"the catalog was damaged: {told}. What could be read of it is in a new one ({rows or 'nothing'})"
    return [f"{said}; the damaged one is {where}. Index the data sets again; variants are taken back from their files."]


_ENDS = ("-wal", "-shm", "")


def _there(file: Path, end: str) -> bool:
    return file.with_name(file.name + end).exists()


def _reindexed(file: Path) -> bool:
    """Whether new indexes mend the database."""
    try:
        with closing(sqlite3.connect(file, timeout=30)) as connection:
            connection.execute("REINDEX")
            connection.commit()
            return [row[0] for row in connection.execute("PRAGMA integrity_check(1)")] == ["ok"]
    except sqlite3.DatabaseError:
        return False
