"""The verbs of the queue: job list, show, cancel, pause, resume, retry; worker. Part of `cli.py`."""

import logging
import signal
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from dlcr.cli_app import Home, Json, app, say
from dlcr.core.errors import UsageError

if TYPE_CHECKING:
    from dlcr.jobs.board import Board, Job

job_app = typer.Typer(no_args_is_help=True, help="The queue of long work: list, show, cancel, pause, resume, retry.")
app.add_typer(job_app, name="job")
STATES = ("queued", "running", "paused", "done", "failed", "cancelled", "interrupted")
Ids = Annotated[list[int], typer.Argument(metavar="JOB...", help="Numbers of jobs.")]


@job_app.command("list")
def list_(
    state: Annotated[str | None, typer.Option(help="queued, running, paused, done, failed, cancelled, interrupted.")] = None,
    dataset: Annotated[str | None, typer.Option(help="Only jobs on this data set.")] = None,
    limit: Annotated[int, typer.Option(min=1)] = 100, as_json: Json = False, home: Home = None,
) -> None:  # fmt: skip
    """What runs, what waits, what was done."""
    if state is not None and state not in STATES:
        raise UsageError(f"no state '{state}'.", f"Choose one of: {', '.join(STATES)}.")
    _tell(as_json, _board(home).jobs([state] if state else None, dataset, limit))


@job_app.command()
def show(jobs: Ids, as_json: Json = False, home: Home = None) -> None:
    """A job with its command, its result or error, and the end of its log."""
    board = _board(home)
    board.sweep()
    found = [board.job(job_id) for job_id in jobs]
    text = "\n\n".join(f"{_line(job)}\n{job.command}\n{board.log(job.row.id, 20)}".rstrip() for job in found)
    say(as_json, {"jobs": [job.facts() for job in found]}, text)


@job_app.command()
def cancel(jobs: Ids, as_json: Json = False, home: Home = None) -> None:
    """End jobs; one that runs ends after the batch in flight."""
    board = _board(home)
    _each(as_json, jobs, board.cancel)


@job_app.command()
def pause(jobs: Ids, as_json: Json = False, home: Home = None) -> None:
    """Keep jobs from starting, or interrupt those that run, until they are resumed."""
    board = _board(home)
    _each(as_json, jobs, board.pause)


@job_app.command()
def resume(jobs: Ids, as_json: Json = False, home: Home = None) -> None:
    """Go on with paused or interrupted jobs."""
    board = _board(home)
    _each(as_json, jobs, board.resume)


@job_app.command()
def retry(jobs: Ids, as_json: Json = False, home: Home = None) -> None:
    """Run jobs again that failed, were cancelled or interrupted."""
    board = _board(home)
    _each(as_json, jobs, board.retry)


@app.command()
def worker(
    once: Annotated[bool, typer.Option("--once", help="Stop when nothing is left to do.")] = False,
    as_json: Json = False, home: Home = None,
) -> None:  # fmt: skip
    """Run queued jobs, one after the other; Ctrl+C stops, and what was under way is queued again."""
    from dlcr.jobs.worker import Worker

    logging.basicConfig(format="%(message)s")
    logging.getLogger("dlcr.jobs").setLevel(logging.INFO)
    board = _board(home)
    one = Worker(board)
    for sign in (signal.SIGINT, signal.SIGTERM):
        signal.signal(sign, lambda *_: one.stop())
    done = one.run(once=once)
    there = {row.id for row in board.catalog.jobs()}  # some may be deleted by now
    _tell(as_json, [board.job(job_id) for job_id in dict.fromkeys(done) if job_id in there])


def _board(home: Path | None) -> "Board":
    from dlcr.jobs.board import Board

    return Board.open(home)


def _each(as_json: bool, jobs: Sequence[int], act: Callable[[int], "Job"]) -> None:
    _tell(as_json, [act(job_id) for job_id in jobs])


def _tell(as_json: bool, jobs: Sequence["Job"]) -> None:
    say(as_json, {"jobs": [job.facts() for job in jobs]}, "\n".join(map(_line, jobs)) or "no jobs")


def _line(job: "Job") -> str:
    """`7 running index prcc (opening: 500 of 1,680, 12 s left)`."""
    words = f"{job.row.id:>4} {job.row.state:<11} {job.row.what}"
    if job.row.wish:
        words += f", asked to {job.row.wish}"
    if job.progress is not None:
        left = "" if job.progress.left is None else f", {job.progress.left:.0f} s left"
        words += f" ({job.progress}{left})"
    if job.row.error is not None:
        words += f": {job.row.error['what']} {job.row.error['remedy']}"
    return words
