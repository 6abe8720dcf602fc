"""Parsers and click tools by name; nothing heavy is imported until one is loaded."""

from collections.abc import Sequence
from typing import Protocol, runtime_checkable

import numpy as np

from dlcr.core.registry import resolve
from dlcr.core.values import Labels

PARSERS = {
    "demo": "dlcr.parsing.segmenter:load_demo",
    "segformer": "dlcr.parsing.segformer:load_segformer",
    "schp": "dlcr.parsing.schp:load_schp",
}
CLICKERS = {
    "grabcut": "dlcr.parsing.click:load_grabcut",
    "sam": "dlcr.parsing.sam:load_sam",
    "sam2": "dlcr.parsing.sam2:load_sam2",
}

Point = tuple[int, int, bool]
"""A click: x, y in pixels of the photo, True adds and False removes."""


class Parser(Protocol):
    def parse(self, photo: np.ndarray) -> Labels:
        """(H, W, 3) uint8 -> labels (H, W) of the largest person; all background where there is none."""
        ...


@runtime_checkable
class Batched(Protocol):
    """A parser that takes many photos at once."""

    def parse_all(self, photos: Sequence[np.ndarray]) -> list[Labels]:
        """What `parse` says of each, up to the last bits of a batch's sums."""
        ...


class Clicker(Protocol):
    def __call__(self, photo: np.ndarray, mask: np.ndarray, points: Sequence[Point]) -> np.ndarray:
        """(H, W, 3) uint8, (H, W) bool, clicks -> the corrected mask; every clicked pixel is as its click says."""
        ...


def load_parser(spec: str, device: str = "auto") -> Parser:
    """The parser of `demo`, `segformer:MODEL` or `schp:FILE`; BackendError says what there is or what is missing."""
    factory, parsed = resolve("parser", PARSERS, spec)
    parser: Parser = factory(parsed.argument, device=device)
    return parser


def load_clicker(spec: str, device: str = "auto") -> Clicker:
    """The click tool of `grabcut`, `sam:CHECKPOINT` or `sam2:MODEL`; BackendError says what there is or what is missing."""
    factory, parsed = resolve("click refinement", CLICKERS, spec)
    clicker: Clicker = factory(parsed.argument, device=device)
    return clicker
