"""The Retrieve page's handlers and lists without a browser, against plain loops over the features."""

import re

import numpy as np
import pytest

from dlcr import stages
from dlcr.core.errors import UsageError
from dlcr.jobs.board import Board
from dlcr.stages_embed import embed, features_file
from dlcr.stages_look import ALIKE, refinable
from pages import _retrieve_desk as desks
from pages import _retrieve_handlers as handlers
from pages import _runs
from pages import _text as text
from pages._retrieve_desk import Desk, Shelf
from pages._widgets import NOTHING
from tests.pages.looked import look_at
from tests.reid.people import draw_set


@pytest.fixture(scope="module")
def session(tmp_path_factory: pytest.TempPathFactory) -> stages.Session:
    return look_at(tmp_path_factory.mktemp("look"))


@pytest.fixture(scope="module")
def shelf(session: stages.Session) -> Shelf:
    return Shelf(session)


def ids(html: str) -> list[int]:
    """Samples of the tiles of a ranking, in order."""
    return [int(one) for one in re.findall(r'<li class="tile.*?sample=(\d+)"', html)]


def test_answers_are_those_of_the_plain_loop_over_features(shelf: Shelf, board: Board) -> None:
    from safetensors.numpy import load_file

    desk = handlers.start(shelf, "?dataset=small&run=a&protocol=cc&k=5")
    _, answers, _ = handlers.shown(shelf, board, desk)
    samples = shelf.session.catalog.every_sample("small")
    vectors = load_file(embed(shelf.session, "small", "a"))["vectors"]
    query = next(row for row, sample in enumerate(samples) if sample.id == desk.sample)
    gallery = [row for row, sample in enumerate(samples) if sample.split == "gallery"]
    order = sorted(gallery, key=lambda row: -float(vectors[query] @ vectors[row]))
    assert ids(answers) == [samples[row].id for row in order[:5]]
    right = [samples[row].pid == samples[query].pid for row in order]
    marks = re.findall(r'<li class="tile (\w+)"', answers)
    assert marks == ["right" if one else "wrong" for one in right[:5]]
    assert f"first right at rank {right.index(True) + 1}," in answers


def test_queries_come_worst_first_and_filters_hold_what_they_say(shelf: Shelf) -> None:
    desk = handlers.start(shelf, "?dataset=small&run=a&other=b")
    looks = desks.open_galleries(shelf.galleries, desk)
    every = shelf.listed(looks, desk).queries
    assert [one.precision[0] for one in every] == sorted(one.precision[0] for one in every)
    rights = {one.sample.id: tuple(rank == 0 for rank in one.first) for one in every}
    for only, wanted in (("fixed", (False, True)), ("broken", (True, False))):
        desk.only = only
        found = shelf.listed(looks, desk)
        assert {one.sample.id for one in found.queries} == {key for key, right in rights.items() if right == wanted}
        assert found.counts[only] == len(found.queries)
    desk.only, desk.second = "lookalike", True
    for one in shelf.listed(looks, desk).queries:
        answer = looks[1].best(looks[1].place_of[one.sample.id])
        assert one.first[1] > 0
        assert answer is not None
        assert shelf.likeness.alike(one.sample, answer) >= ALIKE


def test_the_same_clothes_look_alike_and_other_clothes_do_not(shelf: Shelf) -> None:
    by_outfit: dict[str, list] = {}
    for sample in shelf.session.catalog.every_sample("small", "train"):
        by_outfit.setdefault(sample.clothes_id, []).append(sample)
    first, second = list(by_outfit.values())[:2]
    assert shelf.likeness.alike(first[0], first[-1]) > ALIKE > shelf.likeness.alike(first[0], second[0])


def test_every_variant_votes_and_the_rejected_one_does_not(shelf: Shelf, board: Board) -> None:
    query = shelf.session.catalog.every_sample("small", "query")[0]
    desk = handlers.start(shelf, f"?dataset=small&run=a&other=b&refine=1&sample={query.id}&protocol=sc")
    look = desks.open_galleries(shelf.galleries, desk)[0]
    found = shelf.galleries.ask(look, query.id, 10, refine=True)
    assert len(found.variants) == len(refinable(shelf.session, query.id)) == 2
    assert found.votes is not None
    asked = ~np.isnan(found.votes[:, 0])
    assert asked.sum() == 5  # the original's best, wherever they stand now
    assert (found.ranking.scores[asked] + 1 >= found.votes[asked].sum(axis=1) - 1e-5).all()
    answers = handlers.shown(shelf, board, desk)[1]
    assert answers.count("/picture/variant/") == 2 * 2
    other = shelf.session.catalog.every_sample("small", "query")[1]
    assert text.WITHOUT_VARIANTS[:20] in handlers.act(shelf, board, desk, {"act": "pick", "id": other.id})[1]


def test_any_photo_can_ask_and_never_answers_itself(shelf: Shelf, board: Board) -> None:
    asked = shelf.session.catalog.every_sample("small", "gallery")[3]
    desk = handlers.start(shelf, "?dataset=small&run=a&junk=1&k=20")
    _, answers, address = handlers.act(shelf, board, desk, {"act": "pick", "id": asked.id})
    assert f"sample={asked.id}" in address
    assert asked.id not in ids(answers)
    assert len(ids(answers)) == len(shelf.session.catalog.every_sample("small", "gallery")) - 1
    assert text.NOT_LISTED in answers
    assert 'class="tile junk"' in answers
    with pytest.raises(UsageError, match="not of 'small'"):
        handlers.act(shelf, board, desk, {"act": "pick", "id": 1})


def test_steps_follow_the_list_and_the_address_brings_the_view_back(shelf: Shelf, board: Board) -> None:
    desk = handlers.start(shelf, "?dataset=small&run=a&other=b&second=1&k=20")
    handlers.shown(shelf, board, desk)
    listed = shelf.listed(desks.open_galleries(shelf.galleries, desk), desk).queries
    for place in (1, 2):
        _, answers, address = handlers.act(shelf, board, desk, {"act": "step", "value": "1"})
        assert f"sample={listed[place].sample.id}" in address
        assert f"{place + 1} of {len(listed)}" in answers
    assert handlers.start(shelf, f"?{address}").address() == address
    nonsense = handlers.start(shelf, "?dataset=moon&run=x&k=7&only=all&sample=-1&camera=b")
    assert (nonsense.dataset, nonsense.k, nonsense.only, nonsense.sample) == (stages.WORLD, "10", "", 0)


def test_a_camera_leaves_its_answers_only(shelf: Shelf, board: Board) -> None:
    desk = handlers.start(shelf, "?dataset=small&run=a&protocol=cc&camera=0")
    menus = handlers.menus(shelf, desk)
    assert [value for _, value in menus[4]["choices"][:1]] == [""]
    assert menus[4]["choices"][1:] == ["0"]
    form = {
        "dataset": "small",
        "protocol": "cc",
        "run": "a",
        "other": "a",
        "camera": "0",
        "k": "5",
        "junk": False,
        "refine": False,
    }
    parts = handlers.choose(shelf, board, desk, form)
    assert parts is not None
    assert desk.other == ""
    assert handlers.choose(shelf, board, desk, form) is not None  # the second menu says "a" where there is none
    assert handlers.choose(shelf, board, desk, form | {"other": ""}) is None
    assert re.findall(r"cam (\d)", parts[-2]) == ["0"] * 5


def test_features_that_are_missing_can_be_made_from_here(session: stages.Session, board: Board) -> None:
    shelf = Shelf(session)
    file = features_file(session, "small", "b")
    kept = file.read_bytes()
    file.unlink()
    desk = handlers.start(shelf, "?dataset=small&run=a&other=b")
    said, answers, _ = handlers.shown(shelf, board, desk)
    assert "dlcr embed small --run b" in said
    assert "--run a" not in said
    assert answers == NOTHING
    said = handlers.act(shelf, board, desk, {"act": "embed"})[0]
    handlers.act(shelf, board, desk, {"act": "embed"})
    jobs = board.jobs(["queued"], "small")
    assert [tuple(job.row.args) for job in jobs] == [("embed", "--run=b", "--", "small")]
    assert f"/jobs?job={jobs[0].row.id}" in said
    board.cancel(jobs[0].row.id)
    file.write_bytes(kept)
    assert "tile" in handlers.shown(shelf, board, desk)[1]


def test_a_set_without_queries_and_a_workspace_without_runs_say_what_to_do(
    shelf: Shelf, board: Board, tmp_path_factory: pytest.TempPathFactory
) -> None:
    stages.index(shelf.session, draw_set(tmp_path_factory.mktemp("plain"), 1, 0), "folder", "plain")
    said = handlers.shown(shelf, board, handlers.start(shelf, "?dataset=plain&run=a"))[0]
    assert text.NO_QUERIES.format(name="plain").replace("'", "&#x27;") in said
    said = _runs.trouble(shelf.galleries, board, "small", [])
    assert "dlcr train small --run baseline" in said
    assert handlers.shown(shelf, board, Desk("gone", run="a"))[0].startswith('<p class="empty"')
