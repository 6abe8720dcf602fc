"""Where the head is, whatever a parser calls its parts (pure)."""

import re

import numpy as np

from dlcr.core.values import Labels

HEAD = frozenset({"hat", "hair", "face", "head", "glasses", "sunglasses"})
"""Words of class names that say what is seen of a head."""
ELSEWHERE = frozenset({"skin", "accessory", "arm", "hand", "neck"})
"""Words that say that a class is seen below the head as well, as in `face and skin`."""
REACH = 0.25
"""Share of a person's height, from the top, in which such a class counts as head."""


def head(labels: Labels) -> np.ndarray:
    """(H, W) bool: head, hair and what is worn on them, of the person who is labelled; all False where there is none."""
    words = {name: set(re.findall(r"[a-z]+", name.lower())) for name in labels.classes}
    of_head = [name for name in labels.classes if words[name] & HEAD]
    found = labels.where(*(name for name in of_head if not words[name] & ELSEWHERE))
    rows = np.flatnonzero((labels.map > 0).any(axis=1))
    if rows.size:
        end = rows[0] + int(np.ceil(REACH * (rows[-1] + 1 - rows[0])))
        found[:end] |= labels.where(*(name for name in of_head if words[name] & ELSEWHERE))[:end]
    return found
