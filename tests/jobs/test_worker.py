"""Real workers and real commands: claimed once, cancelled, paused, killed, resumed, failed and tried again."""

import json
import os
import signal
import subprocess
import sys
from pathlib import Path

from dlcr.core.files import alive
from dlcr.jobs.board import Board, Job
from dlcr.jobs.command import COMMAND, LOG, PROGRESS
from tests.jobs.conftest import MANY, Workers, until
from tests.small import save_small


def submit(board: Board, root: Path, name: str) -> int:
    return board.submit(["index", f"--name={name}", "--", str(root)], f"index {name}", dataset=name).row.id


def opening(board: Board, job_id: int) -> Job | None:
    """The job while its command opens photos."""
    job = board.job(job_id)
    assert job.row.state in ("queued", "running"), job
    return job if job.progress is not None and job.progress.what == "opening" else None


def state(board: Board, job_id: int, *wanted: str) -> None:
    until(lambda: board.job(job_id).row.state in wanted, f"job {job_id} is {wanted}: {board.log(job_id)}")


def children(pid: int) -> list[int]:
    return [int(child) for child in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]


def test_an_index_is_run_and_leaves_answer_progress_and_log(board: Board, workers: Workers, tmp_path: Path) -> None:
    root = save_small(tmp_path)
    job_id = submit(board, root, "small")
    workers.run()
    job = board.job(job_id)
    assert (job.row.state, job.row.attempts, job.row.error) == ("done", 1, None)
    assert job.result is not None
    assert job.result["images"] == len(list(root.rglob("*.jpg"))) == board.catalog.count_samples("small")
    last = json.loads((job.folder / PROGRESS).read_text())
    assert (last["what"], last["done"], last["total"]) == ("opening", job.result["images"], job.result["images"])
    assert board.log(job_id).splitlines()[0] == f"$ {job.command}"
    assert board.log(job_id).splitlines()[-1] == "exit code 0"
    kept = json.loads((job.folder / COMMAND).read_text())
    assert kept["niced"] is True
    assert int(kept["environment"]["OMP_NUM_THREADS"]) <= max(1, (os.cpu_count() or 1) // 2)


def test_two_workers_racing_run_each_of_twenty_jobs_once(board: Board, workers: Workers) -> None:
    ids = [board.submit(["bench", "nothing"], f"race {n}", priority=n % 3).row.id for n in range(20)]
    workers.run(2)
    rows = [board.job(job_id).row for job_id in ids]
    assert [(row.state, row.attempts) for row in rows] == [("failed", 1)] * 20
    assert len({row.worker for row in rows}) == 2, "both worked"
    logs = [(board.folder(job_id) / LOG).read_text() for job_id in ids]
    assert [log.count("$ ") for log in logs] == [1] * 20
    begun = sorted(rows, key=lambda row: str(row.started))
    assert {row.priority for row in begun[:4]} == {2}, "the most urgent ones first"


def test_a_failure_keeps_its_remedy_and_can_be_tried_again(board: Board, workers: Workers, tmp_path: Path) -> None:
    job_id = submit(board, tmp_path / "set", "late")
    workers.run()
    failed = board.job(job_id).row
    assert failed.state == "failed"
    assert failed.error is not None
    assert failed.error["error"] == "LayoutError"
    assert str(tmp_path / "set") in failed.error["what"]
    assert failed.error["remedy"] in board.log(job_id)
    save_small(tmp_path / "set")
    assert board.retry(job_id).row.state == "queued"
    workers.run()
    row = board.job(job_id).row
    assert (row.state, row.attempts, row.error) == ("done", 2, None)
    assert board.catalog.count_samples("late") == 12


def test_cancel_stops_a_running_command_on_the_way(board: Board, workers: Workers, many: Path) -> None:
    job_id = submit(board, many, "cancelled")
    worker = workers.start()
    until(lambda: opening(board, job_id), "photos are opened")
    (child,) = children(worker.pid)
    assert board.cancel(job_id).row.wish == "cancel"
    state(board, job_id, "cancelled")
    assert not alive(child)
    unchecked = board.catalog.health(board.catalog.dataset("cancelled").id).unchecked
    assert 0 < unchecked < MANY
    assert board.job(job_id).row.error is None


def test_paused_then_killed_with_its_worker_then_resumed_it_ends_right(
    board: Board, workers: Workers, many: Path
) -> None:
    job_id = submit(board, many, "many")
    worker = workers.start()
    until(lambda: opening(board, job_id), "photos are opened")
    board.pause(job_id)
    state(board, job_id, "paused")
    board.resume(job_id)
    until(lambda: children(worker.pid) and opening(board, job_id), "photos are opened again")
    (child,) = children(worker.pid)
    worker.kill()
    worker.wait()
    until(lambda: not alive(child), "the command of a killed worker ends")
    board.sweep()
    assert (board.job(job_id).row.state, board.workers()) == ("interrupted", 0)
    before = board.catalog.health(board.catalog.dataset("many").id).unchecked
    assert 0 < before < MANY, "what was done is kept"
    assert board.resume(job_id).row.state == "queued"
    workers.run()
    job = board.job(job_id)
    assert (job.row.state, job.row.attempts) == ("done", 3)
    assert job.result is not None
    assert (job.result["images"], job.result["health"]["unchecked"], job.result["bad"]) == (MANY, 0, [])


def test_a_worker_that_is_asked_to_stop_queues_its_job_again(board: Board, workers: Workers, many: Path) -> None:
    job_id = submit(board, many, "handed-on")
    worker = workers.start()
    until(lambda: opening(board, job_id), "photos are opened")
    worker.terminate()
    assert worker.wait(120) == 0
    assert (board.job(job_id).row.state, board.workers()) == ("queued", 0)
    assert board.cancel(job_id).row.state == "cancelled"


def test_a_worker_given_up_by_mistake_lets_go_and_goes_on(board: Board, workers: Workers, many: Path) -> None:
    job_id = submit(board, many, "taken")
    worker = workers.start()
    until(lambda: opening(board, job_id), "photos are opened")
    (child,) = children(worker.pid)
    until(lambda: board.catalog.bury_worker(board.catalog.workers()[0]), "it is given up between two heartbeats")
    until(lambda: not alive(child), "it ends the command that is no longer its own")
    assert board.job(job_id).row.state == "interrupted"
    other = board.submit(["bench", "nothing"], "another").row.id
    state(board, other, "failed")
    board.cancel(job_id)


def test_the_app_keeps_a_worker_and_takes_it_along(board: Board, home: Path) -> None:
    program = (
        f"from pathlib import Path; from dlcr.jobs.keeper import Keeper; Keeper(Path({str(home)!r})).start().join()"
    )
    app = subprocess.Popen([sys.executable, "-c", program], stdin=subprocess.DEVNULL)
    try:
        (first,) = until(board.catalog.workers, "a worker is there")
        os.kill(first.pid, signal.SIGKILL)
        until(lambda: not alive(first.pid), "it is dead")
        board.sweep()
        (second,) = until(board.catalog.workers, "it is started again")
        assert second.pid != first.pid
    finally:
        app.kill()
        app.wait()
    until(lambda: not alive(second.pid), "it ends with the app, however that ends")
    assert board.catalog.workers() == []
