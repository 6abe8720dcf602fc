from pathlib import Path

import pytest

from dlcr.core.errors import WorkspaceError
from dlcr.core.workspace import ASSETS, Workspace


def test_home_is_the_argument_else_the_variable_else_workspace(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("DLCR_HOME", raising=False)
    assert Workspace.open().home == tmp_path / "workspace"
    monkeypatch.setenv("DLCR_HOME", str(tmp_path / "other"))
    assert Workspace.open().home == tmp_path / "other"
    assert Workspace.open(tmp_path / "mine").home == tmp_path / "mine"
    assert (tmp_path / "mine").is_dir()


def test_database_lies_in_the_home_unless_told_otherwise(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.delenv("DLCR_DATABASE_URL", raising=False)
    workspace = Workspace.open(tmp_path)
    assert workspace.database_url == f"sqlite:///{tmp_path}/catalog.sqlite"
    monkeypatch.setenv("DLCR_DATABASE_URL", "postgresql://host/dlcr")
    assert workspace.database_url == "postgresql://host/dlcr"


def test_home_that_is_a_file_is_refused(tmp_path: Path):
    (tmp_path / "file").touch()
    with pytest.raises(WorkspaceError, match="file"):
        Workspace.open(tmp_path / "file")


def test_assets_come_with_the_program():
    assert (ASSETS / "world").is_dir()
