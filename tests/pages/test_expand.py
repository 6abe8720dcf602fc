"""The Expand page's handlers without a browser: real jobs by a real worker, on a small data set with a tiny inpainter."""

from pathlib import Path

import pytest

from dlcr import stages
from dlcr.core.errors import SettingError, UsageError
from dlcr.core.settings import PaintSettings
from dlcr.jobs.board import Board
from dlcr.jobs.worker import Worker
from pages import _expand_handlers as handlers
from pages import _expand_order as orders
from pages import _expand_view as view
from pages import _text as text
from pages import _work as work
from pages._expand_handlers import Desk
from tests.painted import paint_small

NAMES = (
    "variants", "diverse", "profile", "limit", "inpainter", "steps", "scheduler", "batch", "weight", "seed", "device", "compile",
)  # fmt: skip
USUAL = dict(zip(NAMES, (2, False, "demo", 0, "", 2, "", 4, 0, 0, "cpu", False), strict=True))


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("place")


@pytest.fixture(scope="module")
def session(place: Path) -> stages.Session:
    """Nine photos of three people in two outfits each; the first photo has a variant."""
    return paint_small(place, PaintSettings(steps=2, batch=2), variants=1, limit=1)


@pytest.fixture
def form(place: Path):
    def told(**given: object) -> tuple[object, ...]:
        return tuple((USUAL | {"inpainter": f"sd:{place / 'sd'}"} | given).values())

    return told


@pytest.fixture
def desk(session: stages.Session, board: Board) -> Desk:
    return handlers.start(session, board, "?dataset=small&split=train")


def test_the_estimate_is_measured_by_a_trial_whose_variants_stay(session, board, desk, form):
    handlers.estimate(session, board, desk, *form())
    price = handlers.shown(session, board, desk)[4]
    assert "9 photos × 2 variants = 18 images" in price
    assert text.NOT_MEASURED in price
    handlers.measure(session, board, desk, *form())
    assert "--limit=8" in board.job(desk.jobs[0]).row.args
    assert handlers.shown(session, board, desk)[-1]
    Worker(board).run(once=True)
    panel, sheet, coverage, address, price, goes_on = handlers.shown(session, board, desk)
    assert not goes_on
    assert "15 made, 1 kept, 0 failed" in panel
    rate = board.job(desk.jobs[0]).result["images_per_second"]
    assert f"From job {desk.jobs[0]}: 15 images at {rate:,.2f} a second" in price
    assert sheet.count('class="pair"') == handlers.SHEET
    assert address == "dataset=small&split=train"
    assert "<td>9</td><td>16</td><td>25</td>" in coverage


def test_another_speed_is_another_measurement(board, form):
    slow, fast, more = (
        orders.order("small", "train", *form(**given)) for given in ({}, {"batch": 8}, {"variants": 9, "seed": 3})
    )
    job = board.submit(slow.args(), "expand small").row
    assert board.catalog.move_job(job.id, "done", before=["queued"])
    board.folder(job.id).mkdir(parents=True)
    (board.folder(job.id) / "result.json").write_text('{"made": 100, "images_per_second": 4.0, "seconds": 30.0}')
    assert orders.measured(board, more) == orders.measured(board, slow) == orders.Measured(job.id, 100, 4.0, 5.0)
    assert orders.measured(board, fast) is None


def test_a_job_is_paused_resumed_and_cancelled_from_the_page(session, board, desk, form):
    handlers.expand(board, desk, *form(seed=1))
    job = desk.jobs[0]
    for act, says in (("pause", "paused"), ("resume", "queued"), ("cancel", "cancelled")):
        work.act(board, {"act": act, "job": str(job)})
        assert f'class="state {says}"' in handlers.shown(session, board, desk)[0]
    assert job not in handlers.start(session, board, "").jobs
    board.delete(job)
    assert job not in [one.row.id for one in work.look(board, desk.jobs)]


def test_a_reloaded_page_follows_what_waits(session, board, desk, form):
    handlers.expand(board, desk, *form(seed=2))
    assert handlers.start(session, board, "").jobs[0] == desk.jobs[0]
    assert text.NO_WORKER in handlers.shown(session, board, desk)[0]
    board.cancel(desk.jobs[0])


def test_the_gate_and_the_release_are_jobs_too(session, board, desk, tmp_path):
    handlers.export(board, desk, str(tmp_path / "out"), False, False)
    assert board.job(desk.jobs[0]).row.args == ("export", "--faces=keep", "--", "small", str(tmp_path / "out"))
    Worker(board).run(once=True)
    assert "small: 0 variants" not in handlers.shown(session, board, desk)[0]
    assert any((tmp_path / "out").iterdir())
    handlers.check(board, desk, "flag", "cpu")
    assert board.job(desk.jobs[0]).row.args[1:3] == ("--gate=flag", "--split=train")
    board.cancel(desk.jobs[0])
    with pytest.raises(UsageError, match="unknown gate"):
        handlers.check(board, desk, "nonsense", "cpu")
    with pytest.raises(UsageError, match=text.NEEDS_FOLDER):
        handlers.export(board, desk, " ", False, False)


@pytest.mark.parametrize(
    ("field", "value", "says"), [("variants", 0, "variants"), ("steps", 999, "steps"), ("profile", "x", "profile")]
)
def test_a_wrong_form_names_the_field(board, desk, form, field, value, says):
    with pytest.raises((SettingError, UsageError), match=says):
        handlers.expand(board, desk, *form(**{field: value}))


def test_an_address_of_what_is_not_there_shows_the_embedded_set(session, board):
    desk = handlers.start(session, board, "?dataset=nowhere&split=nothing")
    assert (desk.dataset, desk.split) == ("world", "train")
    assert handlers.shown(session, board, desk)[1].count('class="pair"') == handlers.SHEET
    handlers.choose(session, desk, "small", "query")
    assert "No variants in this split" in handlers.shown(session, board, desk)[1]


def test_words_of_files_and_users_are_escaped(session):
    sample, variant = session.catalog.newest_variants("small", "train", 1)[0]
    bad = view.expanded({"failures": [{"name": "<b>", "reason": "<i>"}]})
    assert "<b>" not in bad
    assert "<i>" not in bad
    session.catalog.add_variant(sample.id, None, "variants/x.png", "<script>", 1, "test", {})
    assert "<script>" not in view.sheet(session.catalog.newest_variants("small", "train", 1))
    assert variant.id != session.catalog.newest_variant()
