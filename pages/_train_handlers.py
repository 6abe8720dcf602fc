"""What the Train page does, as plain functions; `train.py` connects them to widgets."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import parse_qsl, urlencode

from dlcr import stages, stages_ablation, stages_runs
from dlcr.catalog import RunRow
from dlcr.core.errors import UsageError
from dlcr.core.training import TrainSettings
from dlcr.jobs.board import Board, Job
from pages import _jobs_view
from pages import _text as text
from pages import _train_form as form
from pages import _train_view as view
from pages import _work as work
from pages._train_view import Curves

VERBS = ("train", "evaluate", "ablation")
"""Jobs of this page."""
FIRST = 4
"""Runs that are shown if the address names none: the newest."""
ARMS = "ablation-"
"""How the names of the ablation's runs begin: they come last."""
LINES = 60
"""Lines of the log."""
SILENT = timedelta(minutes=10)
"""A run that no job trains and that did not tell of an epoch for so long is offered to be gone on with."""


@dataclass(slots=True, eq=False)
class Desk:
    """One tab: the data set, the runs that are compared and how, the jobs it follows, whose removal it asks about.

    `numbers` is what the form's number fields were filled with last.
    """

    dataset: str = stages.WORLD
    runs: list[str] = field(default_factory=list)
    measure: str = "loss"
    smooth: float = 0.0
    jobs: list[int] = field(default_factory=list)
    sure: str = ""
    numbers: list[float] = field(default_factory=list)

    def address(self) -> str:
        """The view as a query."""
        kept = {"dataset": self.dataset, "run": ",".join(self.runs), "measure": self.measure}
        return urlencode({name: value for name, value in kept.items() if value} | {"smooth": f"{self.smooth:g}"})


@dataclass(frozen=True, slots=True)
class View:
    """What the page shows: HTML, and what its two plots are drawn from; `more` says whether there will be news."""

    panel: str
    log: str
    runs: str
    curves: Curves
    numbers: str
    compared: str
    rows: tuple[stages_ablation.Row, ...]
    table: str
    address: str
    more: bool


def start(session: stages.Session, board: Board, query: str) -> Desk:
    """A new desk with the view of the address, following what is not done yet; what is not known is left out."""
    asked = dict(parse_qsl(query.lstrip("?")))
    desk = Desk(jobs=work.unfinished(board, VERBS))
    choose(session, desk, asked.get("dataset", stages.WORLD))
    known = [row.name for row in stages_runs.find_runs(session, desk.dataset)]
    wanted = [name for name in asked.get("run", "").split(",") if name in known]
    desk.runs = wanted or desk.runs
    measure, smooth = asked.get("measure", ""), asked.get("smooth", "")
    desk.measure = measure if measure in text.MEASURES else desk.measure
    desk.smooth = min(0.95, float(smooth)) if smooth.replace(".", "", 1).isdecimal() else desk.smooth
    return desk


def names(session: stages.Session) -> list[str]:
    """Every data set that has a train split, by name."""
    sets = [row.name for row in session.catalog.datasets()]
    return [name for name in sets if "train" in session.catalog.facets(name).splits]


def layout(session: stages.Session, desk: Desk) -> str:
    """The layout of the data set shown."""
    return session.catalog.dataset(desk.dataset).layout


def choose(session: stages.Session, desk: Desk, dataset: str) -> None:
    """Show the newest runs of another data set; the embedded one if it is not there."""
    desk.dataset, desk.sure = dataset if dataset in names(session) else stages.WORLD, ""
    own = [row.name for row in stages_runs.find_runs(session, desk.dataset)]
    plain = [name for name in own if not name.startswith(ARMS)]
    desk.runs = (plain or own)[:FIRST]


def shown(session: stages.Session, board: Board, desk: Desk) -> View:
    """Everything the page shows now."""
    jobs = work.look(board, desk.jobs)
    rows = stages_runs.find_runs(session, desk.dataset)
    rows.sort(key=lambda row: row.name.startswith(ARMS))
    by_name = {row.name: row for row in rows}
    desk.runs = [name for name in desk.runs if name in by_name or _awaited(jobs, name)]
    chosen = [by_name[name] for name in desk.runs if name in by_name]
    curves = Curves(
        desk.measure, desk.smooth, tuple((name, tuple(stages_runs.history(session, name))) for name in desk.runs)
    )
    scores = session.catalog.evaluations(dataset=desk.dataset)
    table = tuple(stages_ablation.so_far(session, desk.dataset))
    log = board.log(jobs[0].row.id, LINES) if jobs else ""
    return View(
        work.panel(jobs, board.workers(), _outcome, text.NO_TRAINING), _jobs_view.log(log),
        view.runs(
            rows, desk.runs, {row.name for row in rows if _resumable(session, row)}, desk.sure,
            {row.name for row in rows if stages_runs.embedded(session, row.name)},
        ),
        curves,
        view.numbers(curves), view.compared(chosen, scores), table, view.ablation(table, _protocol(session, desk)),
        desk.address(), work.goes_on(jobs),
    )  # fmt: skip


def _awaited(jobs: list[Job], name: str) -> bool:
    """Whether a job that is followed will make this run."""
    return any(f"--run={name}" in job.row.args for job in jobs if job.row.state != "done")


def _protocol(session: stages.Session, desk: Desk) -> str:
    return next(iter(stages.about(session, desk.dataset).protocols), "")


def _resumable(session: stages.Session, row: RunRow) -> bool:
    """Whether a run stands still before its end."""
    silent = row.state == "running" and datetime.now(UTC) - row.updated > SILENT
    return (row.state in ("stopped", "failed") or silent) and stages_runs.job_of(session, row.name) is None


def numbers(session: stages.Session, desk: Desk, backbone: str | None = None) -> list[float]:
    """What the number fields start from with the data set shown and a backbone."""
    desk.numbers = form.numbers(layout(session, desk), backbone)
    return desk.numbers


def refill(session: stages.Session, desk: Desk, backbone: str | None, *given: float | None) -> list[float | None]:
    """The number fields for another backbone; those that were changed by hand stay as they are."""
    before, now = desk.numbers, numbers(session, desk, backbone)
    return [new if own == old else own for own, old, new in zip(given, before, now, strict=True)]


def checked(session: stages.Session, desk: Desk, *fields: Any) -> str:
    """What the settings of the form mean; an error names the field."""
    return view.meaning(_settings(session, desk, *fields))


def _settings(session: stages.Session, desk: Desk, *fields: Any) -> TrainSettings:
    wanted = form.settings(layout(session, desk), *fields)
    session.reach.model(wanted.backbone)
    return wanted


def train(session: stages.Session, board: Board, desk: Desk, name: str, device: str, *fields: Any) -> None:
    """Queue a training as the form says it and follow it; its curve is shown."""
    wanted, run = _settings(session, desk, *fields), (name or "").strip()
    if not run:
        raise UsageError(text.NEEDS_RUN, text.NEEDS_RUN_REMEDY)
    _train(session, board, desk, run, wanted, device)


def _train(session: stages.Session, board: Board, desk: Desk, run: str, wanted: TrainSettings, device: str) -> None:
    if (job := stages_runs.job_of(session, run)) is not None:
        raise UsageError(text.IN_TRAINING.format(job=job, run=run), text.IN_TRAINING_REMEDY)
    args = form.train_args(desk.dataset, layout(session, desk), run, wanted, device)
    _submit(board, desk, args, text.TRAINING.format(run=run), device)
    desk.runs += [] if run in desk.runs else [run]


def act(session: stages.Session, board: Board, desk: Desk, event: Mapping[str, Any], votes: int, device: str) -> None:
    """A button of the table of runs: show or hide, go on, evaluate (with `votes` of variants), remove."""
    kind, name = str(event["act"]), str(event["name"])
    if not 0 <= votes <= 100:
        raise UsageError(text.WRONG_VOTES.format(votes=votes), text.WRONG_VOTES_REMEDY)
    was_sure, desk.sure = desk.sure, ""
    if kind == "show":
        desk.runs = [one for one in desk.runs if one != name] if name in desk.runs else [*desk.runs, name]
    elif kind == "resume":
        row = next(row for row in stages_runs.find_runs(session, desk.dataset) if row.name == name)
        _train(session, board, desk, name, TrainSettings(**row.settings), device)
    elif kind in ("evaluate", "best"):
        given = [f"--refine={votes}"] if votes else []
        given += ["--checkpoint=best"] if kind == "best" else []
        args = ["evaluate", *given, f"--device={device}", "--", name]
        _submit(board, desk, args, text.EVALUATING.format(run=name), device)
    elif kind == "remove":
        desk.sure = name
    elif kind == "sure" and was_sure == name:
        stages_runs.forget_run(session, name)


def ablation(board: Board, desk: Desk, seeds: int, variants: int, epochs: int, device: str) -> None:
    """Queue the ablation table and follow it."""
    given = {"seeds": seeds, "variants": variants, "epochs": epochs}
    for name, value in given.items():
        if not value or value < 1:
            raise UsageError(text.TOO_FEW.format(name=name, value=value), text.TOO_FEW_REMEDY)
    args = [
        "ablation",
        *(f"--{name}={value}" for name, value in given.items()),
        f"--device={device}",
        "--",
        desk.dataset,
    ]
    _submit(board, desk, args, text.ABLATING.format(name=desk.dataset), device)


def _submit(board: Board, desk: Desk, args: list[str], what: str, device: str) -> None:
    work.follow(desk.jobs, board.submit(args, what, dataset=desk.dataset, device=device).row.id)


def _outcome(job: Job) -> str:
    """What a job that is done trained or found."""
    return view.outcome(job.row.args[0], job.result or {})
