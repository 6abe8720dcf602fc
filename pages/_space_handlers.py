"""What the Space page does, as plain functions of the session and the desk; `space.py` connects them to widgets."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

import gradio as gr
import numpy as np

from dlcr import stages
from dlcr.catalog import SampleRow, VariantRow
from dlcr.core.errors import DlcrError, UsageError
from dlcr.jobs.board import Board
from dlcr.stages_look import Galleries, galleries_of
from dlcr.stages_retrieve import Placing, Projected, project, projected, some_variants
from pages import _jobs_view, _runs
from pages import _space_desk as desks
from pages import _space_view as view
from pages import _text as text
from pages._runs import UNFINISHED
from pages._space_desk import LARGE, Desk
from pages._space_points import labels, points_of
from pages._widgets import NOTHING, say


@dataclass(frozen=True, slots=True)
class Shown:
    """What the page shows: the plots' value, numbers, the point beside, the table, the address."""

    plots: dict[str, Any]
    numbers: str
    side: str
    table: str
    address: str

    def parts(self) -> tuple[Any, ...]:
        """In the order of the page's widgets."""
        return self.plots, self.numbers, self.side, self.table, self.address


def start(session: stages.Session, query: str) -> Desk:
    """A new desk with what the address asks for."""
    return desks.read_address(session, query)


def menus(session: stages.Session, desk: Desk) -> tuple[Any, ...]:
    """Updates of the form: data set, runs, split, method, people, variants, colour, shape."""
    runs = _runs.runs_of(session, desk.dataset)
    splits = session.catalog.facets(desk.dataset).splits if desk.dataset in _runs.sets(session) else ()
    return (
        gr.update(choices=_runs.sets(session), value=desk.dataset),
        gr.update(choices=runs, value=desk.run or None),
        gr.update(choices=[(text.NO_OTHER, ""), *(run for run in runs if run != desk.run)], value=desk.other),
        gr.update(choices=[(text.TEST_SPLITS, ""), *splits], value=desk.split),
        desk.method, desk.neighbours, desk.people, desk.variants, desk.colour, desk.shape,
    )  # fmt: skip


def shown(session: stages.Session, board: Board, desk: Desk) -> Shown:
    """The points of the desk's people by each run; where they cannot be shown, what to do instead."""
    galleries = galleries_of(session)
    said = _runs.trouble(galleries, board, desk.dataset, desk.runs, asks=False)
    if said:
        return Shown({}, said, NOTHING, NOTHING, desk.address())
    samples, pids = desks.shown(session, desk)
    waiting = _waiting(session, board, desk, len(samples), pids)
    placing = desk.placing(pids, int(desk.variants))
    _check_patience(session, desk, samples, placing)
    if waiting:
        return Shown({}, waiting, NOTHING, NOTHING, desk.address())
    found = [project(session, desk.dataset, run, desk.method, placing) for run in desk.runs]
    told = _told(galleries, desk, samples, found)
    beside = next((sample for sample in samples if sample.id == desk.sample), None)
    value = {
        "key": points_of(session).put(told), "colour": desk.colour, "shape": desk.shape,
        "sample": beside.id if beside else 0,
    }  # fmt: skip
    return Shown(
        value, view.numbers(found, desk), view.side(beside, desk), view.table(samples, told, desk), desk.address()
    )


def _told(galleries: Galleries, desk: Desk, samples: Sequence[SampleRow], found: Sequence[Projected]) -> dict[str, Any]:
    plots = [
        {
            "run": run, "x": [round(float(x), 4) for x in one.places[:, 0]], "y": [round(float(y), 4) for y in one.places[:, 1]],
            "right": desks.errors(galleries, desk, run, one.ids) + [-1] * len(one.variants),
        }
        for run, one in zip(desk.runs, found, strict=True)
    ]  # fmt: skip
    return {"plots": plots, **labels(samples, found[0])}


def _check_patience(session: stages.Session, desk: Desk, samples: Sequence[SampleRow], placing: Placing) -> None:
    """UsageError where more variants would have to be embedded than somebody waits for."""
    if placing.variants:
        count = len(some_variants(session, np.array([sample.id for sample in samples], np.int64), placing.variants))
        if count > desks.PATIENCE:
            what = text.MANY_VARIANTS.format(count=count, most=desks.PATIENCE)
            raise UsageError(what, text.MANY_VARIANTS_REMEDY)


def _waiting(session: stages.Session, board: Board, desk: Desk, count: int, pids: Sequence[int]) -> str:
    """What stands in place of many points that are not placed yet; their job is queued."""
    if count <= LARGE or desk.method == "pca" or pids or desk.variants != "0":
        return ""
    lines = ""
    for run in desk.runs:
        if projected(session, desk.dataset, run, desk.method, desk.placing()) is None:
            job = _job(board, desk, run)
            lines += f'<p class="say"><a href="/jobs?job={job.row.id}">{text.JOB} {job.row.id}</a></p>'
            lines += _jobs_view.error(job.row.error) if job.row.error else say(text.JOB_SAYS[job.row.state])
    return lines and say(text.PLACING_LATER.format(count=count)) + lines


def _job(board: Board, desk: Desk, run: str) -> Any:
    """The job that places all points of a run: one that waits, runs or failed, else a new one."""
    split = [f"--split={desk.split}"] if desk.split else []
    near = [f"--neighbours={desk.neighbours}"] if desk.neighbours != "0" else []
    args = ("project", f"--run={run}", f"--method={desk.method}", *near, *split, "--", desk.dataset)
    for job in board.jobs([*UNFINISHED, "failed", "interrupted", "paused"], desk.dataset):
        if tuple(job.row.args) == args:
            return job
    return board.submit(args, text.PLACING.format(name=desk.dataset, run=run), dataset=desk.dataset, device="auto")


def working(board: Board, desk: Desk) -> bool:
    """Whether a job of this page goes on."""
    return any(job.row.args[0] in ("embed", "project") for job in board.jobs(UNFINISHED, desk.dataset))


def choose(session: stages.Session, board: Board, desk: Desk, form: Mapping[str, Any]) -> tuple[Any, ...] | None:
    """The form was changed: (menus..., plots, numbers, side, table, address); None if it was not."""
    before = asdict(desk)
    desks.choose(session, desk, form)
    if desk.as_before(before, form):
        return None
    return *menus(session, desk), *shown(session, board, desk).parts()


def draw_again(session: stages.Session, board: Board, desk: Desk) -> tuple[Any, ...]:
    """Other people by chance."""
    desk.seed, desk.sample = desk.seed + 1, 0
    return shown(session, board, desk).parts()


def embed(session: stages.Session, board: Board, desk: Desk) -> tuple[Any, ...]:
    """Queue what makes the missing features."""
    _runs.embed(galleries_of(session), board, desk.dataset, desk.runs)
    return shown(session, board, desk).parts()


def pick(session: stages.Session, desk: Desk, point: int) -> tuple[str, str]:
    """A point was chosen, a sample by its id, a variant by the negative of its: (side, address)."""
    variant = session.catalog.variant(-point) if point < 0 else None
    sample = session.catalog.sample(variant.sample_id if variant else point)
    desk.sample = sample.id
    return view.side(sample, desk, variant), desk.address()


def lasso(session: stages.Session, points: Sequence[int], count: int) -> str:
    """So many points were lassoed, the first of them `points`: these as pictures."""
    found: list[tuple[SampleRow, VariantRow | None]] = []
    for point in map(int, points[: view.SHOWN]):
        try:
            variant = session.catalog.variant(-point) if point < 0 else None
            found.append((session.catalog.sample(variant.sample_id if variant else point), variant))
        except DlcrError:  # gone from the data set since the points were made
            continue
    return view.lassoed(found, count)
