"""Indexing real folders: what is noticed, what is told of files, and that nothing is lost or written where it must not be."""

import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from PIL import Image

from dlcr import stages
from dlcr.core.errors import LayoutError
from dlcr.data import world_root
from tests.core.disks import needs_disks, open_folder, small_disk, unprivileged, write_protect
from tests.data.sets import TABLES, build


@pytest.fixture(scope="module")
def session(tmp_path_factory: pytest.TempPathFactory) -> stages.Session:
    return stages.open_session(tmp_path_factory.mktemp("home"))


def listed(session: stages.Session, name: str) -> set[str]:
    return {row.image.as_posix() for row in session.catalog.find_samples(name, limit=1000)}


@pytest.mark.parametrize("layout", TABLES)
def test_every_layout_comes_into_the_catalog_as_its_table_says(session: stages.Session, layout: str, tmp_path: Path):
    found = stages.index(session, build(layout, tmp_path), "auto", layout)
    table = TABLES[layout].values()
    assert (found.layout, found.bad) == (layout, [])
    assert (found.images, found.pids) == (len(table), len({pid for _, pid, *_ in table}))
    assert found.clothes == len({outfit for *_, outfit, _ in table if outfit})
    assert found.cameras == len({camid for _, _, camid, *_ in table})
    assert found.splits == {split: sum(s == split for s, *_ in table) for split in sorted({s for s, *_ in table})}
    rows = session.catalog.find_samples(layout)
    told = {r.image.as_posix(): (r.split, r.pid, r.camid, r.clothes_id, r.tracklet) for r in rows}
    assert told == TABLES[layout]


def test_changed_new_and_vanished_files_are_noticed(session: stages.Session, tmp_path: Path):
    root = build("prcc", tmp_path / "set")
    stages.index(session, root, "prcc", "changing")
    again = stages.index(session, root, "prcc", "changing")
    assert (again.images, again.new, again.changed, again.gone) == (7, 0, 0, 0)
    (root / "rgb/train/001/A_cropped_rgb001.jpg").write_bytes(
        (root / "rgb/train/001/B_cropped_rgb001.jpg").read_bytes()
    )
    shutil.rmtree(root / "rgb/val")
    shutil.copy(root / "rgb/test/A/075/cropped_rgb360.jpg", root / "rgb/test/A/075/new.jpg")
    later = stages.index(session, root, "prcc", "changing")
    assert (later.images, later.new, later.changed, later.gone) == (7, 1, 1, 1)
    assert later.health.duplicates.count == 2


def test_samples_stand_in_order_of_name_whenever_they_came(session: stages.Session, tmp_path: Path):
    root = build("folder", tmp_path / "set")
    stages.index(session, root, "folder", "grown", check=False)
    (root / "anna/0.jpg").write_bytes((root / "anna/1.jpg").read_bytes())
    stages.index(session, root, "folder", "grown", check=False)
    found = session.catalog.every_sample("grown")
    assert [one.image.as_posix() for one in found] == sorted({*TABLES["folder"], "anna/0.jpg"})
    assert found[0].id == max(one.id for one in found)


def test_a_set_is_stale_once_its_files_change(session: stages.Session, tmp_path: Path):
    root = build("folder", tmp_path / "set")
    stages.index(session, root, "folder", "ageing", check=False)
    assert not stages.stale(session, "ageing")
    (root / "bob/2.jpg").write_bytes(b"new")
    assert stages.stale(session, "ageing")


def test_an_embedded_world_of_another_version_is_indexed_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    first, root = stages.open_session(tmp_path), build("prcc", tmp_path / "set")
    with monkeypatch.context() as older:
        older.setattr("dlcr.data.world_root", lambda: root)
        stages.index(first, root, "prcc", "world", check=False)
    first.catalog.put_dataset("world", world_root(), "prcc")
    assert stages.open_session(tmp_path).catalog.count_samples("world") == len(list(world_root().glob("rgb/**/*.jpg")))


def test_health_of_files_is_told_and_stays_told(session: stages.Session, tmp_path: Path):
    root = build("folder", tmp_path / "set")
    whole = (root / "anna/1.jpg").read_bytes()
    (root / "bob/cut.jpg").write_bytes(whole[: len(whole) // 2])
    (root / "bob/none.jpg").write_bytes(b"")
    (root / "bob/same.jpg").write_bytes(whole)
    Image.new("RGB", (9, 40)).save(root / "bob/tiny.png")
    first = stages.index(session, root, "folder", "ill")
    for found in (first, stages.index(session, root, "folder", "ill")):
        assert [path for path, _ in found.bad] == ["bob/cut.jpg", "bob/none.jpg", "bob/tiny.png"]
        health = found.health
        assert (health.truncated.examples, health.unreadable.examples) == (("bob/cut.jpg",), ("bob/none.jpg",))
        assert health.tiny.examples == ("bob/tiny.png",)
        assert health.two_ids.examples == ("anna/1.jpg = bob/same.jpg",)
    assert listed(session, "ill") == {*TABLES["folder"], "bob/same.jpg"}


def test_a_misfit_leaves_no_data_set_behind(session: stages.Session, tmp_path: Path):
    with pytest.raises(LayoutError, match="not in the layout 'ltcc'"):
        stages.index(session, build("prcc", tmp_path), "ltcc", "misfit")
    assert "misfit" not in [row.name for row in session.catalog.datasets()]


def test_links_in_circles_and_closed_folders_and_files_do_not_stop_the_rest():
    with open_folder(0o755) as root:
        build("folder", root)
        (root / "anna/round").symlink_to(root)
        (root / "anna/1.jpg").chmod(0)
        (root / "closed").mkdir(mode=0)
        home = root.parent / f"{root.name}-home"
        home.mkdir()
        home.chmod(0o777)
        try:
            with unprivileged():
                told = stages.index(stages.open_session(home), root, "folder", "closed")
        finally:
            shutil.rmtree(home)
        assert [path for path, _ in told.bad] == ["anna/1.jpg", "closed"]
        assert told.images == len(TABLES["folder"]) - 1


@needs_disks
def test_a_read_only_disk_is_indexed(session: stages.Session, tmp_path: Path):
    with small_disk(tmp_path / "disk", 4000) as disk:
        build("ccvid", disk)
        write_protect(disk)
        assert stages.index(session, disk, "auto", "fixed").images == len(TABLES["ccvid"])


INDEX = "import sys; from dlcr import stages; stages.index(stages.open_session(sys.argv[1]), sys.argv[2], 'folder', 'killed')"


def test_a_killed_run_is_taken_up_and_loses_nothing(tmp_path: Path):
    root, home = tmp_path / "set", tmp_path / "home"
    for person in range(60):
        (root / f"{person:02}").mkdir(parents=True)
        for n in range(100):
            Image.new("RGB", (16, 32), (person, n, 7)).save(root / f"{person:02}" / f"{n:02}.bmp")
    session = stages.open_session(home)
    for _ in range(2):
        worker = subprocess.Popen([sys.executable, "-c", INDEX, str(home), str(root)])
        while worker.poll() is None and "killed" not in [row.name for row in session.catalog.datasets()]:
            time.sleep(0.01)
        while worker.poll() is None and not session.catalog.count_samples("killed"):
            time.sleep(0.01)
        worker.send_signal(signal.SIGKILL)
        worker.wait()
    found = stages.index(session, root, "folder", "killed")
    assert (found.images, found.bad, found.health.unchecked, found.health.duplicates.count) == (6000, [], 0, 0)
    assert session.catalog.count_samples("killed") == 6000
