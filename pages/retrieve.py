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
from pages._widgets import asset, guarded

TITLE = text.RETRIEVE
PATH = "/retrieve"
LIGHT: dict[str, Any] = {
    "concurrency_id": "light", "concurrency_limit": 8, "show_progress": "hidden", "api_visibility": "private",
}  # fmt: skip
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


def _list(name: str, **more: Any) -> gr.HTML:
    js = asset("actions.js") + asset("retrieve.js")
    return gr.HTML("", elem_id=name, js_on_load=js, apply_default_css=False, **more)


def _layout() -> Widgets:
    desk, query, timer = gr.State(None), gr.Textbox(visible=False), gr.Timer(LOOK, active=False)
    address = gr.HTML("", html_template="<i></i>", js_on_load=asset("address.js"), elem_classes="unseen")
    gr.HTML(f"<h1>{text.PRODUCT}</h1>", apply_default_css=False)
    with gr.Row(elem_id="retrieve-form", elem_classes="area"):
        form = _form()
    notice = gr.HTML("", elem_id="retrieve-notice", elem_classes="notice", apply_default_css=False)
    with gr.Row(elem_id="retrieve"):
        with gr.Column(elem_classes="area"):
            gr.HTML(f"<h2>{text.QUERIES}</h2>", apply_default_css=False)
            queries = _list("queries")
        with gr.Column(elem_classes="area"):
            gr.HTML(f"<h2>{text.ANSWERS}</h2>", apply_default_css=False)
            answers = _list("answers")
    return Widgets(desk, query, timer, address, form, queries, answers, notice)


def _menu(label: str, name: str, choices: tuple[str, ...] = ()) -> gr.Dropdown:
    return gr.Dropdown(list(choices), label=label, elem_id=f"retrieve-{name}", min_width=90, elem_classes="small")


def _form() -> tuple[Any, ...]:
    dataset, protocol = _menu(text.DATASET, "dataset"), _menu(text.PROTOCOL, "protocol")
    run, other = _menu(text.FIRST_RUN, "run"), _menu(text.OTHER_RUN, "other")
    camera, k = _menu(text.CAMERA, "camera"), _menu(text.TOP, "k", KS)
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
