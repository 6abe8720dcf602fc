"""`dlcr guide` and `dlcr check` as a contract: real processes, one of them killed without warning."""

import json
import os
import signal
import subprocess
import sys
import time

import pytest

from dlcr import stages, stages_gate
from dlcr.core.settings import Backends, PaintSettings
from tests.painted import own_files, paint_small

STRICT = ("check", "small", "--gate", "repaint", "--attempts", 2, "--min-agreement", 0.4, "--batch", 2)


@pytest.fixture(scope="module")
def template(tmp_path_factory):
    """A workspace with variants of a small data set, not checked yet, and the tiny inpainter that painted them."""
    place = tmp_path_factory.mktemp("place")
    paint_small(place, PaintSettings(steps=2, batch=2), variants=1, limit=7).catalog.close()
    return place


@pytest.fixture
def command(template, tmp_path):
    def told(*args, home):
        if not (tmp_path / home).exists():
            subprocess.run(["cp", "-r", template / "home", tmp_path / home], check=True)
        words = [sys.executable, "-m", "dlcr", *map(str, args), "--device", "cpu", "--home", str(tmp_path / home)]
        return [*words, "--inpainter", f"sd:{template / 'sd'}"]

    return told


def answer(command, code=0):
    done = subprocess.run([*command, "--json"], capture_output=True, text=True, timeout=600, check=False)
    assert done.returncode == code, done.stderr[-2000:]
    return json.loads(done.stdout.strip().splitlines()[-1])


def state(home):
    """Files, checks and verdicts of every variant by name."""
    session = stages.open_session(home, Backends(device="cpu"))
    try:
        rows = [row for _, row in stages_gate.all_variants(session, "small", None)]
        return {str(row.file): ((home / row.file).read_bytes(), row.checks, row.verdict, row.reason) for row in rows}
    finally:
        session.catalog.close()


def test_a_gated_run_that_is_killed_ends_like_one_that_was_not(command, tmp_path):
    whole = answer(command(*STRICT, home="whole"))
    assert whole["checked"] == 7 + whole["repainted"] > 7
    running = subprocess.Popen(command(*STRICT, home="killed"), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    while running.poll() is None and len(own_files(tmp_path / "killed")) < 9:
        time.sleep(0.005)
    os.kill(running.pid, signal.SIGKILL)
    running.wait()
    rest = answer(command(*STRICT, home="killed"))
    assert rest["kept"] >= 7
    assert (rest["rejected"], rest["passed"]) == (whole["rejected"], whole["passed"])
    assert state(tmp_path / "killed") == state(tmp_path / "whole")


def test_guide_trains_and_expand_uses_it(command, tmp_path):
    found = answer(command("guide", "small", "--steps", 3, "--width", 8, "--levels", 1, "--batch", 4, home="home"))
    assert 0 <= found["accuracy"] <= 1
    assert (tmp_path / "home" / "guidance" / "small" / found["digest"] / "model.safetensors").is_file()
    assert found["path"].endswith(found["digest"])
    wish = ("expand", "small", "--variants", 1, "--limit", 1, "--steps", 2, "--batch", 2)
    assert answer(command(*wish, "--discriminator-weight", 1, home="home"))["made"] == 1
    error = answer(command(*wish, "--discriminator-weight", 11, home="home"), code=2)
    assert "discriminator_weight" in error["what"]
    told = subprocess.run(
        command("check", "small", home="home"), capture_output=True, text=True, timeout=600, check=True
    )
    lines = told.stdout.splitlines()
    assert lines[0].startswith("8 checked, 0 kept, 0 failed")
    assert [line.split()[0] for line in lines[2:7]] == [*stages_gate.MEASURES]
