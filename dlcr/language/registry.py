"""Captioners and summarisers by name; nothing heavy is imported until one is loaded."""

from collections.abc import Sequence
from typing import Protocol

import numpy as np

from dlcr.core.registry import resolve
from dlcr.core.values import Caption, Labels, Outfit

CAPTIONERS = {"demo": "dlcr.language.captioner:load_demo"}
SUMMARISERS = {"vote": "dlcr.language.summarise:load_vote"}


class Captioner(Protocol):
    def caption(self, photo: np.ndarray, labels: Labels) -> Caption:
        """(H, W, 3) uint8 and its labels -> what the person wears."""
        ...


class Summariser(Protocol):
    def summarise(self, captions: Sequence[Caption]) -> Outfit:
        """Captions of frames of one outfit -> the outfit."""
        ...


def load_captioner(spec: str, device: str = "auto") -> Captioner:
    """The captioner of `demo`; BackendError says what there is."""
    factory, parsed = resolve("captioner", CAPTIONERS, spec)
    captioner: Captioner = factory(parsed.argument, device=device)
    return captioner


def load_summariser(spec: str) -> Summariser:
    """The summariser of `vote`; BackendError says what there is."""
    factory, parsed = resolve("summariser", SUMMARISERS, spec)
    summariser: Summariser = factory(parsed.argument)
    return summariser
