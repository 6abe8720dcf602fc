"""Jobs: what runs, what waits, what was done; the command, the log and the answer of each; cancel, pause, resume, retry.

`_jobs_handlers.py` says what happens, `_jobs_view.py` how it looks; here widgets are laid out and connected.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import gradio as gr

from dlcr import stages
from dlcr.jobs.board import Board
from pages import _jobs_handlers as handlers
from pages import _text as text
from pages._jobs_handlers import Desk
from pages._widgets import LIGHT, asset, blocks_here, fresh, guarded, heading, notice_panel, page_head, panel, unseen
from pages._work import PageBoard

TITLE = text.JOBS
PATH = "/jobs"


@dataclass(frozen=True, slots=True)
class Widgets:
    """Every widget of the page; `view` is what `handlers.shown` fills."""

    desk: gr.State
    last: gr.State
    query: gr.Textbox
    timer: gr.Timer
    seen: gr.HTML
    notice: gr.HTML
    view: tuple[gr.HTML, ...]


def build(session: stages.Session) -> None:
    """Lay the page out inside the current Blocks and connect it to the jobs of `session`'s workspace."""
    _connect(PageBoard(session), _layout())


def _layout() -> Widgets:
    desk, last, query = gr.State(None), gr.State(None), gr.Textbox(visible=False)
    timer = gr.Timer(handlers.BUSY, active=False)
    address = page_head()
    seen = unseen("seen.js")
    with gr.Row(elem_id="jobs"):
        with gr.Column(elem_classes="area"):
            heading(text.JOBS)
            head = panel("jobs-head", comes="rows", js_on_load=asset("actions.js"))
            table = panel("jobs-table", js_on_load=asset("actions.js"))
        with gr.Column(elem_classes="area"):
            notice = notice_panel("jobs-notice")
            detail = panel("job", js_on_load=asset("actions.js") + asset("copy.js"))
            log = panel("job-log", js_on_load=asset("log.js"))
            facts = panel("job-facts")
    return Widgets(desk, last, query, timer, seen, notice, (head, table, detail, log, facts, address))


def _connect(board: Board, w: Widgets) -> None:
    """What did not change is not sent again: a selection, a focus and a place in the log stay as they are.

    Looks from time to time go past the queue: no stream is open that leaving the page would break.
    """
    count = len(w.view)

    def shown(desk: Desk, last: list[Any]) -> tuple[Any, ...]:
        parts, seconds = handlers.shown(board, desk), handlers.pause_between(board)
        *told, timer = fresh(last, [*parts, (seconds, desk.seen)])
        return *told, gr.Timer(seconds, active=desk.seen) if isinstance(timer, tuple) else timer

    def start(query: str) -> tuple[Any, ...]:
        desk, last = handlers.start(board, query), list[Any]()
        return desk, last, *shown(desk, last)

    def act(desk: Desk, last: list[Any], event: gr.EventData) -> tuple[Any, ...]:
        handlers.act(board, desk, event._data)
        return shown(desk, last)

    def seen(desk: Desk, last: list[Any], event: gr.EventData) -> tuple[Any, ...]:
        desk.seen = bool(event._data["seen"])
        return shown(desk, last)

    outputs = [*w.view, w.timer]
    blocks = blocks_here()
    blocks.load(
        guarded(start, count + 3), w.query, [w.desk, w.last, *outputs, w.notice], js="() => window.location.search", **LIGHT
    )  # fmt: skip
    events: list[tuple[Callable[..., Any], Callable[..., Any]]] = [(w.timer.tick, shown), (w.seen.seen, seen)]
    events += [(widget.act, act) for widget in w.view[:3]]
    for event, handler in events:
        event(
            guarded(handler, count + 1), [w.desk, w.last], [*outputs, w.notice],
            trigger_mode="once" if handler is shown else "multiple", queue=handler is not shown, **LIGHT,
        )  # fmt: skip
