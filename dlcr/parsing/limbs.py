"""Bare arms and legs without hands, whatever a parser calls its parts (pure)."""

import re

import cv2
import numpy as np

from dlcr.core.values import Labels
from dlcr.parsing.head import head

HAND = 0.11
"""Length of a hand as a share of a person's height."""
HIPS, KNEES = 0.5, 0.7
"""Shares of a person's height, from the top: a bare leg begins below the first and reaches below the second, an arm does not."""
ELBOWS, FINGERS = 0.42, 0.62
"""Where arm, hand and leg hang together: the arm's part ends above the first, the leg's begins below the second."""
LEAST = 1e-3
"""Share of the person's pixels below which a piece of skin is left alone."""


def bare_limbs(labels: Labels) -> np.ndarray:
    """(H, W) bool: bare arms without hands, and bare legs, of the person who is labelled; head and neck are never in it.

    Where a parser has one class for all skin, or counts hands to the arms, pieces of it are told apart by their place. Left
    out of an arm is a hand's length from its lowest point, and from the point farthest from the clothes where it is raised.
    A cautious guess for a person who is seen whole and upright: rather too little than a hand.
    """
    words = {name: {word.removesuffix("s") for word in re.findall("[a-z]+", name.lower())} for name in labels.classes}
    skin = {"arm", "skin"}
    found = labels.where(*(one for one in words if "leg" in words[one] and not words[one] & skin))
    mixed = labels.where(*(one for one in words if words[one] & skin and one not in labels.clothing)) & ~head(labels)
    rows = np.flatnonzero((labels.map > 0).any(axis=1))
    if not mixed.any():
        return found
    if any("hand" in words[one] and not words[one] & skin for one in words):
        return np.asarray(found | mixed)
    top, height, least = rows[0], rows[-1] + 1 - rows[0], LEAST * np.count_nonzero(labels.map)
    away = cv2.distanceTransform((~labels.where(*labels.clothing)).astype(np.uint8), cv2.DIST_L2, cv2.DIST_MASK_PRECISE)
    count, pieces, stats, _ = cv2.connectedComponentsWithStats(mixed.astype(np.uint8), connectivity=8)
    for number in range(1, count):
        x0, y0, width, tall, area = stats[number]
        if area < least:
            continue
        part = np.s_[y0 : y0 + tall, x0 : x0 + width]
        piece = pieces[part] == number
        found[part] |= piece & _limb(piece, away[part], (np.arange(y0, y0 + tall) - top) / height, HAND * height)
    return found


def _limb(piece: np.ndarray, away: np.ndarray, down: np.ndarray, hand: float) -> np.ndarray:
    """What of a piece of skin is limb. `away` pixels from the clothes, rows `down` the person in [0, 1], `hand` pixels long."""
    if down[-1] > KNEES:
        part = (down >= HIPS) if down[0] >= HIPS else (down < ELBOWS) | (down > FINGERS)
        return np.broadcast_to(part[:, None], piece.shape)
    distance = np.where(piece, away, np.inf)
    if distance.min() > 2:  # nothing that leaves a sleeve
        return np.zeros(piece.shape, bool)
    ys, xs = np.indices(piece.shape)
    part = ys < piece.shape[0] - hand
    y, x = np.unravel_index(np.where(piece, away, -1).argmax(), piece.shape)
    if part[y, x]:  # the arm is raised: its end is not its lowest point
        part &= np.hypot(ys - y, xs - x) > hand
    return np.asarray(part)
