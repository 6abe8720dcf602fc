"""What Retrieve and Space share: which runs there are to look at, and what to do where there is nothing to look at yet."""

from __future__ import annotations

import html
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass
from typing import Any
from urllib.parse import parse_qsl, urlencode

from dlcr import stages, stages_look
from dlcr.jobs.board import Board
from dlcr.stages_figures import KINDS
from dlcr.stages_look import Galleries
from pages import _jobs_view
from pages import _text as text
from pages._widgets import say

UNFINISHED = ("queued", "running")

e = html.escape


@dataclass(slots=True, eq=False)
class RunsDesk:
    """What a tab of either page looks at: a data set and one or two runs; empty texts are no choice."""

    dataset: str = stages.WORLD
    run: str = ""
    other: str = ""

    @property
    def runs(self) -> list[str]:
        """The runs that are shown."""
        return [run for run in (self.run, self.other) if run]

    def as_before(self, before: Mapping[str, Any], form: Mapping[str, Any]) -> bool:
        """Whether a form changed nothing: the desk is what it was (`asdict`), and no menu says more than the desk."""
        return asdict(self) == before and (form["other"] or "") == self.other

    def open(self, session: stages.Session, query: str) -> dict[str, str]:
        """Take the data set and the runs of an address, the embedded set where there is no such one; all that it asks for."""
        asked = dict(parse_qsl(query.lstrip("?")))
        wanted = asked.get("dataset", stages.WORLD)
        self.dataset = wanted if wanted in sets(session) else stages.WORLD
        self.run, self.other = pair(session, self.dataset, asked)
        return asked


def runs_of(session: stages.Session, dataset: str) -> list[str]:
    """Finished runs, those trained on the data set first, each part by name."""
    own = {row.name for row in session.catalog.runs(dataset)} if dataset in sets(session) else set()
    return sorted(stages_look.finished_runs(session), key=lambda name: (name not in own, name))


def sets(session: stages.Session) -> list[str]:
    """Every data set, by name."""
    return sorted(row.name for row in session.catalog.datasets())


def pair(session: stages.Session, dataset: str, asked: Mapping[str, str]) -> tuple[str, str]:
    """The runs of an address (`run`, `other`), else the first two there are; empty where there is none.

    An address that names a run alone shows it alone.
    """
    known = [*runs_of(session, dataset), "", ""]
    run = asked.get("run", "")
    if run not in known or not run:
        return known[0], known[1]
    other = asked.get("other", "")
    return run, other if other in known and other != run else ""


def trouble(galleries: Galleries, board: Board, dataset: str, runs: Iterable[str], *, asks: bool = True) -> str:
    """Why nothing of these runs can be shown, and what to do, as HTML; empty if it can. `asks`: the set needs queries."""
    session, chosen = galleries.session, [run for run in runs if run]
    if dataset not in sets(session):
        return _empty(text.UNKNOWN_SET.format(name=dataset), text.UNKNOWN_SET_REMEDY)
    if asks and not stages_look.protocols_of(session, dataset):
        return _empty(text.NO_QUERIES.format(name=dataset), text.NO_QUERIES_REMEDY)
    if not chosen:
        command = f"dlcr train {dataset} --run baseline"
        variants = f"dlcr train {dataset} --run with-variants --with-variants"
        return _empty(text.NOT_TRAINED, text.NOT_TRAINED_REMEDY, command, variants)
    missing = galleries.missing(dataset, *chosen)
    if not missing:
        return ""
    waiting = [job for job in board.jobs(UNFINISHED, dataset) if job.row.args[0] == "embed"]
    said = _empty(
        text.NO_FEATURES.format(name=dataset, runs=", ".join(missing)), text.NO_FEATURES_REMEDY,
        *(f"dlcr embed {dataset} --run {run}" for run in missing),
    )  # fmt: skip
    if not waiting:
        return f'{said}<p><button type="button" data-act="embed">{e(text.EMBED)}</button></p>'
    lines = "".join(
        f'<p class="say"><a href="/jobs?job={job.row.id}">{e(text.JOB)} {job.row.id}: {e(job.row.what)}</a></p>'
        + (_jobs_view.progress(job.progress) if job.progress else say(text.JOB_SAYS[job.row.state]))
        for job in waiting
    )
    return f"{said}{lines}{'' if board.workers() else _jobs_view.workers(0)}"


def embed(galleries: Galleries, board: Board, dataset: str, runs: Iterable[str]) -> None:
    """Queue what makes the features that are missing, unless it is queued already."""
    queued = [tuple(job.row.args) for job in board.jobs(UNFINISHED, dataset)]
    for run in galleries.missing(dataset, *(run for run in runs if run)):
        args = ("embed", f"--run={run}", "--", dataset)
        if args not in queued:
            board.submit(args, text.EMBEDDING.format(name=dataset, run=run), dataset=dataset, device="auto")


def embedding(board: Board, dataset: str) -> bool:
    """Whether features of this data set are being made."""
    return any(job.row.args[0] == "embed" for job in board.jobs(UNFINISHED, dataset))


def link(path: str, **view: object) -> str:
    """A link to a view of a page: what is empty is left out."""
    query = urlencode({name: value for name, value in view.items() if value not in ("", None)})
    return e(f"{path}?{query}", quote=True)


def figure_links(name: str, query: str) -> str:
    """The figure of a view, to take along."""
    kinds = "".join(
        f'<a href="/figure/{name}.{kind}?{e(query, quote=True)}" download>{kind.upper()}</a>' for kind in KINDS
    )
    return f'<p class="links"><span class="say">{e(text.FIGURE_FILE)}</span>{kinds}</p>'


def _empty(what: str, remedy: str, *commands: str) -> str:
    lines = "".join(f'<pre class="command">{e(command)}</pre>' for command in commands)
    return f'<p class="empty"><b>{e(what)}</b> {e(remedy)}</p>{lines}'
