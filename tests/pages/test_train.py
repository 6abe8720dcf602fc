"""The Train page's handlers, tables and figures without a browser; trainings are real jobs by a real worker on a drawn set."""

import io
import json
import zipfile
from dataclasses import replace

import pytest
from starlette.applications import Starlette
from starlette.testclient import TestClient

from dlcr import stages, stages_runs
from dlcr.core.errors import SettingError, TrainingError, UsageError
from dlcr.core.training import TrainSettings
from dlcr.jobs.board import Board
from dlcr.jobs.worker import Worker
from dlcr.reid.runs import read_model
from dlcr.stages_ablation import ARMS, Row, run_name
from dlcr.stages_embed import find_run
from dlcr.stages_runs import Epoch
from pages import _run_files
from pages import _text as text
from pages import _train_form as form
from pages import _train_handlers as handlers
from pages import _train_view as view
from pages._train_handlers import Desk
from pages._train_view import Curves
from tests.reid.people import draw_set

BRIEF = {"height": 64, "width": 32, "epochs": 1, "batch": 16, "photos_per_person": 4, "evaluate_every": 1}


@pytest.fixture(scope="module")
def session(tmp_path_factory: pytest.TempPathFactory) -> stages.Session:
    opened = stages.open_session(tmp_path_factory.mktemp("home"))
    stages.index(opened, draw_set(tmp_path_factory.mktemp("set")), "prcc", "drawn")
    return opened


@pytest.fixture
def desk(session: stages.Session, board: Board) -> Desk:
    return handlers.start(session, board, "?dataset=drawn")


def fields(kind: str = "photos", **given: float) -> tuple[object, ...]:
    numbers = dict(zip(form.NUMBERS, form.numbers("prcc"), strict=True)) | BRIEF | given
    return kind, "", "", False, True, *numbers.values()


def put_run(session: stages.Session, name: str, state: str = "done", **settings: object) -> None:
    """A run as the catalog knows it, without files."""
    session.catalog.put_run(name, "drawn", TrainSettings().model_dump() | settings, {"variants": {"count": 7}})
    session.catalog.update_run(name, state=state, epochs=3, images_seen=100, seconds=5.0)


def taken_along(session: stages.Session, name: str) -> None:
    """The exported run in another workspace has the same record, curve and network."""
    client = TestClient(Starlette(routes=_run_files.routes(session)))
    assert client.get("/run/nobody.zip").status_code == 404
    assert client.get("/run/..%2F..%2Fcatalog.zip").status_code == 404
    with zipfile.ZipFile(io.BytesIO(client.get(f"/run/{name}.zip").content)) as archive:
        told = json.loads(archive.read(f"{name}/catalog.json"))
        assert told["run"]["name"] == name
        home = session.workspace.home.with_name("elsewhere")
        archive.extractall(home / "runs")
    other = stages.open_session(home)
    assert find_run(other, name) == replace(find_run(session, name), folder=home / "runs" / name)
    assert stages_runs.history(other, name) == stages_runs.history(session, name)
    ours, theirs = (read_model(find_run(one, name)).state_dict() for one in (session, other))
    assert all(bool((ours[key] == theirs[key]).all()) for key in ours)


def test_a_run_is_trained_as_the_form_says_and_its_curve_is_shown(session, board, desk):
    wanted = form.settings("prcc", *fields(seed=3, learning_rate=0.001))
    handlers.train(session, board, desk, " mine ", "cpu", *fields(seed=3, learning_rate=0.001))
    assert handlers.shown(session, board, desk).curves.runs == (("mine", ()),)
    with pytest.raises(UsageError, match="trains the run 'mine' already"):
        handlers.train(session, board, desk, "mine", "cpu", *fields())
    session.catalog.put_run("mine", "drawn", {}, {})
    with pytest.raises(UsageError, match="trains the run 'mine'"):
        stages_runs.forget_run(session, "mine")
    Worker(board).run(once=True)
    now = handlers.shown(session, board, desk)
    assert not now.more
    assert "1 epochs in" in now.panel
    assert TrainSettings(**session.catalog.runs("drawn")[0].settings) == wanted
    (name, (epoch,)) = next(one for one in now.curves.runs if one[0] == "mine")
    assert {"loss", "accuracy", "rank1", "mAP"} <= set(epoch.values)
    assert f"{epoch.values['loss']:.4g}" in now.numbers
    assert "exit code 0" in now.log
    taken_along(session, name)
    handlers.act(session, board, desk, {"act": "remove", "name": name}, 0, "cpu")
    assert text.REALLY_REMOVE_RUN in handlers.shown(session, board, desk).runs
    handlers.act(session, board, desk, {"act": "sure", "name": name}, 0, "cpu")
    assert session.catalog.runs("drawn") == []
    assert not (session.workspace.runs / name).exists()


@pytest.mark.parametrize("layout", ["prcc", "last", "ccvid"])
@pytest.mark.parametrize("kind", ["photos", "progressive", "variants"])
def test_flags_say_what_the_settings_are(layout, kind):
    numbers = dict(zip(form.NUMBERS, form.numbers(layout), strict=True)) | {"epochs": 7, "learning_rate": 0.01}
    wanted = form.settings(layout, kind, "", "unguided", True, False, *numbers.values())
    flags = form.flags(wanted, layout)
    assert {"--epochs=7", "--learning-rate=0.01", "--no-clothes-losses"} <= set(flags)
    assert ("--no-progressive" in flags) == (kind == "variants")
    assert ({"--with-variants", "--variants=10", "--unguided", "--accepted-only"} <= set(flags)) == (kind != "photos")
    assert form.flags(form.usual(layout), layout) == []


def test_what_no_flag_says_is_not_gone_on_with(session, board, desk):
    put_run(session, "odd", "stopped", erasing=0.1)
    with pytest.raises(UsageError, match="erasing"):
        handlers.act(session, board, desk, {"act": "resume", "name": "odd"}, 0, "cpu")


def test_a_stopped_run_goes_on_with_its_own_command(session, board, desk):
    put_run(session, "stopped", "stopped", epochs=9, variants=4, progressive=False)
    assert 'data-act="resume" data-name="stopped"' in handlers.shown(session, board, desk).runs
    handlers.act(session, board, desk, {"act": "resume", "name": "stopped"}, 0, "cpu")
    args = board.job(desk.jobs[0]).row.args
    assert {"--run=stopped", "--epochs=9", "--with-variants", "--variants=4", "--no-progressive"} <= set(args)
    assert 'data-act="resume" data-name="stopped"' not in handlers.shown(session, board, desk).runs
    board.cancel(desk.jobs[0])


@pytest.mark.parametrize(
    ("given", "says"),
    [
        ({"epochs": 0}, "epochs"), ({"batch": 10}, "do not give two persons"), ({"learning_rate": 2}, "learning_rate"),
        ({"kind": "variants", "variants": 0}, "variants"), ({"kind": "x"}, "kind"), ({"height": 64, "width": 0}, "height"),
    ],
)  # fmt: skip
def test_a_wrong_form_names_the_field(session, desk, given, says):
    with pytest.raises((SettingError, UsageError), match=says):
        handlers.checked(session, desk, *fields(**given))


def test_another_backbone_brings_its_numbers_but_not_over_those_changed_by_hand(session, desk):
    given = dict(zip(form.NUMBERS, handlers.numbers(session, desk), strict=True)) | {"epochs": 7, "batch": None}
    told = dict(zip(form.NUMBERS, handlers.refill(session, desk, " timm:resnet50", *given.values()), strict=True))
    assert told == given | {"learning_rate": 3.5e-4, "photos_per_person": 8}
    assert list(told.values()) == handlers.refill(session, desk, "timm:resnet50", *told.values())
    told["learning_rate"] = 0.01
    assert handlers.refill(session, desk, "", *told.values()) == list((given | {"learning_rate": 0.01}).values())


def test_a_batch_is_told_in_words(session, desk):
    assert "A batch has 4 people with 4 photos each." in handlers.checked(session, desk, *fields())
    assert text.HALF_VARIANTS in handlers.checked(session, desk, *fields("progressive", batch=32))
    with pytest.raises(UsageError, match=text.NEEDS_RUN):
        handlers.train(session, Board(session.workspace, session.catalog), desk, " ", "cpu", *fields())


def test_runs_are_compared_by_what_differs(session, board, desk):
    put_run(session, "a", epochs=5)
    put_run(session, "b", epochs=6, variants=2)
    for run, rank in (("a", 0.25), ("b", 0.5), ("b@best", 0.75)):
        session.catalog.put_evaluation(run, "drawn", "cc", 0, {"rank1": rank, "mAP": 0.1}, f"runs/{run}")
    desk.runs = ["a", "b"]
    now = handlers.shown(session, board, desk)
    assert "<th scope=row>epochs</th><td>5</td><td>6</td>" in now.compared
    assert "<th scope=row>cc: rank-1</th><td>25.0%</td><td><b>50.0%</b></td>" in now.compared
    assert "<th scope=row>cc, best: rank-1</th><td></td><td>75.0%</td>" in now.compared
    assert "<th scope=row>seed</th>" not in now.compared
    assert now.address == "dataset=drawn&run=a%2Cb&measure=loss&smooth=0"
    again = handlers.start(session, board, "?dataset=drawn&run=b,nobody&measure=mAP&smooth=0.5")
    assert (again.runs, again.measure, again.smooth) == (["b"], "mAP", 0.5)
    handlers.act(session, board, desk, {"act": "evaluate", "name": "b"}, 4, "cpu")
    assert board.job(desk.jobs[0]).row.args == ("evaluate", "--refine=4", "--device=cpu", "--", "b")
    board.cancel(desk.jobs[0])


def test_the_ablation_is_told_as_far_as_it_is(session, board, desk):
    arm, scores = ARMS[1], (0.2, 0.4)
    for seed, score in enumerate(scores):
        put_run(session, run_name("drawn", arm, seed))
        session.catalog.put_evaluation(
            run_name("drawn", arm, seed), "drawn", "cc", 0, {"rank1": score, "mAP": score}, "x"
        )
    now = handlers.shown(session, board, desk)
    assert [(row.name, row.seeds, round(row.rank1, 6), round(row.rank1_sd, 4)) for row in now.rows] == [
        ("CAL", 2, 0.3, 0.1414)
    ]
    assert "30.0% ± 14.1%" in now.table
    figure = view.ablation_figure(now.rows)
    assert list(figure.data[0].error_x.array) == [100 * now.rows[0].rank1_sd]
    handlers.ablation(board, desk, 2, 3, 4, "cpu")
    assert board.job(desk.jobs[0]).row.args[1:4] == ("--seeds=2", "--variants=3", "--epochs=4")
    board.cancel(desk.jobs[0])
    with pytest.raises(UsageError, match="seeds"):
        handlers.ablation(board, desk, 0, 3, 4, "cpu")


def test_smoothing_keeps_constants_and_the_first_value():
    assert view.smoothed([2.0, 2.0, 2.0], 0.9) == [2.0] * 3
    assert view.smoothed([1.0, 3.0], 0.5) == [1.0, 2.0]
    assert view.smoothed([1.0, 3.0], 0.0) == [1.0, 3.0]
    assert view.smoothed([], 0.5) == []


def test_curves_show_what_was_measured_as_lines_and_text():
    epochs = (Epoch(1, {"loss": 4.0}), Epoch(2, {"loss": 2.0, "rank1": 0.5}))
    curves = Curves("rank1", 0.0, (("<b>", epochs), ("none", ())))
    assert (list(view.curve_figure(curves).data[0].x), list(view.curve_figure(curves).data[0].y)) == ([2], [50.0])
    assert len(view.curve_figure(curves).data) == 1, "a line without points hides the others"
    assert "<td>2</td><td>50</td>" in view.numbers(curves)
    assert "<b>" not in view.numbers(curves)
    assert len(view.curve_figure(Curves("loss", 0.5, (("a", epochs),))).data) == 2
    assert text.NO_RUN_CHOSEN in view.numbers(Curves("loss", 0.0, ()))


def test_text_of_users_is_escaped(session):
    put_run(session, "<i>")
    rows = [row for row in session.catalog.runs("drawn") if row.name == "<i>"]
    row = Row("<b>", 1, 0, 0, 0, 0, 0, 0)
    told = [view.runs(rows, [], [], ""), view.compared(rows, []), view.ablation([row], "cc")]
    assert not any("<i>" in one or "<b>" in one for one in told)
    with pytest.raises(TrainingError, match="no run"):
        stages_runs.history(session, "../x")
