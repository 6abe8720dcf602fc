"""What pages share: pictures for the browser, one line for an error beside its place, handlers that never show a trace."""

from __future__ import annotations

import base64
import functools
import html
import logging
from collections.abc import Callable, Iterator, Sequence
from typing import Any

import gradio as gr
import numpy as np

from dlcr.core.errors import DlcrError
from dlcr.core.images import png_bytes
from dlcr.core.workspace import ASSETS
from pages import _text as text

DISPLAY = 1024
"""Longest side, in pixels, of a picture as the page shows it."""

MAX_FILE = "100mb"
FONT = ("system-ui", "Segoe UI", "Roboto", "Helvetica Neue", "Arial", "sans-serif")
MONO = ("ui-monospace", "Menlo", "Consolas", "monospace")
"""Fonts of the machine: nothing is fetched from elsewhere."""

log = logging.getLogger(__name__)


def asset(name: str) -> str:
    """The text of `assets/app/NAME`."""
    return (ASSETS / "app" / name).read_text(encoding="utf-8")


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


def guarded(handler: Callable[..., tuple[Any, ...]], outputs: int) -> Callable[..., tuple[Any, ...]]:
    """`handler`, its answer followed by an empty notice; an error leaves the page as it is and fills the notice."""

    @functools.wraps(handler)
    def run(*values: Any) -> tuple[Any, ...]:
        try:
            return (*handler(*values), "")
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
