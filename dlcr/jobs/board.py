"""The board: what pages and verbs do with jobs. Rows in the catalog, folders `jobs/<id>/` in the workspace."""

import json
import os
import platform
import shlex
import shutil
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from pathlib import Path
from typing import Any, Self

from dlcr.catalog import Catalog, JobRow, WorkerRow
from dlcr.catalog.jobs import GO_ON, YIELD
from dlcr.core.errors import UsageError
from dlcr.core.files import alive
from dlcr.core.reach import Reach
from dlcr.core.workspace import Workspace
from dlcr.jobs.bell import Bell
from dlcr.jobs.command import LOG, PROGRESS, RESULT, full_command
from dlcr.jobs.devices import lease_of
from dlcr.jobs.progress import Progress, read_progress
from dlcr.jobs.settings import JobSettings

TAIL = 64_000
"""Bytes of a log that are read to show its end."""
LONGEST = 4096
"""Characters of one word of a command."""


@dataclass(frozen=True, slots=True)
class Job:
    """A job with what its folder tells; `result` only of one that is done and was asked for alone."""

    row: JobRow
    command: str
    folder: Path
    progress: Progress | None = None
    result: Mapping[str, Any] | None = None

    def facts(self) -> dict[str, Any]:
        """All of it as JSON can say it."""
        told = {name: _plain(value) for name, value in asdict(self.row).items()}
        return told | {
            "command": self.command, "folder": str(self.folder), "result": self.result,
            "progress": None if self.progress is None else asdict(self.progress),
        }  # fmt: skip


class Board:
    """The jobs of one workspace."""

    def __init__(
        self, workspace: Workspace, catalog: Catalog, settings: JobSettings | None = None, *, reach: Reach | None = None
    ):
        self.workspace = workspace
        self.catalog = catalog
        self.settings = settings or JobSettings()
        self.reach = reach or Reach()
        self.bell = Bell(workspace)
        self._heard: dict[str, tuple[datetime, float]] = {}

    @classmethod
    def open(cls, home: Path | str | None = None) -> Self:
        """The board of the workspace at `home`, else `DLCR_HOME`, else `./workspace`."""
        workspace = Workspace.open(home)
        return cls(workspace, Catalog.open(workspace.database_url))

    def submit(
        self, args: Sequence[str], what: str, *, dataset: str | None = None, device: str = "cpu", priority: int = 0
    ) -> Job:
        """Queue the command `dlcr ARGS`; `device` is what it computes on (cpu, auto, cuda, cuda:N).

        UsageError for words that no command line can hold.
        """
        for word in args:
            _check_word(word)
        self.bell.check()
        row = self.catalog.add_job(args, what, dataset=dataset, device=device, priority=priority)
        self.bell.ring()
        return self._job(row)

    def jobs(
        self, states: Iterable[str] | None = None, dataset: str | None = None, limit: int | None = None
    ) -> list[Job]:
        """Jobs in one of `states` or all; what runs or waits first, then the newest. Dead workers are noticed."""
        self.sweep()
        return [self._job(row) for row in self.catalog.jobs(states, dataset, limit)]

    def job(self, job_id: int) -> Job:
        """One job with its result; UsageError if it is not there."""
        job = self._job(self.catalog.job(job_id))
        return Job(job.row, job.command, job.folder, job.progress, _read(job.folder / RESULT))

    def log(self, job_id: int, lines: int = 200) -> str:
        """The end of a job's log; of lines that a bar wrote over, the last state."""
        try:
            with (self.folder(job_id) / LOG).open("rb") as log:
                size = log.seek(0, os.SEEK_END)
                log.seek(max(0, size - TAIL))
                text = log.read().decode(errors="replace")
        except OSError:
            return ""
        kept = [line.rstrip("\r").rpartition("\r")[2] for line in text.split("\n")]
        return "\n".join(kept[-lines:])

    def cancel(self, job_id: int) -> Job:
        """End a job for good: one that waits at once, one that runs after the batch in flight."""
        return self._change(
            job_id, "cancelled", lambda: self._move(job_id, "cancelled", "queued", "paused", "interrupted"), "cancel"
        )

    def pause(self, job_id: int) -> Job:
        """Keep a job from starting, or interrupt one that runs; `resume` goes on with it."""
        return self._change(job_id, "paused", lambda: self._move(job_id, "paused", "queued"), "pause")

    def resume(self, job_id: int) -> Job:
        """Queue a paused or interrupted job again: the same command, which goes on where it stopped."""
        return self._again(job_id, "resumed", "paused", "interrupted")

    def retry(self, job_id: int) -> Job:
        """Queue a job that failed, was cancelled or interrupted again."""
        return self._again(job_id, "tried again", "failed", "cancelled", "interrupted")

    def ask_to_yield(self, job_id: int) -> bool:
        """Ask a running job to stand still between batches for `yields` seconds, or longer if asked again; False if it cannot."""
        return self.catalog.ask_job(job_id, YIELD)

    def go_on(self, job_id: int) -> bool:
        """Tell a job that yields to go on at once."""
        return self.catalog.ask_job(job_id, GO_ON)

    def on_device(self, device: str) -> list[Job]:
        """The running jobs of this machine that compute on what `device` (cpu, auto, cuda, ...) means here."""
        mine = {worker.name for worker in self.catalog.workers() if worker.host == host()}
        lease = lease_of(device)
        return [job for job in self.jobs(["running"]) if job.row.worker in mine and lease_of(job.row.device) == lease]

    def first(self, job_id: int) -> Job:
        """Let a queued job start before all others."""
        top = max((row.priority for row in self.catalog.jobs(["queued"])), default=0)
        if not self.catalog.move_job(job_id, "queued", before=["queued"], priority=top + 1):
            raise self._unfit(job_id, "put first")
        return self.job(job_id)

    def delete(self, job_id: int) -> None:
        """Forget a job that neither waits nor runs, with its folder."""
        self.catalog.job(job_id)
        self.catalog.delete_job(job_id)
        self.clear([job_id])

    def clear(self, job_ids: Iterable[int]) -> None:
        """Remove the folders of jobs that the catalog forgot."""
        for job_id in job_ids:
            shutil.rmtree(self.folder(job_id), ignore_errors=True)

    def sweep(self) -> None:
        """Give up workers that died: those of this machine whose process is gone, others after `patience` without a heartbeat.

        Waiting is measured by this process's own clock, which stands still while the machine sleeps.
        """
        for worker in self.catalog.workers():
            if self.is_dead(worker):
                self.catalog.bury_worker(worker)

    def workers(self) -> int:
        """How many workers live, as far as is known."""
        return sum(not worker.guest for worker in self.catalog.workers())

    def folder(self, job_id: int) -> Path:
        """Where a job's log, progress and result lie."""
        return self.workspace.jobs / str(job_id)

    def is_dead(self, worker: WorkerRow) -> bool:
        """Whether a worker died, as far as this process can tell by now."""
        if worker.host == host() and not alive(worker.pid):
            return True
        now = time.monotonic()
        heartbeat, since = self._heard.get(worker.name, (None, now))
        if heartbeat != worker.heartbeat:
            since = now
        self._heard[worker.name] = (worker.heartbeat, since)
        return now - since > self.settings.patience

    def _job(self, row: JobRow) -> Job:
        folder = self.folder(row.id)
        progress = None if row.state in ("queued", "done") else read_progress(folder / PROGRESS)
        return Job(row, shlex.join(full_command(row.args, self.workspace.home)), folder, progress)

    def _move(self, job_id: int, state: str, *before: str) -> bool:
        return self.catalog.move_job(job_id, state, before=before)

    def _change(self, job_id: int, what: str, move: Callable[[], bool], wish: str) -> Job:
        """Move a waiting job or ask a running one; twice, for it may start in between."""
        self.sweep()
        for _ in range(2):
            if move() or self.catalog.wish_job(job_id, wish):
                return self.job(job_id)
        raise self._unfit(job_id, what)

    def _again(self, job_id: int, what: str, *before: str) -> Job:
        self.sweep()
        if not self._move(job_id, "queued", *before):
            raise self._unfit(job_id, what)
        self.bell.ring()
        return self.job(job_id)

    def _unfit(self, job_id: int, what: str) -> UsageError:
        state = self.catalog.job(job_id).state
        return UsageError(f"job {job_id} is {state}: it cannot be {what}.", "`dlcr job show` says more of it.")


def host() -> str:
    """What tells machines apart, and containers on one machine: there a process id means another process."""
    try:
        space = os.readlink("/proc/self/ns/pid")
    except OSError:
        space = ""
    return f"{platform.node()} {space}".strip()


def _check_word(word: str) -> None:
    """UsageError for what a process cannot be given as an argument: it would fail whenever a worker starts it."""
    if len(word) > LONGEST or "\0" in word or any("\ud800" <= sign <= "\udfff" for sign in word):
        raise UsageError(f"{word[:40]!r} cannot be part of a command.", f"Use up to {LONGEST} characters of text.")


def _plain(value: Any) -> Any:
    return value.isoformat() if isinstance(value, datetime) else value


def _read(file: Path) -> Mapping[str, Any] | None:
    try:
        found = json.loads(file.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return None
    return found if isinstance(found, dict) else None
