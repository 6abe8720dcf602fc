"""A worker: claims one job after the other and runs its command, telling the catalog that it lives."""

import logging
import os
import signal
import threading
import time
import uuid
from collections.abc import Mapping
from typing import Any

from dlcr.catalog import JobRow
from dlcr.catalog.jobs import GO_ON, WISHES, YIELD
from dlcr.core.errors import DlcrError
from dlcr.core.files import make_folder
from dlcr.jobs.board import Board, host
from dlcr.jobs.command import Command, full_command
from dlcr.jobs.devices import lease_of

ENDS = {"cancel": "cancelled", "pause": "paused", "stop": "queued"}
"""The state of a job that was ended before its time, by the reason; `stop`: the worker itself ends, another one goes on."""
LOOK = 0.5
"""Seconds between two looks at what a running job is asked."""

log = logging.getLogger(__name__)


class Worker:
    """Runs the jobs of a board in the calling thread; `stop` may be called from a signal handler."""

    def __init__(self, board: Board):
        self._board = board
        self._catalog = board.catalog
        self._name = ""
        self._stopping = False
        self._lost = False
        self._over = threading.Event()

    def stop(self) -> None:
        """End soon; the job under way is interrupted and queued again."""
        self._stopping = True

    def run(self, *, once: bool = False) -> list[int]:
        """Work until `stop`, or (`once`) until no job is left that could start. Ids of the jobs it ran, in order."""
        done: list[int] = []
        self._register()
        beat = threading.Thread(target=self._beat, daemon=True, name="heartbeat")
        beat.start()
        try:
            while not self._stopping:
                job = self._claim()
                if job is not None:
                    self._do(job)
                    done.append(job.id)
                elif once:
                    break
                else:
                    self._board.bell.listen(self._board.settings.look, lambda: self._stopping)
        finally:
            self._over.set()
            beat.join()
            self._catalog.remove_worker(self._name)
        return done

    def _register(self) -> None:
        self._name, self._lost = f"{host()} {os.getpid()} {uuid.uuid4().hex[:8]}", False
        self._catalog.put_worker(self._name, host(), os.getpid())

    def _beat(self) -> None:
        """In a thread of its own, so that nothing a job does holds it up."""
        while not self._over.wait(self._board.settings.heartbeat):
            try:
                self._lost = self._lost or not self._catalog.beat(self._name)
            except DlcrError as error:
                log.warning("heartbeat: %s", error)

    def _claim(self) -> JobRow | None:
        try:
            if self._lost:
                self._register()
            self._board.sweep()
            return self._catalog.claim_job(self._name, lease_of)
        except DlcrError as error:
            log.warning("cannot look for jobs: %s", error)
            return None

    def _do(self, job: JobRow) -> None:
        log.info("job %d: %s", job.id, job.what)
        try:
            state, error = self._attempt(job)
        except (DlcrError, OSError) as failure:
            state, error = "failed", _told(failure)
        if not self._lost:
            self._settle(job, state, error)
        log.info("job %d: %s", job.id, "taken away" if self._lost else state)

    def _attempt(self, job: JobRow) -> tuple[str, Mapping[str, str] | None]:
        """Run the command to its end; the state it leaves the job in, and its error."""
        words = full_command(job.args, self._board.workspace.home)
        command = Command(words, make_folder(self._board.folder(job.id)), niced=lease_of(job.device) is None)
        reason, code, looked, until = "", None, 0.0, 0.0
        try:
            while (code := command.wait(0.1)) is None and not reason:
                if time.monotonic() - looked > LOOK:
                    until = self._held(job, command, until)
                    reason, looked = self._reason(job), time.monotonic()
            if code is None:
                code = command.kill() if reason == "lost" else command.end(self._board.settings.grace)
        finally:
            answer = command.close(code)
        if code == 0:
            return "done", None
        if reason:
            return ENDS.get(reason, "interrupted"), None
        if code in (130, -signal.SIGINT):
            return "interrupted", None
        return "failed", _error(code, answer)

    def _held(self, job: JobRow, command: Command, until: float) -> float:
        """Let the command hold while somebody asks for its device, by this worker's clock: until when, 0 if it goes on."""
        try:
            request = self._catalog.take_request(job.id)
        except DlcrError as error:
            log.warning("job %d: %s", job.id, error)
            request = None
        now = time.monotonic()
        if request == YIELD:
            if not until:
                command.hold(True)
            return now + self._board.settings.yields
        if until and (request == GO_ON or now > until):
            command.hold(False)
            return 0.0
        return until

    def _reason(self, job: JobRow) -> str:
        """Why the command must end now, empty if it may go on."""
        if self._lost:
            return "lost"
        try:
            wish = self._catalog.job(job.id).wish
        except DlcrError as error:
            log.warning("job %d: %s", job.id, error)
            wish = None
        return wish if wish in WISHES else "stop" if self._stopping else ""

    def _settle(self, job: JobRow, state: str, error: Mapping[str, str] | None) -> None:
        """Write the end of a job into its row, trying again while the catalog cannot be written."""
        while True:
            try:
                self._catalog.end_job(job, state, error)
                return
            except DlcrError as failure:
                log.warning("job %d: %s", job.id, failure)
                if self._stopping or self._lost:
                    return
                time.sleep(1)


def _error(code: int | None, answer: Mapping[str, Any] | None) -> dict[str, str]:
    """What a command that failed said of it."""
    if answer is not None and "what" in answer:
        return {name: str(answer.get(name, "")) for name in ("error", "what", "remedy")}
    if code is not None and code < 0:
        name = signal.Signals(-code).name
        remedy = "Memory may have run out: try again with smaller batches." if code == -signal.SIGKILL else ""
        return {"error": "Killed", "what": f"the command was ended by {name}.", "remedy": remedy or "See its log."}
    return {"error": "Failed", "what": f"the command ended with exit code {code}.", "remedy": "See its log."}


def _told(failure: Exception) -> dict[str, str]:
    remedy = failure.remedy if isinstance(failure, DlcrError) else "Check the disk and the memory of this machine."
    what = failure.what if isinstance(failure, DlcrError) else str(failure)
    return {"error": type(failure).__name__, "what": what, "remedy": remedy}
