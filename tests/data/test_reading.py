import os
from contextlib import nullcontext
from pathlib import Path

import pytest

from dlcr.core.errors import LayoutError, UsageError
from dlcr.data import read_layout
from tests.core.disks import open_folder, unprivileged
from tests.data.conftest import Make, picture

PRCC = ["rgb/train/001/A_1.jpg", "rgb/train/001/C_1.jpg", "rgb/test/A/075/1.jpg"]


def everything(root: Path) -> dict[str, tuple[int, bytes]]:
    """Every path below `root` with its time of change and bytes."""
    files = {str(path): path for path in root.rglob("*")}
    return {
        name: (path.stat().st_mtime_ns, path.read_bytes() if path.is_file() else b"") for name, path in files.items()
    }


def test_bad_pictures_are_listed_with_their_reason(make: Make):
    root = make(["a.jpg", "z.jpg"])
    (root / "empty.jpg").touch()
    (root / "notes.jpg").write_text("no picture")
    (root / "gone.jpg").symlink_to(root / "nowhere.jpg")
    reading = read_layout("folder", root)
    assert [sample.image.name for sample in reading.samples] == ["a.jpg", "z.jpg"]
    assert [one.path.name for one in reading.bad] == ["empty.jpg", "gone.jpg", "notes.jpg"]
    assert "no such file" in reading.bad[1].reason
    assert "not a picture" in reading.bad[2].reason


def test_pixels_are_decoded_only_when_asked(make: Make):
    root = make(["a.jpg", "cut.jpg"])
    (root / "cut.jpg").write_bytes(picture()[:-12])
    assert len(read_layout("folder", root).samples) == 2
    (bad,) = read_layout("folder", root, full=True).bad
    assert bad.path == Path("cut.jpg")
    assert "damaged" in bad.reason


def test_file_facts_come_with_the_samples(make: Make):
    root = make(["a.jpg"])
    ((name, file),) = read_layout("folder", root).files.items()
    status = (root / "a.jpg").stat()
    assert name == Path("a.jpg")
    assert (file.size, file.mtime_ns, file.width, file.height) == (status.st_size, status.st_mtime_ns, 24, 32)


def test_links_are_followed_and_loops_end(make: Make, tmp_path: Path):
    root = make(["anna/1.jpg"])
    (root / "anna" / "loop").symlink_to(root)
    (root / "again").symlink_to(root / "anna")
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    (elsewhere / "2.jpg").write_bytes(picture())
    (root / "bob").symlink_to(elsewhere)
    assert [sample.image.as_posix() for sample in read_layout("folder", root).samples] == ["anna/1.jpg", "bob/2.jpg"]


def test_folders_that_may_not_be_read_are_listed():
    with open_folder(0o755) as root:
        (root / "a.jpg").write_bytes(picture())
        (root / "closed").mkdir(mode=0o700)
        (root / "closed").chmod(0o000)
        with unprivileged():
            reading = read_layout("folder", root)
        assert [sample.image.name for sample in reading.samples] == ["a.jpg"]
        assert [(one.path, one.reason) for one in reading.bad] == [(Path("closed"), "permission denied")]


def test_reading_never_writes_below_the_root(make: Make):
    root = make([*PRCC, "broken.jpg"])
    before = everything(root)
    for name in ("prcc", "folder"):
        read_layout(name, root, full=True)
    assert everything(root) == before


@pytest.mark.parametrize("change", ["above", "below"])
def test_the_folder_next_to_the_right_one_is_pointed_out(make: Make, change: str):
    root = make([f"set/{name}" for name in PRCC])
    given, right = (root, root / "set") if change == "above" else (root / "set" / "rgb", root / "set")
    with pytest.raises(LayoutError) as caught:
        read_layout("prcc", given)
    assert "looked for rgb/{train,val}" in caught.value.what
    assert str(given) in caught.value.what
    assert caught.value.remedy.endswith(f"{right}.")


def test_a_misfit_says_what_it_found_and_what_it_resembles(make: Make):
    root = make([f"person{n}/1.jpg" for n in range(12)])
    with pytest.raises(LayoutError, match="found person0, person1, person10") as caught:
        read_layout("prcc", root)
    assert "and 4 more" in caught.value.what
    assert caught.value.remedy.startswith("It resembles the layout 'folder': its 12 pictures fit none of prcc")


def test_a_folder_without_pictures_is_no_data_set(make: Make):
    root = make([])
    for name in ("prcc", "folder"):
        with pytest.raises(LayoutError, match="found nothing"):
            read_layout(name, root)
    (root / "notes.txt").touch()
    with pytest.raises(LayoutError, match="found notes.txt"):
        read_layout("folder", root)


def test_missing_roots_and_unknown_layouts_are_named(tmp_path: Path):
    with pytest.raises(LayoutError, match="nowhere"):
        read_layout("folder", tmp_path / "nowhere")
    (tmp_path / "file.jpg").touch()
    with pytest.raises(LayoutError, match="file.jpg"):
        read_layout("folder", tmp_path / "file.jpg")
    with pytest.raises(UsageError, match="unknown layout 'nope'") as caught:
        read_layout("nope", tmp_path)
    assert "folder" in caught.value.remedy
    assert "prcc" in caught.value.remedy


def test_order_does_not_depend_on_the_disk(make: Make, monkeypatch: pytest.MonkeyPatch):
    root = make(PRCC)
    expected = read_layout("prcc", root).samples
    scan = os.scandir
    monkeypatch.setattr(os, "scandir", lambda path: nullcontext(reversed(list(scan(path)))))
    assert read_layout("prcc", root).samples == expected
