"""What the Jobs page does, as plain functions; `jobs.py` connects them to widgets."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from urllib.parse import parse_qsl, urlencode

from dlcr.catalog import JOB_STATES
from dlcr.core.errors import UsageError
from dlcr.jobs.board import Board
from pages import _jobs_view as view

UNFINISHED = ("queued", "running")
BUSY, IDLE = 1.0, 4.0
"""Seconds between two looks while something runs or waits, and otherwise."""
SHOWN = 200
"""Jobs in the table."""


@dataclass(slots=True, eq=False)
class Desk:
    """One tab: the state it filters by (empty: all), the job it shows, whether it asks about its deletion, whether it is seen."""

    state: str = ""
    job: int | None = None
    sure: bool = False
    seen: bool = True

    def address(self) -> str:
        """The view as a query."""
        kept = {"state": self.state, "job": "" if self.job is None else str(self.job)}
        return urlencode({name: value for name, value in kept.items() if value})


def start(board: Board, query: str) -> Desk:
    """A new desk with the filter and the job of the address; what is not known is left out. Else the first job is shown."""
    asked = dict(parse_qsl(query.lstrip("?")))
    state = asked.get("state", "")
    desk = Desk(state if state in JOB_STATES else "")
    known = {str(row.id): row.id for row in board.catalog.jobs()}
    desk.job = known.get(asked.get("job", ""), next(iter(known.values()), None))
    return desk


def shown(board: Board, desk: Desk) -> tuple[str, ...]:
    """Filters with the workers, the table, the chosen job, its log, its facts, the address of this view."""
    now = datetime.now(UTC)
    jobs = board.jobs([desk.state] if desk.state else None, limit=SHOWN)
    try:
        job = None if desk.job is None else board.job(desk.job)
    except UsageError:  # deleted in another tab
        job, desk.job = None, None
    head = view.filters(board.catalog.count_jobs(), desk.state) + view.workers(board.workers())
    log = "" if job is None else view.log(board.log(job.row.id))
    table = view.table(jobs, desk.job, now)
    return head, table, view.detail(job, desk.sure), log, view.facts(job, now), desk.address()


def pause_between(board: Board) -> float:
    """Seconds until the next look."""
    counts = board.catalog.count_jobs()
    return BUSY if any(counts.get(state) for state in UNFINISHED) else IDLE


def act(board: Board, desk: Desk, event: Mapping[str, Any]) -> None:
    """A button: choose a filter or a job, do something with a job."""
    kind = str(event["act"])
    was_sure, desk.sure = desk.sure, False
    if kind == "filter":
        state = str(event["state"])
        desk.state = state if state in JOB_STATES else ""
        return
    job_id = int(event["job"])
    if kind == "show":
        desk.job = board.job(job_id).row.id
    elif kind == "delete":
        desk.sure = True
    elif kind == "sure" and was_sure:
        board.delete(job_id)
        desk.job = None
    elif kind in ("cancel", "pause", "resume", "retry", "first"):
        getattr(board, kind)(job_id)
