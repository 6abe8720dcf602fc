"""The Data page's handlers and tables without a browser."""

from itertools import pairwise
from pathlib import Path

import pytest

from dlcr import stages
from dlcr.catalog import Finding, Health
from dlcr.core.errors import UsageError
from dlcr.jobs.board import Board
from dlcr.jobs.worker import Worker
from pages import _data_handlers as handlers
from pages import _data_view as view
from pages import _text as text
from pages._data_handlers import Desk
from tests.data.sets import TABLES, build


def finished(board: Board, desk: Desk) -> str:
    """What the page says at the end, a real worker having done all that waits."""
    assert handlers.followed(board, desk)[1]
    Worker(board).run(once=True)
    told, goes_on = handlers.followed(board, desk)
    assert not goes_on
    return told


def test_indexing_is_a_job_and_then_the_data_set_is_shown(
    session: stages.Session, board: Board, tmp_path: Path
) -> None:
    desk = Desk()
    handlers.index(board, desk, str(build("ltcc", tmp_path)), " ltcc ", "auto", True)
    assert handlers.start(session, board, "").job == desk.job, "a reloaded page follows it too"
    assert "5 photos (5 new, 0 changed, 0 gone), 0 unusable. Layout ltcc." in finished(board, desk)
    table, about, _, address = handlers.shown(session, desk)
    assert "general, cc, sc" in table
    assert "<td>gallery</td><td>2</td><td>2</td>" in about
    assert address == "dataset=ltcc"


def test_wrong_forms_name_what_is_missing(board: Board, tmp_path: Path) -> None:
    for root, name, says in (("", "x", text.NEEDS_FOLDER), (str(tmp_path), " ", text.NEEDS_NAME)):
        with pytest.raises(UsageError, match=says):
            handlers.index(board, Desk(), root, name, "auto", True)


def test_a_folder_without_pictures_is_told_with_the_way_out(board: Board, tmp_path: Path) -> None:
    desk = Desk()
    handlers.index(board, desk, str(tmp_path), "<b>empty", "auto", True)
    told = finished(board, desk)
    assert "holds no pictures" in told
    assert f"/jobs?job={desk.job}" in told
    assert "<b>empty" not in told


def test_a_job_that_waits_says_so_and_can_be_cancelled(board: Board, tmp_path: Path) -> None:
    desk = Desk()
    handlers.index(board, desk, str(tmp_path), "stopped", "folder", True)
    assert text.NO_WORKER in handlers.followed(board, desk)[0]
    handlers.cancel(board, desk)
    assert text.STOPPED_WORK in handlers.followed(board, desk)[0]
    handlers.cancel(board, desk)
    board.delete(desk.job or 0)
    assert handlers.followed(board, desk) == ("", False)


def test_removing_asks_first_and_touches_no_file(session: stages.Session, board: Board, tmp_path: Path) -> None:
    stages.index(session, build("folder", tmp_path), "folder", "mine")
    session.catalog.put_run("on mine", "mine", {}, {})
    session.catalog.put_evaluation("on mine", "mine", "cc", 0, {}, "runs/x")
    job = board.submit(["bench", "nothing"], "about mine", dataset="mine").row.id
    board.folder(job).mkdir(parents=True)
    desk = Desk("mine")
    handlers.act(session, board, desk, {"act": "sure", "name": "mine"})
    assert "mine" in handlers.names(session)
    handlers.act(session, board, desk, {"act": "remove", "name": "mine"})
    assert text.REALLY_REMOVE in handlers.shown(session, desk)[0]
    handlers.act(session, board, desk, {"act": "sure", "name": "mine"})
    assert "mine" not in handlers.names(session)
    assert "on mine" not in {row.name for row in session.catalog.runs()}
    assert session.catalog.evaluations("on mine") == session.catalog.jobs(dataset="mine") == []
    assert not board.folder(job).exists()
    assert desk.dataset == "mine"
    assert "dataset=world" in handlers.shown(session, desk)
    assert all((tmp_path / name).exists() for name in TABLES["folder"])


def test_what_the_program_brings_stays(session: stages.Session) -> None:
    with pytest.raises(UsageError, match="belongs to the program"):
        stages.forget(session, "world")
    assert "remove" not in view.datasets([stages.about(session, "world")], "world")


def test_an_address_of_an_unknown_data_set_shows_the_embedded_one(session: stages.Session, board: Board) -> None:
    assert handlers.start(session, board, "?dataset=nowhere").dataset == "world"


def test_a_release_goes_out_and_comes_in(board: Board, tmp_path: Path) -> None:
    desk, back = Desk("world"), Desk("world")
    handlers.export_release(board, desk, str(tmp_path / "out"), True, True)
    handlers.import_release(board, back, str(tmp_path / "nowhere"))
    assert "world: 0 variants of 0 photos" in finished(board, desk)
    assert "no folder" in handlers.followed(board, back)[0]


def test_bins_hold_every_value_once() -> None:
    values = [1, 1, 2, 30, 31, 99]
    found = view.bins(values)
    assert sum(count for *_, count in found) == len(values)
    assert len(found) <= view.BINS
    assert all(last + 1 == first for (_, last, _), (first, _, _) in pairwise(found))
    assert view.bins([]) == []


def test_text_from_files_is_escaped() -> None:
    none = Finding(0)
    found = Health(Finding(1, ("<b>.jpg",)), none, none, none, none, none, none, none, 3)
    assert "&lt;b&gt;.jpg" in view.health(found)
    assert "<b>" not in view.bad([("<b>", "x")])
