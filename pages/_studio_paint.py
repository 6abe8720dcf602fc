"""Painting from the page: a thread paints, the page follows with previews and time left, and can stop it."""

from __future__ import annotations

import html
import math
import queue
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np

from dlcr import stages
from dlcr.catalog import MaskRow
from dlcr.core.errors import Cancelled, MaskError, PromptError
from dlcr.core.settings import PaintSettings, checked
from dlcr.core.values import Variant
from pages import _text as text
from pages._studio_desk import Desk, keep
from pages._widgets import data_url, say


@dataclass(frozen=True, slots=True)
class Order:
    """What to paint, as the form gives it; `settings()` checks it."""

    prompt: str
    count: int = 4
    seed: int = 7
    steps: int = 20
    guidance: float = 4.0
    scheduler: str = "model"
    strength: float = 1.0
    negative_prompt: str = ""

    def words(self) -> str:
        """The prompt; PromptError if there is none."""
        if not self.prompt.strip():
            raise PromptError("the prompt is empty.", f"Describe the clothes, such as: {text.PROMPT_HINT}")
        return self.prompt.strip()

    def settings(self) -> PaintSettings:
        """The checked settings; SettingError names the one that is not allowed."""
        return checked(
            PaintSettings, steps=self.steps, guidance=self.guidance, scheduler=self.scheduler,
            strength=self.strength, negative_prompt=self.negative_prompt,
        )  # fmt: skip


@dataclass(frozen=True, slots=True, eq=False)
class Job:
    """What is painted on: fixed when painting starts, whatever happens on the desk meanwhile."""

    sample_id: int
    photo: np.ndarray
    mask: np.ndarray
    parsing: stages.Parsing
    version: MaskRow


def paint(session: stages.Session, desk: Desk, order: Order) -> Iterator[str]:
    """Paint and keep `order.count` variants of the photo on the desk; yields progress as HTML.

    An unsaved mask is kept as a version first. `desk.stop` stops it at the next step; then nothing of the run is kept.
    """
    settings, prompt = order.settings(), order.words()
    job = job_of(session, desk)
    yield say(text.WAITING)
    seeds = stages.variant_seeds(int(order.seed), int(order.count))
    painted: list[Variant] = []
    try:
        yield from _follow(session, desk, job, [prompt] * len(seeds), seeds, settings, painted)
        yield say(text.CHECKING)
        _keep_all(session, desk, job, painted)
    except Cancelled:
        yield say(text.STOPPED)
    except GeneratorExit:
        desk.stop.set()
        raise
    else:
        yield ""


def job_of(session: stages.Session, desk: Desk) -> Job:
    """The photo and mask on the desk; an unsaved mask is kept first. MaskError if there is none."""
    version = keep(session, desk)
    if desk.sample is None or desk.photo is None or desk.parsing is None or desk.draft is None:
        raise MaskError(text.NOT_READY, text.NOT_READY_REMEDY)
    return Job(desk.sample.id, desk.photo, desk.draft.mask, desk.parsing, version)


def _follow(
    session: stages.Session, desk: Desk, job: Job, prompts: list[str], seeds: list[int],
    settings: PaintSettings, painted: list[Variant],
) -> Iterator[str]:  # fmt: skip
    """Paint in a thread into `painted`; yields progress; raises what the thread raised."""
    steps: queue.Queue[stages.Step | None] = queue.Queue()
    failed: list[BaseException] = []

    def on_step(step: stages.Step) -> None:
        if desk.stop.is_set():
            raise Cancelled
        steps.put(step)

    def work() -> None:
        try:
            painted.extend(
                stages.paint(
                    session, job.photo, job.mask, prompts, seeds, settings=settings, person=job.parsing.box,
                    on_step=on_step, source={"sample": job.sample_id, "mask": job.version.id},
                )
            )  # fmt: skip
        except BaseException as error:
            failed.append(error)
        finally:
            steps.put(None)

    threading.Thread(target=work, daemon=True).start()
    yield from _progress(steps, settings.batch)
    if failed:
        raise failed[0]


def _progress(steps: queue.Queue[stages.Step | None], batch: int) -> Iterator[str]:
    """Progress as HTML until None comes; steps that piled up meanwhile are skipped, their last previews kept."""
    first, previews = None, None
    while (step := steps.get()) is not None:
        if step.previews is not None:
            previews = step.previews
        if first is None:
            first = (time.monotonic(), _made(step, batch))
        if steps.empty():
            yield progress(step, previews, seconds_left(step, batch, first, time.monotonic()))


def _made(step: stages.Step, batch: int) -> int:
    return step.done // batch * step.total + step.index


def seconds_left(step: stages.Step, batch: int, first: tuple[float, int], now: float) -> float | None:
    """Seconds until the last step at the speed since `first` (time, steps made then); None before it is known."""
    made = _made(step, batch)
    if made <= first[1]:
        return None
    return (now - first[0]) / (made - first[1]) * (math.ceil(step.count / batch) * step.total - made)


def progress(step: stages.Step, previews: np.ndarray | None, left: float | None) -> str:
    """A bar, the step, the time left and the previews."""
    line = f"step {step.index} of {step.total} · {step.done} of {step.count} variants done"
    line += "" if left is None else f" · about {math.ceil(left)} s left"
    pictures = "" if previews is None else "".join(_preview(picture) for picture in previews[: step.count - step.done])
    return (
        f'<div class="progress"><progress max="{step.total}" value="{step.index}" aria-label="{html.escape(line)}"></progress>'
        f'<span role="status">{html.escape(line)}</span><div class="previews">{pictures}</div></div>'
    )


def _preview(picture: np.ndarray) -> str:
    return f'<img src="{data_url(picture)}" alt="preview">'


def _keep_all(session: stages.Session, desk: Desk, job: Job, painted: list[Variant]) -> None:
    """Check and keep every painted variant, in order; the first one is what the page compares."""
    for index, variant in enumerate(painted):
        found = stages.check_variant(session, job.photo, variant, job.mask, job.parsing)
        row: Any = stages.keep_variant(session, job.sample_id, job.version.id, variant, found)
        if index == 0 and desk.sample and desk.sample.id == job.sample_id:
            desk.compared = row.id
