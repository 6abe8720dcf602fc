"""A program that computes on a GPU itself holds its lease like a worker: jobs wait for it, and its death frees the device."""

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest
from PIL import Image

from dlcr.jobs.board import Board
from dlcr.jobs.devices import lease_of
from dlcr.jobs.guest import Guest
from tests.jobs.conftest import Workers, until

LEASE = lease_of("cuda:0") or ""
GUEST = """
import sys, time
from dlcr.jobs.board import Board
from dlcr.jobs.guest import Guest
from dlcr.jobs.devices import lease_of
assert Guest(Board.open(sys.argv[1])).take(lease_of("cuda:0"))
print("held", flush=True)
time.sleep(600)
"""


@pytest.fixture
def photos(tmp_path: Path) -> Path:
    root = tmp_path / "photos"
    root.mkdir()
    Image.new("RGB", (32, 64), (120, 90, 60)).save(root / "photo.jpg")
    return root


def test_of_two_guests_one_holds_a_device_until_it_gives_it_back(board: Board) -> None:
    one, other = Guest(board), Guest(board)
    assert one.take(LEASE)
    assert one.take(LEASE), "it is its own already"
    assert not other.take(LEASE)
    assert board.workers() == 0, "guests run no jobs"
    one.release()
    assert other.take(LEASE)
    one.release()
    assert not one.take(LEASE), "what another holds is not given back"
    other.release()
    assert (board.catalog.leases(), board.catalog.workers()) == ({}, [])


def test_a_guest_that_was_given_up_for_dead_takes_the_device_again(board: Board) -> None:
    guest = Guest(board)
    assert guest.take(LEASE)
    (before,) = board.catalog.workers()
    assert board.catalog.bury_worker(before)
    assert board.catalog.leases() == {}
    assert guest.take(LEASE)
    (after,) = board.catalog.workers()
    assert after.name != before.name
    guest.release()


def test_a_job_on_the_device_starts_when_the_guest_has_left(board: Board, workers: Workers, photos: Path) -> None:
    guest = Guest(board)
    assert guest.take(LEASE)
    job = board.submit(["index", "--name=photos", "--", str(photos)], "index photos", device="cuda:0").row.id
    workers.run()
    assert board.job(job).row.state == "queued"
    guest.release()
    workers.run()
    assert board.job(job).row.state == "done", board.log(job)


def test_a_killed_guest_leaves_the_device_free(board: Board) -> None:
    command = [sys.executable, "-c", GUEST, str(board.workspace.home)]
    with subprocess.Popen(command, stdout=subprocess.PIPE) as program:
        assert program.stdout is not None
        assert program.stdout.readline() == b"held\n"
        guest = Guest(board)
        assert not guest.take(LEASE)
        os.kill(program.pid, signal.SIGKILL)
    board.sweep()
    until(lambda: guest.take(LEASE), "the device is free")
    guest.release()
