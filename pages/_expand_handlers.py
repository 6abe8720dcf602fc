"""What the Expand page does, as plain functions; `expand.py` connects them to widgets."""

from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qsl, urlencode

from dlcr import stages
from dlcr.catalog import Coverage
from dlcr.core.errors import UsageError
from dlcr.jobs.board import Board, Job
from pages import _expand_order as orders
from pages import _expand_view as view
from pages import _text as text
from pages import _work as work
from pages._expand_order import Order
from pages._widgets import say

VERBS = ("expand", "check", "export")
"""Jobs of this page."""
SHEET = 12
"""Variants of the contact sheet."""
TRAIN = "train"
REST, SHARE = 3.0, 20.0
"""The coverage is counted again at most every so many seconds, and rests for so many times of what counting took."""


@dataclass(slots=True, eq=False)
class Desk:
    """One tab: whose photos, the jobs it follows, what it counted last (`newest` is the newest variant then), what was ordered
    last and its `price` while the jobs were in these `states`."""

    dataset: str = stages.WORLD
    split: str = TRAIN
    jobs: list[int] = field(default_factory=list)
    newest: int = -1
    coverage: Coverage | None = None
    again: float = 0.0
    order: Order | None = None
    states: tuple[str, ...] = ()
    price: str = ""

    def forget(self) -> None:
        """Count anew at the next look."""
        self.newest, self.coverage, self.again = -1, None, 0.0

    def address(self) -> str:
        """The view as a query."""
        return urlencode({"dataset": self.dataset, "split": self.split})


def start(session: stages.Session, board: Board, query: str) -> Desk:
    """A new desk with the data set and split of the address, following what is not done yet; what is not known is left out."""
    asked = dict(parse_qsl(query.lstrip("?")))
    desk = Desk(jobs=work.unfinished(board, VERBS))
    choose(session, desk, asked.get("dataset", stages.WORLD), asked.get("split", TRAIN))
    return desk


def names(session: stages.Session) -> list[str]:
    """Every data set, by name."""
    return [row.name for row in session.catalog.datasets()]


def splits(session: stages.Session, dataset: str) -> list[str]:
    """The splits of a data set."""
    return list(session.catalog.facets(dataset).splits)


def choose(session: stages.Session, desk: Desk, dataset: str, split: str | None = None) -> None:
    """Show another data set or split; the embedded set and the train split (else the first) if they are not there."""
    desk.dataset = dataset if dataset in names(session) else stages.WORLD
    known = splits(session, desk.dataset)
    desk.split = split if split in known else TRAIN if TRAIN in known else next(iter(known), "")
    desk.order, desk.price = None, ""
    desk.forget()


def shown(session: stages.Session, board: Board, desk: Desk) -> tuple[str, str, str, str, str, bool]:
    """Jobs, contact sheet, coverage, the address of this view, the estimate; whether there will be news."""
    jobs = work.look(board, desk.jobs)
    more = work.goes_on(jobs)
    newest = session.catalog.newest_variant()
    panel = work.panel(jobs, board.workers(), _outcome, text.NO_WORK)
    if desk.coverage is None or not more or (newest != desk.newest and time.monotonic() >= desk.again):
        desk.coverage = _counted(session, desk)
        desk.newest = newest
    sheet = view.sheet(session.catalog.newest_variants(desk.dataset, desk.split, SHEET))
    states = tuple(job.row.state for job in jobs)
    if states != desk.states:
        desk.states, desk.price = states, _price(session, board, desk)
    return panel, sheet, view.coverage(desk.coverage, desk.dataset, desk.split), desk.address(), desk.price, more


def _counted(session: stages.Session, desk: Desk) -> Coverage:
    begun = time.monotonic()
    found = session.catalog.coverage(desk.dataset, desk.split)
    desk.again = time.monotonic() + max(REST, SHARE * (time.monotonic() - begun))
    return found


def estimate(session: stages.Session, board: Board, desk: Desk, *form: Any) -> None:
    """Work out what the form asks for and what it will cost; `shown` tells it."""
    desk.order, desk.price = None, ""
    desk.order = _order(board, desk, *form)
    desk.price = _price(session, board, desk)


def _price(session: stages.Session, board: Board, desk: Desk) -> str:
    """What was ordered last and its cost, and where the numbers come from."""
    if desk.order is None:
        return ""
    photos, each = orders.photos(session, desk.order), orders.looks(session, desk.order)
    there = desk.coverage.sum("variants") if desk.coverage else 0
    newest = session.catalog.newest_variants(desk.dataset, desk.split, SHEET)
    files = [session.workspace.home / row.file for _, row in newest]
    sizes = [file.stat().st_size for file in files if file.exists()]
    mean = sum(sizes) / len(sizes) if sizes else 0.0
    return view.estimate(photos, each, there, orders.measured(board, desk.order), mean)


def expand(board: Board, desk: Desk, *form: Any) -> None:
    """Queue what the form asks for and follow it."""
    wanted = _order(board, desk, *form)
    what = text.EXPANDING.format(name=desk.dataset)
    work.follow(desk.jobs, _submit(board, wanted.args(), what, desk, wanted.device))


def measure(session: stages.Session, board: Board, desk: Desk, *form: Any) -> None:
    """Queue a few images of what the form asks for, and follow them."""
    wanted = _order(board, desk, *form)
    what = text.MEASURING.format(name=desk.dataset)
    work.follow(desk.jobs, _submit(board, orders.trial(session, wanted), what, desk, wanted.device))


def check(board: Board, desk: Desk, gate: str, device: str) -> None:
    """Queue the quality gate over the variants of the split shown, and follow it."""
    if gate not in text.GATES:
        raise UsageError(text.UNKNOWN_GATE.format(name=gate), text.CHOOSE_ONE.format(names=", ".join(text.GATES)))
    args = ["check", f"--gate={gate}", f"--split={desk.split}", f"--device={device}", "--", desk.dataset]
    work.follow(desk.jobs, _submit(board, args, text.CHECKING_SET.format(name=desk.dataset), desk, device))


def export(board: Board, desk: Desk, out: str, accepted: bool, blur: bool) -> None:
    """Queue the export of the variants of the data set shown in the release layout, and follow it."""
    folder = work.folder(board, out)
    flags = [*(["--accepted"] if accepted else []), f"--faces={'blur' if blur else 'keep'}"]
    args = ["export", *flags, "--", desk.dataset, folder]
    work.follow(desk.jobs, _submit(board, args, text.EXPORTING.format(name=desk.dataset), desk, "cpu"))


def _order(board: Board, desk: Desk, *form: Any) -> Order:
    wanted = orders.order(desk.dataset, desk.split, *form)
    board.reach.model(wanted.inpainter)
    return wanted


def _submit(board: Board, args: list[str], what: str, desk: Desk, device: str) -> int:
    return board.submit(args, what, dataset=desk.dataset, device=device).row.id


def _outcome(job: Job) -> str:
    """What a job that is done made, found or wrote."""
    told: Mapping[str, Any] = job.result or {}
    if job.row.args[0] == "expand":
        return view.expanded(told)
    if job.row.args[0] == "check":
        return view.failing(told, text.CHECK_DONE)
    bad = f"{len(told.get('bad', [])):,}"
    numbers = {name: f"{told.get(name, 0):,}" for name in ("images", "variants")}
    return say(text.MOVED_DONE.format(name=job.row.dataset, bad=bad, **numbers))
