"""The Space page's handlers, points and routes without a browser."""

import json
import re

import numpy as np
import pytest
from safetensors.numpy import load_file
from starlette.applications import Starlette
from starlette.testclient import TestClient

from dlcr import stages
from dlcr.core.errors import UsageError
from dlcr.jobs.board import Board
from dlcr.stages_embed import features_file
from dlcr.stages_evaluate import evaluate
from dlcr.stages_retrieve import Placing, project
from pages import _space_desk as desks
from pages import _space_handlers as handlers
from pages import _text as text
from pages._space_points import PLOTLY, plotly_file, points_of, routes
from tests.pages.looked import look_at

BOTH = "?dataset=small&run=a&other=b&method=pca"


@pytest.fixture(scope="module")
def session(tmp_path_factory: pytest.TempPathFactory) -> stages.Session:
    return look_at(tmp_path_factory.mktemp("look"))


@pytest.fixture(scope="module")
def client(session: stages.Session) -> TestClient:
    return TestClient(Starlette(routes=routes(session)))


def test_the_browser_gets_the_places_that_the_stage_gives(
    session: stages.Session, board: Board, client: TestClient
) -> None:
    desk = handlers.start(session, f"{BOTH}&people=all")
    value = handlers.shown(session, board, desk).plots
    told = client.get(f"/points/{value['key']}").json()
    samples = [one for one in session.catalog.every_sample("small") if one.split in ("query", "gallery")]
    assert told["ids"] == [one.id for one in samples]
    assert [told["outfits"][place] for place in told["outfit"]] == [one.clothes_id for one in samples]
    assert [told["splits"][place] for place in told["split"]] == [one.split for one in samples]
    for run, plot in zip("ab", told["plots"], strict=True):
        places = project(session, "small", run, "pca").places
        assert plot["run"] == run
        np.testing.assert_allclose(np.stack([plot["x"], plot["y"]], axis=1), places, atol=1e-4)
    assert client.get("/points/unknown").status_code == 404


def test_errors_are_those_of_the_evaluation(session: stages.Session, board: Board) -> None:
    desk = handlers.start(session, f"{BOTH}&people=all&colour=error")
    told = json.loads(points_of(session).get(handlers.shown(session, board, desk).plots["key"]) or b"")
    for run, plot in zip("ab", told["plots"], strict=True):
        kept = load_file(evaluate(session, run, names=["cc"])["cc"].file)
        first = dict(zip(kept["queries"].tolist(), kept["first"].tolist(), strict=True))
        assert plot["right"] == [int(first[key] == 0) if key in first else -1 for key in told["ids"]]


def test_the_same_seed_draws_the_same_people_and_the_photo_asked_for_is_among_them(session: stages.Session) -> None:
    desk = handlers.start(session, "?dataset=small&run=a&split=train&seed=3")
    samples = session.catalog.every_sample("small", "train")
    known = {one.pid for one in samples}
    people = desks.drawn(samples, desk)
    assert people == desks.drawn(samples, desk)
    assert len(people) == 5
    assert set(people) < known
    left_out = next(one for one in samples if one.pid not in people)
    desk.sample = left_out.id
    assert left_out.pid in desks.drawn(samples, desk)
    assert len(desks.drawn(samples, desk)) == 5
    desk.people = "20"
    assert set(desks.drawn(samples, desk)) == known


def test_other_people_are_drawn_and_the_address_brings_them_back(session: stages.Session, board: Board) -> None:
    desk = handlers.start(session, f"{BOTH}&split=train&colour=outfit&shape=split")
    before = handlers.shown(session, board, desk)
    plots, *_, address = handlers.draw_again(session, board, desk)
    assert plots["key"] != before.plots["key"]
    again = handlers.shown(session, board, handlers.start(session, f"?{address}"))
    assert again.plots == plots
    assert again.address == address
    nonsense = handlers.start(session, "?dataset=moon&method=magic&people=-1&seed=x&colour=red&run=x")
    assert (nonsense.dataset, nonsense.method, nonsense.people, nonsense.seed) == (stages.WORLD, "tsne", "5", 0)


def test_colour_and_shape_leave_the_points_as_they_are(session: stages.Session, board: Board) -> None:
    desk = handlers.start(session, BOTH)
    before = handlers.shown(session, board, desk).plots
    form = {
        "dataset": "small",
        "run": "a",
        "other": "b",
        "split": "",
        "method": "pca",
        "neighbours": "0",
        "people": "5",
        "variants": "0",
        "colour": "error",
        "shape": "none",
    }
    changed = handlers.choose(session, board, desk, form)
    assert changed is not None
    after = changed[10]
    assert (after["key"], after["colour"], after["shape"]) == (before["key"], "error", "none")
    assert handlers.choose(session, board, desk, form) is None  # the same form again


def test_a_point_shows_its_photo_with_ways_to_other_pages(session: stages.Session, board: Board) -> None:
    desk = handlers.start(session, BOTH)
    handlers.shown(session, board, desk)
    sample = session.catalog.every_sample("small", "query")[2]
    side, address = handlers.pick(session, desk, sample.id)
    assert f'src="/picture/sample/{sample.id}"' in side
    assert f"/?dataset=small&amp;sample={sample.id}" in side
    assert f"/retrieve?dataset=small&amp;run=a&amp;other=b&amp;sample={sample.id}" in side
    assert f"sample={sample.id}" in address


def test_a_lasso_tells_how_many_and_shows_them(session: stages.Session) -> None:
    samples = session.catalog.every_sample("small", "gallery")[:6]
    said = handlers.lasso(session, [one.id for one in samples] + [10**9], 500)
    assert text.LASSOED_MANY.format(count=500) in said
    assert said.count("<img") == 6
    assert text.FIRST_SHOWN.format(count=6) in said
    assert text.NO_LASSO in handlers.lasso(session, [], 0)


def test_variants_are_joined_to_their_photo(session: stages.Session, board: Board, client: TestClient) -> None:
    desk = handlers.start(session, f"{BOTH}&people=all&variants=5&split=query")
    told = client.get(f"/points/{handlers.shown(session, board, desk).plots['key']}").json()
    first = session.catalog.every_sample("small", "query")[0]
    kept = [row.id for row in session.catalog.variants(first.id) if row.verdict != "rejected"]
    assert sorted(told["ids"][-2:]) == sorted(-one for one in kept)
    count, row = len(told["ids"]), told["ids"].index(first.id)
    assert told["lines"] == [[row, count - 2], [row, count - 1]]
    assert {len(plot["x"]) for plot in told["plots"]} == {len(told["pid"]), count} == {count}
    side, address = handlers.pick(session, desk, -kept[0])
    assert f'src="/picture/variant/{kept[0]}"' in side
    assert f"sample={first.id}&amp;variant={kept[0]}" in side
    assert f"sample={first.id}" in address
    assert "/picture/variant/" in handlers.lasso(session, [first.id, -kept[0]], 2)


def test_too_many_variants_are_refused_before_anything_is_computed(
    session: stages.Session, board: Board, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(desks, "PATIENCE", 1)
    with pytest.raises(UsageError, match="2 variants are too many"):
        handlers.shown(session, board, handlers.start(session, f"{BOTH}&people=all&variants=2&split=query&seed=9"))


def test_the_table_says_what_the_planes_show(session: stages.Session, board: Board) -> None:
    desk = handlers.start(session, f"{BOTH}&people=all")
    shown = handlers.shown(session, board, desk)
    first = project(session, "small", "a", "pca").places[0]
    row = re.findall(r"<tr>.*?</tr>", shown.table)[1]
    assert f"<td>{first[0]:.2f}</td><td>{first[1]:.2f}</td>" in row
    found = project(session, "small", "b", "pca")
    assert (
        f"<td>{found.trustworthiness:.3f}</td><td>{found.by_person:.3f}</td><td>{found.by_outfit:.3f}</td>"
        in shown.numbers
    )


def test_many_points_are_placed_by_a_job(
    session: stages.Session, board: Board, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(handlers, "LARGE", 20)
    desk = handlers.start(session, "?dataset=small&run=b&method=tsne&people=all&split=train")
    for _ in range(2):
        shown = handlers.shown(session, board, desk)
    assert shown.plots == {}
    assert handlers.working(board, desk)
    jobs = board.jobs(["queued"], "small")
    assert [job.row.args for job in jobs] == [("project", "--run=b", "--method=tsne", "--split=train", "--", "small")]
    assert f"/jobs?job={jobs[0].row.id}" in shown.numbers
    board.cancel(jobs[0].row.id)
    other = handlers.start(session, "?dataset=small&run=b&method=tsne&people=all&split=train&neighbours=5")
    handlers.shown(session, board, other)
    (finer,) = board.jobs(["queued"], "small")
    assert "--neighbours=5" in finer.row.args
    board.cancel(finer.row.id)
    project(session, "small", "b", "tsne", Placing(["train"]))
    assert handlers.shown(session, board, desk).plots["key"]


def test_what_is_missing_says_what_to_do(session: stages.Session, board: Board) -> None:
    file = features_file(session, "small", "b")
    kept = file.read_bytes()
    file.unlink()
    shown = handlers.shown(session, board, handlers.start(session, BOTH))
    file.write_bytes(kept)
    assert shown.plots == {}
    assert "dlcr embed small --run b" in shown.numbers
    assert 'data-act="embed"' in shown.numbers


def test_plotly_is_served_from_its_own_package(client: TestClient) -> None:
    answer = client.get(PLOTLY)
    assert answer.status_code == 200
    assert answer.content == plotly_file().read_bytes()
