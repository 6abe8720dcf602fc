"""Data: which data sets are known, what is in them, what is the matter with them; index, import, export, remove.

`_data_handlers.py` says what happens, `_data_view.py` how it looks; here widgets are laid out and connected.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import gradio as gr

from dlcr import stages
from dlcr.core.settings import Viewing, checked
from pages import _data_handlers as handlers
from pages import _text as text
from pages._data_handlers import Desk
from pages._widgets import LIGHT, asset, blocks_here, guarded, heading, notice_panel, page_head, panel
from pages._work import PageBoard

TITLE = text.DATA
PATH = "/data"
LOOK = 1.0
"""Seconds between two looks at the job that the page follows."""


@dataclass(frozen=True, slots=True)
class Widgets:
    """Every widget of the page; `form` and `release` are what indexing and moving read."""

    desk: gr.State
    query: gr.Textbox
    timer: gr.Timer
    address: gr.HTML
    table: gr.HTML
    about: gr.HTML
    disk: gr.HTML
    notice: gr.HTML
    form: tuple[Any, ...]
    index: gr.Button
    cancel: gr.Button
    progress: gr.HTML
    work_notice: gr.HTML
    release: tuple[Any, ...]
    bring: gr.Button
    export: gr.Button


def build(session: stages.Session) -> None:
    """Lay the page out inside the current Blocks and connect it to `session`."""
    _connect(session, _layout())


def _layout() -> Widgets:
    desk, query, timer = gr.State(None), gr.Textbox(visible=False), gr.Timer(LOOK, active=False)
    address = page_head()
    with gr.Row(elem_id="data"):
        with gr.Column():
            with gr.Column(elem_classes="area"):
                heading(text.DATASETS)
                table = panel("sets", comes="rows", js_on_load=asset("actions.js"))
                disk, notice = panel("disk"), notice_panel("data-notice")
            with gr.Column(elem_classes="area"):
                about = panel("about", comes="rows")
        with gr.Column(elem_id="data-work"):
            with gr.Column(elem_classes="area"):
                form, index, cancel, progress, work_notice = _index_form()
            with gr.Column(elem_classes="area"):
                release, bring, export = _release_form()
    return Widgets(
        desk,
        query,
        timer,
        address,
        table,
        about,
        disk,
        notice,
        form,
        index,
        cancel,
        progress,
        work_notice,
        release,
        bring,
        export,
    )


def _index_form() -> tuple[Any, ...]:
    heading(text.INDEX_A_FOLDER)
    root = gr.Textbox(
        label=text.FOLDER, placeholder=text.FOLDER_HINT, max_lines=1, elem_id="root", elem_classes="small"
    )
    name = gr.Textbox(label=text.NAME, placeholder=text.NAME_HINT, max_lines=1, max_length=100, elem_id="name")
    layout = gr.Dropdown(list(stages.LAYOUTS), value="auto", label=text.LAYOUT, elem_id="layout", elem_classes="small")
    check = gr.Checkbox(True, label=text.CHECK_FILES, elem_id="check")
    with gr.Row(elem_classes="tight"):
        index = gr.Button(text.INDEX, variant="primary", size="sm", elem_id="index")
        cancel = gr.Button(text.CANCEL, size="sm", elem_id="stop", interactive=False)
    return (root, name, layout, check), index, cancel, panel("work"), notice_panel("work-notice")


def _release_form() -> tuple[Any, ...]:
    heading(text.RELEASE)
    folder = gr.Textbox(label=text.FOLDER, placeholder=text.RELEASE_HINT, max_lines=1, elem_id="release")
    accepted = gr.Checkbox(False, label=text.ONLY_ACCEPTED, elem_id="accepted")
    blur = gr.Checkbox(checked(Viewing).privacy, label=text.BLUR_FACES, elem_id="blur-faces")
    with gr.Row(elem_classes="tight"):
        bring = gr.Button(text.IMPORT, size="sm", elem_id="import")
        export = gr.Button(text.EXPORT, size="sm", elem_id="export")
    return (folder, accepted, blur), bring, export


def _connect(session: stages.Session, w: Widgets) -> None:
    board = PageBoard(session)
    view, work = [w.table, w.about, w.disk, w.address], [w.progress, w.timer, w.cancel]

    def followed(desk: Desk) -> tuple[Any, ...]:
        told, goes_on = handlers.followed(board, desk)
        return told, gr.Timer(active=goes_on), gr.update(interactive=goes_on)

    def start(query: str) -> tuple[Any, ...]:
        desk = handlers.start(session, board, query)
        return desk, *handlers.shown(session, desk), *followed(desk)

    def act(desk: Desk, event: gr.EventData) -> tuple[Any, ...]:
        handlers.act(session, board, desk, event._data)
        return handlers.shown(session, desk)

    def look(desk: Desk) -> tuple[Any, ...]:
        told, timer, cancel = followed(desk)
        ended = [gr.skip()] * len(view) if timer.active else handlers.shown(session, desk)
        return told, timer, cancel, *ended

    def index(desk: Desk, *form: Any) -> tuple[Any, ...]:
        handlers.index(board, desk, *form)
        return followed(desk)

    def bring(desk: Desk, folder: str) -> tuple[Any, ...]:
        handlers.import_release(board, desk, folder)
        return followed(desk)

    def export(desk: Desk, *form: Any) -> tuple[Any, ...]:
        handlers.export_release(board, desk, *form)
        return followed(desk)

    def cancel(desk: Desk) -> tuple[Any, ...]:
        handlers.cancel(board, desk)
        return followed(desk)

    blocks = blocks_here()
    blocks.load(
        guarded(start, 8), w.query, [w.desk, *view, *work, w.notice], js="() => window.location.search", **LIGHT
    )  # fmt: skip
    w.table.act(guarded(act, 4), w.desk, [*view, w.notice], trigger_mode="multiple", **LIGHT)
    works: list[tuple[gr.Button, Callable[..., Any], list[Any]]] = [
        (w.index, index, [*w.form]), (w.bring, bring, [w.release[0]]), (w.export, export, [*w.release]), (w.cancel, cancel, []),
    ]  # fmt: skip
    for button, handler, inputs in works:
        button.click(guarded(handler, 3), [w.desk, *inputs], [*work, w.work_notice], **LIGHT)
    w.timer.tick(guarded(look, 7), w.desk, [*work, *view, w.work_notice], queue=False, **LIGHT)
