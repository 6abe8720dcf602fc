"""Retrieve: the answers of two runs to the same query, and the queries that one of them fails, worst first.

`_retrieve_desk.py` says what a tab looks at, `_retrieve_handlers.py` what happens, `_retrieve_view.py` how it looks; here widgets
are laid out and connected.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import gradio as gr

from dlcr import stages
from dlcr.jobs.board import Board
from pages import _retrieve_handlers as handlers
from pages import _runs
from pages import _text as text
from pages._retrieve_desk import KS, Desk, Shelf
from pages._widgets import LIGHT, asset, guarded, heading, menu, notice_panel, page_head, panel

TITLE = text.RETRIEVE
PATH = "/retrieve"
FORM = ("dataset", "protocol", "run", "other", "camera", "k", "junk", "refine")
LOOK = 2.0
"""Seconds between two looks while features are being made."""


@dataclass(frozen=True, slots=True)
class Widgets:
    """Every widget of the page; `form` in the order of FORM."""

    desk: gr.State
    query: gr.Textbox
    timer: gr.Timer
    address: gr.HTML
    form: tuple[Any, ...]
    queries: gr.HTML
    answers: gr.HTML
    notice: gr.HTML


def build(session: stages.Session) -> None:
    """Lay the page out inside the current Blocks and connect it to `session`."""
    _connect(Shelf(session), Board(session.workspace, session.catalog), _layout())


def _list(name: str) -> gr.HTML:
    js = asset("actions.js") + asset("retrieve.js")
    return panel(name, js_on_load=js)


def _layout() -> Widgets:
    desk, query, timer = gr.State(None), gr.Textbox(visible=False), gr.Timer(LOOK, active=False)
    address = page_head()
    with gr.Row(elem_id="retrieve-form", elem_classes="area"):
        form = _form()
    notice = notice_panel("retrieve-notice")
    with gr.Row(elem_id="retrieve"):
        with gr.Column(elem_classes="area"):
            heading(text.QUERIES)
            queries = _list("queries")
        with gr.Column(elem_classes="area"):
            heading(text.ANSWERS)
            answers = _list("answers")
    return Widgets(desk, query, timer, address, form, queries, answers, notice)


def _form() -> tuple[Any, ...]:
    dataset, protocol = menu(text.DATASET, "retrieve-dataset"), menu(text.PROTOCOL, "retrieve-protocol")
    run, other = menu(text.FIRST_RUN, "retrieve-run"), menu(text.OTHER_RUN, "retrieve-other")
    camera, k = menu(text.CAMERA, "retrieve-camera"), menu(text.TOP, "retrieve-k", KS)
    with gr.Column(min_width=180, elem_classes="checks"):
        junk = gr.Checkbox(label=text.SHOW_JUNK, elem_id="retrieve-junk")
        refine = gr.Checkbox(label=text.REFINE, elem_id="retrieve-refine")
    return dataset, protocol, run, other, camera, k, junk, refine


def _connect(shelf: Shelf, board: Board, w: Widgets) -> None:
    parts = [w.queries, w.answers, w.address]
    outputs = [*w.form, *parts, w.timer]

    def ticking(desk: Desk) -> gr.Timer:
        return gr.Timer(active=_runs.embedding(board, desk.dataset))

    def start(query: str) -> tuple[Any, ...]:
        desk = handlers.start(shelf, query)
        return desk, *handlers.menus(shelf, desk), *handlers.shown(shelf, board, desk), ticking(desk)

    def choose(desk: Desk, *form: Any) -> tuple[Any, ...]:
        return *handlers.choose(shelf, board, desk, dict(zip(FORM, form, strict=True))), ticking(desk)

    def act(desk: Desk, event: gr.EventData) -> tuple[Any, ...]:
        return *handlers.act(shelf, board, desk, event._data), ticking(desk)

    def look(desk: Desk) -> tuple[Any, ...]:
        return *handlers.menus(shelf, desk), *handlers.shown(shelf, board, desk), ticking(desk)

    blocks = gr.context.Context.root_block
    blocks.load(
        guarded(start, len(outputs) + 1), w.query, [w.desk, *outputs, w.notice], js="() => window.location.search", **LIGHT
    )  # fmt: skip
    for widget in w.form:
        widget.input(
            guarded(choose, len(outputs)), [w.desk, *w.form], [*outputs, w.notice], trigger_mode="always_last", **LIGHT
        )
    for widget in (w.queries, w.answers):
        widget.act(guarded(act, 4), w.desk, [*parts, w.timer, w.notice], trigger_mode="multiple", **LIGHT)
    w.timer.tick(guarded(look, len(outputs)), w.desk, [*outputs, w.notice], queue=False, **LIGHT)
