"""From a whole photo to the labels of its largest person (pure): cuts, scales, and what every parser does around its network."""

from collections.abc import Callable

import cv2
import numpy as np

from dlcr.core.values import Box, Labels
from dlcr.parsing.labelsets import LabelSet
from dlcr.parsing.masks import largest_person, person_pixels

MARGIN = 0.15
FILLS = 0.7
"""Share of a photo's height from which a person is parsed in the photo as it is."""
ASPECT = 1.5
"""Height / width of the box that a smaller person is parsed in again."""


def parse_largest(photo: np.ndarray, predict: Callable[[np.ndarray], np.ndarray], kind: LabelSet) -> Labels:
    """Labels of the largest person with a parser's own `predict`, (H, W, 3) uint8 -> (H, W) uint8 of `kind.classes`.

    A person who fills less than 70 % of the photo's height is parsed again in a box 15 % larger around them.
    """

    def labels(map: np.ndarray) -> Labels:
        return Labels(map, kind.classes, kind.clothing, kind.protected)

    height, width = photo.shape[:2]
    whole = labels(only_largest(predict(photo)))
    person = largest_person(whole)
    if person is None or (person.height >= FILLS * height and height > width):
        return whole
    box = widened(person, ASPECT)
    part = only_largest(predict(cut(photo, box)))
    out = np.zeros((height, width), np.uint8)
    x0, y0, x1, y1 = max(0, box.x0), max(0, box.y0), min(width, box.x1), min(height, box.y1)
    out[y0:y1, x0:x1] = part[y0 - box.y0 : y1 - box.y0, x0 - box.x0 : x1 - box.x0]
    closer = labels(out)
    return whole if largest_person(closer) is None else closer


def enlarged(logits: np.ndarray, width: int, height: int) -> np.ndarray:
    """Labels (height, width) uint8 from logits (classes, h, w), bilinear.

    One class at a time: nine maps of 24 megapixels would take a gigabyte.
    """
    best = cv2.resize(logits[0], (width, height), interpolation=cv2.INTER_LINEAR)
    labels = np.zeros((height, width), np.uint8)
    for index in range(1, len(logits)):
        score = cv2.resize(logits[index], (width, height), interpolation=cv2.INTER_LINEAR)
        labels[score > best] = index
        np.maximum(best, score, out=best)
    return labels


def widened(person: Box, aspect: float) -> Box:
    """A box 15 % larger around the person, at `aspect` = height / width; may reach beyond the photo."""
    tall = max(person.height * (1 + MARGIN), person.width * (1 + MARGIN) * aspect)
    wide = tall / aspect
    x0, y0 = round((person.x0 + person.x1 - wide) / 2), round((person.y0 + person.y1 - tall) / 2)
    return Box(x0, y0, x0 + max(1, round(wide)), y0 + max(1, round(tall)))


def cut(photo: np.ndarray, box: Box) -> np.ndarray:
    """`photo[box]`; beyond the photo its edge is repeated. (H, W, 3) -> (box.height, box.width, 3)."""
    height, width = photo.shape[:2]
    inside = photo[max(0, box.y0) : min(height, box.y1), max(0, box.x0) : min(width, box.x1)]
    beyond = (max(0, -box.y0), max(0, box.y1 - height), max(0, -box.x0), max(0, box.x1 - width))
    return np.asarray(cv2.copyMakeBorder(inside, *beyond, cv2.BORDER_REPLICATE)) if any(beyond) else inside


def scaled(photo: np.ndarray, width: int, height: int) -> np.ndarray:
    """Resize (H, W, 3) uint8: areas averaged when shrinking, bilinear when enlarging."""
    kind = cv2.INTER_AREA if photo.shape[0] > height else cv2.INTER_LINEAR
    return np.asarray(cv2.resize(photo, (width, height), interpolation=kind))


def only_largest(labels: np.ndarray) -> np.ndarray:
    """Labels of the largest person; other people in the box become background. (H, W) uint8 both ways."""
    height, width = labels.shape
    scale = min(1.0, 512 / max(height, width))
    size = (max(1, round(width * scale)), max(1, round(height * scale)))
    small = cv2.resize(labels, size, interpolation=cv2.INTER_NEAREST)
    if not small.any():
        return labels
    person = person_pixels(small > 0)
    keep = cv2.dilate(person.astype(np.uint8), np.ones((3, 3), np.uint8))
    return np.where(cv2.resize(keep, (width, height), interpolation=cv2.INTER_NEAREST) > 0, labels, np.uint8(0))
