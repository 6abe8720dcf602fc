"""A real expansion leaves the device to somebody who paints in the Studio, goes on, and ends with the same pictures."""

from pathlib import Path

import numpy as np
import pytest

from dlcr import stages, stages_describe, stages_expand
from dlcr.core.images import read_photo
from dlcr.core.settings import Backends, ExpandSettings, PaintSettings
from dlcr.jobs.board import Board
from pages import _device as device
from pages import _studio_desk as desks
from pages._studio_desk import Desk
from pages._studio_paint import Order, paint
from tests.inpaint.conftest import save_tiny
from tests.jobs.conftest import Workers, until
from tests.small import save_small


@pytest.fixture
def spec(tmp_path: Path) -> str:
    return f"sd:{save_tiny(tmp_path / 'sd')}"


def described(home: Path, root: Path, spec: str) -> stages.Session:
    session = stages.open_session(home, Backends(device="cpu", inpainter=spec))
    stages.index(session, root, "prcc", "small")
    stages_describe.describe_dataset(session, "small", split="train")
    return session


def pictures(session: stages.Session) -> dict[str, np.ndarray]:
    """Every variant of the data set by photo, prompt and seed."""
    return {
        f"{sample.image} {row.prompt} {row.seed}": read_photo(session.workspace.home / row.file)
        for sample in session.catalog.find_samples("small", split="train", limit=99)
        for row in session.catalog.variants(sample.id)
        if row.prompt != "red t-shirt"
    }


def lineages(session: stages.Session) -> dict[str, tuple[object, object]]:
    """The mask and the engine that made each of `pictures`."""
    return {
        f"{sample.image} {row.prompt} {row.seed}": (row.lineage["mask"], row.lineage["engine"])
        for sample in session.catalog.find_samples("small", split="train", limit=99)
        for row in session.catalog.variants(sample.id)
        if row.prompt != "red t-shirt"
    }


def test_a_job_yields_between_batches_while_somebody_paints_and_then_goes_on(
    tmp_path: Path, spec: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DLCR_JOB_YIELDS", "300")
    root = save_small(tmp_path / "small")
    session = described(tmp_path / "home", root, spec)
    board = Board(session.workspace, session.catalog)
    settings = ("--variants=3", "--steps=2", "--batch=1", "--device=cpu", f"--inpainter={spec}")
    job_id = board.submit(["expand", *settings, "--", "small"], "expand small", dataset="small").row.id
    desk = Desk()
    desks.open_sample(session, desk, session.catalog.find_samples("small", split="train", limit=1)[0].id)
    desks.parse(session, desk)
    workers = Workers(tmp_path / "home")
    workers.start()
    try:
        until(lambda: board.job(job_id).row.state == "running", "it runs")
        assert f"/jobs?job={job_id}" in device.panel(session, board)
        device.ask(board, desk.waiter, job_id)
        until(lambda: (now := board.job(job_id)).progress and now.progress.held, f"it yields: {board.log(job_id)}")
        assert 'data-act="yield"' not in device.panel(session, board)
        before = len(pictures(session))
        assert before < 27
        painted = [kept for _, kept in paint(session, board, desk, Order("red t-shirt", count=1, steps=2))]
        assert any(painted)
        assert len(pictures(session)) == before  # it stood still meanwhile
        assert desk.waiter.yielding == set()
        until(lambda: board.job(job_id).row.state == "done", f"it goes on: {board.log(job_id)}")
    finally:
        workers.close()
    alone = described(tmp_path / "other", root, spec)
    stages_expand.expand(alone, "small", ExpandSettings(variants=3), paint=PaintSettings(steps=2, batch=1))
    found, expected = pictures(session), pictures(alone)
    assert sorted(found) == sorted(expected)
    assert lineages(session) == lineages(alone)
    apart = {name: np.abs(found[name].astype(int) - expected[name]).max() for name in expected}
    assert max(apart.values()) <= 1, apart  # two processes: a sum may be rounded the other way


def test_a_request_that_is_not_renewed_ends_by_itself_and_never_hides_a_cancel(
    tmp_path: Path, spec: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DLCR_JOB_YIELDS", "1")
    session = described(tmp_path / "home", save_small(tmp_path / "small"), spec)
    board = Board(session.workspace, session.catalog)
    settings = ("--variants=3", "--steps=150", "--batch=1", "--device=cpu", f"--inpainter={spec}")
    job_id = board.submit(["expand", *settings, "--", "small"], "expand small", dataset="small").row.id
    workers = Workers(tmp_path / "home")
    workers.start()
    try:
        until(lambda: board.job(job_id).row.state == "running", "it runs")
        assert board.ask_to_yield(job_id)
        until(lambda: (now := board.job(job_id)).progress and now.progress.done > 1, f"goes on: {board.log(job_id)}")
        board.cancel(job_id)
        assert not board.ask_to_yield(job_id)
        until(lambda: board.job(job_id).row.state == "cancelled", f"it ends: {board.log(job_id)}")
        assert not board.ask_to_yield(job_id)
    finally:
        workers.close()
