"""A workspace with a board, and real workers on it."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from dlcr.jobs.board import Board

PATIENCE = 240.0
"""Seconds for what takes a few on a machine that is not busy."""
MANY = 20_000
"""Photos of a set whose indexing takes long enough to be stopped on the way."""


def until(holds: Callable[[], Any], says: str) -> Any:
    """Wait for something to come true; gives it."""
    end = time.monotonic() + PATIENCE
    while time.monotonic() < end:
        if found := holds():
            return found
        time.sleep(0.05)
    raise AssertionError(f"waited in vain: {says}")


class Workers:
    """Worker processes of one workspace."""

    def __init__(self, home: Path):
        self.home = home
        self.started: list[subprocess.Popen[bytes]] = []

    def start(self, *options: str) -> "subprocess.Popen[bytes]":
        command = [sys.executable, "-m", "dlcr", "worker", "--home", str(self.home), *options]
        with (self.home / "worker.log").open("ab") as log:
            quick = os.environ | {"DLCR_JOB_HEARTBEAT": "0.5"}
            one = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=log, stderr=log, env=quick)
        self.started.append(one)
        return one

    def run(self, count: int = 1) -> None:
        """Let workers do all that waits."""
        for one in [self.start("--once") for _ in range(count)]:
            assert one.wait(PATIENCE) == 0, (self.home / "worker.log").read_text()[-2000:]

    def close(self) -> None:
        for one in self.started:
            if one.poll() is None:
                one.send_signal(signal.SIGTERM)
                one.wait(60)


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("home")


@pytest.fixture
def board(home: Path) -> Iterator[Board]:
    one = Board.open(home)
    yield one
    one.catalog.close()


@pytest.fixture
def workers(home: Path) -> Iterator[Workers]:
    some = Workers(home)
    yield some
    some.close()


@pytest.fixture(scope="module")
def many(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder of MANY photos: names of one file, so that they cost no disk."""
    root = tmp_path_factory.mktemp("many")
    Image.new("RGB", (96, 192), (120, 90, 60)).save(root / "photo.jpg")
    for folder in range(MANY // 500):
        (root / f"{folder:02}").mkdir()
        for n in range(500):
            os.link(root / "photo.jpg", root / f"{folder:02}" / f"{n:03}.jpg")
    (root / "photo.jpg").unlink()
    return root
