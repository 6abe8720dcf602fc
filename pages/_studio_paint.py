"""Painting from the page: a thread paints, the page follows with previews and time left, and can stop it."""

from __future__ import annotations

import html
import math
import queue
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass, replace

import numpy as np

from dlcr import stages
from dlcr.catalog import MaskRow
from dlcr.core.errors import Cancelled, MaskError, PromptError, SettingError
from dlcr.core.settings import PaintSettings, checked
from dlcr.core.values import Variant
from dlcr.jobs.board import Board
from pages import _device as device
from pages import _text as text
from pages._studio_desk import Desk, keep
from pages._widgets import data_url, say

MOST = 64
"""Variants in one run of the page; whole data sets are expanded elsewhere."""


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

    def seeds(self) -> list[int]:
        """One seed a variant; SettingError if the count or the seed is not allowed."""
        return stages.variant_seeds(
            _whole(text.SEED.lower(), self.seed, 0, 2**31 - 1), _whole(text.VARIANTS.lower(), self.count, 1, MOST)
        )

    def words(self) -> str:
        """The prompt; PromptError if there is none."""
        if not self.prompt.strip():
            raise PromptError(text.NO_PROMPT, text.NO_PROMPT_REMEDY.format(hint=text.PROMPT_HINT))
        return self.prompt.strip()

    def settings(self, batch: int = 1) -> PaintSettings:
        """The checked settings; SettingError names the one that is not allowed."""
        return checked(
            PaintSettings, batch=batch, steps=self.steps, guidance=self.guidance, scheduler=self.scheduler,
            strength=self.strength, negative_prompt=self.negative_prompt,
        )  # fmt: skip


def _whole(name: str, value: float | None, least: int, most: int) -> int:
    if value is None or not least <= value <= most or int(value) != value:
        what = text.NOT_WHOLE.format(name=name, least=least, most=most, value=value)
        raise SettingError(what, text.NOT_WHOLE_REMEDY)
    return int(value)


@dataclass(frozen=True, slots=True, eq=False)
class Job:
    """What is painted on: fixed when painting starts, whatever happens on the desk meanwhile."""

    sample_id: int
    photo: np.ndarray
    mask: np.ndarray
    parsing: stages.Parsing
    version: MaskRow


def paint(session: stages.Session, board: Board, desk: Desk, order: Order) -> Iterator[tuple[str, bool]]:
    """Paint, check and keep `order.count` variants of the photo on the desk.

    It waits for its turn first. Yields progress as HTML and whether a variant was just kept. An unsaved mask is kept as a version
    first. `desk.stop` stops at the next step; what was kept by then stays.
    """
    order.settings()
    prompt, seeds, job = order.words(), order.seeds(), job_of(session, desk)
    work = _paint_all(session, board, desk, order, job, prompt, seeds)
    try:
        yield from device.in_turn(session, board, desk.waiter, work, lambda said: (said, False))
    except Cancelled:
        yield say(text.STOPPED), True


def _paint_all(
    session: stages.Session, board: Board, desk: Desk, order: Order, job: Job, prompt: str, seeds: list[int]
) -> Iterator[tuple[str, bool]]:
    yield say(text.WAITING), False
    settings = order.settings(batch_for(session))
    pace = Pace(settings.batch)
    try:
        for start in range(0, len(seeds), settings.batch):
            part = seeds[start : start + settings.batch]
            painted: list[Variant] = []
            for step in _follow(session, desk, job, [prompt] * len(part), part, settings, painted):
                device.renew(board, desk.waiter)
                previews = None if session.privacy else step.previews  # half painted, no face is found for certain
                whole = replace(step, done=start + step.done, count=len(seeds), previews=previews)
                yield progress(whole, pace.left(whole, time.monotonic())), False
            yield say(text.CHECKING), False
            _keep_all(session, desk, job, painted)
            yield say(text.CHECKING), True
    except GeneratorExit:
        desk.stop.set()
        raise
    yield "", True


def batch_for(session: stages.Session) -> int:
    """Variants painted at once: one on a CPU, where more only makes the first one late, else four."""
    return 1 if session.inpainter.facts()["device"] == "cpu" else 4


def job_of(session: stages.Session, desk: Desk) -> Job:
    """The photo and mask on the desk; an unsaved mask is kept first. MaskError if there is none."""
    version = keep(session, desk)
    if desk.sample is None or desk.photo is None or desk.parsing is None or desk.draft is None:
        raise MaskError(text.NOT_READY, text.NOT_READY_REMEDY)
    return Job(desk.sample.id, desk.photo, desk.draft.mask, desk.parsing, version)


def _follow(
    session: stages.Session, desk: Desk, job: Job, prompts: list[str], seeds: list[int],
    settings: PaintSettings, painted: list[Variant],
) -> Iterator[stages.Step]:  # fmt: skip
    """Paint in a thread into `painted`; yields its latest step; raises what the thread raised."""
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
    yield from _latest(steps)
    if failed:
        raise failed[0]


def _latest(steps: queue.Queue[stages.Step | None]) -> Iterator[stages.Step]:
    """Steps until None comes; those that piled up meanwhile are skipped, the last previews stay."""
    previews = None
    while (step := steps.get()) is not None:
        previews = previews if step.previews is None else step.previews
        if steps.empty():
            yield replace(step, previews=previews)


@dataclass(slots=True)
class Pace:
    """How fast painting goes, from the first step it saw; one run paints `batch` variants at a time."""

    batch: int
    first: tuple[float, int] | None = None

    def left(self, step: stages.Step, now: float) -> float | None:
        """Seconds until the last step; None before the speed is known."""
        made = step.done // self.batch * step.total + step.index
        if self.first is None:
            self.first = (now, made)
        if made <= self.first[1]:
            return None
        speed = (now - self.first[0]) / (made - self.first[1])
        return speed * (math.ceil(step.count / self.batch) * step.total - made)


def progress(step: stages.Step, left: float | None) -> str:
    """A bar, the step, the time left and the previews."""
    line = text.STEP_SAYS.format(index=step.index, total=step.total, done=step.done, count=step.count)
    line += "" if left is None else f" · {text.SECONDS_LEFT.format(seconds=math.ceil(left))}"
    pictures = "" if step.previews is None else "".join(map(_preview, step.previews[: step.count - step.done]))
    return (
        f'<div class="progress"><progress max="{step.total}" value="{step.index}" aria-label="{html.escape(line)}">'
        f'</progress><span role="status">{html.escape(line)}</span><div class="previews">{pictures}</div></div>'
    )


def _preview(picture: np.ndarray) -> str:
    return f'<img src="{data_url(picture)}" alt="{text.PREVIEW}">'


def _keep_all(session: stages.Session, desk: Desk, job: Job, painted: list[Variant]) -> None:
    """Check and keep every painted variant, in order; the last one is what the page compares."""
    for variant in painted:
        found = stages.check_variant(session, job.photo, variant, job.mask, job.parsing)
        row = stages.keep_variant(session, job.sample_id, job.version.id, variant, found)
        if desk.sample and desk.sample.id == job.sample_id:
            desk.compared = row.id
