"""One function per arrow of the data flow; the only place where features meet.

Open a `Session` once (`open_session`), then: index -> parse -> correct -> describe -> paint -> check -> keep. Models load on
first use and stay. Everything may be called from several threads; each model does one thing at a time.
"""

import hashlib
import json
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from dlcr import data, parsing
from dlcr.catalog import Catalog, MaskRow, SampleRow, VariantRow
from dlcr.core.errors import MaskError, PhotoError, PromptError
from dlcr.core.files import write_bytes
from dlcr.core.images import decode, digest, read_mask, read_photo, resize, write_png
from dlcr.core.settings import Backends, PaintSettings
from dlcr.core.values import Box, Caption, Labels, Outfit, Variant
from dlcr.core.workspace import Workspace
from dlcr.inpaint import crop, lineage, schedulers
from dlcr.language.outfits import inpainting_prompt, parse_items
from dlcr.language.slots import as_slots
from dlcr.language.vocabulary import Understood, understand
from dlcr.session import Parsing, Session
from dlcr.stages_check import Checks, as_row, check_variant, checked_by
from dlcr.stages_data import KEPT, LAYOUTS, About, Index, about, check_files, disk_use, forget, index, stale
from dlcr.stages_guide import guiding, named
from dlcr.stages_release import Moved, export_release, import_release

__all__ = [
    "KEPT", "LAYOUTS", "About", "Checks", "Index", "Moved", "about", "check_files", "check_variant", "disk_use",
    "export_release", "forget", "import_release", "index", "named", "stale",
]  # fmt: skip

WORLD, UPLOADS = "world", "uploads"
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


def open_session(home: Path | str | None = None, backends: Backends | None = None) -> Session:
    """The session of a workspace; it knows the embedded data set `world` as this version of the program has it."""
    workspace = Workspace.open(home)
    session = Session(workspace, Catalog.open(workspace.database_url), backends or Backends())
    known = {row.name: row for row in session.catalog.datasets()}
    if WORLD not in known or known[WORLD].root != data.world_root() or stale(session, WORLD):
        index(session, data.world_root(), "prcc", WORLD, check=False)
    return session


# --- data ---------------------------------------------------------------------------------------------------------------


def pictures_in(folder: Path) -> list[Path]:
    """Every picture below a folder that can be read, relative to it, sorted."""
    return [sample.image for sample in data.read_layout("folder", folder).samples]


def add_upload(session: Session, content: bytes, name: str) -> SampleRow:
    """Keep a user's own photo: decoded once, written as PNG under a name made from its pixels, a sample of `uploads`."""
    photo = decode(content, name)
    file = f"{digest(photo)}.png"
    if not (session.workspace.uploads / file).exists():
        write_png(session.workspace.uploads / file, photo)
    row = session.catalog.put_dataset(UPLOADS, session.workspace.uploads, "folder")
    reading = data.read_layout("folder", session.workspace.uploads)
    session.catalog.put_samples(row.id, reading.samples, reading.files)
    return session.catalog.find_sample(UPLOADS, file)


def sample_photo(session: Session, sample: SampleRow) -> np.ndarray:
    """The photo of a sample, (H, W, 3) uint8."""
    return read_photo(sample.path)


# --- parse and correct --------------------------------------------------------------------------------------------------


def parse_photo(session: Session, photo: np.ndarray) -> Parsing:
    """Parse a photo; PhotoError if no person is found in it."""

    def parse() -> Parsing:
        labels = session.parser.parse(photo)
        box = parsing.largest_person(labels)
        if box is None:
            raise PhotoError(
                "no person was found in the photo.", "Choose a photo that shows a person, or crop it closer."
            )
        return Parsing(labels, box, parsing.compose(labels, labels.clothing))

    return session.remember(photo, parse)


def compose_mask(parsed: Parsing, classes: Sequence[str], grow: int = 0, protect: bool = True) -> np.ndarray:
    """The mask of the chosen classes, grown (or shrunk) by pixels of the photo, without head and hands if `protect`."""
    return parsing.compose(parsed.labels, classes, grow=grow, protect=protect)


def refine_mask(
    session: Session, photo: np.ndarray, mask: np.ndarray, points: Sequence[tuple[int, int, bool]]
) -> np.ndarray:
    """The mask after clicks (x, y, adds) that add or remove what they point at."""
    refined: np.ndarray = session.clicker(photo, mask, points)
    return refined


def keep_mask(
    session: Session, sample_id: int, mask: np.ndarray, source: str,
    settings: Mapping[str, Any] | None = None, parent: int | None = None,
) -> MaskRow:  # fmt: skip
    """Write a mask and its row; the same mask again from the same source is the same version."""
    if not mask.any():
        raise MaskError("the clothing mask is empty.", "Switch a class on, or brush the clothes in.")
    name = digest(mask)
    file = session.workspace.masks / str(sample_id) / f"{name}.png"
    if not file.exists():
        write_png(file, mask)
    place = file.relative_to(session.workspace.home)
    return session.catalog.add_mask(
        sample_id, place, name, source, dict(settings or {}), coverage=float(mask.mean()), parent=parent
    )


def load_mask(session: Session, mask_id: int) -> np.ndarray:
    """A kept mask, (H, W) bool."""
    return read_mask(session.workspace.home / session.catalog.mask(mask_id).file)


def auto_mask(session: Session, sample_id: int) -> tuple[Parsing, MaskRow]:
    """Parse a sample and keep the parser's mask as a version, once."""
    parsed = parse_photo(session, sample_photo(session, session.catalog.sample(sample_id)))
    source = f"parser:{session.backends.parser}"
    for row in session.catalog.masks(sample_id):
        if row.source == source and row.digest == digest(parsed.mask):
            return parsed, row
    return parsed, keep_mask(session, sample_id, parsed.mask, source)


# --- describe -----------------------------------------------------------------------------------------------------------


def caption_photo(session: Session, photo: np.ndarray, labels: Labels) -> Caption:
    """What the captioner says of the clothes in one photo."""
    caption: Caption = session.captioner.caption(photo, as_slots(labels))
    return caption


def caption_sample(session: Session, sample: SampleRow) -> Caption:
    """The caption of a sample, from the catalog or made and kept."""
    model = session.backends.captioner
    for row in session.catalog.captions(sample.dataset, sample.clothes_id, model):
        if row.sample_id == sample.id:
            return Caption(row.text, parse_items(row.outfit))
    photo = sample_photo(session, sample)
    caption = caption_photo(session, photo, parse_photo(session, photo).labels)
    session.catalog.put_caption(sample.id, model, caption.text, str(caption.outfit))
    return caption


def describe_outfit(session: Session, sample_id: int) -> tuple[list[tuple[int, Caption]], Outfit]:
    """Every frame's caption of a sample's outfit, as (sample id, caption), and their summary, kept as its first prompt."""
    sample = session.catalog.sample(sample_id)
    frames = [sample]
    if sample.dataset != UPLOADS and sample.clothes_id:
        frames = session.catalog.find_samples(sample.dataset, clothes_id=sample.clothes_id, limit=60)
    said = []
    for frame in frames:
        try:
            said.append((frame.id, caption_sample(session, frame)))
        except PhotoError:
            if frame.id == sample_id:
                raise
    outfit: Outfit = session.summariser.summarise([caption for _, caption in said])
    if outfit.items and not session.catalog.prompts(sample.dataset, sample.clothes_id):
        session.catalog.add_prompt(
            sample.dataset, sample.clothes_id, str(outfit), f"summariser:{session.backends.summariser}"
        )
    return said, outfit


# --- paint --------------------------------------------------------------------------------------------------------------


def understood(session: Session, prompt: str) -> Understood:
    """What the inpainter will read of a prompt `a | b | c`; PromptError if nothing is left."""
    text = inpainting_prompt(parse_items(prompt))
    if not text:
        raise PromptError("the prompt is empty.", "Describe at least one garment, such as: red t-shirt | blue jeans")
    vocabulary = session.inpainter.vocabulary
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


# --- check and keep -----------------------------------------------------------------------------------------------------


def keep_variant(
    session: Session, sample_id: int, mask_id: int, variant: Variant, checks: Checks | None = None
) -> VariantRow:
    """Write a variant's PNG (lineage inside), then its row; the same variant again is the same row."""
    file = session.workspace.variants / str(sample_id) / variant_name(variant)
    if not file.exists():
        write_variant(file, variant)
    found = as_row(checks, checked_by(session)) if checks else None
    place = file.relative_to(session.workspace.home)
    model = str(variant.lineage["engine"]["model"])
    told = {key: value for key, value in variant.lineage.items() if key != "mask"}
    told["mask"] = variant.lineage["mask"]["digest"]
    return session.catalog.add_variant(sample_id, mask_id, place, variant.prompt, variant.seed, model, told, found)


def write_variant(file: Path, variant: Variant) -> Path:
    """Write a variant as PNG with its lineage inside, whole or not at all."""
    return write_bytes(file, lineage.variant_png(variant))


def painted_by(file: Path) -> str:
    """The inpainter that a variant's file names; PhotoError if it carries no lineage."""
    return str(lineage.read_variant(file).lineage["engine"]["model"])


def variant_name(variant: Variant) -> str:
    """File name of a variant, the same for the same work: seed and a digest of its lineage."""
    told = json.dumps(variant.lineage, sort_keys=True).encode()
    return f"{variant.seed}-{hashlib.sha256(told).hexdigest()[:12]}.png"


def variant_image(session: Session, variant: VariantRow) -> np.ndarray:
    """The picture of a kept variant, (H, W, 3) uint8."""
    return read_photo(session.workspace.home / variant.file)


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
