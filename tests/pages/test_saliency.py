"""What a match rests on, as the Retrieve page shows it, without a browser."""

from dataclasses import replace

import numpy as np
import pytest

from dlcr import stages
from dlcr.core.errors import UsageError
from dlcr.jobs.board import Board
from dlcr.stages_embed import network_of, vectors_of
from dlcr.stages_saliency import PARTS, Parted, Saliency, saliency
from pages import _retrieve_handlers as handlers
from pages import _retrieve_saliency as page
from pages._retrieve_desk import Desk, Shelf, open_galleries


@pytest.fixture(scope="module")
def shelf(session: stages.Session) -> Shelf:
    return Shelf(session)


@pytest.fixture
def desk(shelf: Shelf) -> Desk:
    first = handlers.start(shelf, "?dataset=world&run=world-cal&other=world-dlcr&protocol=cc")
    looks = open_galleries(shelf.galleries, first)
    first.sample = looks[0].samples[looks[0].asked[3]].id
    answer = looks[0].best(looks[0].place_of[first.sample])
    assert answer is not None
    first.why = answer.id
    return first


@pytest.fixture(scope="module")
def found(shelf: Shelf) -> Saliency:
    """Of a query and some answer, one run."""
    desk = handlers.start(shelf, "?dataset=world&run=world-dlcr&protocol=cc")
    looks = open_galleries(shelf.galleries, desk)
    return saliency(
        shelf.session, looks, looks[0].samples[looks[0].asked[3]].id, looks[0].samples[looks[0].answers[0]].id
    )


def test_what_the_parts_add_is_the_similarity_of_the_features(shelf: Shelf, found: Saliency) -> None:
    run = found.runs[0]
    one, other = vectors_of(network_of(shelf.session, run.run)[0], [found.query.sample.path, found.answer.sample.path])
    assert run.similarity == pytest.approx(float(one @ other), abs=1e-4)
    assert run.base + run.parts.sum() == pytest.approx(run.similarity, abs=1e-4)
    assert run.positive.sum() == pytest.approx(1, abs=1e-5)
    assert found.areas.sum() == pytest.approx(1)


def test_it_is_looked_into_once_for_each_run_and_told_in_words_too(shelf: Shelf, desk: Desk) -> None:
    shown = page.Shown()
    _, (html,) = page.look(shelf, desk, shown)
    assert html.count("<section") == 2
    assert html.count("<img ") == 4
    assert html.count("<tr>") == 1 + len(PARTS)
    assert shown.is_of(desk)
    assert list(page.look(shelf, desk, shown)) == []


def test_it_is_in_the_address_until_another_query_is_chosen(shelf: Shelf, desk: Desk, board: Board) -> None:
    assert f"why={desk.why}" in desk.address()
    assert handlers.start(shelf, f"?{desk.address()}").why == desk.why
    answers = handlers.shown(shelf, board, desk)[1]
    assert f'data-why="{desk.why}"' in answers
    handlers.act(shelf, board, desk, {"act": "pick", "id": str(desk.why)})
    assert desk.why == 0
    assert list(page.look(shelf, desk, page.Shown())) == []


def test_heat_is_orange_for_and_blue_against_and_the_clothes_have_a_line_around_them(session: stages.Session) -> None:
    parts = np.zeros((3, 40, 20), bool)
    parts[0, 10:20, 5:15] = True
    heat = np.zeros((40, 20), np.float32)
    heat[25:35], heat[:5] = 0.2, -0.2
    sample = session.catalog.sample(1)
    picture = page.overlaid(Parted(sample, np.full((40, 20, 3), 100, np.uint8), parts), heat, 0.2)
    assert picture.shape == (page.TALL, page.TALL // 2, 3)
    red, _, blue = picture[240, 80].astype(int)
    assert red > blue + 100
    red, _, blue = picture[10, 80].astype(int)
    assert blue > red + 100
    assert tuple(picture[80, 80]) == page.BOUND
    assert tuple(picture[120, 80]) == (100, 100, 100)  # neither for nor against


def test_words_of_others_are_escaped_and_tracklets_have_no_single_photo(
    shelf: Shelf, desk: Desk, found: Saliency
) -> None:
    looks = open_galleries(shelf.galleries, desk)
    with pytest.raises(UsageError, match="tracklet"):
        saliency(shelf.session, [replace(looks[0], tracklets=True)], desk.sample, desk.why)
    named = replace(found.query, sample=replace(found.query.sample, clothes_id="<script>"))
    html = page.drawn(replace(found, query=named))
    assert "<script>" not in html
    for part in found.runs[0].parts:
        assert f"<td>{part:+.3f}</td>" in html
