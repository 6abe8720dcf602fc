"""The Jobs page's handlers and tables without a browser."""

from datetime import UTC, datetime, timedelta

import pytest

from dlcr.core.errors import UsageError
from dlcr.core.files import write_json
from dlcr.jobs.board import Board
from dlcr.jobs.command import LOG, PROGRESS, RESULT
from dlcr.jobs.devices import lease_of
from dlcr.jobs.progress import Progress
from pages import _jobs_handlers as handlers
from pages import _jobs_view as view
from pages import _text as text
from pages._jobs_handlers import BUSY, IDLE, Desk


def add(board: Board, what: str = "index <b>") -> int:
    return board.submit(["bench", "nothing"], what).row.id


def running(board: Board) -> int:
    """A job that a worker has, the first in turn."""
    board.catalog.put_worker("far", "elsewhere", 1)
    board.first(add(board))
    job = board.catalog.claim_job("far", lease_of)
    assert job is not None
    return job.id


def end(board: Board, job_id: int, state: str, error: dict[str, str] | None = None) -> None:
    board.catalog.end_job(board.catalog.job(job_id), state, error)


def test_a_running_job_shows_how_far_it_is_and_its_log_live(board: Board) -> None:
    job_id = running(board)
    desk = Desk(job=job_id)
    write_json(board.folder(job_id) / PROGRESS, {"what": "opening", "done": 500, "total": 1680, "left": 75.0})
    (board.folder(job_id) / LOG).write_text("$ dlcr <x>\nhello")
    head, table, detail, log, _, address = handlers.shown(board, desk)
    assert "running 1" in head
    for part in (table, detail):
        assert "opening: 500 of 1,680, 1 min 15 s left" in part
        assert "index &lt;b&gt;" in part
        assert "<b>" not in part
    assert "hello" in log
    assert "&lt;x&gt;" in log
    assert address == f"job={job_id}"
    assert handlers.pause_between(board) == BUSY
    handlers.act(board, desk, {"act": "pause", "job": str(job_id)})
    assert text.PAUSING in handlers.shown(board, desk)[2]
    end(board, job_id, "paused")
    assert "resume" in handlers.shown(board, desk)[2]


def test_what_went_wrong_stands_with_its_remedy_and_can_be_tried_again(board: Board) -> None:
    job_id = running(board)
    end(board, job_id, "failed", {"error": "E", "what": "no <folder>.", "remedy": "Give one."})
    detail = handlers.shown(board, Desk(job=job_id))[2]
    assert "<b>no &lt;folder&gt;.</b> Give one." in detail
    handlers.act(board, Desk(job=job_id), {"act": "retry", "job": job_id})
    assert board.job(job_id).row.state == "queued"
    board.cancel(job_id)


def test_the_answer_is_read_line_by_line(board: Board) -> None:
    job_id = running(board)
    write_json(
        board.folder(job_id) / RESULT,
        {"images": 1680, "bad": [], "health": {"tiny": {"count": 0}, "truncated": {"count": 2}}, "why": "<i> " * 300},
    )
    end(board, job_id, "done")
    facts = handlers.shown(board, Desk(job=job_id))[4]
    for line in ("<td>1,680</td>", "<td>none</td>", "<td>truncated: count: 2</td>", "&lt;i&gt; …"):
        assert line in facts


def test_deleting_asks_first_and_other_tabs_live_on(board: Board) -> None:
    job_id = add(board)
    board.cancel(job_id)
    desk, other = Desk(job=job_id), Desk(job=job_id)
    handlers.act(board, desk, {"act": "sure", "job": job_id})
    assert board.job(job_id)
    handlers.act(board, desk, {"act": "delete", "job": job_id})
    assert text.REALLY_DELETE in handlers.shown(board, desk)[2]
    handlers.act(board, desk, {"act": "sure", "job": job_id})
    with pytest.raises(UsageError):
        board.job(job_id)
    assert text.CHOOSE_JOB in handlers.shown(board, other)[2]


def test_the_address_brings_filter_and_job_back(board: Board) -> None:
    job_id = add(board)
    board.cancel(job_id)
    desk = Desk()
    handlers.act(board, desk, {"act": "filter", "state": "cancelled"})
    handlers.act(board, desk, {"act": "show", "job": str(job_id)})
    address = handlers.shown(board, desk)[-1]
    again = handlers.start(board, f"?{address}")
    assert (again.state, again.job) == ("cancelled", job_id)
    for odd in ("x", "%C2%B2", "9" * 5000, "-1"):
        assert handlers.start(board, f"?state=asleep&job={odd}").state == ""


def test_waiting_jobs_without_a_worker_say_what_to_do(board: Board) -> None:
    for worker in board.catalog.workers():
        board.catalog.bury_worker(worker)
    assert text.NO_WORKER in handlers.shown(board, Desk())[0]
    for row in board.catalog.jobs(["queued", "running"]):
        board.cancel(row.id)
    assert handlers.pause_between(board) == IDLE


def test_times_are_told_as_people_do() -> None:
    assert [view.duration(seconds) for seconds in (4.21, 59, 190, 7500)] == ["4.2 s", "59 s", "3 min 10 s", "2 h 5 min"]
    now = datetime(2026, 3, 4, 12, tzinfo=UTC)
    assert len(view.moment(now, now)) == len("12:00:00")
    assert view.moment(now - timedelta(days=9), now).startswith("2026-02-2")
    assert "left" not in view.progress(Progress("importing", 7, 0))
