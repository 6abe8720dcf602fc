"""Where the head is, whatever a parser calls its parts (pure)."""

import re

import numpy as np

from dlcr.core.values import Box, Labels

HEAD = frozenset({"hat", "hair", "face", "head", "glasses", "sunglasses"})
"""Words of class names that say what is seen of a head."""
ELSEWHERE = frozenset({"skin", "accessory", "arm", "hand", "neck"})
"""Words that say that a class is seen below the head as well, as in `face and skin`."""
REACH = 0.25
"""Share of a person's height, from the top, in which such a class counts as head."""

TALL = 1.3
"""Height of a head over its width; a face below a cap is not cut off."""
ROOM = 0.2
"""Share of a head's width and height that a box leaves free on each side."""
TOP = 1 / 7
"""Share of a person's height, from the top, that a box takes in near a head, whatever a parser calls it: people stand
seven to eight heads tall."""


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


def head_box(labels: Labels) -> Box | None:
    """A box around `head` and the top of the person near it; None where no head is seen.

    It has room to spare, is at least 1.3 times as tall as the head is wide, and may reach beyond the photo. The person's top, a
    seventh of the height, is taken in since a parser may find only some hair of a head, and call the rest a scarf or a shirt.
    """
    found = head(labels)
    if not found.any():
        return None
    person = labels.map > 0
    seen, middle = np.flatnonzero(person.any(axis=1)), round(float(np.flatnonzero(found.any(axis=0)).mean()))
    size = int(np.ceil(TOP * (seen[-1] + 1 - seen[0])))
    near = np.s_[: seen[0] + size, max(0, middle - size) : middle + size]
    found[near] |= person[near]
    rows, columns = np.flatnonzero(found.any(axis=1)), np.flatnonzero(found.any(axis=0))
    x0, x1, y0 = int(columns[0]), int(columns[-1]) + 1, int(rows[0])
    y1 = max(int(rows[-1]) + 1, y0 + round(TALL * (x1 - x0)))
    across, down = round(ROOM * (x1 - x0)) + 1, round(ROOM * (y1 - y0)) + 1
    return Box(x0 - across, y0 - down, x1 + across, y1 + down)
