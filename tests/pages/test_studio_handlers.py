"""The page's handlers without a browser."""

from pathlib import Path

import gradio as gr
import pytest

from dlcr import stages
from dlcr.core.errors import PhotoError
from pages import _studio_handlers as handlers
from pages._studio_desk import Desk, Find, open_sample
from pages._widgets import guarded


def test_filters_narrow_what_is_listed(session: stages.Session) -> None:
    desk = Desk()
    everything = session.catalog.count_samples("world")
    (shown,) = handlers.filter_samples(session, desk, "", "", "1", "", "")
    found = session.catalog.count_samples("world", camid=1)
    assert 0 < found < everything
    assert f"{found} photos" in shown


def test_the_same_filters_leave_the_page_where_it_is(session: stages.Session) -> None:
    desk = Desk()
    handlers.turn(session, desk, {"act": "turn", "after": "60"})
    assert handlers.filter_samples(session, desk, "", "", "", "", " ") is None
    assert desk.find.after == 60
    assert handlers.filter_samples(session, desk, "train", "", "", "", "") is not None
    assert desk.find.after == 0


def test_paging_on_and_back_shows_the_first_page_again(session: stages.Session) -> None:
    desk = Desk()
    first = handlers.listing(session, desk)
    handlers.turn(session, desk, {"act": "turn", "after": "60"})
    handlers.turn(session, desk, {"act": "turn", "before": "61"})
    assert handlers.listing(session, desk).count("data-id") == first.count("data-id")


def test_an_address_of_an_unknown_sample_says_so_and_still_lists(session: stages.Session) -> None:
    desk, *_, gallery, said = handlers.start(session, "?dataset=world&sample=999999")
    assert desk.sample is None
    assert "999999" in said
    assert "data-act" in gallery


def test_an_address_of_an_unknown_data_set_shows_the_embedded_one(session: stages.Session) -> None:
    assert handlers.start(session, "?dataset=nowhere")[0].find == Find()


def test_two_desks_share_nothing(session: stages.Session) -> None:
    one, other = handlers.start(session, "")[0], handlers.start(session, "")[0]
    open_sample(session, one, 1)
    handlers.cancel(one)
    assert other.sample is None
    assert not other.stop.is_set()


def test_a_bad_upload_is_refused_by_name_and_its_copy_removed(session: stages.Session, text_file: Path) -> None:
    with pytest.raises(PhotoError, match=r"text\.jpg"):
        handlers.upload(session, Desk(), str(text_file))
    assert not text_file.exists()


def test_an_error_becomes_one_line_and_leaves_the_page(text_file: Path) -> None:
    def fail() -> tuple[str]:
        raise PhotoError("<b> is bad.", "Choose another.")

    first, line = guarded(fail, 1)()
    assert first == gr.skip()
    assert "&lt;b&gt; is bad." in line
    assert "Choose another." in line


def test_a_fault_of_the_program_shows_no_trace() -> None:
    def fail() -> tuple[str]:
        raise ZeroDivisionError("secret detail")

    assert "secret" not in guarded(fail, 1)()[1]


def test_garments_of_a_prompt() -> None:
    assert handlers.items(" red t-shirt |blue jeans||") == ["red t-shirt", "blue jeans"]
