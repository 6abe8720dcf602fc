"""The Data page's handlers and tables without a browser."""

from itertools import pairwise
from pathlib import Path

import pytest

from dlcr import stages
from dlcr.catalog import Finding, Health
from dlcr.core.errors import LayoutError, UsageError
from pages import _data_handlers as handlers
from pages import _data_view as view
from pages import _text as text
from pages._data_handlers import Desk
from tests.data.sets import TABLES, build


def test_indexing_shows_progress_then_the_data_set(session: stages.Session, tmp_path: Path) -> None:
    desk = Desk()
    told = list(handlers.index(session, desk, str(build("ltcc", tmp_path)), "ltcc", "auto", True))
    assert "5 photos (5 new, 0 changed, 0 gone), 0 unusable. Layout ltcc." in told[-1]
    table, about, _, address = handlers.shown(session, desk)
    assert "general, cc, sc" in table
    assert "<td>gallery</td><td>2</td><td>2</td>" in about
    assert address == "dataset=ltcc"


def test_wrong_forms_name_what_is_missing(session: stages.Session, tmp_path: Path) -> None:
    for root, name, says in (("", "x", text.NEEDS_FOLDER), (str(tmp_path), " ", text.NEEDS_NAME)):
        with pytest.raises(UsageError, match=says):
            list(handlers.index(session, Desk(), root, name, "auto", True))
    with pytest.raises(LayoutError, match="holds no pictures"):
        list(handlers.index(session, Desk(), str(tmp_path), "empty", "auto", True))


def test_work_stops_at_the_next_report_and_says_so(session: stages.Session, tmp_path: Path) -> None:
    desk = Desk()
    work = handlers.index(session, desk, str(build("folder", tmp_path)), "stopped", "folder", True)
    next(work)
    handlers.cancel(desk)
    assert [told for told in work if text.STOPPED_WORK in told or "4 photos" in told]


def test_removing_asks_first_and_touches_no_file(session: stages.Session, tmp_path: Path) -> None:
    stages.index(session, build("folder", tmp_path), "folder", "mine")
    desk = Desk("mine")
    handlers.act(session, desk, {"act": "sure", "name": "mine"})
    assert "mine" in handlers.names(session)
    handlers.act(session, desk, {"act": "remove", "name": "mine"})
    assert text.REALLY_REMOVE in handlers.shown(session, desk)[0]
    handlers.act(session, desk, {"act": "sure", "name": "mine"})
    assert "mine" not in handlers.names(session)
    assert desk.dataset == "mine"
    assert "dataset=world" in handlers.shown(session, desk)
    assert all((tmp_path / name).exists() for name in TABLES["folder"])


def test_what_the_program_brings_stays(session: stages.Session) -> None:
    with pytest.raises(UsageError, match="belongs to the program"):
        stages.forget(session, "world")
    assert "remove" not in view.datasets([stages.about(session, "world")], "world")


def test_an_address_of_an_unknown_data_set_shows_the_embedded_one(session: stages.Session) -> None:
    assert handlers.start(session, "?dataset=nowhere").dataset == "world"


def test_a_release_goes_out_and_comes_in(session: stages.Session, tmp_path: Path) -> None:
    desk = Desk("world")
    assert "0 variants of 0 photos" in list(handlers.export_release(session, desk, str(tmp_path / "out"), False))[-1]
    with pytest.raises(LayoutError, match="no folder"):
        list(handlers.import_release(session, desk, str(tmp_path / "nowhere")))


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
