"""A workspace that works, damaged in every way at hand: `care` tells it, mends it, and the work goes on to the same end."""

import os
import shutil
import sqlite3
import subprocess
import sys
from contextlib import closing
from pathlib import Path

import pytest

from dlcr import stages, stages_expand, stages_parse
from dlcr.catalog import Catalog
from dlcr.core import claim
from dlcr.core.errors import WorkspaceError
from dlcr.core.files import mark
from dlcr.core.settings import Backends, ExpandSettings, PaintSettings
from dlcr.core.workspace import Workspace
from dlcr.integrity import care
from dlcr.stages_expansion import note
from tests.painted import paint_small

QUICK = PaintSettings(steps=2, batch=2)


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    """The small set with two variants a photo; nobody works in it."""
    place = tmp_path_factory.mktemp("made")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("DLCR_DTYPE", "float32")
        note(Workspace.open(place / "home"), 0)  # the variants looked at are those painted here
        session = paint_small(place, QUICK, variants=2)
        photo = sorted((place / "small").rglob("*.jpg"))[0]
        stages.add_upload(session, photo.read_bytes(), "mine.jpg")
        session.catalog.close()
        session.held.close()
    assert care(place / "home", deep=True).problems == []
    return place


@pytest.fixture
def home(made, tmp_path):
    shutil.copytree(made / "home", tmp_path / "home")
    return tmp_path / "home"


def rows(home, query, *values):
    with closing(sqlite3.connect(home / "catalog.sqlite")) as connection, connection:
        return connection.execute(query, values).fetchall()


def first(home, table):
    return home / rows(home, f"SELECT file FROM {table} ORDER BY id LIMIT 1")[0][0]


def told(home, *words, deep=False):
    """The problems, each of which has all of the words; then the workspace mended and without a problem."""
    problems = care(home, deep=deep).problems
    assert problems[-1].startswith("`dlcr doctor --repair`")
    assert any(all(word in one for word in words) for one in problems[:-1]), problems
    done = care(home, deep=deep, mend=True)
    assert (done.problems, done.repaired != []) == ([], True)
    assert care(home, deep=True).problems == []
    return " ".join(done.repaired)


def expanded(made, home, monkeypatch):
    """The same work again; (made, kept)."""
    monkeypatch.setenv("DLCR_DTYPE", "float32")
    session = stages.open_session(home, Backends(device="cpu", inpainter=f"sd:{made / 'sd'}"))
    stages_parse.parse_dataset(session, "small")
    found = stages_expand.expand(session, "small", ExpandSettings(variants=2), paint=QUICK)
    session.held.close()
    assert found.failed == 0
    return found.made, found.kept


def test_a_lost_variant_loses_its_row_and_is_painted_again_byte_for_byte(made, home, monkeypatch):
    path = first(home, "variants")
    before = path.read_bytes()
    path.unlink()
    assert "taken out" in told(home, path.name, "not there")
    assert path.name in (home / "lost+found" / "rows.jsonl").read_text()
    assert expanded(made, home, monkeypatch) == (1, 17)
    assert path.read_bytes() == before


@pytest.mark.parametrize("deep", [False, True])
def test_a_variant_that_is_cut_off_or_has_a_flipped_bit_goes_aside(home, deep):
    path = first(home, "variants")
    data = bytearray(path.read_bytes())
    middle = len(data) // 2
    data[middle] ^= 4
    data = data if deep else data[:middle]
    path.write_bytes(data)
    told(home, path.name, "checksum" if deep else "cut off", deep=deep)
    assert (home / "lost+found" / path.relative_to(home)).read_bytes() == data


def test_a_variant_without_a_row_gets_it_back_from_its_own_lineage(home):
    told_of = "json_extract(lineage, '$.photo.digest', '$.mask', '$.settings.steps')"
    kept = f"SELECT file, sample_id, mask_id, prompt, seed, model, {told_of} FROM variants ORDER BY file"
    before = rows(home, kept)
    rows(home, "DELETE FROM variants WHERE id = (SELECT min(id) FROM variants)")
    assert "from its lineage" in told(home, "has no row")
    assert rows(home, kept) == before


@pytest.mark.parametrize("lost", ["", " WHERE id = (SELECT min(id) FROM variants)"])
def test_variants_of_lost_rows_stand_where_they_stood(home, lost):
    def ordered():
        catalog = Catalog.open(Workspace.open(home).database_url)
        try:
            return [
                row.file for row in catalog.variants_of([sample for (sample,) in rows(home, "SELECT id FROM samples")])
            ]
        finally:
            catalog.close()

    before = ordered()
    rows(home, f"DELETE FROM variants{lost}")
    for number, file in enumerate(reversed(before)):  # as threads may have written them
        os.utime(home / file, ns=(number, number))
    told(home, "has no row")
    assert ordered() == before


def test_a_lost_mask_comes_back_from_a_variant_that_carries_it(home):
    mask = home / rows(home, "SELECT masks.file FROM masks JOIN variants ON variants.mask_id = masks.id")[0][0]
    before = mask.read_bytes()
    mask.write_bytes(b"")
    assert "taken from variants/" in told(home, mask.name)
    assert mask.read_bytes() == before


def test_a_mask_row_that_is_gone_is_parsed_again_and_its_variants_name_it(made, home, monkeypatch):
    kept = "SELECT v.file, m.digest, m.source FROM variants v JOIN masks m ON m.id = v.mask_id ORDER BY v.file"
    before = rows(home, kept)
    rows(home, "DELETE FROM masks WHERE id = (SELECT min(mask_id) FROM variants)")
    told(home, "points at a mask that is not there")
    assert expanded(made, home, monkeypatch) == (0, 18)
    told(home, "does not name its mask")
    assert rows(home, kept) == before


def test_altered_labels_are_read_again_from_the_folder(home):
    kept = "SELECT image, pid, camid, clothes_id FROM samples ORDER BY image"
    before = rows(home, kept)
    rows(home, "UPDATE samples SET pid = 7 WHERE image LIKE '%/A_00.jpg' AND split = 'train'")
    assert "read anew" in told(home, "counts of the data set")
    assert rows(home, kept) == before


def test_altered_words_and_digests_are_taken_from_the_files(home):
    kept = "SELECT prompt, seed FROM variants ORDER BY id", "SELECT digest FROM masks ORDER BY id"
    before = [rows(home, query) for query in kept]
    rows(home, "UPDATE variants SET prompt = 'nothing' WHERE id = (SELECT min(id) FROM variants)")
    rows(home, "UPDATE masks SET digest = 'fedcba9876543210' WHERE id = (SELECT min(id) FROM masks)")
    told(home, "another", "than its file")
    assert [rows(home, query) for query in kept] == before


def test_what_killed_writers_left_is_removed_and_what_others_write_is_not(home):
    dead = subprocess.Popen([sys.executable, "-c", ""])
    dead.wait()
    living = mark(first(home, "masks").parent, "a.png")
    half = living.with_name(living.name.replace(f"~{os.getpid()}~", f"~{dead.pid}~"))
    living.rename(half)
    told(home, half.name, "half written")
    assert not half.exists()
    mark(half.parent, "b.png")
    with claim.share(home):
        assert care(home).problems == []


def test_it_is_not_mended_while_others_work_in_it(home):
    with claim.share(home), pytest.raises(WorkspaceError, match=r"others work in .*Stop them"):
        care(home, mend=True)


def test_an_upload_without_a_row_is_listed_again(home):
    (file,) = (home / "uploads").glob("*.png")
    rows(home, "DELETE FROM samples WHERE image = ?", file.name)
    told(home, "uploads")
    assert rows(home, "SELECT count(*) FROM samples WHERE image = ?", file.name) == [(1,)]


def test_jobs_and_devices_of_the_dead_are_free_again(home):
    now = "2026-01-01 00:00:00"
    rows(
        home,
        "INSERT INTO jobs (args, what, device, state, priority, attempts, worker, created, started, seconds) "
        "VALUES ('[\"job\", \"list\"]', 'a look', 'cpu', 'running', 0, 1, 'nobody', ?, ?, 0)",
        now,
        now,
    )
    rows(home, "INSERT INTO leases (device, worker) VALUES ('here/cuda:0', 'nobody')")
    told(home, "no worker has it")
    assert rows(home, "SELECT state FROM jobs") == [("queued",)]
    assert rows(home, "SELECT count(*) FROM leases") == [(0,)]


def test_embedded_runs_come_back_from_the_program(home):
    before = {path: path.read_bytes() for path in home.rglob("runs/world-*/evaluations/*")}
    lost, cut, *_ = sorted(before)
    lost.unlink()
    cut.write_bytes(cut.read_bytes()[:100])
    rows(home, "DELETE FROM runs WHERE name = 'world-cal'")
    told(home, "embedded runs")
    assert {path: path.read_bytes() for path in before} == before


def test_the_number_of_an_embedded_runs_epochs_is_the_programs(home):
    kept = "SELECT name, epochs, images_seen FROM runs ORDER BY name"
    before = rows(home, kept)
    rows(home, "UPDATE runs SET epochs = epochs + 5 WHERE name = 'world-dlcr'")
    told(home, "embedded runs world-dlcr")
    assert rows(home, kept) == before


def test_embedded_runs_are_not_missed_while_world_is_indexed_in_part(home):
    rows(home, "DELETE FROM runs WHERE name = 'world-cal'")
    rows(home, "UPDATE samples SET present = 0 WHERE image LIKE '%/A_00.jpg' AND split = 'train'")
    assert not [one for one in care(home).problems if "embedded runs" in one]


def test_a_catalog_of_which_pages_are_lost_keeps_what_can_be_read(made, home, monkeypatch):
    file = home / "catalog.sqlite"
    before = rows(home, "SELECT file FROM variants ORDER BY file")
    data = bytearray(file.read_bytes())
    for page in range(40, len(data) // 4096, 7):
        data[page * 4096 : page * 4096 + 2000] = b"\xff" * 2000
    file.write_bytes(data)
    assert any("damaged" in one for one in care(home).problems)
    done = care(home, mend=True)
    assert "lost+found/catalog.sqlite" in done.repaired[0]
    assert care(home, mend=True).problems == []
    session = stages.open_session(home, Backends(device="cpu"))
    stages.index(session, made / "small", "prcc", "small")
    session.held.close()
    expanded(made, home, monkeypatch)
    care(home, mend=True)
    assert care(home, deep=True).problems == []
    assert {Path(row[0]).name for row in rows(home, "SELECT file FROM variants")} >= {
        Path(row[0]).name for row in before
    }


def test_what_is_no_catalog_is_left_alone_and_said(home):
    (home / "catalog.sqlite").write_bytes(b"something else entirely")
    found = care(home, mend=True)
    assert found.repaired == []
    assert "not a catalog" in found.problems[0]
    assert (home / "catalog.sqlite").read_bytes() == b"something else entirely"


def test_what_was_made_of_lost_photos_is_never_given_to_others_that_get_their_numbers(home):
    whose = "JOIN datasets ON datasets.id = dataset_id WHERE name = 'world'"
    gone, last = rows(home, f"SELECT min(samples.id), max(samples.id) FROM samples {whose}")[0]
    rows(home, "DELETE FROM datasets WHERE name <> 'world'")
    rows(home, "DELETE FROM samples WHERE id < ?", gone + 9)
    assert last < rows(home, "SELECT min(sample_id) FROM masks")[0][0] < last + 9
    assert care(home, deep=True, mend=True).problems == []
    assert rows(home, f"SELECT count(*), max(samples.id) FROM samples {whose}") == [(1680, last + 9)]
    for table in ("masks", "variants", "captions"):
        assert rows(home, f"SELECT count(*) FROM {table} JOIN samples ON samples.id = sample_id {whose}") == [(0,)]
