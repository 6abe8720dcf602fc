"""Privacy mode: pictures as they are shown, faces blurred. Part of the stages; nothing that is stored changes.

Everything that shows a photo asks here: `tests/pages/test_privacy.py` holds the pages to it.
"""

import threading
from collections import OrderedDict

import numpy as np

from dlcr.catalog import SampleRow, VariantRow
from dlcr.core.images import digest, veiled
from dlcr.core.values import Box
from dlcr.parsing.head import head_box
from dlcr.session import Session
from dlcr.stages import sample_photo, variant_image

SPOTS, WHOLE_SPOTS = 3, 6
"""Soft spots in a row that are left of a head, and of a whole picture."""
CROP = 1.2
"""Height / width from which a picture is taken for a crop of one person: nothing but a head is above the head."""
UPPER = 0.5
"""Share of such a crop, from the top, that is blurred: on 150 photos of the embedded set a head ends within the upper seventh in
1 %, the upper quarter in 79 %, the upper half in more than 99 %."""
LOW = 0.25
"""Share of a crop's height below which no head begins: what is found there is a hand, and something covers the head or the neck."""
KEPT = 50_000


class Faces:
    """Where faces are on the pictures last seen, by the pictures' digests."""

    def __init__(self) -> None:
        self._kept: OrderedDict[str, tuple[Box, int]] = OrderedDict()
        self._lock = threading.Lock()

    def of(self, session: Session, picture: np.ndarray) -> tuple[Box, int]:
        """What is to be blurred in a picture (H, W, 3) uint8, and how many spots across are left of it."""
        key = f"{session.backends.parser}:{digest(picture)}"
        with self._lock:
            known = self._kept.get(key)
        if known is None:
            known = _found(session, picture)
            with self._lock:
                self._kept[key] = known
                while len(self._kept) > KEPT:
                    self._kept.popitem(last=False)
        return known


def _found(session: Session, picture: np.ndarray) -> tuple[Box, int]:
    """The head that the parser sees, and of a crop what is above it; else the upper half of a crop; else everything."""
    height, width = picture.shape[:2]
    box, is_crop = head_box(session.parser.parse(picture)), height >= CROP * width
    if box is not None and not (is_crop and box.y0 > LOW * height):
        return Box(box.x0, min(0, box.y0), box.x1, box.y1) if is_crop else box, SPOTS
    if is_crop:
        return Box(0, 0, width, round(UPPER * height)), SPOTS
    return Box(0, 0, width, height), WHOLE_SPOTS


def veil(session: Session, picture: np.ndarray, like: np.ndarray | None = None) -> np.ndarray:
    """A picture (H, W, 3) uint8 with its face blurred; where a face is, `like` of the same size may say instead of it."""
    faces: Faces = session.model("faces", Faces)
    box, spots = faces.of(session, picture if like is None else like)
    return veiled(picture, box, spots)


def shown(session: Session, picture: np.ndarray, like: np.ndarray | None = None) -> np.ndarray:
    """A picture as it may be shown: as it is, or as `veil` leaves it in privacy mode."""
    return veil(session, picture, like) if session.privacy else picture


def shown_sample(session: Session, sample: SampleRow) -> np.ndarray:
    """The photo of a sample as it may be shown, (H, W, 3) uint8."""
    return shown(session, sample_photo(session, sample))


def shown_variant(session: Session, variant: VariantRow) -> np.ndarray:
    """The picture of a kept variant as it may be shown, (H, W, 3) uint8."""
    return shown(session, variant_image(session, variant))
