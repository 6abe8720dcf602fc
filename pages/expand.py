"""Expand: give every photo of a split variants in other outfits; what it will cost, how it fills, how far it covers.

`_expand_handlers.py` says what happens, `_expand_view.py` how it looks; here widgets are laid out and connected.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import gradio as gr

from dlcr import stages
from dlcr.core.profiles import PROFILES
from dlcr.core.settings import ExpandSettings, Viewing, checked
from pages import _expand_handlers as handlers
from pages import _text as text
from pages._expand_handlers import Desk
from pages._widgets import DEVICES, LIGHT, asset, blocks_here, fresh, guarded, heading, notice_panel, page_head, panel
from pages._work import PageBoard, act

TITLE = text.EXPAND
PATH = "/expand"
LOOK = 1.5
"""Seconds between two looks at what is painted."""


@dataclass(frozen=True, slots=True)
class Widgets:
    """Every widget of the page; `view` is what `handlers.shown` fills, `form` what `_expand_order.order` reads."""

    desk: gr.State
    last: gr.State
    query: gr.Textbox
    timer: gr.Timer
    view: tuple[gr.HTML, ...]
    work_notice: gr.HTML
    menus: tuple[gr.Dropdown, gr.Dropdown]
    form: tuple[Any, ...]
    start: gr.Button
    measure: gr.Button
    notice: gr.HTML
    gate: gr.Dropdown
    check: gr.Button
    release: tuple[Any, ...]
    export: gr.Button
    more_notice: gr.HTML


def build(session: stages.Session) -> None:
    """Lay the page out inside the current Blocks and connect it to `session`."""
    _connect(session, _layout())


def _layout() -> Widgets:
    found: dict[str, Any] = {
        "desk": gr.State(None), "last": gr.State(None), "query": gr.Textbox(visible=False),
        "timer": gr.Timer(LOOK, active=False),
    }  # fmt: skip
    address = page_head()
    with gr.Row(elem_id="expand", elem_classes="page"):
        with gr.Column():
            with gr.Column(elem_classes="area"):
                heading(text.WORK)
                jobs = panel("expand-work", comes="rows", js_on_load=asset("actions.js"))
                found["work_notice"] = notice_panel("expand-work-notice")
            with gr.Column(elem_classes="area"):
                heading(text.SHEET)
                sheet = gr.HTML(
                    "", html_template='<div class="pairs"></div>', js_on_load=asset("sheet.js"), apply_default_css=False,
                    elem_id="sheet",
                )  # fmt: skip
            with gr.Column(elem_classes="area"):
                heading(text.COVERAGE)
                coverage = panel("coverage", comes="rows")
        with gr.Column(elem_classes="side-form"):
            with gr.Column(elem_classes="area"):
                estimate, more = _form()
            with gr.Column(elem_classes="area"):
                found |= more | _afterwards()
    return Widgets(**found, view=(jobs, sheet, coverage, address, estimate))


def _form() -> tuple[gr.HTML, dict[str, Any]]:
    """What to paint, the rest in an accordion; `form` in the order of `_expand_order.order`."""
    usual = ExpandSettings()
    heading(text.NEW_VARIANTS)
    with gr.Row(elem_classes="tight"):
        dataset = gr.Dropdown([], label=text.DATASET, elem_id="expand-dataset", min_width=120)
        split = gr.Dropdown([], label=text.SPLIT, elem_id="expand-split", min_width=90)
    with gr.Row(elem_classes="tight"):
        variants = gr.Number(
            usual.variants, label=text.VARIANTS_PER_PHOTO, precision=0, min_width=110, elem_id="expand-variants"
        )
        limit = gr.Number(0, label=text.LIMIT, precision=0, min_width=110, elem_id="expand-limit")
    diverse = gr.Dropdown(
        [(text.BY_CHANCE, False), (text.DIVERSE, True)], value=False, label=text.OUTFIT_CHOICE, elem_id="expand-diverse"
    )
    with gr.Row(elem_classes="tight"):
        profile = gr.Dropdown(list(PROFILES), value="fast", label=text.PROFILE, min_width=110, elem_id="expand-profile")
        device = gr.Dropdown(DEVICES, value="auto", label=text.DEVICE, min_width=110, elem_id="expand-device")
    with gr.Accordion(text.SETTINGS, open=False, elem_id="expand-settings"):
        inpainter = gr.Textbox(
            label=text.INPAINTER, placeholder=text.INPAINTER_HINT, max_lines=1, elem_id="expand-inpainter"
        )
        blank: dict[str, Any] = {"precision": 0, "min_width": 80}
        with gr.Row(elem_classes="tight"):
            steps = gr.Number(0, label=text.STEPS_OR, elem_id="expand-steps", **blank)
            batch = gr.Number(0, label=text.BATCH_OR, elem_id="expand-batch", **blank)
        with gr.Row(elem_classes="tight"):
            kinds = [(text.INPAINTER_HINT, ""), *((name, name) for name in stages.SCHEDULERS)]
            scheduler = gr.Dropdown(kinds, value="", label=text.SCHEDULER, min_width=80, elem_id="expand-scheduler")
            seed = gr.Number(usual.seed, label=text.SEED, precision=0, min_width=80, elem_id="expand-seed")
        weight = gr.Number(0, label=text.WEIGHT, step=0.5, min_width=80, elem_id="expand-weight")
        compiled = gr.Checkbox(False, label=text.COMPILE, elem_id="expand-compile")
    estimate = panel("estimate")
    notice = notice_panel("expand-notice")
    with gr.Row(elem_classes="tight"):
        start = gr.Button(text.START, variant="primary", size="sm", elem_id="expand-start")
        measure = gr.Button(text.MEASURE, size="sm", elem_id="expand-measure")
    form = (variants, diverse, profile, limit, inpainter, steps, scheduler, batch, weight, seed, device, compiled)
    return estimate, {
        "menus": (dataset, split), "form": form, "start": start, "measure": measure,
        "notice": notice,
    }  # fmt: skip


def _afterwards() -> dict[str, Any]:
    heading(text.QUALITY)
    gates = [(words, name) for name, words in text.GATES.items()]
    gate = gr.Dropdown(gates, value="keep", label=text.GATE, elem_id="expand-gate")
    check = gr.Button(text.CHECK, size="sm", elem_id="expand-check")
    heading(text.RELEASE)
    folder = gr.Textbox(label=text.FOLDER, placeholder=text.EXPORT_HINT, max_lines=1, elem_id="expand-release")
    accepted = gr.Checkbox(False, label=text.ONLY_ACCEPTED, elem_id="expand-accepted")
    blur = gr.Checkbox(checked(Viewing).privacy, label=text.BLUR_FACES, elem_id="expand-blur-faces")
    export = gr.Button(text.EXPORT, size="sm", elem_id="expand-export")
    return {
        "gate": gate, "check": check, "release": (folder, accepted, blur), "export": export,
        "more_notice": notice_panel("expand-more-notice"),
    }  # fmt: skip


def _connect(session: stages.Session, w: Widgets) -> None:
    board = PageBoard(session)
    outputs = [*w.view, w.timer]

    def shown(desk: Desk, last: list[Any]) -> tuple[Any, ...]:
        *told, timer = fresh(last, handlers.shown(session, board, desk))
        return *told, gr.Timer(active=timer) if isinstance(timer, bool) else timer

    def menus(desk: Desk) -> tuple[Any, ...]:
        names, splits = handlers.names(session), handlers.splits(session, desk.dataset)
        return gr.Dropdown(names, value=desk.dataset), gr.Dropdown(splits, value=desk.split or None)

    def start(query: str) -> tuple[Any, ...]:
        desk, last = handlers.start(session, board, query), list[Any]()
        return desk, last, *menus(desk), *shown(desk, last)

    def choose(desk: Desk, last: list[Any], dataset: str, split: str | None) -> tuple[Any, ...] | None:
        if (dataset, split or "") == (desk.dataset, desk.split):
            return None
        handlers.choose(session, desk, dataset, split)
        return *menus(desk), *shown(desk, last)

    def estimate(desk: Desk, last: list[Any], *form: Any) -> tuple[Any, ...]:
        handlers.estimate(session, board, desk, *form)
        return shown(desk, last)

    def button(handler: Callable[..., None]) -> Callable[..., tuple[Any, ...]]:
        def run(desk: Desk, last: list[Any], *form: Any) -> tuple[Any, ...]:
            handler(desk, *form)
            return shown(desk, last)

        return run

    def acted(desk: Desk, last: list[Any], event: gr.EventData) -> tuple[Any, ...]:
        act(board, event._data)
        return shown(desk, last)

    def measure(desk: Desk, *form: Any) -> None:
        handlers.measure(session, board, desk, *form)

    desk = [w.desk, w.last]
    price: dict[str, Any] = {
        "fn": guarded(estimate, len(outputs)), "inputs": [*desk, *w.form], "outputs": [*outputs, w.notice],
        "trigger_mode": "always_last",
    }  # fmt: skip
    blocks = blocks_here()
    loaded = blocks.load(
        guarded(start, len(outputs) + 4), w.query, [*desk, *w.menus, *outputs, w.work_notice],
        js="() => window.location.search", **LIGHT,
    )  # fmt: skip
    loaded.then(**price, **LIGHT)
    for menu in w.menus:
        chosen = guarded(choose, len(outputs) + 2)
        menu.input(chosen, [*desk, *w.menus], [*w.menus, *outputs, w.notice], **LIGHT).then(**price, **LIGHT)
    gr.on([field.change for field in w.form], **price, **LIGHT)  # as one, so that the last state of the form counts
    works: list[tuple[gr.Button, Callable[..., None], list[Any], gr.HTML]] = [
        (w.start, lambda *given: handlers.expand(board, *given), [*w.form], w.notice), (w.measure, measure, [*w.form], w.notice),
        (w.check, lambda *given: handlers.check(board, *given), [w.gate, w.form[-2]], w.more_notice),
        (w.export, lambda *given: handlers.export(board, *given), [*w.release], w.more_notice),
    ]  # fmt: skip
    for widget, handler, inputs, notice in works:
        widget.click(guarded(button(handler), len(outputs)), [*desk, *inputs], [*outputs, notice], **LIGHT)
    w.view[0].act(guarded(acted, len(outputs)), desk, [*outputs, w.work_notice], trigger_mode="multiple", **LIGHT)
    w.timer.tick(guarded(shown, len(outputs)), desk, [*outputs, w.work_notice], queue=False, **LIGHT)
