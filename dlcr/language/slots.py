"""Labels of any human parser as the slots that the embedded captioner reads (pure)."""

import re

import numpy as np

from dlcr.core.values import Labels
from dlcr.language.garments import SLOTS

SLOT_OF_CLASS = {
    "upperclothes": "upper", "top": "upper", "coat": "upper", "upper": "upper", "pants": "lower", "skirt": "lower",
    "trousers": "lower", "lower": "lower", "dress": "dress", "jumpsuit": "dress", "leftshoe": "shoes", "rightshoe": "shoes",
    "shoe": "shoes", "bag": "bag",
}  # fmt: skip
"""By class name in lower case without marks and plural."""
OTHER = "other"
"""Everything of a person that is no slot."""


def as_slots(labels: Labels) -> Labels:
    """The same map in the classes background, the slots, other; unchanged if the classes are slots already."""
    if set(labels.classes) & {"upper", "lower"}:
        return labels
    classes = ("background", *SLOTS, OTHER)
    table = np.array([_index(name, classes) for name in labels.classes], np.uint8)
    return Labels(table[labels.map], classes, tuple(SLOTS))


def _index(name: str, classes: tuple[str, ...]) -> int:
    plain = re.sub(r"[^a-z]", "", name.lower())
    if plain == "background":
        return 0
    slot = SLOT_OF_CLASS.get(plain) or SLOT_OF_CLASS.get(plain.removesuffix("s"), OTHER)
    return classes.index(slot)
