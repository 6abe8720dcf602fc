"""A process on the leash stands still where it tells its progress, says so, and goes on; real processes, no model."""

import os
import subprocess
import sys
from pathlib import Path

from dlcr.jobs.leash import GO, HOLD, LEASH
from dlcr.jobs.progress import FILE, read_progress
from tests.jobs.conftest import until

COUNTING = """
import time
from dlcr.jobs.leash import obey
from dlcr.jobs.progress import Writer
obey()
writer = Writer.from_environment()
for done in range(1, 2001):
    time.sleep(0.01)
    writer.tell("counting", done, 2000)
"""


def test_it_holds_between_two_words_of_progress_and_ends_with_its_starter(tmp_path: Path) -> None:
    file = tmp_path / "progress.json"
    environment = os.environ | {LEASH: "kill", FILE: str(file)}
    process = subprocess.Popen(
        [sys.executable, "-c", COUNTING], stdin=subprocess.PIPE, env=environment, start_new_session=True
    )
    assert process.stdin is not None
    until(lambda: read_progress(file), "it counts")
    process.stdin.write(HOLD)
    process.stdin.flush()
    held = until(lambda: (now := read_progress(file)) and now.held and now, "it stands still")
    until(lambda: read_progress(file) == held, "it says no more")
    assert read_progress(file) == held
    process.stdin.write(GO)
    process.stdin.flush()
    until(lambda: (now := read_progress(file)) and not now.held and now.done > held.done, "it goes on")
    process.stdin.write(HOLD)
    process.stdin.close()
    assert process.wait(60) != 0  # ended with the pipe, though it was told to hold
