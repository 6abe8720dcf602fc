"""How far a command is, as its bars tell it."""

from pathlib import Path

import pytest

from dlcr.cli_bars import bar, bars
from dlcr.core.files import write_bytes
from dlcr.jobs.progress import FILE, PAUSE, Progress, Writer, read_progress


def test_every_bar_writes_when_started_as_a_job(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file = tmp_path / "progress.json"
    monkeypatch.setenv(FILE, str(file))
    with bars() as report:
        report("reading", 5, 5)
        assert read_progress(file) == Progress("reading", 5, 5)
        report("opening", 0, 10)
        assert read_progress(file) == Progress("opening", 0, 10)
    with bar("training") as show:
        show(3, 3)
    assert read_progress(file) == Progress("training", 3, 3)


def test_a_few_writes_a_second_at_most(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    clock = iter(n * PAUSE / 100 for n in range(1001))
    monkeypatch.setattr("dlcr.jobs.progress.time.monotonic", lambda: next(clock))
    written: list[Path] = []

    def counted(path: Path, data: bytes, *, private: bool = False) -> Path:
        written.append(path)
        return write_bytes(path, data, private=private)

    monkeypatch.setattr("dlcr.core.files.write_bytes", counted)
    writer = Writer(tmp_path / "p.json")
    for done in range(1001):
        writer.tell("opening", done, 2000)
    assert len(written) in (10, 11)
    told = read_progress(tmp_path / "p.json")
    assert told is not None
    assert told.left == pytest.approx((2000 - told.done) * PAUSE / 100, rel=0.02)


def test_a_disk_without_room_for_progress_does_not_stop_the_work(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    Writer(tmp_path / "file" / "p.json").tell("opening", 1, 2)
    assert read_progress(tmp_path / "file" / "p.json") is None


@pytest.mark.parametrize(
    "told",
    [
        '{"what": null, "done": null, "total": null}', '{"what": "a", "done": "1", "total": 2}', "[]", "7",
        '{"what": "a", "done": 1, "total": 2, "left": NaN}', '{"what": "a", "done": 1}',
    ],
)  # fmt: skip
def test_what_has_other_values_is_no_progress(told: str, tmp_path: Path) -> None:
    (tmp_path / "p.json").write_text(told)
    assert read_progress(tmp_path / "p.json") is None


def test_half_a_file_is_no_progress(tmp_path: Path) -> None:
    (tmp_path / "p.json").write_text('{"what": "op')
    assert read_progress(tmp_path / "p.json") is None
