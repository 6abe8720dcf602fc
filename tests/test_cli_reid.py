"""The verbs of re-identification as real processes."""

import json
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from tests.reid.people import draw_set
from tests.test_cli import dlcr

BRIEF = ("--epochs", 3, "--batch", 16, "--photos-per-person", 4, "--height", 64, "--width", 32)


@pytest.fixture(scope="module")
def home(tmp_path_factory):
    folder = tmp_path_factory.mktemp("home")
    dlcr("index", draw_set(tmp_path_factory.mktemp("set")), "--layout", "prcc", "--name", "small", home=folder)
    return folder


@pytest.fixture(scope="module")
def trained(home):
    return dlcr("train", "small", "--run", "a", *BRIEF, home=home)


def test_train_then_evaluate_gives_the_fields_numbers(home, trained):
    assert {"run", "epochs", "seconds", "images_seen"} <= set(trained)
    assert (trained["run"], trained["epochs"]) == ("a", 3)
    answer = dlcr("evaluate", "a", "--protocol", "cc,sc", home=home)
    assert set(answer) == {"cc", "sc"}
    for found in answer.values():
        assert {"rank1", "rank5", "rank10", "mAP", "queries", "skipped"} <= set(found)
        assert 0 <= found["rank1"] <= found["rank5"] <= found["rank10"] <= 1
        assert (found["queries"], found["skipped"]) == (16, 0)


def test_embed_retrieve_and_project_agree_on_the_samples(home, trained):
    answer = dlcr("embed", "small", "--run", "a", home=home)
    assert (answer["count"], Path(answer["path"]).is_file()) == (144, True)
    answer = dlcr("retrieve", "small", "--run", "a", "--query", "rgb/test/C/8/0.png", "-k", 3, home=home)
    assert [set(row) >= {"sample", "pid", "score", "flag"} for row in answer["results"]] == [True] * 3
    assert all((row["flag"] == "right") == (row["pid"] == 8) for row in answer["results"])
    answer = dlcr("project", "small", "--run", "a", "--method", "pca", home=home)
    assert (answer["count"], Path(answer["path"]).is_file()) == (48, True)
    assert 0 <= answer["trustworthiness"] <= 1


def test_killed_in_the_middle_the_same_command_ends_with_the_same_loss(home, tmp_path):
    flags = ("--epochs", 8, *BRIEF[2:])
    expected = dlcr("train", "small", "--run", "whole", *flags, home=home)
    command = [sys.executable, "-m", "dlcr", "train", "small", "--run", "killed", *map(str, flags), "--home", str(home)]
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    while process.poll() is None and not list((home / "runs" / "killed" / "checkpoints").glob("epoch-*")):
        time.sleep(0.01)
    process.kill()
    assert process.wait() == -signal.SIGKILL
    answer = dlcr("train", "small", "--run", "killed", *flags, home=home)
    assert (answer["loss"], answer["accuracy"]) == (expected["loss"], expected["accuracy"])
    assert answer["images_seen"] == expected["images_seen"]


def torchrun(home, *args):
    """`dlcr train` in two processes; torchrun would take `--run` for its own but for the `--`."""
    start = [sys.executable, "-m", "torch.distributed.run", "--standalone", "--nproc_per_node=2", "-m", "--", "dlcr"]
    command = [*start, "train", *map(str, args), "--json", "--home", str(home)]
    return subprocess.run(command, capture_output=True, text=True, timeout=300, check=False)


def test_two_processes_train_one_run_and_go_on_with_it(home, trained):
    one_epoch = ("--epochs", 1, *BRIEF[2:])
    expected = dlcr("train", "small", "--run", "one", *one_epoch, home=home)
    done = torchrun(home, "small", "--run", "two", *one_epoch)
    (line,) = done.stdout.strip().splitlines()  # the second process says nothing
    answer = json.loads(line)
    assert answer["loss"] == pytest.approx(expected["loss"], rel=1e-3)
    assert answer["images_seen"] == expected["images_seen"]
    assert [path.name for path in (home / "runs" / "two" / "checkpoints").glob("epoch-*")] == ["epoch-0001.safetensors"]
    again = torchrun(home, "small", "--run", "two", *one_epoch)
    assert json.loads(again.stdout)["loss"] == answer["loss"]
    scores = [dlcr("evaluate", run, "--protocol", "cc", home=home)["cc"]["mAP"] for run in ("one", "two")]
    assert scores[0] == pytest.approx(scores[1], abs=0.05)


def test_what_ends_one_process_ends_all_with_one_line(home, tmp_path):
    root = draw_set(tmp_path / "set", train=4, shots=4)
    dlcr("index", root, "--layout", "prcc", "--name", "torn", home=home)
    sorted((root / "rgb" / "train").rglob("*.png"))[-1].write_bytes(b"no picture")
    done = torchrun(home, "torn", "--run", "broken", *BRIEF)
    assert done.returncode != 0
    (line,) = done.stdout.strip().splitlines()
    assert json.loads(line)["error"] == "PhotoError"
    assert "3/C_3.png" in json.loads(line)["what"]


@pytest.mark.parametrize(
    ("args", "code", "says"),
    [
        (["evaluate", "a", "--protocol", "general"], 2, "no protocol 'general'"),
        (["evaluate", "nobody"], 1, "no run 'nobody'"),
        (["train", "small", "--run", "c", "--with-variants"], 2, "no variants"),
        (["train", "small", "--run", "c", "--variants", 3], 2, "no variants"),
        (["train", "small", "--run", "c", "--clip-frames", 8], 2, "in no tracklet"),
        (["evaluate", "a", "--checkpoint", "best"], 1, "no best network"),
        (["evaluate", "a", "--checkpoint", "first"], 2, "no checkpoint 'first'"),
    ],
)
def test_wrong_calls_name_what_is_wrong(home, trained, args, code, says):
    answer = dlcr(*args, home=home, code=code)
    assert says in answer["what"]
    assert answer["remedy"]
