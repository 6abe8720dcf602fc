"""From a photo to labels and masks: parsers, mask algebra (pure), correction by clicks.

May import `dlcr.core` and `dlcr.backend`. Start with `masks.py` (what a mask is made of), then `segmenter.py` (the demo parser).
"""

from dlcr.parsing.limbs import bare_limbs
from dlcr.parsing.masks import Difference, compose, difference, iou, largest_person
from dlcr.parsing.registry import CLICKERS, PARSERS, Batched, Clicker, Parser, load_clicker, load_parser

__all__ = [
    "CLICKERS",
    "PARSERS",
    "Batched",
    "Clicker",
    "Difference",
    "Parser",
    "bare_limbs",
    "compose",
    "difference",
    "iou",
    "largest_person",
    "load_clicker",
    "load_parser",
]
