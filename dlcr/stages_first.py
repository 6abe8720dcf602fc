"""The paper's Figure 1 for one photo: three ways to change clothes, and what was measured of each. Part of the stages."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from PIL import Image

from dlcr.core.settings import PaintSettings
from dlcr.core.values import Variant
from dlcr.session import Parsing, Session
from dlcr.stages_check import Checks, check_variant
from dlcr.stages_paint import Step, paint

WAYS = ("recoloured", "unmasked", "dlcr")
UNMASKED_STRENGTH = 0.7
"""How much of the noise image to image starts from: enough to change clothes, little enough to stay the same scene."""


@dataclass(frozen=True, slots=True, eq=False)
class Way:
    """One of WAYS to change clothes: its picture (H, W, 3) uint8, what was measured, and the clothing change (0 to 255)."""

    name: str
    picture: np.ndarray
    checks: Checks
    change: float


@dataclass(frozen=True, slots=True, eq=False)
class Dressed:
    """A photo (H, W, 3) uint8 of a data set's split, the prompt, and the photo in other clothes."""

    dataset: str
    split: str
    photo: np.ndarray
    prompt: str
    ways: Sequence[Way]


def recolour(photo: np.ndarray, mask: np.ndarray, turn: int = 100) -> np.ndarray:
    """The hue turned by `turn` of 256 inside the mask; (H, W, 3) uint8, (H, W) bool -> (H, W, 3) uint8."""
    colours = np.array(Image.fromarray(photo).convert("HSV"))
    colours[..., 0] += np.uint8(turn)
    turned = np.array(Image.fromarray(colours, "HSV").convert("RGB"))
    return np.where(mask[..., None], turned, photo)


def clothing_change(photo: np.ndarray, picture: np.ndarray, mask: np.ndarray) -> float:
    """Mean absolute difference of colours inside the mask, 0 to 255."""
    return float(np.abs(photo[mask].astype(int) - picture[mask].astype(int)).mean()) if mask.any() else 0.0


def three_ways(
    session: Session, photo: np.ndarray, *, mask: np.ndarray, parsed: Parsing, prompt: str, seed: int,
    settings: PaintSettings, on_step: Callable[[Step], None] | None = None,
) -> list[Way]:  # fmt: skip
    """Change the clothes of a photo (H, W, 3) uint8 under its mask (H, W) bool in each of WAYS; nothing is kept.

    `on_step` may raise Cancelled.
    """
    box, person = parsed.box, np.zeros(mask.shape, bool)
    person[max(0, box.y0) : box.y1, max(0, box.x0) : box.x1] = True

    def painted(where: np.ndarray, strength: float) -> Variant:
        chosen = settings.model_copy(update={"strength": strength})
        return paint(session, photo, where, [prompt], [seed], settings=chosen, person=box, on_step=on_step)[0]

    made = (
        Variant(recolour(photo, mask), prompt, seed), painted(person, UNMASKED_STRENGTH), painted(mask, settings.strength),
    )  # fmt: skip
    return [
        Way(
            name, variant.image, check_variant(session, photo, variant, mask, parsed),
            clothing_change(photo, variant.image, mask),
        )
        for name, variant in zip(WAYS, made, strict=True)
    ]  # fmt: skip
