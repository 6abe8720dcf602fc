"""Train: runs with and without variants; their curves while they learn, their settings and results side by side, the ablation.

`_train_handlers.py` says what happens, `_train_view.py` how it looks; here widgets are laid out and connected.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import gradio as gr

from dlcr import stages
from pages import _text as text
from pages import _train_form as form
from pages import _train_handlers as handlers
from pages import _train_view as view
from pages import _work as work
from pages._train_handlers import Desk
from pages._widgets import DEVICES, LIGHT, asset, blocks_here, fresh, guarded, heading, notice_panel, page_head, panel
from pages._work import PageBoard

TITLE = text.TRAIN
PATH = "/train"
LOOK = 1.5
"""Seconds between two looks at what learns."""


@dataclass(frozen=True, slots=True)
class Widgets:
    """Every widget of the page; `view` is what `handlers.shown` fills, `fields` what `_train_form.settings` reads."""

    desk: gr.State
    last: gr.State
    query: gr.Textbox
    timer: gr.Timer
    view: tuple[Any, ...]
    work_notice: gr.HTML
    runs_notice: gr.HTML
    votes: gr.Number
    measure: gr.Dropdown
    smooth: gr.Slider
    dataset: gr.Dropdown
    name: gr.Textbox
    device: gr.Dropdown
    fields: tuple[Any, ...]
    meaning: gr.HTML
    notice: gr.HTML
    start: gr.Button
    arms: tuple[Any, ...]
    run_arms: gr.Button
    arms_notice: gr.HTML


def build(session: stages.Session) -> None:
    """Lay the page out inside the current Blocks and connect it to `session`."""
    _connect(session, _layout())


def _layout() -> Widgets:
    found: dict[str, Any] = {
        "desk": gr.State(None), "last": gr.State(None), "query": gr.Textbox(visible=False),
        "timer": gr.Timer(LOOK, active=False),
    }  # fmt: skip
    address = page_head()
    with gr.Row(elem_id="train", elem_classes="page"):
        with gr.Column():
            with gr.Column(elem_classes="area"):
                heading(text.WORK)
                jobs = panel("train-work", comes="rows", js_on_load=asset("actions.js"))
                found["work_notice"] = notice_panel("train-work-notice")
                log = panel("train-log", js_on_load=asset("log.js"))
            with gr.Column(elem_classes="area"):
                heading(text.RUNS)
                runs = panel("runs", comes="rows", js_on_load=asset("actions.js"))
                found["runs_notice"] = notice_panel("runs-notice")
                found["votes"] = gr.Number(0, label=text.VOTES, precision=0, elem_id="votes")
            with gr.Column(elem_classes="area"):
                curves, numbers, more = _curves()
                found |= more
            with gr.Column(elem_classes="area"):
                heading(text.COMPARED)
                compared = panel("compared", comes="rows")
            with gr.Column(elem_classes="area"):
                heading(text.ABLATION)
                arms = gr.Plot(show_label=False, elem_id="ablation-plot", container=False, visible=False)
                table = panel("ablation")
        with gr.Column(elem_classes="side-form"):
            with gr.Column(elem_classes="area"):
                found |= _form()
            with gr.Column(elem_classes="area"):
                found |= _ablation_form()
    return Widgets(**found, view=(jobs, log, runs, curves, numbers, compared, arms, table, address))


def _curves() -> tuple[gr.Plot, gr.HTML, dict[str, Any]]:
    heading(text.CURVES)
    with gr.Row(elem_classes="tight"):
        kinds = [(words, name) for name, words in text.MEASURES.items()]
        measure = gr.Dropdown(kinds, value="loss", label=text.MEASURE_SHOWN, elem_id="measure", min_width=150)
        smooth = gr.Slider(0, 0.95, 0, step=0.05, label=text.SMOOTHING, elem_id="smooth", min_width=150)
    plot = gr.Plot(show_label=False, elem_id="curves", container=False, visible=False)
    return plot, panel("curve-numbers"), {"measure": measure, "smooth": smooth}


def _number(name: str, value: float) -> gr.Number:
    whole = name not in ("learning_rate", "triplet_weight")
    return gr.Number(
        value, label=text.TRAIN_NUMBERS[name], precision=0 if whole else None, step=1 if whole else 0.00005,
        min_width=110, elem_id=f"train-{name.replace('_', '-')}",
    )  # fmt: skip


def _form() -> dict[str, Any]:
    """What to train, the rest in an accordion; `fields` in the order of `_train_form.settings`."""
    values = dict(zip(form.NUMBERS, form.numbers(""), strict=True))
    heading(text.NEW_RUN)
    with gr.Row(elem_classes="tight"):
        dataset = gr.Dropdown([], label=text.DATASET, elem_id="train-dataset", min_width=110)
        name = gr.Textbox(
            label=text.RUN, placeholder=text.RUN_HINT, max_lines=1, max_length=100, elem_id="run-name", min_width=110
        )
    kinds = [(words, kind) for kind, words in text.KINDS.items()]
    kind = gr.Dropdown(kinds, value="photos", label=text.LEARNS_FROM, elem_id="train-kind")
    shown: dict[str, gr.Number] = {}
    for pair in (form.OPEN[:2], form.OPEN[2:]):
        with gr.Row(elem_classes="tight"):
            shown |= {one: _number(one, values[one]) for one in pair}
    device = gr.Dropdown(DEVICES, value="auto", label=text.DEVICE, elem_id="train-device")
    with gr.Accordion(text.SETTINGS, open=False, elem_id="train-settings"):
        for place in range(0, len(form.MORE), 2):
            with gr.Row(elem_classes="tight"):
                shown |= {one: _number(one, values[one]) for one in form.MORE[place : place + 2]}
        guides = [(words, kind) for kind, words in text.GUIDED_KINDS.items()]
        guided = gr.Dropdown(guides, value="", label=text.GUIDANCE_KIND, elem_id="train-guided")
        backbone = gr.Textbox(label=text.BACKBONE, placeholder=text.BACKBONE_HINT, max_lines=1, elem_id="backbone")
        accepted = gr.Checkbox(False, label=text.ACCEPTED_ONLY, elem_id="train-accepted")
        clothes = gr.Checkbox(True, label=text.CLOTHES_LOSSES, elem_id="train-clothes")
    meaning, notice = panel("train-meaning"), notice_panel("train-notice")
    start = gr.Button(text.START, variant="primary", size="sm", elem_id="train-start")
    fields = (kind, backbone, guided, accepted, clothes, *(shown[one] for one in form.NUMBERS))
    return {
        "dataset": dataset, "name": name, "device": device, "fields": fields, "meaning": meaning, "notice": notice,
        "start": start,
    }  # fmt: skip


def _ablation_form() -> dict[str, Any]:
    heading(text.ABLATION)
    with gr.Row(elem_classes="tight"):
        seeds = gr.Number(5, label=text.SEEDS_EACH, precision=0, min_width=80, elem_id="arms-seeds")
        epochs = gr.Number(24, label=text.EPOCHS, precision=0, min_width=80, elem_id="arms-epochs")
    variants = gr.Number(10, label=text.TRAIN_NUMBERS["variants"], precision=0, elem_id="arms-variants")
    start = gr.Button(text.RUN_ABLATION, size="sm", elem_id="arms-start")
    return {
        "arms": (seeds, variants, epochs), "run_arms": start,
        "arms_notice": notice_panel("arms-notice"),
    }  # fmt: skip


def _connect(session: stages.Session, w: Widgets) -> None:
    board = PageBoard(session)
    desk, outputs = [w.desk, w.last], [*w.view, w.timer]

    def shown(desk: Desk, last: list[Any]) -> tuple[Any, ...]:
        now = handlers.shown(session, board, desk)
        told = fresh(last, [getattr(now, name) for name in handlers.View.__dataclass_fields__])
        jobs, log, runs, curves, numbers, compared, rows, table, address, more = told
        if isinstance(curves, view.Curves):
            curves = gr.Plot(view.curve_figure(curves), visible=True)
        if isinstance(rows, tuple):
            rows = gr.Plot(view.ablation_figure(rows), visible=True) if rows else gr.Plot(visible=False)
        timer = gr.Timer(active=more) if isinstance(more, bool) else more
        return jobs, log, runs, curves, numbers, compared, rows, table, address, timer

    def start(query: str) -> tuple[Any, ...]:
        desk, last = handlers.start(session, board, query), list[Any]()
        menu = gr.Dropdown(handlers.names(session), value=desk.dataset)
        return desk, last, menu, desk.measure, desk.smooth, *handlers.numbers(session, desk), *shown(desk, last)

    def choose(desk: Desk, last: list[Any], dataset: str, backbone: str) -> tuple[Any, ...] | None:
        if dataset == desk.dataset:
            return None  # the numbers that somebody typed stay
        handlers.choose(session, desk, dataset)
        return *handlers.numbers(session, desk, backbone), *shown(desk, last)

    def refill(desk: Desk, backbone: str, *given: float | None) -> tuple[Any, ...]:
        return tuple(fresh(list(given), handlers.refill(session, desk, backbone, *given)))

    def draw(desk: Desk, last: list[Any], measure: str, smooth: float) -> tuple[Any, ...]:
        desk.measure, desk.smooth = measure, smooth
        return shown(desk, last)

    def check(desk: Desk, *fields: Any) -> tuple[str]:
        return (handlers.checked(session, desk, *fields),)

    def train(desk: Desk, last: list[Any], *given: Any) -> tuple[Any, ...]:
        handlers.train(session, board, desk, *given)
        return shown(desk, last)

    def arms(desk: Desk, last: list[Any], *given: Any) -> tuple[Any, ...]:
        handlers.ablation(board, desk, *given)
        return shown(desk, last)

    def act(desk: Desk, last: list[Any], votes: float, device: str, event: gr.EventData) -> tuple[Any, ...]:
        handlers.act(session, board, desk, event._data, int(votes or 0), device)
        return shown(desk, last)

    def job(desk: Desk, last: list[Any], event: gr.EventData) -> tuple[Any, ...]:
        work.act(board, event._data)
        return shown(desk, last)

    count = len(outputs)
    checks: dict[str, Any] = {
        "fn": guarded(check, 1), "inputs": [w.desk, *w.fields], "outputs": [w.meaning, w.notice],
        "trigger_mode": "always_last",
    }  # fmt: skip
    backbone, fields = w.fields[1], [*w.fields[-len(form.NUMBERS) :]]
    blocks = blocks_here()
    begun = [*desk, w.dataset, w.measure, w.smooth, *fields, *outputs]
    blocks.load(
        guarded(start, len(begun)), w.query, [*begun, w.work_notice], js="() => window.location.search", **LIGHT
    ).then(**checks, **LIGHT)
    w.dataset.input(
        guarded(choose, len(fields) + count), [*desk, w.dataset, backbone], [*fields, *outputs, w.notice], **LIGHT
    ).then(**checks, **LIGHT)
    backbone.change(  # at each letter, so that the numbers are there before anybody can press the button
        guarded(refill, len(fields)), [w.desk, backbone, *fields], [*fields, w.notice], trigger_mode="always_last", **LIGHT
    ).then(**checks, **LIGHT)  # fmt: skip
    others = [field.change for field in w.fields if field is not backbone]
    gr.on(others, **checks, **LIGHT)  # as one, so that the last state of the form counts
    events: list[tuple[Callable[..., Any], Callable[..., Any], list[Any], gr.HTML]] = [
        (w.measure.input, draw, [w.measure, w.smooth], w.runs_notice),
        (w.smooth.release, draw, [w.measure, w.smooth], w.runs_notice),
        (w.start.click, train, [w.name, w.device, *w.fields], w.notice),
        (w.run_arms.click, arms, [*w.arms, w.device], w.arms_notice),
        (w.view[0].act, job, [], w.work_notice), (w.view[2].act, act, [w.votes, w.device], w.runs_notice),
    ]  # fmt: skip
    for event, handler, inputs, notice in events:
        event(guarded(handler, count), [*desk, *inputs], [*outputs, notice], **LIGHT)
    w.timer.tick(guarded(shown, count), desk, [*outputs, w.work_notice], queue=False, **LIGHT)
