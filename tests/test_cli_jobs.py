"""The verbs of the queue: their answers are a contract."""

from pathlib import Path

import pytest

from dlcr.jobs.board import Board
from tests.test_cli import dlcr

KEYS = {"id", "state", "what", "dataset", "command", "progress", "result", "error", "priority", "created", "seconds"}


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("home")


def test_a_job_is_listed_paused_resumed_run_and_tried_again(home: Path) -> None:
    job_id = Board.open(home).submit(["job", "show", "99"], "a look", dataset="world").row.id
    (job,) = dlcr("job", "list", home=home)["jobs"]
    assert job.keys() >= KEYS
    assert (job["id"], job["state"]) == (job_id, "queued")
    assert dlcr("job", "pause", job_id, home=home)["jobs"][0]["state"] == "paused"
    assert dlcr("worker", "--once", home=home) == {"jobs": []}
    assert dlcr("job", "resume", job_id, home=home)["jobs"][0]["state"] == "queued"
    (ran,) = dlcr("worker", "--once", home=home)["jobs"]
    assert (ran["id"], ran["state"], ran["error"]["error"]) == (job_id, "failed", "UsageError")
    assert "no job 99" in dlcr("job", "show", job_id, home=home)["jobs"][0]["error"]["what"]
    assert dlcr("job", "retry", job_id, home=home)["jobs"][0]["state"] == "queued"
    assert dlcr("job", "cancel", job_id, home=home)["jobs"][0]["state"] == "cancelled"
    assert dlcr("job", "list", "--state", "queued", home=home) == {"jobs": []}


def test_wrong_numbers_and_states_are_named(home: Path) -> None:
    assert "no job 99" in dlcr("job", "cancel", 99, home=home, code=2)["what"]
    assert "asleep" in dlcr("job", "list", "--state", "asleep", home=home, code=2)["what"]
