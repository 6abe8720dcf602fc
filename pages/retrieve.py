"""Retrieve: the answers of two runs to the same query, and the queries that one of them fails, worst first.

`_retrieve_desk.py` says what a tab looks at, `_retrieve_handlers.py` what happens, `_retrieve_view.py` how it looks,
`_retrieve_wear.py` is its wardrobe, `_retrieve_saliency.py` says what a match rests on; here widgets are laid out and connected.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import gradio as gr

from dlcr import stages
from dlcr.jobs.board import Board
from pages import _device as device
from pages import _retrieve_handlers as handlers
from pages import _retrieve_saliency as saliency
from pages import _retrieve_wear as wear
from pages import _runs
from pages import _text as text
from pages._retrieve_desk import KS, Desk, Shelf
from pages._retrieve_saliency import Shown
from pages._retrieve_wear import Fitting
from pages._widgets import (
    DEVICE,
    LIGHT,
    PAINT,
    asset,
    blocks_here,
    guarded,
    guarded_steps,
    heading,
    menu,
    notice_panel,
    page_head,
    panel,
    say,
)
from pages._work import PageBoard, person_here

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
    fitting: gr.State
    outfits: gr.Dropdown
    words: gr.Textbox
    try_on: gr.Button
    stop: gr.Button
    trying: gr.HTML
    worn: gr.HTML
    wear_notice: gr.HTML
    shown: gr.State
    rests: gr.HTML
    rests_notice: gr.HTML


def build(session: stages.Session) -> None:
    """Lay the page out inside the current Blocks and connect it to `session`."""
    _connect(Shelf(session), PageBoard(session), _layout())


def _list(name: str, comes: str) -> gr.HTML:
    js = asset("actions.js") + asset("retrieve.js") + asset("saliency.js")
    return panel(name, comes=comes, js_on_load=js)


def _layout() -> Widgets:
    desk, query, timer = gr.State(None), gr.Textbox(visible=False), gr.Timer(LOOK, active=False)
    address = page_head("retrieve")
    with gr.Row(elem_id="retrieve-form", elem_classes="area"):
        form = _form()
    notice = notice_panel("retrieve-notice")
    with gr.Row(elem_id="retrieve"):
        with gr.Column(elem_classes="area"):
            heading(text.QUERIES)
            queries = _list("queries", "rows")
        with gr.Column(elem_classes="area"):
            heading(text.ANSWERS)
            answers = _list("answers", "pictures")
            with gr.Column(elem_id="wardrobe", elem_classes="area"):
                wardrobe = _wardrobe()
            with gr.Column(elem_id="saliency", elem_classes="area"):
                rests = _saliency()
    return Widgets(desk, query, timer, address, form, queries, answers, notice, *wardrobe, *rests)


def _wardrobe() -> tuple[Any, ...]:
    heading(text.WARDROBE)
    with gr.Row(elem_classes="tight"):
        outfits = gr.Dropdown([], label=text.OUTFITS_TO_WEAR, multiselect=True, elem_id="wear-outfits")
        words = gr.Textbox(label=text.OWN_OUTFIT, placeholder=text.PROMPT_HINT, max_lines=1, elem_id="wear-words")
    with gr.Row(elem_classes="tight"):
        try_on = gr.Button(text.TRY_ON, variant="primary", size="sm", interactive=False, elem_id="wear-start")
        stop = gr.Button(text.STOP_TRYING, size="sm", interactive=False, elem_id="wear-stop")
    notice, worn = notice_panel("wear-notice"), panel("worn")
    trying = panel("wear-progress", js_on_load=asset("actions.js"))
    return gr.State(None), outfits, words, try_on, stop, trying, worn, notice


def _saliency() -> tuple[Any, ...]:
    heading(text.RESTS)
    notice = notice_panel("rests-notice")
    return gr.State(None), panel("rests", saliency.hint()), notice


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

    def choose(desk: Desk, *form: Any) -> tuple[Any, ...] | None:
        parts = handlers.choose(shelf, board, desk, dict(zip(FORM, form, strict=True)))
        return parts and (*parts, ticking(desk))

    def act(desk: Desk, event: gr.EventData) -> tuple[Any, ...]:
        return *handlers.act(shelf, board, desk, event._data), ticking(desk)

    _connect_wardrobe(shelf, board, w)

    def look(desk: Desk) -> tuple[Any, ...]:
        return *handlers.menus(shelf, desk), *handlers.shown(shelf, board, desk), ticking(desk)

    blocks = blocks_here()
    loaded = blocks.load(
        guarded(start, len(outputs) + 1), w.query, [w.desk, *outputs, w.notice], js="() => window.location.search", **LIGHT
    )  # fmt: skip
    _connect_saliency(shelf, w, loaded)
    for widget in w.form:
        widget.input(
            guarded(choose, len(outputs)), [w.desk, *w.form], [*outputs, w.notice], trigger_mode="always_last", **LIGHT
        )
    for widget in (w.queries, w.answers):
        widget.act(guarded(act, 4), w.desk, [*parts, w.timer, w.notice], trigger_mode="multiple", **LIGHT)
    w.timer.tick(guarded(look, len(outputs)), w.desk, [*outputs, w.notice], queue=False, **LIGHT)


def _connect_wardrobe(shelf: Shelf, board: Board, w: Widgets) -> None:
    def hang(desk: Desk, fitting: Fitting | None) -> tuple[Any, ...]:
        """What may be tried on, and an empty strip if the query or the runs are others now."""
        ready = gr.update(interactive=True) if fitting is None else gr.skip()
        fitting = fitting or Fitting()
        same = fitting.sample == desk.sample and fitting.runs == desk.runs and fitting.worn
        choices = wear.outfits(shelf.session, desk.dataset) if desk.sample else []
        return fitting, gr.update(choices=choices), gr.skip() if same else wear.waiting(desk), ready

    def prepare(fitting: Fitting | None) -> tuple[Any, ...]:
        fitting = fitting or Fitting()
        fitting.stop.clear()
        fitting.waiter.person = person_here()
        return fitting, gr.update(interactive=False), gr.update(interactive=True), say(text.WAITING)

    def run(desk: Desk, fitting: Fitting, names: list[str], words: str) -> Iterator[tuple[Any, ...]]:
        try:
            for said, shown in wear.wear(shelf, board, desk, fitting, names or [], words or ""):
                yield said, gr.skip() if shown is None else shown
        except Exception:
            yield "", gr.skip()
            raise

    def ask(fitting: Fitting, event: gr.EventData) -> tuple[str]:
        device.ask(board, fitting.waiter, int(event._data["job"]))
        return (device.panel(shelf.session, board),)

    tried, buttons = [w.trying, w.worn], [w.try_on, w.stop]
    w.answers.change(hang, [w.desk, w.fitting], [w.fitting, w.outfits, w.worn, w.try_on], **LIGHT)
    ready = gr.on([w.try_on.click, w.words.submit], prepare, w.fitting, [w.fitting, *buttons, w.trying], **LIGHT)
    worn = ready.then(guarded_steps(run, 2), [w.desk, w.fitting, w.outfits, w.words], [*tried, w.wear_notice], **PAINT)
    w.trying.act(guarded(ask, 1), w.fitting, [w.trying, w.wear_notice], **LIGHT)
    worn.then(lambda: (gr.update(interactive=True), gr.update(interactive=False)), None, buttons, **LIGHT)
    w.stop.click(lambda fitting: fitting.stop.set(), w.fitting, None, **LIGHT)


def _connect_saliency(shelf: Shelf, w: Widgets, loaded: Any) -> None:
    def keep(desk: Desk, shown: Shown | None) -> tuple[Any, ...]:
        """What was looked into stays while it is what the desk is about."""
        shown = shown or Shown()
        return shown, gr.skip() if shown.is_of(desk) else say(text.LOOKING_INTO) if desk.why else saliency.hint()

    def ask(desk: Desk, event: gr.EventData) -> tuple[str, str]:
        desk.why = int(event._data["id"])
        return desk.address(), say(text.LOOKING_INTO)

    def run(desk: Desk, shown: Shown | None) -> Iterator[tuple[str]]:
        try:
            yield from saliency.look(shelf, desk, shown or Shown())
        except Exception:
            yield (saliency.hint(),)
            raise

    w.answers.change(keep, [w.desk, w.shown], [w.shown, w.rests], **LIGHT)
    asked = w.answers.why(guarded(ask, 2), w.desk, [w.address, w.rests, w.rests_notice], **LIGHT)
    for event in (loaded, asked):
        event.then(guarded_steps(run, 1), [w.desk, w.shown], [w.rests, w.rests_notice], **DEVICE)
