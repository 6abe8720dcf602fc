"""Space: where two runs put the same people; what lies near what, and whether persons or clothes rule.

`_space_desk.py` says what a tab looks at, `_space_handlers.py` what happens, `_space_view.py` how it looks, `_space_points.py` how
points come to the browser; `space.js` draws them. Here widgets are laid out and connected.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import gradio as gr

from dlcr import stages
from dlcr.jobs.board import Board
from pages import _space_handlers as handlers
from pages import _space_view as view
from pages import _text as text
from pages._space_desk import COLOURS, METHODS, NEIGHBOURS, PEOPLE, SHAPES, VARIANTS, Desk
from pages._space_points import PLOTLY
from pages._widgets import LIGHT, asset, blocks_here, guarded, heading, menu, notice_panel, page_head, panel, say
from pages._work import PageBoard

TITLE = text.SPACE
PATH = "/space"
PLACING: dict[str, Any] = LIGHT | {"concurrency_id": "placing", "concurrency_limit": 1, "show_progress": "minimal"}
FORM = ("dataset", "run", "other", "split", "method", "neighbours", "people", "variants", "colour", "shape")
LOOK = 2.0
"""Seconds between two looks while a job of this page goes on."""


@dataclass(frozen=True, slots=True)
class Widgets:
    """Every widget of the page; `form` in the order of FORM, `parts` in that of `handlers.Shown`."""

    desk: gr.State
    query: gr.Textbox
    timer: gr.Timer
    form: tuple[Any, ...]
    draw: gr.Button
    parts: tuple[gr.HTML, ...]
    lasso: gr.HTML
    notice: gr.HTML


def build(session: stages.Session) -> None:
    """Lay the page out inside the current Blocks and connect it to `session`."""
    _connect(session, PageBoard(session), _layout())


def _template() -> str:
    """The frame that `space.js` fills, with the words that it says."""
    said = {
        "script": PLOTLY, "trouble": text.NO_PLOTLY, "right": text.MARK_SAYS["right"], "wrong": text.MARK_SAYS["wrong"],
        "unasked": text.UNASKED, "outfit": text.OUTFIT.lower(), "hollow": text.HOLLOW,
        "person": text.OF_PERSON, "camera": text.OF_CAMERA,
    }  # fmt: skip
    told = "".join(f' data-{name}="{words}"' for name, words in said.items())
    return asset("space.html").replace('role="group"', f'role="group" aria-label="{text.PLOT_SAYS}"{told}')


def _layout() -> Widgets:
    desk, query, timer = gr.State(None), gr.Textbox(visible=False), gr.Timer(LOOK, active=False)
    address = page_head()
    with gr.Row(elem_id="space-form", elem_classes="area"):
        form = _form()
        draw = gr.Button(text.DRAW_AGAIN, size="sm", elem_id="space-draw", min_width=120)
    notice = notice_panel("space-notice")
    with gr.Row(elem_id="space"):
        with gr.Column(), gr.Column(elem_classes="area"):
            plots = gr.HTML(
                {}, html_template=_template(), js_on_load=asset("noose.js") + asset("space.js"), apply_default_css=False,
                elem_id="plots",
            )  # fmt: skip
            numbers = panel("space-numbers", say(text.PLACING_POINTS), js_on_load=asset("actions.js"))
        with gr.Column():
            with gr.Column(elem_classes="area"):
                side = panel("space-side", comes="rows")
            with gr.Column(elem_classes="area"):
                heading(text.SELECTION)
                lasso = panel("space-lasso", view.lassoed([], 0), js_on_load=asset("actions.js"))
    with gr.Column(elem_classes="area"):
        table = panel("space-text", comes="rows", js_on_load=asset("actions.js"))
    return Widgets(desk, query, timer, form, draw, (plots, numbers, side, table, address), lasso, notice)


def _form() -> tuple[Any, ...]:
    people = [(text.ALL_PEOPLE if one == "all" else one, one) for one in PEOPLE]
    return (
        menu(text.DATASET, "space-dataset"), menu(text.FIRST_RUN, "space-run"), menu(text.OTHER_RUN, "space-other"),
        menu(text.SPLIT, "space-split"), menu(text.METHOD, "space-method", [(text.METHODS[one], one) for one in METHODS]),
        menu(text.NEAREST, "space-neighbours", [(text.USUAL if one == "0" else one, one) for one in NEIGHBOURS]),
        menu(text.HOW_MANY_PEOPLE, "space-people", people),
        menu(text.VARIANTS, "space-variants", [(text.NO_OTHER if one == "0" else one, one) for one in VARIANTS]),
        menu(text.COLOUR_BY, "space-colour", [(text.COLOURS[one], one) for one in COLOURS]),
        menu(text.SHAPE_BY, "space-shape", [(text.SHAPES[one], one) for one in SHAPES]),
    )  # fmt: skip


def _connect(session: stages.Session, board: Board, w: Widgets) -> None:
    plots, numbers, side, table, address = w.parts
    outputs = [*w.form, *w.parts, w.timer]

    def ticking(desk: Desk) -> gr.Timer:
        return gr.Timer(active=handlers.working(board, desk))

    def start(query: str) -> tuple[Any, ...]:
        desk = handlers.start(session, query)
        parts = handlers.shown(session, board, desk).parts()
        return desk, *handlers.menus(session, desk), *parts, ticking(desk)

    def choose(desk: Desk, *form: Any) -> tuple[Any, ...] | None:
        parts = handlers.choose(session, board, desk, dict(zip(FORM, form, strict=True)))
        return parts and (*parts, ticking(desk))

    def draw(desk: Desk) -> tuple[Any, ...]:
        return *handlers.draw_again(session, board, desk), ticking(desk)

    def embed(desk: Desk) -> tuple[Any, ...]:
        return *handlers.embed(session, board, desk), ticking(desk)

    def look(desk: Desk) -> tuple[Any, ...]:
        return *handlers.shown(session, board, desk).parts(), ticking(desk)

    def pick(desk: Desk, event: gr.EventData) -> tuple[Any, ...]:
        return handlers.pick(session, desk, int(event._data["id"]))

    def lasso(event: gr.EventData) -> tuple[Any, ...]:
        return (handlers.lasso(session, event._data["ids"], int(event._data["count"])),)

    def on(
        event: Callable[..., Any], handler: Callable[..., Any], inputs: list[Any], out: list[Any], **kind: Any
    ) -> None:
        event(guarded(handler, len(out)), inputs, [*out, w.notice], **kind)

    blocks = blocks_here()
    on(blocks.load, start, [w.query], [w.desk, *outputs], js="() => window.location.search", **PLACING)
    for widget in w.form:
        on(widget.input, choose, [w.desk, *w.form], outputs, trigger_mode="always_last", **PLACING)
    on(w.draw.click, draw, [w.desk], [*w.parts, w.timer], **PLACING)
    on(numbers.act, embed, [w.desk], [*w.parts, w.timer], **LIGHT)
    on(w.timer.tick, look, [w.desk], [*w.parts, w.timer], queue=False, **LIGHT)
    for source in (plots.pick, table.act, w.lasso.act):
        on(source, pick, [w.desk], [side, address], trigger_mode="multiple", **LIGHT)
    on(plots.lasso, lasso, [], [w.lasso], trigger_mode="always_last", **LIGHT)
