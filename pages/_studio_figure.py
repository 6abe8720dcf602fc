"""The paper's Figure 1 for one photo: recolouring, diffusion without a mask, and DLCR side by side."""

from __future__ import annotations

import html
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from PIL import Image

from dlcr import stages
from dlcr.core.errors import Cancelled
from dlcr.core.images import fit
from dlcr.core.values import Variant
from pages import _text as text
from pages._studio_desk import Desk
from pages._studio_paint import Job, Order, batch_for, job_of
from pages._widgets import data_url

UNMASKED_STRENGTH = 0.7
"""How much of the noise image to image starts from: enough to change clothes, little enough to stay the same scene."""


@dataclass(frozen=True, slots=True, eq=False)
class Way:
    """One way to change clothes: its picture, what was measured, and the clothing change (0 to 255)."""

    name: str
    picture: np.ndarray
    checks: stages.Checks
    change: float


def recolour(photo: np.ndarray, mask: np.ndarray, turn: int = 100) -> np.ndarray:
    """The hue turned by `turn` of 256 inside the mask; (H, W, 3) uint8, (H, W) bool -> (H, W, 3) uint8."""
    colours = np.array(Image.fromarray(photo).convert("HSV"))
    colours[..., 0] += np.uint8(turn)
    turned = np.array(Image.fromarray(colours, "HSV").convert("RGB"))
    return np.where(mask[..., None], turned, photo)


def clothing_change(photo: np.ndarray, picture: np.ndarray, mask: np.ndarray) -> float:
    """Mean absolute difference of colours inside the mask, 0 to 255."""
    return float(np.abs(photo[mask].astype(int) - picture[mask].astype(int)).mean()) if mask.any() else 0.0


def three_ways(session: stages.Session, desk: Desk, order: Order) -> list[Way]:
    """Change the clothes of the photo on the desk in three ways, with one prompt and seed; nothing is kept."""
    prompt, settings = order.words(), order.settings(batch_for(session))
    job, seed = job_of(session, desk), order.seeds()[0]
    box, person = job.parsing.box, np.zeros(job.mask.shape, bool)
    person[max(0, box.y0) : box.y1, max(0, box.x0) : box.x1] = True

    def on_step(step: stages.Step) -> None:
        if desk.stop.is_set():
            raise Cancelled

    def painted(mask: np.ndarray, strength: float) -> Variant:
        chosen = settings.model_copy(update={"strength": strength})
        return stages.paint(session, job.photo, mask, [prompt], [seed], settings=chosen, person=box, on_step=on_step)[0]

    return [
        _way(session, job, text.RECOLOURED, Variant(recolour(job.photo, job.mask), prompt, seed)),
        _way(session, job, text.UNMASKED, painted(person, UNMASKED_STRENGTH)),
        _way(session, job, text.DLCR, painted(job.mask, settings.strength)),
    ]


def _way(session: stages.Session, job: Job, name: str, variant: Variant) -> Way:
    found = stages.check_variant(session, job.photo, variant, job.mask, job.parsing)
    return Way(name, variant.image, found, clothing_change(job.photo, variant.image, job.mask))


def shown(ways: Sequence[Way]) -> str:
    """The ways side by side with what was measured."""
    return f'<div class="ways">{"".join(map(_panel, ways))}</div>'


def _panel(way: Way) -> str:
    facts = (
        (text.OUTSIDE, str(way.checks.outside_changed)),
        (text.DRIFT, f"{way.checks.drift:.3f} ({text.HEAD_DRIFT} {way.checks.head_drift:.3f})"),
        (text.CLOTHING_CHANGE, f"{way.change:.1f}"),
    )
    lines = "".join(f"<dt>{html.escape(name)}</dt><dd>{html.escape(value)}</dd>" for name, value in facts)
    name = html.escape(way.name)
    return (
        f'<figure><figcaption>{name}</figcaption><img src="{data_url(fit(way.picture, 512))}" alt="{name}">'
        f"<dl>{lines}</dl></figure>"
    )
