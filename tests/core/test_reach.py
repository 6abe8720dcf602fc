"""What people at the pages may name."""

from pathlib import Path

import pytest

from dlcr.core.errors import UsageError
from dlcr.core.reach import FOLDERS, MODELS, Reach


def test_who_started_the_app_may_name_anything() -> None:
    assert Reach().folder("/etc") == Path("/etc")
    assert Reach().model(" cal:/x.pth ") == "cal:/x.pth"


def test_users_reach_the_exports_and_what_the_environment_opens(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "data").mkdir()
    monkeypatch.setenv(FOLDERS, str(tmp_path / "data"))
    monkeypatch.setenv(MODELS, "timm:resnet50, hf:a/b")
    reach = Reach.signed_in(tmp_path / "exports", ["demo"])
    assert reach.folder(f"{tmp_path}/data/prcc") == tmp_path / "data" / "prcc"
    assert reach.folder(f"{tmp_path}/exports") == tmp_path / "exports"
    assert [reach.model(one) for one in ("", "demo", "timm:resnet50", "hf:a/b")] == [
        "",
        "demo",
        "timm:resnet50",
        "hf:a/b",
    ]


@pytest.mark.parametrize(
    "told", ["/", "/etc", "..", "~", "{0}/datas", "{0}/data/../../x", "{0}/data/link", "a\0b", "x" * 5000]
)
def test_users_reach_no_other_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, told: str) -> None:
    (tmp_path / "data").mkdir()
    (tmp_path / "data" / "link").symlink_to("/etc")
    monkeypatch.setenv(FOLDERS, str(tmp_path / "data"))
    with pytest.raises(UsageError, match="not open|no folder's name"):
        Reach.signed_in(tmp_path / "exports", []).folder(told.format(tmp_path))


@pytest.mark.parametrize(
    "told", ["cal:/etc/passwd", "hf:evil/model", "openai:http://169.254.169.254#x", "demo:x", "DEMO", "timm:resnet18"]
)
def test_users_load_no_other_model(tmp_path: Path, told: str) -> None:
    with pytest.raises(UsageError, match="not open"):
        Reach.signed_in(tmp_path, ["demo"]).model(told)
