"""Try the models on one photo, step by step: what each says, how long it took. Part of the stages; nothing is kept."""

import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np

from dlcr import stages
from dlcr.core.images import read_photo
from dlcr.core.settings import PaintSettings
from dlcr.session import Session

PROMPT, SEED = "red t-shirt | blue jeans", 7


@dataclass(frozen=True, slots=True, eq=False)
class Trial:
    """One step's answer: which backend, seconds (the first time with loading), what it said in words, and a picture."""

    step: str
    spec: str
    seconds: float
    said: str
    picture: np.ndarray


def try_models(session: Session, sample_id: int, prompt: str = PROMPT) -> Iterator[Trial]:
    """Parse, caption and repaint a sample with the session's backends; pictures (H, W, 3) uint8 in the photo's own size."""
    photo = read_photo(session.catalog.sample(sample_id).path)
    parsed, seconds = _timed(lambda: stages.parse_photo(session, photo))
    shown = np.where(parsed.mask[..., None], photo // 2 + np.array([110, 0, 70], np.uint8), photo)
    names = ", ".join(parsed.labels.classes[value] for value in np.unique(parsed.labels.map))
    yield Trial("parser", session.backends.parser, seconds, names, shown)
    caption, seconds = _timed(lambda: stages.caption_photo(session, photo, parsed.labels))
    yield Trial("captioner", session.backends.captioner, seconds, caption.text, photo)
    settings = PaintSettings(batch=1)
    made, seconds = _timed(
        lambda: stages.paint(session, photo, parsed.mask, [prompt], [SEED], settings=settings, person=parsed.box)
    )
    yield Trial("inpainter", session.backends.inpainter, seconds, prompt, made[0].image)


def _timed(work: Callable[[], Any]) -> tuple[Any, float]:
    start = time.monotonic()
    return work(), time.monotonic() - start
