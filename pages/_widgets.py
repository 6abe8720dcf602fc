"""What pages share: widgets that each of them has, pictures for the browser, handlers that never show a trace."""

from __future__ import annotations

import base64
import functools
import html
import json
import logging
from collections.abc import Callable, Iterator, Sequence
from typing import Any

import gradio as gr
import numpy as np

from dlcr.core.errors import DlcrError, UsageError
from dlcr.core.images import png_bytes
from dlcr.core.settings import Viewing, checked
from dlcr.core.workspace import ASSETS
from pages import _help
from pages import _text as text

DISPLAY = 1024
"""Longest side, in pixels, of a picture as the page shows it."""

MAX_FILE = "100mb"
FONT = ("system-ui", "Segoe UI", "Roboto", "Helvetica Neue", "Arial", "sans-serif")
MONO = ("ui-monospace", "Menlo", "Consolas", "monospace")
"""Fonts of the machine: nothing is fetched from elsewhere."""

LIGHT: dict[str, Any] = {
    "concurrency_id": "light", "concurrency_limit": 8, "show_progress": "hidden", "api_visibility": "private",
}  # fmt: skip
"""How an event runs whose handler loads no model."""
DEVICE: dict[str, Any] = LIGHT | {"concurrency_id": "device", "concurrency_limit": 1}
"""How one runs that uses the device: one after the other, whoever asks."""
PAINT: dict[str, Any] = LIGHT | {"concurrency_id": "paint", "concurrency_limit": 24}
"""How one runs that waits for its turn by itself (`_device.py`), so that its place in the line can be shown."""
PROGRAMS: dict[str, Any] = {"concurrency_id": "programs", "concurrency_limit": 1}
"""How a program's order to paint runs: one after the other, and each then waits for its turn among people."""
DEVICES = ("auto", "cpu", "cuda")
"""What a form offers as the device of a job."""

log = logging.getLogger(__name__)


def asset(name: str) -> str:
    """The text of `assets/app/NAME`."""
    return (ASSETS / "app" / name).read_text(encoding="utf-8")


def blocks_here() -> gr.Blocks:
    """The blocks being laid out; UsageError outside of any."""
    blocks = gr.context.Context.root_block
    if blocks is None:
        raise UsageError("No page is being laid out.", "Build it inside `with gr.Blocks()`.")
    return blocks


def page_head(page: str = "") -> gr.HTML:
    """The first line of a page, with its keys and the way to the tour; the widget that puts the page's view into its address.

    The document is told its language. Who is signed in stands there too.
    """
    address = unseen("address.js")
    words = json.dumps([text.SIGNED_IN_AS, text.SIGN_OUT], ensure_ascii=False)
    told = f"document.documentElement.lang = '{text.LANG}';\n" + asset("account.js").replace("__WORDS__", words)
    script = told + asset("help.js") + asset("tour.js")
    head = _help.head(page, private=checked(Viewing).privacy)
    gr.HTML(head, apply_default_css=False, js_on_load=script, elem_id="head")
    return address


def unseen(script: str) -> gr.HTML:
    """A widget that shows nothing and runs `assets/app/SCRIPT`."""
    return gr.HTML("", html_template="<i></i>", js_on_load=asset(script), elem_classes="unseen")


def heading(words: str) -> None:
    """The heading of a part of the page."""
    gr.HTML(f"<h2>{words}</h2>", apply_default_css=False)


def panel(name: str, value: str = "", comes: str = "", **more: Any) -> gr.HTML:
    """A part of the page that handlers fill with HTML, with this id.

    One that always gets something says what `comes`, "rows" or "pictures", and shows where they will stand until they are there.
    """
    if comes:
        more["elem_classes"] = f"comes {comes}"
    return gr.HTML(value, elem_id=name, apply_default_css=False, **more)


NOTHING = "<span></span>"
"""What a panel where something `comes` gets when there is nothing to show."""


def notice_panel(name: str) -> gr.HTML:
    """Where `notice` tells of an error, with this id."""
    return panel(name, elem_classes="notice")


def menu(label: str, name: str, choices: Sequence[Any] = (), **more: Any) -> gr.Dropdown:
    """A small menu with this id."""
    return gr.Dropdown(list(choices), label=label, elem_id=name, elem_classes="small", **{"min_width": 90} | more)


def data_url(array: np.ndarray) -> str:
    """(H, W[, 3 or 4]) uint8 or (H, W) bool -> a lossless `data:` URL."""
    return "data:image/png;base64," + base64.b64encode(png_bytes(array)).decode()


def shrunk(array: np.ndarray, longest: int = DISPLAY) -> np.ndarray:
    """Every n-th pixel, so that the longer side is at most `longest`; never enlarges. For masks and labels on screen."""
    height, width = array.shape[:2]
    scale = longest / max(height, width)
    if scale >= 1:
        return array
    rows, columns = max(1, round(height * scale)), max(1, round(width * scale))
    return array[np.ix_(np.arange(rows) * height // rows, np.arange(columns) * width // columns)]


def say(words: str) -> str:
    """A quiet line of status."""
    return f'<p class="say" role="status">{html.escape(words)}</p>'


def notice(error: BaseException) -> str:
    """One line for an error: what happened and what to do; escaped, never a stack trace."""
    what, remedy = (
        (error.what, error.remedy) if isinstance(error, DlcrError) else (text.UNEXPECTED, text.UNEXPECTED_REMEDY)
    )
    return f'<p class="alert" role="alert"><b>{html.escape(what)}</b> {html.escape(remedy)}</p>'


def fresh(last: list[Any], parts: Sequence[Any]) -> list[Any]:
    """`parts`, each that is as it was in `last` replaced by `gr.skip()`; `last` becomes `parts`."""
    told = [gr.skip() if place < len(last) and last[place] == part else part for place, part in enumerate(parts)]
    last[:] = parts
    return told


def guarded(handler: Callable[..., tuple[Any, ...] | None], outputs: int) -> Callable[..., tuple[Any, ...]]:
    """`handler`, its answer followed by an empty notice; an error leaves the page as it is and fills the notice.

    A handler that answers None leaves the page as it is: a menu tells its value twice when one is chosen, and once more whenever
    it is left.
    """

    @functools.wraps(handler)
    def run(*values: Any) -> tuple[Any, ...]:
        try:
            answer = handler(*values)
            return tuple([gr.skip()] * (outputs + 1)) if answer is None else (*answer, "")
        except Exception as error:
            return (*[gr.skip()] * outputs, _noted(error))

    return run


def guarded_steps(
    handler: Callable[..., Iterator[tuple[Any, ...]]], outputs: int
) -> Callable[..., Iterator[tuple[Any, ...]]]:
    """As `guarded`, for a handler that yields several answers."""

    @functools.wraps(handler)
    def run(*values: Any) -> Iterator[tuple[Any, ...]]:
        try:
            for answer in handler(*values):
                yield (*answer, "")
        except Exception as error:
            yield (*[gr.skip()] * outputs, _noted(error))

    return run


def _noted(error: Exception) -> str:
    if not isinstance(error, DlcrError):
        log.exception("a handler failed", exc_info=error)
    return notice(error)
