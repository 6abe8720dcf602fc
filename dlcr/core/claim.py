"""Who works in a workspace: any number of processes together, or one alone that repairs it. The system forgets the dead."""

import fcntl
from contextlib import suppress
from pathlib import Path
from typing import IO

from dlcr.core.errors import WorkspaceError
from dlcr.core.files import write_error

FILE = ".in-use"


def share(home: Path) -> IO[bytes]:
    """Say that this process works in the workspace, as long as what is returned is open; waits while one repairs it.

    On a disk that knows no locks nothing is said: there nobody can repair.
    """
    file = _opened(home)
    with suppress(OSError):
        fcntl.flock(file, fcntl.LOCK_SH)
    return file


def alone(home: Path) -> IO[bytes] | None:
    """Have the workspace alone, as long as what is returned is open; None if others work in it, or that cannot be known."""
    file = _opened(home)
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        file.close()
        return None
    return file


def _opened(home: Path) -> IO[bytes]:
    path = home / FILE
    try:
        return path.open("rb") if path.exists() else path.open("ab")
    except OSError as error:
        raise write_error(path, error) from error


def in_use(home: Path) -> WorkspaceError:
    """The error of who needs the workspace alone while others work in it."""
    return WorkspaceError(
        f"others work in {home}: the app, a worker's job or another command (or its disk knows no locks).",
        "Stop them, and try again.",
    )
