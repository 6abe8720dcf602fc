"""The wardrobe of the Retrieve page without a browser."""

import re

import pytest

from dlcr import stages, stages_wear
from dlcr.core.errors import PromptError
from dlcr.jobs.board import Board
from pages import _retrieve_handlers as handlers
from pages import _retrieve_wear as wear
from pages import _text as text
from pages._retrieve_desk import Desk, Shelf, open_galleries
from pages._retrieve_wear import Fitting
from tests.pages.looked import look_at

WORDS = "red t-shirt | blue jeans"


@pytest.fixture(scope="module")
def session(tmp_path_factory: pytest.TempPathFactory) -> stages.Session:
    found = look_at(tmp_path_factory.mktemp("wear"))
    outfits = sorted({sample.clothes_id for sample in found.catalog.find_samples("small", split="train", limit=99)})
    for outfit, prompt in zip(outfits, ("green dress", "white shirt | black trousers", "mist"), strict=False):
        found.catalog.add_prompt("small", outfit, prompt, "test")
    return found


@pytest.fixture(scope="module")
def shelf(session: stages.Session) -> Shelf:
    return Shelf(session)


@pytest.fixture
def desk(shelf: Shelf) -> Desk:
    first = handlers.start(shelf, "?dataset=small&run=a&other=b&protocol=cc")
    first.sample = shelf.session.catalog.every_sample("small", "query")[0].id  # the one that has a mask
    return first


def test_what_is_worn_is_shown_with_each_runs_rank_before_and_after(shelf: Shelf, board: Board, desk: Desk) -> None:
    fitting = Fitting()
    *_, (progress, html) = wear.wear(shelf, board, desk, fitting, [], WORDS)
    assert progress == ""
    assert [one.outfit.prompt for one in fitting.worn] == [WORDS]
    looks = open_galleries(shelf.galleries, desk)
    for letter, look, before, after in zip("AB", looks, fitting.before, fitting.worn[0].stands, strict=True):
        assert before == stages_wear.stand(look, desk.sample)
        moved = after.similarity - before.similarity
        for place, change in ((before, "<"), (after, f" ({moved:+.2f})")):
            mark = "✗" if place.first else "✓"
            said = f"rank {place.first + 1} · {place.similarity:.2f}{change}"
            assert f"<b>{letter} <i>{mark}</i></b> <span>{said}" in html
        assert f"clothing sensitivity {abs(moved):.3f}" in html
    assert html.count("<polyline") == 2
    assert len(re.findall(r"<tr>", html)) == 3  # heads, as it is, one outfit


def test_chosen_outfits_come_first_and_only_those_that_can_be_painted(shelf: Shelf, desk: Desk) -> None:
    names = [name for _, name in wear.outfits(shelf.session, "small")]
    assert len(names) == 2  # "mist" is no clothes
    found = wear.chosen(shelf, desk, names, WORDS)
    assert [one.name for one in found] == [*names, ""]
    assert {one.name for one in wear.chosen(shelf, desk, [], "")} <= set(names)
    with pytest.raises(PromptError):
        wear.chosen(shelf, desk, [], "mist")


def test_stopped_between_steps_keeps_what_was_made(shelf: Shelf, board: Board, desk: Desk) -> None:
    fitting = Fitting()
    seen = []
    for step in wear.wear(shelf, board, desk, fitting, [name for _, name in wear.outfits(shelf.session, "small")], ""):
        seen.append(step)
        if fitting.worn:
            fitting.stop.set()
    assert len(fitting.worn) == 1
    assert text.STOPPED_TRYING in seen[-1][0]


def test_words_of_others_are_escaped(shelf: Shelf, board: Board, desk: Desk) -> None:
    fitting = Fitting()
    *_, (_, html) = wear.wear(shelf, board, desk, fitting, [], 'red t-shirt | <script>alert("x")</script> jeans')
    assert "<script>" not in html
