"""Captioners and summarisers by name; nothing heavy is imported until one is loaded."""

from collections.abc import Sequence
from typing import Protocol, runtime_checkable

import numpy as np

from dlcr.core.errors import ReplyError
from dlcr.core.registry import resolve
from dlcr.core.settings import DescribeSettings
from dlcr.core.values import Caption, Labels, Outfit

CAPTIONERS = {
    "demo": "dlcr.language.captioner:load_demo",
    "vlm": "dlcr.language.vlm:load_vlm",
    "openai": "dlcr.language.server:load_captioner",
}
SUMMARISERS = {
    "vote": "dlcr.language.summarise:load_vote",
    "llm": "dlcr.language.llm:load_llm",
    "openai": "dlcr.language.server:load_summariser",
}


class Captioner(Protocol):
    def caption(self, photo: np.ndarray, labels: Labels) -> Caption:
        """(H, W, 3) uint8 and its labels -> what the person wears."""
        ...


@runtime_checkable
class Batched(Protocol):
    """A captioner that looks at many photos at once."""

    def caption_all(self, photos: Sequence[np.ndarray], labels: Sequence[Labels]) -> list[Caption]:
        """What `caption` says of each, up to the last bits of a batch's sums."""
        ...


class Summariser(Protocol):
    def summarise(self, captions: Sequence[Caption]) -> Outfit:
        """Captions of frames of one outfit -> the outfit."""
        ...


@runtime_checkable
class Asked(Protocol):
    """A captioner that is asked in words, many photos a call."""

    def replies(self, photos: Sequence[np.ndarray], settings: DescribeSettings, seed: int) -> list[str | ReplyError]:
        """(H, W, 3) uint8 each -> the raw reply for each, or why there is none."""
        ...


@runtime_checkable
class Reader(Protocol):
    """A summariser that is asked in words."""

    def reply(self, question: str, settings: DescribeSettings, seed: int) -> str:
        """The raw reply; ReplyError if there is none."""
        ...


def load_captioner(spec: str, device: str = "auto") -> Captioner:
    """The captioner of `demo`, `vlm:MODEL` or `openai:BASE_URL#MODEL`; BackendError says what there is or what is missing."""
    factory, parsed = resolve("captioner", CAPTIONERS, spec)
    captioner: Captioner = factory(parsed.argument, device=device)
    return captioner


def load_summariser(spec: str, device: str = "auto") -> Summariser:
    """The summariser of `vote`, `llm:MODEL` or `openai:BASE_URL#MODEL`; BackendError says what there is or what is missing."""
    factory, parsed = resolve("summariser", SUMMARISERS, spec)
    summariser: Summariser = factory(parsed.argument, device=device)
    return summariser
