import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from dlcr.core import files
from dlcr.core.errors import WorkspaceError
from tests.core.disks import needs_disks, open_folder, small_disk, unprivileged

CUT_SHORT = """
import resource, sys
from pathlib import Path
from dlcr.core.errors import WorkspaceError
from dlcr.core.files import write_bytes
resource.setrlimit(resource.RLIMIT_FSIZE, (1000, 1000))
try:
    write_bytes(Path(sys.argv[1]), b"new" * 1000)
except WorkspaceError as error:
    print(error)
"""
KILLED = """
import os, sys
from pathlib import Path
from dlcr.core import files
files.os.fsync = lambda handle: os.kill(os.getpid(), 9)
files.write_bytes(Path(sys.argv[1]), b"new" * 1000)
"""


def run(program: str, *arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run([sys.executable, "-c", program, *arguments], capture_output=True, text=True, check=False)


def test_write_makes_parents_and_replaces_whole_files(tmp_path: Path):
    path = tmp_path / "a" / "b" / "file.bin"
    assert files.write_bytes(path, b"old") == path
    files.write_bytes(path, b"new")
    assert path.read_bytes() == b"new"
    assert os.listdir(path.parent) == ["file.bin"]


def test_failed_write_leaves_the_old_file_and_nothing_else(tmp_path: Path):
    path = tmp_path / "file.bin"
    path.write_bytes(b"old")
    done = run(CUT_SHORT, str(path))
    assert str(path) in done.stdout
    assert "too large" in done.stdout
    assert path.read_bytes() == b"old"
    assert os.listdir(tmp_path) == ["file.bin"]


def test_killed_write_leaves_the_old_file(tmp_path: Path):
    path = tmp_path / "file.bin"
    path.write_bytes(b"old")
    assert run(KILLED, str(path)).returncode == -9
    assert path.read_bytes() == b"old"


@needs_disks
def test_full_disk_is_one_clear_error(tmp_path: Path):
    with small_disk(tmp_path / "disk", 64) as disk:
        files.write_bytes(disk / "file.bin", b"old")
        with pytest.raises(WorkspaceError, match="no space left") as caught:
            files.write_bytes(disk / "file.bin", b"x" * 200_000)
        assert str(disk / "file.bin") in caught.value.what
        assert "Free some space" in caught.value.remedy
        assert (disk / "file.bin").read_bytes() == b"old"
        assert os.listdir(disk) == ["file.bin"]


def test_read_only_folder_is_one_clear_error():
    with open_folder(0o555) as folder, unprivileged(), pytest.raises(WorkspaceError, match="permission") as caught:
        files.write_bytes(folder / "file.bin", b"new")
    assert "file.bin" in caught.value.what
    assert "writable" in caught.value.remedy


def test_file_in_place_of_a_folder_is_one_clear_error(tmp_path: Path):
    (tmp_path / "taken").write_text("a file")
    with pytest.raises(WorkspaceError, match="taken") as caught:
        files.write_bytes(tmp_path / "taken" / "file.bin", b"new")
    assert "folder" in caught.value.remedy
    with pytest.raises(WorkspaceError, match="taken"):
        files.make_folder(tmp_path / "taken")


def test_json_is_sorted_and_readable(tmp_path: Path):
    path = files.write_json(tmp_path / "a.json", {"b": "红", "a": 1})
    assert path.read_text(encoding="utf-8").index('"a"') < path.read_text(encoding="utf-8").index("红")
    assert json.loads(path.read_bytes()) == {"a": 1, "b": "红"}


def test_a_killed_writer_leaves_a_partial_file_that_sweep_finds_and_a_living_one_s_stays(tmp_path: Path):
    run(KILLED, str(tmp_path / "a~1~b.png"))
    (left,) = tmp_path.glob(".*.part")
    living = tmp_path / left.name.replace(left.name.rsplit("~", 2)[1], str(os.getpid()))
    foreign = tmp_path / ".x.elsewhere~99999999~abc.part"
    for path in (living, foreign):
        path.write_bytes(b"")
    assert files.sweep(tmp_path) == 1
    assert sorted(tmp_path.glob(".*")) == sorted([living, foreign])


def test_partial_files_below_a_folder_are_swept_too_and_a_mark_lives_as_long_as_its_writer(tmp_path: Path):
    (tmp_path / "a" / "b").mkdir(parents=True)
    run(KILLED, str(tmp_path / "a" / "b" / "c.png"))
    mark = files.mark(tmp_path / "a", "seen")
    assert (files.sweep(tmp_path), files.sweep(tmp_path, below=True)) == (0, 1)
    assert [path for path in tmp_path.rglob("*") if path.is_file()] == [mark]


def test_a_name_that_tells_no_process_keeps_nothing_from_being_swept(tmp_path):
    for pid in ("²", "9" * 30, "x"):
        (tmp_path / f".a.{files._HOST}~{pid}~b.part").touch()
    assert [path.name.split("~")[1] for path in files.partials(tmp_path)] == ["9" * 30]


def test_a_child_that_ended_and_waits_to_be_read_is_not_alive():
    child = subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE)
    assert files.alive(child.pid)
    child.kill()
    os.waitid(os.P_PID, child.pid, os.WEXITED | os.WNOWAIT)
    os.kill(child.pid, 0)
    assert not files.alive(child.pid)
    child.communicate()
    assert not files.alive(child.pid)
