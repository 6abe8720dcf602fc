"""A session on a temporary workspace; it knows the embedded data set."""

from pathlib import Path

import pytest

from dlcr import stages


@pytest.fixture(scope="module")
def session(tmp_path_factory: pytest.TempPathFactory) -> stages.Session:
    return stages.open_session(tmp_path_factory.mktemp("home"))


@pytest.fixture
def text_file(tmp_path: Path) -> Path:
    path = tmp_path / "text.jpg"
    path.write_text("no picture")
    return path
