"""Look at variants: pixels changed outside the mask, identity drift, seams, what the captioner sees. Part of the stages.

Many at once and in batches of one shape, so that what is found of a variant does not depend on which others are looked at.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from dlcr import language, parsing
from dlcr.core.values import Box, Caption, Labels, Variant
from dlcr.embed import measures
from dlcr.inpaint import crop
from dlcr.inpaint.seam import seam
from dlcr.language.slots import as_slots
from dlcr.session import Parsing, Session

IMAGENET = "imagenet"


@dataclass(frozen=True, slots=True)
class Checks:
    """Facts about one variant against its photo. `drift` is 1 - cosine of the person's features (0 = same; ImageNet
    EfficientNet-Lite0 unless another model is asked for), `head_drift` the same for head and hair; `agreement` the share of asked
    garments and colours that the captioner sees, None if nothing could be compared; `seam` the gradient energy at the mask's edge
    over the photo's."""

    outside_changed: int
    drift: float
    head_drift: float
    seen: Caption
    agreement: float | None
    seam: float


@dataclass(frozen=True, slots=True, eq=False)
class Look:
    """What is looked at: a photo and its variant (H, W, 3) uint8, the mask (H, W) bool, the prompt, the photo's parsing (None
    where no person was found in it)."""

    photo: np.ndarray
    image: np.ndarray
    mask: np.ndarray
    prompt: str
    parsed: Parsing | None


@dataclass(frozen=True, slots=True, eq=False)
class Drift:
    """What drift is measured with: pictures (h, w, 3) uint8 -> (N, D) float32; `name` tells it from others."""

    name: str
    features: Callable[[Sequence[np.ndarray]], np.ndarray]


def imagenet(session: Session) -> Drift:
    """The embedded trunk, untrained on people."""
    from dlcr.reid.backbone import features, load_trunk

    trunk = session.model("trunk", lambda: load_trunk(session.backends.device))
    return Drift(IMAGENET, lambda pictures: features(trunk, pictures))


def check_variant(session: Session, photo: np.ndarray, variant: Variant, mask: np.ndarray, parsed: Parsing) -> Checks:
    """Compare a variant with its photo: pixels outside the mask, identity drift, seams, and what the captioner now sees."""
    return look_at(session, [Look(photo, variant.image, mask, variant.prompt, parsed)])[0]


def look_at(
    session: Session, looks: Sequence[Look], *, size: int = 1, drift: Drift | None = None,
    said: Sequence[Caption] | None = None,
) -> list[Checks]:  # fmt: skip
    """Check at most `size` variants together; fewer are filled up with the last. `said` are captions made before."""
    drift, full = drift or imagenet(session), [*looks, *[looks[-1]] * (size - len(looks))]
    views = [view for look in full for view in _views(look)]
    vectors = drift.features(views).reshape(len(full), 4, -1)
    captions = said or _captions(session, [look.image for look in full])
    found = []
    for look, (photo, image, head, new_head), seen in zip(looks, vectors, captions, strict=False):
        changed = (look.image != look.photo).any(axis=2) & ~look.mask
        headless = look.parsed is None or not _head(look.parsed).any()
        found.append(
            Checks(
                outside_changed=int(changed.sum()), drift=measures.drift(photo, image),
                head_drift=0.0 if headless else measures.drift(head, new_head), seen=seen,
                agreement=language.agreement(look.prompt, seen), seam=seam(look.photo, look.image, look.mask),
            )
        )  # fmt: skip
    return found


def as_row(checks: Checks, by: Mapping[str, str]) -> dict[str, Any]:
    """Checks as the catalog keeps them, with what they were made `by`."""
    return {
        "outside_changed": checks.outside_changed, "drift": _short(checks.drift), "head_drift": _short(checks.head_drift),
        "seen": str(checks.seen.outfit), "agreement": None if checks.agreement is None else _short(checks.agreement),
        "seam": _short(checks.seam), "by": dict(by),
    }  # fmt: skip


def checked_by(session: Session, drift: str = IMAGENET) -> dict[str, str]:
    """What checks of this session are made by: parser, captioner and the model of drift."""
    return {"parser": session.backends.parser, "captioner": session.backends.captioner, "drift": drift}


def _short(value: float) -> float:
    return round(float(value), 5)


def _views(look: Look) -> tuple[np.ndarray, ...]:
    """Person in the photo and in the variant, head in both; the person once more where no head is seen."""
    height, width = look.photo.shape[:2]
    box, head = Box(0, 0, width, height), None
    if look.parsed is not None:
        of = look.parsed.box
        box = Box(max(0, of.x0), max(0, of.y0), min(width, of.x1), min(height, of.y1))
        where = _head(look.parsed)
        head = crop.mask_box(where) if where.any() else None
    head = head or box
    return tuple(crop.cut(picture, place) for place in (box, head) for picture in (look.photo, look.image))


def _head(parsed: Parsing) -> np.ndarray:
    return parsed.labels.where(*parsed.labels.protected)


def _captions(session: Session, images: Sequence[np.ndarray]) -> list[Caption]:
    """What the captioner sees in pictures; parser and captioner get them together where they can."""
    parser, captioner = session.parser, session.captioner
    together = isinstance(parser, parsing.Batched)
    labels: list[Labels] = parser.parse_all(images) if together else [parser.parse(image) for image in images]
    slots = [as_slots(one) for one in labels]
    if isinstance(captioner, language.Batched):
        return captioner.caption_all(images, slots)
    return [captioner.caption(image, one) for image, one in zip(images, slots, strict=True)]
