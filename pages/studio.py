"""Studio, the main page: find a photo, correct its mask, dress it, compare, keep.

`_studio_handlers.py` says what happens, `_studio_layout.py` what stands where; here they are connected. Work on models takes
the concurrency id `device`, one at a time; everything else is light.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import gradio as gr

from dlcr import stages
from dlcr.core.errors import Cancelled, DlcrError
from dlcr.jobs.board import Board
from pages import _device as device
from pages import _studio_desk as desks
from pages import _studio_handlers as handlers
from pages import _studio_view as view
from pages import _text as text
from pages._studio_desk import Desk
from pages._studio_layout import Widgets, layout
from pages._widgets import DEVICE, LIGHT, PAINT, blocks_here, guarded, guarded_steps, say

TITLE = text.TITLE
PATH = "/"


def build(session: stages.Session) -> None:
    """Lay the page out inside the current Blocks and connect it to `session`."""
    w = layout(session.backends)
    _connect_finding(session, w)
    _connect_mask(session, w)
    _connect_words(session, w)
    board = Board(session.workspace, session.catalog)
    _connect_painting(session, board, w)
    _connect_figure(session, board, w)


FILL = """(prompt, offer) => {
    if (!offer || prompt !== offer[0] || window.dlcrFilled === offer[2]) return prompt;
    window.dlcrFilled = offer[2];
    return offer[1];
}"""
"""The outfit's prompt, once for a photo, unless somebody wrote another meanwhile: decided where nothing comes in between."""


def _on(
    event: Callable[..., Any], handler: Callable[..., Any], inputs: list[Any], outputs: list[Any], notice: Any,
    kind: dict[str, Any] = LIGHT, **more: Any,
) -> Any:  # fmt: skip
    """Connect an event to a handler whose errors are shown in `notice`."""
    return event(guarded(handler, len(outputs)), inputs, [*outputs, notice], **kind, **more)


def _menus(w: Widgets) -> list[Any]:
    return [w.dataset, *w.filters]


def _connect_finding(session: stages.Session, w: Widgets) -> None:
    def start(query: str, request: gr.Request) -> tuple[Any, ...]:
        desk, *others = handlers.start(session, query)
        desk.waiter.person = request.username or request.session_hash or ""
        return desk, *others

    def dataset(desk: Desk, name: str) -> tuple[Any, ...] | None:
        return None if name == desk.find.dataset else handlers.choose_dataset(session, desk, name)

    def narrow(desk: Desk, *filters: str) -> tuple[Any, ...] | None:
        shown = handlers.filter_samples(session, desk, *filters)
        return shown and (*shown, desk.address())

    def act(desk: Desk, event: gr.EventData) -> tuple[Any, ...]:
        return handlers.pick(session, desk, event._data)

    def turn(desk: Desk, event: gr.EventData) -> tuple[Any, ...]:
        return *handlers.turn(session, desk, event._data), desk.address()

    def upload(desk: Desk, file: str | None) -> tuple[Any, ...]:
        return *handlers.upload(session, desk, file), None

    outputs = [*_menus(w), w.gallery]
    blocks = blocks_here()
    loaded = blocks.load(start, w.query, [w.desk, *outputs, w.find_notice], js="() => window.location.search", **LIGHT)
    _opening(session, w, loaded)
    _on(w.dataset.input, dataset, [w.desk, w.dataset], outputs, w.find_notice)
    split, pid, camid, clothes, words = w.filters
    for event in (split.input, pid.input, camid.input, clothes.input, words.submit, words.blur):
        _on(event, narrow, [w.desk, *w.filters], [w.gallery, w.address], w.find_notice, trigger_mode="always_last")
    _opening(session, w, _on(w.gallery.act, act, [w.desk], [w.gallery], w.find_notice, trigger_mode="multiple"))
    _on(w.gallery.turn, turn, [w.desk], [w.gallery, w.address], w.find_notice, trigger_mode="multiple")
    _opening(session, w, _on(w.upload.upload, upload, [w.desk, w.upload], [*outputs, w.upload], w.find_notice))


def _opening(session: stages.Session, w: Widgets, event: Any) -> None:
    """What follows when a photo came onto the desk: show it, find its clothes, describe its outfit."""

    def show(desk: Desk, prompt: str) -> tuple[Any, ...]:
        desk.before = prompt
        return *handlers.centre(session, desk), view.captions(desk), *handlers.outcome(session, desk)

    def parse(desk: Desk) -> tuple[()]:
        desks.parse(session, desk)
        return ()

    def centre(desk: Desk) -> tuple[Any, ...]:
        return *handlers.centre(session, desk), view.captions(desk)

    def describe(desk: Desk) -> tuple[Any, ...]:
        desks.describe(session, desk)
        return view.captions(desk), *handlers.menus_of_prompts(session, desk)

    def offer(desk: Desk) -> tuple[list[str | int]] | None:
        """What the box of the prompt held when the photo came, what it is to start with, and how many photos came.

        Nothing before the photo is described: it is offered once, and the page may still open when a photo comes.
        """
        return ([desk.before, handlers.prompt(session, desk), desk.photos],) if desk.described else None

    def understood(prompt: str) -> tuple[str]:
        return handlers.understood(session, prompt)

    middle, words = [w.editor, w.versions, w.address], [w.captions, w.history, w.others]
    shown = _on(event.then, show, [w.desk, w.prompt], [*middle, w.captions, w.results, w.comparison], w.mask_notice)
    parsed = _on(shown.then, parse, [w.desk], [], w.mask_notice, DEVICE)
    seen = parsed.then(centre, w.desk, [*middle, w.captions], **LIGHT)
    described = _on(seen.then, describe, [w.desk], words, w.words_notice, DEVICE)
    offered = _on(described.then, offer, [w.desk], [w.offer], w.words_notice)
    filled = offered.then(None, [w.prompt, w.offer], w.prompt, js=FILL, **LIGHT)
    _on(filled.then, understood, [w.prompt], [w.understood], w.words_notice, DEVICE)


def _connect_mask(session: stages.Session, w: Widgets) -> None:
    def edit(desk: Desk, event: gr.EventData) -> tuple[Any, ...]:
        desks.edit(session, desk, event._data)
        return handlers.centre(session, desk)

    def act(desk: Desk, event: gr.EventData) -> tuple[Any, ...]:
        handlers.act_on_version(session, desk, event._data)
        return handlers.centre(session, desk)

    middle, order = [w.editor, w.versions, w.address], {"concurrency_id": "edit", "concurrency_limit": 1}
    _on(w.editor.edit, edit, [w.desk], middle, w.mask_notice, LIGHT | order, trigger_mode="multiple")
    _on(w.versions.act, act, [w.desk], middle, w.mask_notice)


def _connect_words(session: stages.Session, w: Widgets) -> None:
    def take(desk: Desk, prompt: str | None) -> tuple[str] | None:
        return handlers.take(desk, prompt, again=True)

    def left(desk: Desk, prompt: str | None) -> tuple[str] | None:
        return handlers.take(desk, prompt, again=False)

    def use(desk: Desk) -> tuple[str]:
        return (str(desk.outfit),)

    def frame(desk: Desk, event: gr.EventData) -> tuple[Any, ...]:
        return handlers.pick(session, desk, event._data)

    def understood(prompt: str) -> tuple[str]:
        return handlers.understood(session, prompt)

    def rows(event: gr.EventData) -> str:
        return " | ".join(str(item).replace("|", " ") for item in event._data["items"])

    _on(w.prompt.change, understood, [w.prompt], [w.understood], w.words_notice, DEVICE, trigger_mode="always_last")
    w.prompt.change(handlers.items, w.prompt, w.garments, trigger_mode="always_last", **LIGHT)
    w.garments.rows(rows, None, w.prompt, trigger_mode="multiple", **LIGHT)
    for menu in (w.history, w.others):
        _on(menu.select, take, [w.desk, menu], [w.prompt], w.words_notice)
        _on(menu.input, left, [w.desk, menu], [w.prompt], w.words_notice)  # by keyboard it is told only when it is left
    _on(w.captions.use, use, [w.desk], [w.prompt], w.words_notice)
    _opening(session, w, _on(w.captions.act, frame, [w.desk], [w.gallery], w.words_notice))


def _connect_painting(session: stages.Session, board: Board, w: Widgets) -> None:
    def prepare(desk: Desk | None) -> tuple[Any, ...]:
        if desk:
            desk.stop.clear()
        return gr.update(interactive=False), gr.update(interactive=True), say(text.WAITING)

    def run(desk: Desk, *form: Any) -> Iterator[tuple[Any, ...]]:
        try:
            yield from handlers.run(session, board, desk, *form)
        except Exception:
            yield "", gr.skip(), gr.skip()
            raise

    def after(desk: Desk) -> tuple[Any, ...]:
        menus = handlers.menus_of_prompts(session, desk)
        return *handlers.centre(session, desk), *menus, gr.update(interactive=True), gr.update(interactive=False)

    def judge(desk: Desk, event: gr.EventData) -> tuple[Any, ...]:
        return *handlers.judge(session, desk, event._data), desk.address()

    def look() -> tuple[Any, ...]:
        return (device.panel(session, board),)

    def ask(desk: Desk, event: gr.EventData) -> tuple[str]:
        return handlers.ask_to_yield(session, board, desk, event._data)

    w.timer.tick(look, None, [w.device], queue=False, **LIGHT)
    _on(w.device.act, ask, [w.desk], [w.device], w.paint_notice)
    outcome, buttons = [w.results, w.comparison], [w.paint, w.cancel]
    ready = w.paint.click(prepare, w.desk, [*buttons, w.progress], **LIGHT)
    painted = ready.then(guarded_steps(run, 3), [w.desk, *w.form], [w.progress, *outcome, w.paint_notice], **PAINT)
    painted.then(after, w.desk, [w.editor, w.versions, w.address, w.history, w.others, *buttons], **LIGHT)
    w.cancel.click(handlers.cancel, w.desk, None, **LIGHT)
    _on(w.results.act, judge, [w.desk], [*outcome, w.address], w.judge_notice)


def _connect_figure(session: stages.Session, board: Board, w: Widgets) -> None:
    def prepare(desk: Desk) -> tuple[str]:
        desk.stop.clear()
        return (say(text.WAITING),)

    def figure(desk: Desk, *form: Any) -> Iterator[tuple[str]]:
        try:
            yield from handlers.figure(session, board, desk, *form)
        except Cancelled:
            yield (say(text.STOPPED),)
        except DlcrError:
            yield ("",)
            raise

    ready = _on(w.draw.click, prepare, [w.desk], [w.figure], w.figure_notice)
    ready.then(guarded_steps(figure, 1), [w.desk, *w.form], [w.figure, w.figure_notice], **PAINT)
