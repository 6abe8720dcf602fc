"""Counting how often a command touches its workspace, and dying at the n-th time: the moments between file, rename and row.

Used in a forked child, before the command begins. A touch is a file opened for writing, a sync, a rename, a removal, a folder
made, and each statement and end of a transaction of the catalog that writes.
"""

import os
import signal
import sys
from pathlib import Path
from typing import Any

WRITES = os.O_WRONLY | os.O_RDWR | os.O_CREAT
EVENTS = ("os.rename", "os.remove", "os.mkdir", "os.rmdir", "os.truncate")
STATEMENTS = ("INSERT", "UPDATE", "DELETE", "BEGIN IMMEDIATE", "CREATE")


class Touches:
    """Counts them; at number `last` the process kills itself with SIGKILL."""

    def __init__(self, below: Path, last: int | None = None):
        self.below, self.last, self.count = str(below), last, 0

    def watch(self) -> None:
        """From now on, for as long as this process lives."""
        from sqlalchemy import event
        from sqlalchemy.engine import Engine

        sys.addaudithook(self._heard)
        sync = os.fsync

        def counted(handle: int) -> None:
            self._touch()
            sync(handle)

        os.fsync = counted  # type: ignore[assignment]
        event.listen(Engine, "before_cursor_execute", self._statement)
        event.listen(Engine, "commit", lambda connection: self._touch())

    def _heard(self, name: str, told: tuple[Any, ...]) -> None:
        if name == "open":
            path, _, flags = told
            if isinstance(path, str) and path.startswith(self.below) and isinstance(flags, int) and flags & WRITES:
                self._touch()
        elif name in EVENTS and isinstance(told[0], (str, Path)) and str(told[0]).startswith(self.below):
            self._touch()

    def _statement(self, connection: Any, cursor: Any, statement: str, *rest: Any) -> None:
        if statement.lstrip().upper().startswith(STATEMENTS):
            self._touch()

    def _touch(self) -> None:
        self.count += 1
        if self.count == self.last:
            os.kill(os.getpid(), signal.SIGKILL)
