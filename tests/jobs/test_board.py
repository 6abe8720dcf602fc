"""The board without commands: states, dead workers, logs, folders, the bell."""

import os
import shlex
import time
from pathlib import Path

import pytest

from dlcr.core.errors import CatalogError, SettingError, UsageError
from dlcr.core.workspace import Workspace
from dlcr.jobs.bell import Bell
from dlcr.jobs.board import Board, host
from dlcr.jobs.command import LOG, full_command
from dlcr.jobs.devices import half_threads, lease_of
from dlcr.jobs.settings import JobSettings


@pytest.fixture
def home(tmp_path: Path) -> Path:
    return tmp_path


def add(board: Board) -> int:
    return board.submit(["bench", "nothing"], "a bench").row.id


def test_jobs_outlive_the_board(home: Path, board: Board) -> None:
    job_id = add(board)
    assert [job.row.id for job in Board.open(home).jobs()] == [job_id]


def test_waiting_jobs_are_paused_resumed_cancelled_and_tried_again_at_once(board: Board) -> None:
    job_id = add(board)
    assert [act(job_id).row.state for act in (board.pause, board.resume, board.cancel, board.retry)] == [
        "paused", "queued", "cancelled", "queued",
    ]  # fmt: skip


def test_what_does_not_fit_the_state_is_refused_by_name(board: Board) -> None:
    job_id = add(board)
    with pytest.raises(UsageError, match=f"job {job_id} is queued: it cannot be resumed"):
        board.resume(job_id)
    with pytest.raises(CatalogError, match="waits or runs"):
        board.delete(job_id)
    with pytest.raises(UsageError, match="no job 99"):
        board.cancel(99)


def test_the_first_one_starts_first(board: Board) -> None:
    _, second, third = add(board), add(board), add(board)
    board.first(second)
    board.first(third)
    assert [job.row.id for job in board.jobs()][:2] == [third, second]


def test_deleting_takes_the_folder_along_and_numbers_are_not_used_again(board: Board) -> None:
    job_id = add(board)
    board.cancel(job_id)
    board.folder(job_id).mkdir(parents=True)
    board.delete(job_id)
    assert not board.folder(job_id).exists()
    assert add(board) > job_id


def test_a_worker_of_this_machine_whose_process_is_gone_is_given_up_at_once(board: Board) -> None:
    job_id = add(board)
    gone = os.spawnlp(os.P_WAIT, "true", "true") or 2**22 + 1
    board.catalog.put_worker("dead", host(), gone)
    board.catalog.claim_job("dead", lease_of)
    assert board.jobs()[0].row.state == "interrupted"
    assert board.resume(job_id).row.state == "queued"


def test_a_worker_elsewhere_is_given_up_after_patience_without_a_heartbeat(home: Path) -> None:
    opened = Board.open(home)
    board = Board(opened.workspace, opened.catalog, JobSettings(patience=0.2))
    job_id = add(board)
    board.catalog.put_worker("far", "elsewhere", 1)
    board.catalog.claim_job("far", lease_of)
    board.sweep()
    time.sleep(0.15)
    assert board.catalog.beat("far")
    board.sweep()
    assert board.job(job_id).row.state == "running", "it was heard of"
    time.sleep(0.3)
    board.sweep()
    assert board.job(job_id).row.state == "interrupted"
    assert not board.catalog.beat("far")


def test_the_log_shows_the_last_state_of_bars(board: Board) -> None:
    board.folder(1).mkdir(parents=True)
    (board.folder(1) / LOG).write_bytes(b"$ x\n 10%\r 50%\r100%\nend\r\n\xff\n")
    assert board.log(1) == "$ x\n100%\nend\n�\n"
    assert board.log(2) == ""


def test_words_after_two_dashes_stay_there(tmp_path: Path) -> None:
    words = full_command(["export", "--", "--odd name", "/out"], tmp_path)
    assert shlex.join(words[3:]) == f"export --json --home {tmp_path} -- '--odd name' /out"


def test_a_gpu_is_leased_and_the_cpu_is_shared(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CUDA_VISIBLE_DEVICES", "")
    assert lease_of("cpu") is lease_of("auto") is None
    assert lease_of("cuda") == lease_of("cuda:0") != lease_of("cuda:1")
    monkeypatch.setenv("OMP_NUM_THREADS", "1")
    assert half_threads()["OMP_NUM_THREADS"] == "1"


def test_a_ring_ends_the_waiting_and_each_is_heard_once(home: Path) -> None:
    bell = Bell(Workspace.open(home))
    bell.ring()
    start = time.monotonic()
    bell.listen(100, lambda: False)
    assert time.monotonic() - start < 60
    looks = iter([False, False, True])
    bell.listen(100, lambda: next(looks))
    assert next(looks, None) is None, "nothing was heard a second time"


def test_a_queue_that_cannot_be_reached_stops_nobody(board: Board, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DLCR_REDIS_URL", "redis://127.0.0.1:1/0")
    job_id = add(board)
    board.bell.listen(0.3, lambda: False)
    assert board.job(job_id).row.state == "queued"


def test_an_address_that_is_none_is_named(board: Board, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DLCR_REDIS_URL", "nonsense")
    with pytest.raises(SettingError, match="DLCR_REDIS_URL"):
        add(board)
