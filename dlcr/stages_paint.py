"""Paint variants of one photo, write them, paint one again. Part of the stages; `dlcr.stages` gives these names too."""

import hashlib
import json
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from dlcr.core.errors import PhotoError, PromptError, UsageError
from dlcr.core.files import write_bytes
from dlcr.core.images import resize
from dlcr.core.profiles import PROFILES
from dlcr.core.settings import Backends, PaintSettings
from dlcr.core.values import Box, Variant
from dlcr.inpaint import crop, lineage, schedulers
from dlcr.language.outfits import inpainting_prompt, parse_items
from dlcr.language.vocabulary import Understood, understand
from dlcr.session import Session
from dlcr.stages_guide import guiding

__all__ = [
    "SCHEDULERS", "Replay", "Step", "Understood", "paint", "painted_by", "replay", "understood", "variant_name", "variant_seeds",
    "write_variant",
]  # fmt: skip

SCHEDULERS = ("model", *schedulers.SCHEDULERS)
"""Samplers by name; `model` is the model's own."""
PREVIEW_SECONDS = 0.8
"""Previews are decoded no more often than this; decoding costs as much as a few steps."""


@dataclass(frozen=True, slots=True, eq=False)
class Step:
    """Progress of painting: `done` of `count` variants finished, step `index` of `total` of the batch under way,
    `previews` (n, h, w, 3) uint8 of that batch in the model's size, or None."""

    index: int
    total: int
    done: int
    count: int
    previews: np.ndarray | None


def understood(session: Session, prompt: str) -> Understood:
    """What the inpainter will read of a prompt `a | b | c`; PromptError if nothing is left."""
    return read_prompt(prompt, session.inpainter.vocabulary)


def read_prompt(prompt: str, vocabulary: frozenset[str] | None) -> Understood:
    """What a model of this vocabulary (None: every word) will read of a prompt; PromptError if nothing is left."""
    text = inpainting_prompt(parse_items(prompt))
    if not text:
        raise PromptError("the prompt is empty.", "Describe at least one garment, such as: red t-shirt | blue jeans")
    if vocabulary is None:
        return Understood(text)
    read = understand(text, vocabulary)
    if not read.text:
        raise PromptError(
            f"the embedded inpainter knows none of the words in '{prompt[:80]}'.",
            "Use colours and garments such as: red t-shirt | blue jeans | white shoes",
        )
    return read


def paint(
    session: Session, photo: np.ndarray, mask: np.ndarray, prompts: Sequence[str], seeds: Sequence[int], *,
    settings: PaintSettings | None = None, person: Box | None = None,
    on_step: Callable[[Step], None] | None = None, source: Mapping[str, Any] | None = None,
) -> list[Variant]:  # fmt: skip
    """Repaint the mask once for each prompt and seed; the photo is encoded once.

    photo (H, W, 3) uint8, mask (H, W) bool, `person` its box (else the mask's); `on_step` may raise Cancelled.
    """
    engine, settings = session.inpainter, guiding(session, settings or PaintSettings())
    reads = [understood(session, prompt).text for prompt in prompts]
    box = crop.work_box(person or crop.mask_box(mask), mask, engine.height / engine.width)
    canvas = crop.to_canvas(photo, mask, box, engine.width, engine.height)
    whole = resize(crop.cut(photo, box), engine.width, engine.height) if settings.strength < 1 else None
    encoded = engine.encode(canvas, whole)
    facts = engine.facts()
    variants: list[Variant] = []
    for start in range(0, len(prompts), settings.batch):
        part = slice(start, start + settings.batch)
        report = _reporter(on_step, start, len(prompts)) if on_step else None
        pictures = engine.paint(encoded, reads[part], list(seeds[part]), settings, report)
        for prompt, read, seed, picture in zip(prompts[part], reads[part], seeds[part], pictures, strict=True):
            told = lineage.describe(
                photo=photo, mask=mask, box=box, prompt=prompt, read=read, seed=seed, settings=settings,
                engine=facts, source=source or {},
            )  # fmt: skip
            variants.append(Variant(crop.from_canvas(photo, mask, picture, box), prompt, seed, told))
    return variants


def _reporter(
    on_step: Callable[[Step], None], done: int, count: int
) -> Callable[[int, int, Callable[[], np.ndarray]], None]:
    shown = time.monotonic()

    def report(step: int, total: int, previews: Callable[[], np.ndarray]) -> None:
        nonlocal shown
        due = time.monotonic() - shown > PREVIEW_SECONDS and step < total
        on_step(Step(step, total, done, count, previews() if due else None))
        if due:
            shown = time.monotonic()

    return report


def variant_seeds(seed: int, count: int) -> list[int]:
    """Seeds of `count` variants: the first is `seed` itself, the others are drawn from it, so that two runs share none."""
    return [seed, *(int(np.random.default_rng([seed, index]).integers(2**31 - 1)) for index in range(1, count))][:count]


def write_variant(file: Path, variant: Variant) -> Path:
    """Write a variant as PNG with its lineage inside, whole or not at all."""
    return write_bytes(file, lineage.variant_png(variant))


def painted_by(file: Path) -> str:
    """The inpainter that a variant's file names, if it is one that this program or its settings name too.

    A file from elsewhere must not choose what is loaded or fetched: UsageError says how to allow it. PhotoError if the file
    carries no lineage.
    """
    model = str(lineage.read_variant(file).lineage["engine"]["model"])
    own = {Backends().inpainter, Backends.model_fields["inpainter"].default}
    if model not in own | {one.backends.get("inpainter") for one in PROFILES.values()}:
        raise UsageError(
            f"{file} was painted by '{model[:200]}', which is not in use here.", "If you trust it: --inpainter NAME"
        )
    return model


def variant_name(variant: Variant) -> str:
    """File name of a variant, the same for the same work: seed and a digest of its lineage."""
    told = json.dumps(variant.lineage, sort_keys=True).encode()
    return f"{variant.seed}-{hashlib.sha256(told).hexdigest()[:12]}.png"


@dataclass(frozen=True, slots=True)
class Replay:
    """Whether a variant painted again is the same: file bytes, largest pixel difference, and what differs in the set-up."""

    identical: bool
    max_diff: int
    differs: tuple[str, ...]


def replay(session: Session, path: Path, photo: np.ndarray | None = None) -> Replay:
    """Paint a variant again from its own lineage; `photo` is needed only if its strength was below 1."""
    told = lineage.read_variant(path)
    mask, settings = lineage.mask_of(told), guiding(session, PaintSettings(**told.lineage["settings"]))
    if settings.strength < 1 and photo is None:
        raise PhotoError(f"{path} was painted with strength below 1.", "Give the original photo too (--photo).")
    engine = session.inpainter
    base = told.image if photo is None else photo
    box = Box(*told.lineage["box"])
    differs = lineage.differences(told.lineage, engine.facts())
    with engine.threads(int(told.lineage["engine"]["threads"])):
        canvas = crop.to_canvas(base, mask, box, engine.width, engine.height)
        whole = resize(crop.cut(base, box), engine.width, engine.height) if settings.strength < 1 else None
        picture = engine.paint(engine.encode(canvas, whole), [told.lineage["read"]], [told.seed], settings)[0]
    again = Variant(crop.from_canvas(base, mask, picture, box), told.prompt, told.seed, told.lineage)
    worst = int(np.abs(again.image.astype(int) - told.image.astype(int)).max())
    same = not differs and lineage.variant_png(again) == path.read_bytes()
    return Replay(same, worst, differs)
