"""Jobs as HTML: the table, one job with its command, answer and log; every text from files and users is escaped here."""

from __future__ import annotations

import html
import json
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from dlcr.catalog import JOB_STATES
from dlcr.jobs.board import Job
from dlcr.jobs.progress import Progress
from pages import _text as text

BUTTONS = {
    "queued": ("first", "pause", "cancel"),
    "running": ("pause", "cancel"),
    "paused": ("resume", "cancel", "delete"),
    "interrupted": ("resume", "cancel", "delete"),
    "failed": ("retry", "delete"),
    "cancelled": ("retry", "delete"),
    "done": ("delete",),
}
"""What can be done with a job in each state."""
SHOWN = 400
"""Characters of one value of an answer."""

e = html.escape


def filters(counts: Mapping[str, int], chosen: str) -> str:
    """A button for each state that some job is in, with its number."""
    choices = [("", text.ALL_JOBS, sum(counts.values()))]
    choices += [
        (state, text.STATES[state], counts.get(state, 0))
        for state in JOB_STATES
        if counts.get(state) or state == chosen
    ]
    buttons = "".join(
        f'<button type="button" data-act="filter" data-state="{state}" aria-pressed="{str(state == chosen).lower()}">'
        f"{e(words)} {count:,}</button>"
        for state, words, count in choices
    )
    return f'<div class="filters" data-group role="group" aria-label="{e(text.BY_STATE)}">{buttons}</div>'


def workers(count: int) -> str:
    """How many workers there are; an alert if there is none."""
    if count:
        return f'<p class="say">{e(text.WORKERS.format(count=count))}</p>'
    return f'<p class="alert" role="alert"><b>{e(text.NO_WORKER)}</b> {e(text.NO_WORKER_REMEDY)}</p>'


def table(jobs: Sequence[Job], chosen: int | None, now: datetime) -> str:
    """One row a job; the words of a job are the button that shows it."""
    if not jobs:
        return f'<p class="empty">{e(text.NO_JOBS)}</p>'
    heads = (text.JOB, text.STATE, text.JOB_WHAT, text.PROGRESS, text.STARTED, text.TOOK)
    head = "".join(f'<th scope="col">{e(one)}</th>' for one in heads)
    rows = "".join(_row(job, job.row.id == chosen, now) for job in jobs)
    return f'<div class="facts scroll" data-group><table class="jobs"><tr>{head}</tr>{rows}</table></div>'


def _row(job: Job, here: bool, now: datetime) -> str:
    row = job.row
    button = (
        f'<button type="button" class="link" data-act="show" data-job="{row.id}" aria-pressed="{str(here).lower()}">'
        f"{e(row.what)}</button>"
    )
    return (
        f"<tr{' class=here' if here else ''}><td>{row.id}</td><td>{state(job)}</td><td>{button}</td>"
        f"<td>{_reached(job)}</td><td>{e(moment(row.started, now))}</td><td>{e(took(job, now))}</td></tr>"
    )


def state(job: Job) -> str:
    """The state as a word with a dot; what a running job was asked stands beside it."""
    asked = {"cancel": text.CANCELLING, "pause": text.PAUSING}.get(job.row.wish or "", text.STATES[job.row.state])
    return f'<span class="state {job.row.state}"><i aria-hidden="true"></i>{e(asked)}</span>'


def _reached(job: Job) -> str:
    if job.row.error:
        return f'<span class="clip">{e(job.row.error["what"])}</span>'
    return progress(job.progress) if job.progress and job.row.state == "running" else _stopped_at(job)


def _stopped_at(job: Job) -> str:
    return e(reached(job.progress)) if job.progress else ""


def reached(told: Progress) -> str:
    """How far a job is, in words."""
    return (text.REACHED if told.total else text.REACHED_SO_FAR).format(
        what=told.what, done=told.done, total=told.total
    )


def progress(told: Progress) -> str:
    """A bar with its numbers and the time left; without a total only the number."""
    line = reached(told) + (f", {text.LEFT.format(time=duration(told.left))}" if told.left is not None else "")
    state = f'max="{told.total}" value="{told.done}"' if told.total else ""
    return (
        f'<div class="progress"><progress {state} aria-label="{e(line)}"></progress>'
        f'<span role="status">{e(line)}</span></div>'
    )


def detail(job: Job | None, sure: bool) -> str:
    """One job: what can be done with it, how far it is, what went wrong, its command."""
    if job is None:
        return f'<p class="empty">{e(text.CHOOSE_JOB)}</p>'
    row = job.row
    parts = [f'<header class="turn"><h2>{e(text.JOB)} {row.id}: {e(row.what)}</h2>{state(job)}</header>']
    parts.append(f'<div class="row" data-group>{buttons(job, sure)}</div>')
    if job.progress and row.state == "running":
        parts.append(progress(job.progress))
    if row.state == "interrupted":
        parts.append(f'<p class="say">{e(text.INTERRUPTED_SAYS)}</p>')
    if row.error:
        parts.append(error(row.error))
    parts.append(
        f'<div class="turn"><h3>{e(text.COMMAND)}</h3><button type="button" data-copy>{e(text.COPY)}</button></div>'
        f'<pre class="command" tabindex="0">{e(job.command)}</pre>'
    )
    return f'<div class="facts job">{"".join(parts)}</div>'


def facts(job: Job | None, now: datetime) -> str:
    """What came out of a job, and what else is known of it."""
    if job is None:
        return ""
    answer = "" if job.result is None else f"<h3>{e(text.RESULT)}</h3>{result(job.result)}"
    return f'<div class="facts job">{answer}<h3>{e(text.ABOUT_JOB)}</h3>{_facts(job, now)}</div>'


def buttons(job: Job, sure: bool = False, leave_out: Sequence[str] = ()) -> str:
    """What can be done with a job in its state, but for what is left out."""
    words = dict(text.JOB_BUTTONS)
    if sure:
        words["delete"] = text.REALLY_DELETE
    acts = [
        ("sure" if act == "delete" and sure else act, words[act])
        for act in BUTTONS[job.row.state]
        if act not in leave_out
    ]
    off = " disabled" if job.row.wish else ""
    return "".join(
        f'<button type="button" data-act="{act}" data-job="{job.row.id}"{off}>{e(said)}</button> ' for act, said in acts
    )


def error(told: Mapping[str, str]) -> str:
    """What went wrong and what to do."""
    what, remedy = e(told.get("what", "")), e(told.get("remedy", ""))
    return f'<p class="alert" role="alert"><b>{what}</b> {remedy}</p>'


def result(answer: Mapping[str, Any]) -> str:
    """The answer of a verb, one line a key; lists and long values are cut, the file has them whole."""
    rows = "".join(
        f"<tr><th scope=row>{e(name)}</th><td>{e(_value(value))}</td></tr>" for name, value in answer.items()
    )
    return f'<table class="answer">{rows}</table>'


def _value(value: Any) -> str:
    if isinstance(value, float):
        return f"{value:,.4g}" if abs(value) < 1000 else f"{value:,.0f}"
    if isinstance(value, int) and not isinstance(value, bool):
        return f"{value:,}"
    if isinstance(value, str):
        said = value
    elif isinstance(value, Mapping):
        kept = {
            name: one for name, one in value.items() if one and not (isinstance(one, Mapping) and one.get("count") == 0)
        }
        said = ", ".join(f"{name}: {_value(one)}" for name, one in kept.items()) or text.NOTHING
    else:
        said = json.dumps(value, ensure_ascii=False) if value else text.NOTHING
    return said if len(said) <= SHOWN else f"{said[:SHOWN]}…"


def _facts(job: Job, now: datetime) -> str:
    row = job.row
    facts = {
        text.DATASET: row.dataset or "", text.DEVICE: row.device, text.ATTEMPTS: str(row.attempts),
        text.SUBMITTED: moment(row.created, now), text.STARTED: moment(row.started, now),
        text.ENDED: moment(row.ended, now) if row.state not in ("queued", "running") else "", text.TOOK: took(job, now),
        text.FOLDER: str(job.folder),
    }  # fmt: skip
    cells = "".join(f"<tr><th scope=row>{e(name)}</th><td>{e(said)}</td></tr>" for name, said in facts.items() if said)
    return f'<table class="answer">{cells}</table>'


def log(lines: str) -> str:
    """The end of a log."""
    return f'<h3>{e(text.LOG)}</h3><pre class="log" tabindex="0">{e(lines)}</pre>' if lines else ""


def duration(seconds: float) -> str:
    """`4.2 s`, `3 min 10 s`, `2 h 5 min`."""
    if seconds < 60:
        return f"{seconds:.1f} s" if seconds < 10 else f"{seconds:.0f} s"
    minutes, rest = divmod(round(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours} h {minutes} min" if hours else f"{minutes} min {rest} s"


def took(job: Job, now: datetime) -> str:
    """How long a job worked, all its attempts together."""
    seconds = job.row.seconds
    if job.row.state == "running" and job.row.started:
        seconds += max(0.0, (now - job.row.started).total_seconds())
    return duration(seconds) if job.row.attempts else ""


def moment(when: datetime | None, now: datetime) -> str:
    """A time of this machine's zone, with the day unless it is today."""
    if when is None:
        return ""
    here = when.astimezone()
    return f"{here:%H:%M:%S}" if here.date() == now.astimezone().date() else f"{here:%Y-%m-%d %H:%M}"
