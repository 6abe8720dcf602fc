"""Data: which data sets are known, what is in them, what is the matter with them; index, import, export, remove.

`_data_handlers.py` says what happens, `_data_view.py` how it looks; here widgets are laid out and connected.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import gradio as gr

from dlcr import stages
from pages import _data_handlers as handlers
from pages import _text as text
from pages._data_handlers import Desk
from pages._widgets import asset, guarded, guarded_steps

TITLE = text.DATA
PATH = "/data"
LIGHT: dict[str, Any] = {
    "concurrency_id": "light", "concurrency_limit": 8, "show_progress": "hidden", "api_visibility": "private",
}  # fmt: skip
WORK: dict[str, Any] = LIGHT | {"concurrency_id": "files", "concurrency_limit": 2}


@dataclass(frozen=True, slots=True)
class Widgets:
    """Every widget of the page; `form` and `release` are what indexing and moving read."""

    desk: gr.State
    query: gr.Textbox
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


def _html(name: str, **more: Any) -> gr.HTML:
    return gr.HTML("", elem_id=name, apply_default_css=False, **more)


def _heading(words: str) -> None:
    gr.HTML(f"<h2>{words}</h2>", apply_default_css=False)


def _layout() -> Widgets:
    desk, query = gr.State(None), gr.Textbox(visible=False)
    address = gr.HTML("", html_template="<i></i>", js_on_load=asset("address.js"), elem_classes="unseen")
    gr.HTML(f"<h1>{text.PRODUCT}</h1>", apply_default_css=False)
    with gr.Row(elem_id="data"):
        with gr.Column():
            with gr.Column(elem_classes="area"):
                _heading(text.DATASETS)
                table = _html("sets", js_on_load=asset("actions.js"))
                disk, notice = _html("disk"), _html("data-notice", elem_classes="notice")
            with gr.Column(elem_classes="area"):
                about = _html("about")
        with gr.Column(elem_id="data-work"):
            with gr.Column(elem_classes="area"):
                form, index, cancel, progress, work_notice = _index_form()
            with gr.Column(elem_classes="area"):
                release, bring, export = _release_form()
    return Widgets(
        desk,
        query,
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
    _heading(text.INDEX_A_FOLDER)
    root = gr.Textbox(
        label=text.FOLDER, placeholder=text.FOLDER_HINT, max_lines=1, elem_id="root", elem_classes="small"
    )
    name = gr.Textbox(label=text.NAME, placeholder=text.NAME_HINT, max_lines=1, max_length=100, elem_id="name")
    layout = gr.Dropdown(list(stages.LAYOUTS), value="auto", label=text.LAYOUT, elem_id="layout", elem_classes="small")
    check = gr.Checkbox(True, label=text.CHECK_FILES, elem_id="check")
    with gr.Row(elem_classes="tight"):
        index = gr.Button(text.INDEX, variant="primary", size="sm", elem_id="index")
        cancel = gr.Button(text.CANCEL, size="sm", elem_id="stop")
    return (root, name, layout, check), index, cancel, _html("work"), _html("work-notice", elem_classes="notice")


def _release_form() -> tuple[Any, ...]:
    _heading(text.RELEASE)
    folder = gr.Textbox(label=text.FOLDER, placeholder=text.RELEASE_HINT, max_lines=1, elem_id="release")
    accepted = gr.Checkbox(False, label=text.ONLY_ACCEPTED, elem_id="accepted")
    with gr.Row(elem_classes="tight"):
        bring = gr.Button(text.IMPORT, size="sm", elem_id="import")
        export = gr.Button(text.EXPORT, size="sm", elem_id="export")
    return (folder, accepted), bring, export


def _connect(session: stages.Session, w: Widgets) -> None:
    view = [w.table, w.about, w.disk, w.address]

    def start(query: str) -> tuple[Any, ...]:
        desk = handlers.start(session, query)
        return desk, *handlers.shown(session, desk)

    def act(desk: Desk, event: gr.EventData) -> tuple[Any, ...]:
        handlers.act(session, desk, event._data)
        return handlers.shown(session, desk)

    def show(desk: Desk) -> tuple[Any, ...]:
        return handlers.shown(session, desk)

    def index(desk: Desk, *form: Any) -> Iterator[tuple[str]]:
        yield from ((told,) for told in handlers.index(session, desk, *form))

    def bring(desk: Desk, folder: str) -> Iterator[tuple[str]]:
        yield from ((told,) for told in handlers.import_release(session, desk, folder))

    def export(desk: Desk, *form: Any) -> Iterator[tuple[str]]:
        yield from ((told,) for told in handlers.export_release(session, desk, *form))

    blocks = gr.context.Context.root_block
    blocks.load(guarded(start, 5), w.query, [w.desk, *view, w.notice], js="() => window.location.search", **LIGHT)
    w.table.act(guarded(act, 4), w.desk, [*view, w.notice], trigger_mode="multiple", **LIGHT)
    works: list[tuple[gr.Button, Callable[..., Any], list[Any]]] = [
        (w.index, index, [w.desk, *w.form]), (w.bring, bring, [w.desk, w.release[0]]), (w.export, export, [w.desk, *w.release]),
    ]  # fmt: skip
    for button, work, inputs in works:
        done = button.click(guarded_steps(work, 1), inputs, [w.progress, w.work_notice], **WORK)
        done.then(guarded(show, 4), w.desk, [*view, w.notice], **LIGHT)
    w.cancel.click(handlers.cancel, w.desk, None, **LIGHT)
