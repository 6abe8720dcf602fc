"""A session on a temporary workspace that knows the embedded data set, and its jobs."""

from pathlib import Path

import pytest

from dlcr import stages
from dlcr.jobs.board import Board


@pytest.fixture(scope="module")
def session(tmp_path_factory: pytest.TempPathFactory) -> stages.Session:
    return stages.open_session(tmp_path_factory.mktemp("home"))


@pytest.fixture
def board(session: stages.Session) -> Board:
    return Board(session.workspace, session.catalog)


@pytest.fixture
def text_file(tmp_path: Path) -> Path:
    path = tmp_path / "text.jpg"
    path.write_text("no picture")
    return path
