"""How far a command is: written by it into a small file, read by whoever watches."""

import os
import sys
import time
from collections import deque
from contextlib import suppress
from dataclasses import asdict, dataclass
from pathlib import Path

from pydantic import FiniteFloat, TypeAdapter, ValidationError

from dlcr.core.errors import WorkspaceError
from dlcr.core.files import write_json
from dlcr.jobs.leash import going

FILE = "DLCR_PROGRESS"
"""The environment variable that says where a command writes how far it is."""
PAUSE = 0.5
"""Seconds between two writes; a write waits for the disk."""
WINDOW = 30.0
"""Seconds that the speed is taken from: what was there before is skipped quickly and says nothing of the rest."""
LOGGED = 10.0
"""Seconds between two lines of the log."""


@dataclass(frozen=True, slots=True)
class Progress:
    """`done` of `total` (0: not known) of the work `what`; `left` in seconds, None while it cannot be told.

    `held`: it stands still between two batches and leaves the device to somebody.
    """

    what: str
    done: int
    total: int
    left: FiniteFloat | None = None
    held: bool = False

    def __str__(self) -> str:
        return f"{self.what}: {self.done:,}" + (f" of {self.total:,}" if self.total else "")


_READER = TypeAdapter(Progress)


def read_progress(file: Path) -> Progress | None:
    """What a command wrote last, None if it wrote nothing yet, or nothing that is one."""
    try:
        return _READER.validate_json(file.read_bytes(), strict=True)
    except (OSError, ValidationError):
        return None


class Writer:
    """Keeps the file at most half a second behind, and the log a few lines long."""

    def __init__(self, file: Path):
        self._file = file
        self._what = ""
        self._seen: deque[tuple[float, int]] = deque()
        self._written = self._logged = 0.0

    @classmethod
    def from_environment(cls) -> "Writer | None":
        """The writer of a command that was started as a job, else None."""
        file = os.environ.get(FILE)
        return cls(Path(file)) if file else None

    def tell(self, what: str, done: int, total: int) -> None:
        """`done` of `total` is done; the first and the last word on each kind of work are always kept.

        Returns when the process may go on: between two batches it may be asked to leave the device to somebody.
        """
        if not going.is_set():
            self._write(Progress(what, done, total, held=True))
            going.wait()
            self._what = ""  # told again at once, and the speed is not that of standing still
        now = time.monotonic()
        turn = what != self._what
        if turn:
            self._what, self._logged = what, now - LOGGED
            self._seen.clear()
        if not turn and now - self._written < PAUSE and done != total:
            return
        self._seen.append((now, done))
        while now - self._seen[0][0] > WINDOW and len(self._seen) > 2:
            self._seen.popleft()
        self._written = now
        told = Progress(what, done, total, self._left(total))
        self._write(told)
        if now - self._logged >= LOGGED or done == total:
            self._logged = now
            print(told, file=sys.stderr, flush=True)

    def _write(self, told: Progress) -> None:
        with suppress(WorkspaceError):  # then nobody can watch, but the work may go on; a full disk stops it elsewhere
            write_json(self._file, asdict(told))

    def _left(self, total: int) -> float | None:
        (start, before), (now, done) = self._seen[0], self._seen[-1]
        if done >= total or done <= before:  # a total of 0 is not known
            return None
        return round((total - done) * (now - start) / (done - before), 1)
