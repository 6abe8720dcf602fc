"""What the Data page does, as plain functions; `data.py` connects them to widgets."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qsl, urlencode

from dlcr import stages
from dlcr.core.errors import UsageError
from dlcr.jobs.board import Board, Job
from pages import _data_view as view
from pages import _text as text
from pages import _work as work
from pages._widgets import say

VERBS = ("index", "import", "export")
"""Jobs of this page."""
UNFINISHED = ("queued", "running")


@dataclass(slots=True, eq=False)
class Desk:
    """One tab: the data set it shows, whose removal it asks about, and the job it follows."""

    dataset: str = stages.WORLD
    sure: str = ""
    job: int | None = None


def start(session: stages.Session, board: Board, query: str) -> Desk:
    """A new desk with the data set of the address, following a job of this page that is not done yet.

    A data set that is not known is left out.
    """
    wanted = dict(parse_qsl(query.lstrip("?"))).get("dataset", stages.WORLD)
    jobs = [job.row.id for job in board.jobs(UNFINISHED) if job.row.args[0] in VERBS]
    return Desk(wanted if wanted in names(session) else stages.WORLD, job=next(iter(jobs), None))


def names(session: stages.Session) -> list[str]:
    """Every data set, by name."""
    return [row.name for row in session.catalog.datasets()]


def shown(session: stages.Session, desk: Desk) -> tuple[str, str, str, str]:
    """The table of data sets, the chosen one, disk use, the address of this view."""
    sets = [stages.about(session, name) for name in names(session)]
    if desk.dataset not in {one.row.name for one in sets}:
        desk.dataset = stages.WORLD
    chosen = next(one for one in sets if one.row.name == desk.dataset)
    disk = stages.disk_use(session)
    line = text.DISK.format(
        pictures=view.size(sum(one.summary.bytes for one in sets)), catalog=view.size(disk.catalog),
        free=view.size(disk.free), home=session.workspace.home,
    )  # fmt: skip
    address = urlencode({"dataset": desk.dataset})
    about = view.about(chosen, session.catalog.spread(desk.dataset))
    return view.datasets(sets, desk.dataset, desk.sure), about, say(line), address


def act(session: stages.Session, board: Board, desk: Desk, event: Mapping[str, Any]) -> None:
    """A button of the table: show a data set, ask about its removal, remove it."""
    kind, name = str(event["act"]), str(event["name"])
    if kind == "sure" and name == desk.sure:
        jobs = [row.id for row in session.catalog.jobs(dataset=name)]
        stages.forget(session, name)
        board.clear(jobs)
    desk.sure = name if kind == "remove" else ""
    if kind == "show":
        desk.dataset = stages.about(session, name).row.name


def index(board: Board, desk: Desk, root: str, name: str, layout: str, check: bool) -> None:
    """Queue the indexing of a folder and follow it."""
    folder, name = work.folder(board, root), name.strip()
    if not name:
        raise UsageError(text.NEEDS_NAME, text.NEEDS_NAME_REMEDY)
    args = ["index", f"--name={name}", "--layout", layout, "--check" if check else "--no-check", "--", folder]
    desk.job = board.submit(args, text.INDEXING.format(name=name), dataset=name).row.id


def import_release(board: Board, desk: Desk, root: str) -> None:
    """Queue the import of a release as variants of the data set shown, and follow it."""
    folder = work.folder(board, root)
    args = ["import", f"--dataset={desk.dataset}", "--", folder]
    desk.job = board.submit(args, text.IMPORTING.format(name=desk.dataset), dataset=desk.dataset).row.id


def export_release(board: Board, desk: Desk, out: str, accepted: bool, blur: bool) -> None:
    """Queue the export of the variants of the data set shown, and follow it."""
    folder = work.folder(board, out)
    flags = [*(["--accepted"] if accepted else []), f"--faces={'blur' if blur else 'keep'}"]
    args = ["export", *flags, "--", desk.dataset, folder]
    desk.job = board.submit(args, text.EXPORTING.format(name=desk.dataset), dataset=desk.dataset).row.id


def followed(board: Board, desk: Desk) -> tuple[str, bool]:
    """The job of this tab as HTML, and whether it goes on; a data set that was indexed is the one shown."""
    if desk.job is None:
        return "", False
    try:
        board.sweep()
        job = board.job(desk.job)
    except UsageError:  # deleted on the Jobs page
        desk.job = None
        return "", False
    if job.row.state == "done" and job.row.args[0] == "index" and job.row.dataset:
        desk.dataset = job.row.dataset
    return view.job(job, _outcome(job), board.workers()), job.row.state in UNFINISHED


def cancel(board: Board, desk: Desk) -> None:
    """End the job of this tab after the batch in flight."""
    if desk.job is not None and board.job(desk.job).row.state in UNFINISHED:
        board.cancel(desk.job)


def _outcome(job: Job) -> str:
    """What a job that is done found or moved."""
    found = job.result
    if found is None:
        return ""
    numbers = {name: f"{found.get(name, 0):,}" for name in ("images", "new", "changed", "gone", "variants")}
    bad = [(str(one["path"]), str(one["reason"])) for one in found.get("bad", [])]
    line = text.INDEX_DONE if job.row.args[0] == "index" else text.MOVED_DONE
    told: dict[str, Any] = numbers | {
        "name": job.row.dataset, "bad": f"{len(bad):,}", "layout": found.get("layout", ""), "why": found.get("why", ""),
    }  # fmt: skip
    return say(line.format(**told)) + view.bad(bad)
