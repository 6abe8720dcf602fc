"""Who may paint now: people wait in a line that everybody sees, and a job may be asked to leave them the device.

On a GPU who paints holds its lease, so that no job starts meanwhile; the lease stays while anybody waits in the line.
"""

from __future__ import annotations

import html
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from typing import TypeVar

from dlcr import stages
from dlcr.core.errors import Cancelled, DlcrError, UsageError
from dlcr.jobs.board import Board, Job
from dlcr.jobs.devices import lease_of
from dlcr.jobs.guest import Guest
from pages import _text as text
from pages._widgets import say

T = TypeVar("T")

MOST_EACH = 3
"""Orders of one person that may wait at once."""
LOOK = 0.25
"""Seconds between two looks at the line."""
RENEW = 3.0
"""Seconds between two requests to a job that yields; it goes on by itself when they stop coming."""


@dataclass(frozen=True, slots=True)
class Turn:
    """A place in the line: whose it is, and its number in order of arrival."""

    person: str
    number: int


class Line:
    """First come, first served by person: of those who wait, whoever was not served or longest ago; then the earliest order."""

    def __init__(self) -> None:
        self._turns: list[Turn] = []
        self._served: Turn | None = None
        self._last: dict[str, int] = {}
        self._number = self._count = 0
        self._lock = threading.Lock()

    def join(self, person: str) -> Turn:
        """A place in the line; UsageError if this person has MOST_EACH already."""
        with self._lock:
            if sum(one.person == person for one in self._turns) >= MOST_EACH:
                raise UsageError(text.LINE_FULL.format(count=MOST_EACH), text.LINE_FULL_REMEDY)
            self._number += 1
            turn = Turn(person, self._number)
            self._turns.append(turn)
            return turn

    def ahead(self, turn: Turn) -> int:
        """How many are served before this one; with 0 it is served, and nobody else until it leaves."""
        with self._lock:
            if self._served is None:
                self._served = self._order()[0]
                self._count += 1
                self._last[self._served.person] = self._count
            return self._order().index(turn)

    def leave(self, turn: Turn) -> None:
        """Give the place back."""
        with self._lock:
            self._turns.remove(turn)
            if self._served == turn:
                self._served = None
            if all(one.person != turn.person for one in self._turns):
                self._last.pop(turn.person, None)

    def __len__(self) -> int:
        return len(self._turns)

    def _order(self) -> list[Turn]:
        """All turns as they will be served if nobody else comes, the one that is served first."""
        found = [] if self._served is None else [self._served]
        left, last, count = [one for one in self._turns if one != self._served], dict(self._last), self._count
        while left:
            now = min(left, key=lambda one: (last.get(one.person, 0), one.number))
            count += 1
            last[now.person] = count
            found.append(now)
            left.remove(now)
        return found


@dataclass(slots=True, eq=False)
class Waiter:
    """What a tab asks for: `person`, its orders in the line, the jobs that are to yield meanwhile, and whether it gave up."""

    person: str = ""
    orders: int = 0
    yielding: set[int] = field(default_factory=set)
    stop: threading.Event = field(default_factory=threading.Event)
    asked: float = 0.0


class Hold:
    """The lease of the device that this program paints on, taken for who is served and given back when nobody is left."""

    def __init__(self, session: stages.Session, board: Board):
        self._guest = Guest(board)
        self._lease = lease_of(session.backends.device)
        self._lock = threading.Lock()

    def take(self) -> bool:
        """Whether nobody else computes on the device; always on a CPU, which many share."""
        with self._lock:
            return self._lease is None or self._guest.take(self._lease)

    def leave(self, line: Line, turn: Turn) -> None:
        """Leave the line; the last one gives the device back."""
        with self._lock:  # whoever joins now takes it before or after, never in between
            line.leave(turn)
            if not len(line):
                with suppress(DlcrError):  # a busy catalog: it is free when its heartbeat has been missed long enough
                    self._guest.release()


def line_of(session: stages.Session) -> Line:
    """The line that all tabs of this program share."""
    found: Line = session.model("line", Line)
    return found


def hold_of(session: stages.Session, board: Board) -> Hold:
    """What all tabs of this program hold."""
    found: Hold = session.model("hold", lambda: Hold(session, board))
    return found


def wait(session: stages.Session, board: Board, waiter: Waiter, turn: Turn, *, patient: bool = True) -> Iterator[str]:
    """Until it is this one's turn and nobody else computes on the device: what it waits for as HTML. Cancelled if it gave up.

    Who is not `patient` waits for people alone: UsageError if a job or another program computes there, maybe for hours.
    """
    line, last = line_of(session), ""
    while True:
        if waiter.stop.is_set():
            raise Cancelled
        renew(board, waiter)
        ahead = line.ahead(turn)
        said = text.IN_LINE.format(ahead=ahead, count=len(line)) if ahead else _in_the_way(session, board)
        if not said:
            return
        if not ahead and not patient:
            raise UsageError(said, text.ASK_IT_REMEDY)
        if said != last:
            yield say(said)
            last = said
        time.sleep(LOOK)


def _in_the_way(session: stages.Session, board: Board) -> str:
    """Who computes on the device, empty if it was taken or lent: a job that yields keeps its lease, so that no other job starts."""
    if hold_of(session, board).take():
        return ""
    jobs = board.on_device(session.backends.device)
    busy = [job for job in jobs if not (job.progress and job.progress.held)]
    if busy:
        return text.JOB_HOLDS.format(job=busy[0].row.id)
    return "" if jobs else text.DEVICE_TAKEN


@contextmanager
def served(session: stages.Session, board: Board, waiter: Waiter) -> Iterator[Turn]:
    """A place in the line, given back at the end; jobs that yielded to this tab go on when it has no other order."""
    line = line_of(session)
    turn = line.join(waiter.person)
    waiter.orders += 1
    try:
        yield turn
    finally:
        waiter.orders -= 1
        hold_of(session, board).leave(line, turn)
        if not waiter.orders:
            release(board, waiter)


def ask(board: Board, waiter: Waiter, job_id: int) -> None:
    """Ask a job to yield to this tab; UsageError if it does not run any more."""
    if not board.ask_to_yield(job_id):
        raise UsageError(text.CANNOT_YIELD.format(job=job_id), "")
    waiter.yielding.add(job_id)
    waiter.asked = time.monotonic()


def renew(board: Board, waiter: Waiter) -> None:
    """Ask again while this tab waits or paints; jobs that ended are let go."""
    if waiter.yielding and time.monotonic() - waiter.asked > RENEW:
        waiter.asked = time.monotonic()
        with suppress(DlcrError):  # a busy catalog: it is asked again soon
            waiter.yielding = {job_id for job_id in waiter.yielding if board.ask_to_yield(job_id)}


def in_turn(
    session: stages.Session, board: Board, waiter: Waiter, work: Iterator[T], said: Callable[[str], T]
) -> Iterator[T]:
    """What `work` yields, once it is its turn; before, `said` of what it waits for. Cancelled if it gave up."""
    with served(session, board, waiter) as turn:
        yield from map(said, wait(session, board, waiter, turn))
        yield from work


def release(board: Board, waiter: Waiter) -> None:
    """Let the jobs go on that yielded to this tab."""
    for job_id in waiter.yielding:
        with suppress(DlcrError):  # then it goes on by itself, a little later
            board.go_on(job_id)
    waiter.yielding = set()


def panel(session: stages.Session, board: Board) -> str:
    """Which jobs compute on the device, how many people wait for it, and a button for each job to ask it to yield."""
    jobs, waiting = board.on_device(session.backends.device), len(line_of(session))
    lines = "".join(map(_job, jobs))
    if waiting:
        lines += say(text.PAINTING_NOW.format(count=waiting))
    return lines


def _job(job: Job) -> str:
    row, held = job.row, bool(job.progress and job.progress.held)
    said = (text.JOB_YIELDS if held else text.JOB_COMPUTES).format(job=row.id, what=row.what)
    label = html.escape(text.ASK_TO_YIELD_SAYS.format(job=row.id))
    button = (
        ""
        if held
        else f'<button type="button" data-act="yield" data-job="{row.id}" aria-label="{label}" title="{label}">'
        f"{html.escape(text.ASK_TO_YIELD)}</button>"
    )
    return f'<p class="say"><a href="/jobs?job={row.id}">{html.escape(said)}</a> {button}</p>'
