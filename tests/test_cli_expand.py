"""`dlcr expand` as a contract: real processes, killed without warning, end with the same files as one that was not."""

import json
import os
import signal
import subprocess
import sys
import time

import pytest

from dlcr import stages, stages_describe
from dlcr.core.settings import Backends
from tests.inpaint.conftest import save_tiny
from tests.painted import own_files
from tests.small import save_small


@pytest.fixture(scope="module")
def template(tmp_path_factory):
    """A workspace with a small data set whose outfits are described, and a tiny inpainter."""
    place = tmp_path_factory.mktemp("place")
    session = stages.open_session(place / "home", Backends(device="cpu"))
    stages.index(session, save_small(place / "small"), "prcc", "small")
    stages_describe.describe_dataset(session, "small", split="train")
    save_tiny(place / "sd")
    session.catalog.close()
    return place


@pytest.fixture
def command(template, tmp_path):
    def told(*args, home):
        if not (tmp_path / home).exists():
            subprocess.run(["cp", "-r", template / "home", tmp_path / home], check=True)
        words = [
            sys.executable,
            "-m",
            "dlcr",
            *map(str, args),
            "--device",
            "cpu",
            "--json",
            "--home",
            str(tmp_path / home),
        ]
        return [*words, "--inpainter", f"sd:{template / 'sd'}"]

    return told


def answer(command, code=0):
    done = subprocess.run(command, capture_output=True, text=True, timeout=300, check=False)
    assert done.returncode == code, done.stderr[-2000:]
    return json.loads(done.stdout.strip().splitlines()[-1])


def test_killed_and_run_again_ends_like_a_run_that_was_not(command, tmp_path):
    wish = ("expand", "small", "--variants", 5, "--steps", 6, "--batch", 2)
    whole = answer(command(*wish, home="whole"))
    assert (whole["made"], whole["kept"], whole["failed"]) == (45, 0, 0)
    assert whole["images_per_second"] > 0
    for count in (3, 20):
        running = subprocess.Popen(command(*wish, home="killed"), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        while running.poll() is None and len(own_files(tmp_path / "killed")) < count:
            time.sleep(0.005)
        os.kill(running.pid, signal.SIGKILL)
        running.wait()
    rest = answer(command(*wish, home="killed"))
    assert rest["made"] + rest["kept"] == 45
    assert rest["kept"] > 0
    assert own_files(tmp_path / "killed") == own_files(tmp_path / "whole")
    assert answer(command(*wish, home="killed"))["made"] == 0


def test_settings_of_a_profile_reach_the_lineage_and_flags_win(command, tmp_path):
    made = answer(
        command("expand", "small", "--variants", 1, "--limit", 1, "--profile", "fast", "--steps", 3, home="fast")
    )
    assert (made["made"], made["batch"]) == (1, 8)
    session = stages.open_session(tmp_path / "fast")
    (row,) = session.catalog.variants(session.catalog.find_samples("small", split="train")[0].id)
    assert (
        row.lineage["settings"] | {"steps": 3, "scheduler": "unipc", "guided": 1.0, "batch": 8}
        == row.lineage["settings"]
    )


def test_wrong_usage_says_what_is_allowed(command):
    assert "Choose one of" in answer(command("expand", "small", "--profile", "quick", home="a"), code=2)["remedy"]
    assert "Known" in answer(command("expand", "smal", home="a"), code=2)["remedy"]
    assert "variants" in answer(command("expand", "small", "--variants", 0, home="a"), code=2)["what"]
