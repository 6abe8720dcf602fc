"""Models: which backend does each step, whether it is here, what else there is, and a test of them on a photo."""

from __future__ import annotations

import html
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import gradio as gr
import numpy as np

from dlcr import doctor, stages, stages_privacy
from dlcr.catalog.jobs import GUEST
from dlcr.core.errors import DlcrError, UsageError
from dlcr.core.images import fit
from dlcr.jobs.board import Board
from dlcr.stages_trial import Trial, try_models
from pages import _device as device
from pages import _text as text
from pages._device import Waiter
from pages._widgets import (
    LIGHT,
    PAINT,
    blocks_here,
    data_url,
    guarded,
    guarded_steps,
    heading,
    notice_panel,
    page_head,
    panel,
    say,
)
from pages._work import PageBoard, person_here

TITLE = text.MODELS
PATH = "/models"
SHOWN = 256
TRIED = ("parser", "captioner", "inpainter")

e = html.escape


@dataclass(frozen=True, slots=True)
class Widgets:
    """Every widget of the page."""

    used: gr.HTML
    others: gr.HTML
    sample: gr.Textbox
    start: gr.Button
    progress: gr.HTML
    trials: gr.HTML
    notice: gr.HTML


def build(session: stages.Session) -> None:
    """Lay the page out inside the current Blocks and connect it to `session`."""
    w, board = _layout(), PageBoard(session)

    def show() -> tuple[str, str]:
        return used(session), others()

    def run(sample: str) -> Iterator[tuple[Any, ...]]:
        yield from trials(session, board, sample)

    blocks_here().load(guarded(show, 2), None, [w.used, w.others, w.notice], **LIGHT)
    gr.on(
        [w.start.click, w.sample.submit], guarded_steps(run, 3), w.sample, [w.progress, w.trials, w.start, w.notice], **PAINT
    )  # fmt: skip


def _layout() -> Widgets:
    page_head()
    with gr.Row(elem_id="models"):
        with gr.Column(elem_classes="area"):
            heading(text.BACKENDS_IN_USE)
            shown = panel("models-used", comes="rows")
            heading(text.TRY_THEM)
            gr.HTML(say(text.TRY_SAYS), apply_default_css=False)
            with gr.Row(elem_classes="tight"):
                sample = gr.Textbox(label=text.TRY_SAMPLE, max_lines=1, elem_id="models-sample")
                start = gr.Button(text.TRY, variant="primary", size="sm", elem_id="models-try")
            notice, progress, made = notice_panel("models-notice"), panel("models-progress"), panel("models-trials")
        with gr.Column(elem_classes="area"):
            heading(text.OTHERS_THERE_ARE)
            rest = panel("models-others", comes="rows")
    return Widgets(shown, rest, sample, start, progress, made, notice)


def used(session: stages.Session) -> str:
    """The backend of each step, the device, and who holds it."""
    rows = [
        (text.STEP_NAMES[one.step], f"<code>{e(one.spec)}</code>", text.HERE if one.present else text.NOT_HERE, e(one.note))
        for one in doctor.models_of(session.backends)
    ]  # fmt: skip
    try:
        computes = doctor.device_name(session.backends.device)
    except DlcrError as error:
        computes = str(error)
    held = [
        (text.DEVICE_PAINTS if holder.startswith(GUEST) else text.DEVICE_HELD).format(device=name, worker=holder)
        for name, holder in session.catalog.leases().items()
    ]
    said = f"{text.DEVICE_IS.format(device=computes)} {'; '.join(held) or text.DEVICE_FREE}"
    return _table(text.MODEL_HEADS, rows) + say(said)


def others() -> str:
    """What each step could use instead, and how."""
    head = "".join(f'<th scope="col">{e(one)}</th>' for one in text.OTHER_HEADS)
    body = ""
    for step in dict.fromkeys(step for step, _, _ in text.OTHER_BACKENDS):
        use = text.ON_TRAIN_PAGE if step == "backbone" else f"<code>DLCR_{step.upper()}=… make app</code>"
        body += f'<tr><th scope="rowgroup" colspan="2">{e(text.STEP_NAMES[step])} · {use}</th></tr>'
        own = [(spec, what) for one, spec, what in text.OTHER_BACKENDS if one == step]
        body += "".join(f"<tr><td><code>{e(spec)}</code></td><td>{e(what)}</td></tr>" for spec, what in own)
    return f'<div class="facts scroll"><table><tr>{head}</tr>{body}</table></div>'


def _table(heads: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """A table whose cells are HTML already."""
    head = "".join(f'<th scope="col">{e(one)}</th>' for one in heads)
    body = "".join("<tr>" + "".join(f"<td>{cell}</td>" for cell in row) + "</tr>" for row in rows)
    return f'<div class="facts scroll"><table><tr>{head}</tr>{body}</table></div>'


def trials(session: stages.Session, board: Board, sample: str) -> Iterator[tuple[Any, ...]]:
    """Yields (progress, what was tried so far, the button): one step after the other, when it is this tab's turn."""
    work = _trials(session, _sample(session, sample))
    waiter, busy = Waiter(person_here()), gr.update(interactive=False)
    try:
        yield from device.in_turn(session, board, waiter, work, lambda said: (said, "", busy))
    except Exception:
        yield "", gr.skip(), gr.update(interactive=True)
        raise


def _trials(session: stages.Session, sample_id: int) -> Iterator[tuple[Any, ...]]:
    found, busy, free = "", gr.update(interactive=False), gr.update(interactive=True)
    yield say(text.TRYING_MODELS.format(step=text.TRIED_STEPS[TRIED[0]])), found, busy
    for number, trial in enumerate(try_models(session, sample_id), 1):
        photo = stages.sample_photo(session, session.catalog.sample(sample_id))
        found += _card(trial, stages_privacy.shown(session, trial.picture, like=photo))
        said = say(text.TRYING_MODELS.format(step=text.TRIED_STEPS[TRIED[number]])) if number < len(TRIED) else ""
        yield said, f'<div class="cards">{found}</div>', busy if said else free


def _sample(session: stages.Session, told: str) -> int:
    """The sample that is asked for, else the first query, else any."""
    if told.strip():
        if not told.strip().isdecimal():
            raise UsageError(text.NO_SUCH_SAMPLE, text.NO_SUCH_SAMPLE_REMEDY)
        return int(told)
    for split in ("query", None):
        found = session.catalog.find_samples(stages.WORLD, split=split, limit=1)
        if found:
            return found[0].id
    raise UsageError(text.NO_SUCH_SAMPLE, text.NO_SUCH_SAMPLE_REMEDY)


def _card(trial: Trial, shown: np.ndarray) -> str:
    said = text.SECONDS_TAKEN.format(seconds=trial.seconds)
    picture = data_url(fit(shown, SHOWN))
    return (
        f'<article class="card"><img src="{picture}" alt="{e(text.STEP_NAMES[trial.step])}"><div>'
        f"<p><b>{e(text.STEP_NAMES[trial.step])}</b> · {e(said)}</p><p class='say'><code>{e(trial.spec)}</code></p>"
        f"<p>{e(trial.said)}</p></div></article>"
    )
