"""Jobs that a page started and follows: how far each is, what can be done with it, what came of it."""

from __future__ import annotations

import html
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import gradio as gr

from dlcr import stages
from dlcr.core.errors import UsageError
from dlcr.jobs.board import Board, Job
from pages import _jobs_view
from pages import _text as text
from pages._widgets import say

UNFINISHED = ("queued", "running")
SHOWN = 3
"""Jobs that are followed at once, the newest first."""
ELSEWHERE = ("first", "delete")
"""What is done with jobs on the Jobs page only."""
ACTS = ("pause", "cancel", "resume", "retry")
MOST = 10
"""Jobs of one user that may be unfinished at once."""


class PageBoard(Board):
    """The board as the pages use it: no user who signed in fills the queue alone."""

    def __init__(self, session: stages.Session):
        super().__init__(session.workspace, session.catalog, reach=session.reach)
        self._queued: dict[str, list[int]] = session.model("queued", dict)

    def submit(self, args: Sequence[str], what: str, **more: Any) -> Job:
        """As `Board.submit`; UsageError if the user who asks has MOST jobs that are not done."""
        user = user_here()
        own = self._queued.setdefault(user, []) if user else []
        if own:
            unfinished = {row.id for row in self.catalog.jobs(UNFINISHED)}
            own[:] = [job for job in own if job in unfinished]
        if len(own) >= MOST:
            raise UsageError(text.TOO_MANY_JOBS.format(count=len(own)), text.TOO_MANY_JOBS_REMEDY)
        job = super().submit(args, what, **more)
        own.append(job.row.id)
        return job


def person_here() -> str:
    """Whose turn it is that runs now: who signed in, else the tab; empty outside of any."""
    return user_here() or getattr(gr.context.LocalContext.request.get(None), "session_hash", None) or ""


def user_here() -> str | None:
    """Who signed in and asks for what runs now; None where nobody signs in."""
    request = gr.context.LocalContext.request.get(None)
    return getattr(request, "username", None)


def folder(board: Board, told: str) -> str:
    """A folder as a form names it, absolute: the job's process may stand elsewhere. UsageError for none, or one not open."""
    if not told.strip():
        raise UsageError(text.NEEDS_FOLDER, text.NEEDS_FOLDER_REMEDY)
    return str(board.reach.folder(told.strip()))


def unfinished(board: Board, verbs: Sequence[str]) -> list[int]:
    """Jobs of these verbs that wait, run or can be gone on with, newest first."""
    states = (*UNFINISHED, "paused", "interrupted")
    return sorted((job.row.id for job in board.jobs(states) if job.row.args[0] in verbs), reverse=True)[:SHOWN]


def follow(jobs: list[int], job_id: int) -> None:
    """Follow one more, in place; the oldest is let go."""
    jobs[:] = [job_id, *(one for one in jobs if one != job_id)][:SHOWN]


def look(board: Board, jobs: list[int]) -> list[Job]:
    """The jobs that are followed, in place without those that were deleted elsewhere."""
    board.sweep()
    found = []
    for job_id in list(jobs):
        try:
            found.append(board.job(job_id))
        except UsageError:
            jobs.remove(job_id)
    return found


def goes_on(jobs: Sequence[Job]) -> bool:
    """Whether there will be news of one of them by itself."""
    return any(job.row.state in UNFINISHED for job in jobs)


def panel(jobs: Sequence[Job], workers: int, outcome: Callable[[Job], str], empty: str) -> str:
    """Each job with its state, buttons, progress and outcome; `empty` where there is none."""
    if not jobs:
        return f'<p class="empty">{html.escape(empty)}</p>'
    alert = _jobs_view.workers(workers) if not workers and goes_on(jobs) else ""
    return alert + "".join(_one(job, outcome) for job in jobs)


def _one(job: Job, outcome: Callable[[Job], str]) -> str:
    row = job.row
    head = f'<a href="/jobs?job={row.id}">{html.escape(text.JOB)} {row.id}: {html.escape(row.what)}</a>'
    buttons = _jobs_view.buttons(job, leave_out=ELSEWHERE)
    return (
        f'<div class="facts job work"><header class="turn"><h3>{head}</h3>{_jobs_view.state(job)}</header>'
        f'{_says(job, outcome)}<div class="row" data-group>{buttons}</div></div>'
    )


def _says(job: Job, outcome: Callable[[Job], str]) -> str:
    row = job.row
    if row.error:
        return _jobs_view.error(row.error)
    if row.state == "running" and job.progress:
        return _jobs_view.progress(job.progress)
    says = text.WORK_SAYS[row.state]
    if job.progress and row.state != "done":
        says = text.WORK_REACHED.format(says=says, reached=_jobs_view.reached(job.progress))
    return (outcome(job) if job.result is not None else "") or say(says)


def act(board: Board, event: Mapping[str, Any]) -> None:
    """A button of the panel."""
    if event["act"] in ACTS:
        getattr(board, str(event["act"]))(int(event["job"]))
