"""Which variants a data set is to have, and which it has. Part of the stages.

Outfits are chosen per photo; a file's name follows from the work itself (photo, mask, prompt, seed, settings, model).
"""

import hashlib
import json
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from dlcr.catalog import MaskRow, SampleRow
from dlcr.core.errors import MaskError, PhotoError, PromptError
from dlcr.core.files import sweep
from dlcr.core.images import digest, read_mask, read_photo, resize
from dlcr.core.settings import ExpandSettings, PaintSettings
from dlcr.core.values import Box
from dlcr.inpaint import choice, crop
from dlcr.language.garments import read_garment
from dlcr.language.outfits import parse_items
from dlcr.session import Session
from dlcr.stages import keep_mask, parse_photo, understood
from dlcr.stages_describe import PAGE, Failure, all_samples

TRAIN = "train"


@dataclass(frozen=True, slots=True)
class Wish:
    """One variant to have: the outfit, its prompt, what the model reads of it, its seed; `attempt` counts those before it that
    were not good enough."""

    outfit: str
    prompt: str
    read: str
    seed: int
    attempt: int = 0


@dataclass(frozen=True, slots=True)
class Wardrobe:
    """The outfits that may be chosen: `prompts` and what the model reads of them (`reads`), by outfit; `looks` for the spread."""

    prompts: Mapping[str, str]
    reads: Mapping[str, str]
    looks: Mapping[str, Sequence[str]]

    def choose(self, photo: str, own: str, settings: ExpandSettings) -> list[str]:
        """The outfits of one photo."""
        if settings.diverse:
            return choice.choose_diverse(photo, own, self.looks, settings.variants, settings.seed)
        return choice.choose(photo, own, self.looks, settings.variants, settings.seed)


@dataclass(frozen=True, slots=True, eq=False)
class Scene:
    """A photo ready to paint: (H, W, 3) uint8, its mask (H, W) bool and that row's id, what the model sees of it."""

    sample: SampleRow
    photo: np.ndarray
    mask: np.ndarray
    mask_id: int
    canvas: crop.Canvas
    whole: np.ndarray | None


@dataclass(frozen=True, slots=True, eq=False)
class Seen:
    """What one photo needs: `missing` variants with the files they go to, those `kept`, those that cannot be made (`lost`)."""

    chosen: Sequence[str]
    missing: Sequence[tuple[Wish, Path]]
    kept: int = 0
    lost: int = 0
    scene: Scene | None = None
    failure: Failure | None = None


def wardrobe_split(session: Session, dataset: str) -> str | None:
    """The train split, whoever's photos are painted: outfits of test people would leak the answer. All, if there is none."""
    return TRAIN if session.catalog.count_samples(dataset, split=TRAIN) else None


def open_wardrobe(session: Session, dataset: str) -> tuple[Wardrobe, list[Failure]]:
    """The wardrobe of a data set, and the outfits without a prompt that the model understands."""
    split = wardrobe_split(session, dataset)
    outfits = sorted({one.clothes_id for one in all_samples(session, dataset, split)})
    prompts = {row.clothes_id: row.text for row in session.catalog.outfit_prompts(dataset, split, limit=10**9)}
    reads, failures = {}, []
    for outfit in outfits:
        try:
            reads[outfit] = understood(session, prompts.get(outfit, "")).text
        except PromptError as error:
            reason = str(error) if outfit in prompts else "it has no prompt: no frame of it could be described."
            failures.append(Failure(outfit, reason))
    return Wardrobe(prompts, reads, {outfit: looks_of(prompts.get(outfit, "")) for outfit in outfits}), failures


def looks_of(prompt: str) -> tuple[str, ...]:
    """What an outfit shows: each slot's garment, each slot's colour."""
    worn = [garment for item in parse_items(prompt).items if (garment := read_garment(item))]
    return tuple(f"{one.slot} {look}" for one in worn for look in (one.garment, one.colour) if look)


class Wishes:
    """The variants that a data set is to have."""

    def __init__(
        self, session: Session, dataset: str, wardrobe: Wardrobe, settings: ExpandSettings, paint: PaintSettings
    ):
        self.session, self.dataset, self.wardrobe = session, dataset, wardrobe
        self.settings, self.paint = settings, paint

    def __iter__(self) -> Iterator[Seen]:
        """Every photo of the split, in order of id, with its photo read and parsed where something is missing."""
        left = self.settings.limit or 10**12
        after = 0
        while left > 0:
            page = self.session.catalog.find_samples(
                self.dataset, split=self.settings.split, after=after, limit=min(PAGE, left)
            )
            if not page:
                return
            ids = [sample.id for sample in page]
            masks, files = self.session.catalog.newest_masks(ids), self.session.catalog.variant_files(ids)
            yield from (self._see(sample, masks.get(sample.id), files) for sample in page)
            after, left = ids[-1], left - len(page)

    def _see(self, sample: SampleRow, row: MaskRow | None, files: Collection[Path]) -> Seen:
        photo = sample.image.as_posix()
        chosen = self.wardrobe.choose(photo, sample.clothes_id, self.settings)
        wishes = [
            Wish(one, self.wardrobe.prompts[one], read, choice.variant_seed(photo, one, self.settings.seed))
            for one in chosen
            if (read := self.wardrobe.reads.get(one))
        ]
        lost, home = len(chosen) - len(wishes), self.session.workspace.home
        if row is not None:
            named = [(wish, self._file(sample, row.digest, wish)) for wish in wishes]
            missing = [(wish, file) for wish, file in named if file not in files or not (home / file).exists()]
            if not missing:
                return Seen(chosen, (), len(wishes), lost)
        try:
            scene = self._scene(sample, row)
        except (PhotoError, MaskError) as error:
            there = len(wishes) - len(missing) if row is not None else 0
            return Seen(chosen, (), there, len(chosen) - there, failure=Failure(photo, str(error)))
        if row is None:
            missing = [(wish, self._file(sample, digest(scene.mask), wish)) for wish in wishes]
        return Seen(chosen, missing, len(wishes) - len(missing), lost, scene)

    def _scene(self, sample: SampleRow, row: MaskRow | None) -> Scene:
        """Read and parse a photo; its newest mask counts, else the parser's, which is kept with the person's box."""
        for folder in (self.session.workspace.variants, self.session.workspace.masks):
            sweep(folder / str(sample.id))
        photo, engine = read_photo(sample.path), self.session.inpainter
        if row is None:
            parsed = parse_photo(self.session, photo)
            mask, person = parsed.mask, parsed.box
            told = {"person": [person.x0, person.y0, person.x1, person.y1]}
            row = keep_mask(self.session, sample.id, mask, f"parser:{self.session.backends.parser}", told)
        else:
            mask = read_mask(self.session.workspace.home / row.file, photo.shape[:2])
            person = person_box(self.session, photo, mask, row)
        box = crop.work_box(person, mask, engine.height / engine.width)
        canvas = crop.to_canvas(photo, mask, box, engine.width, engine.height)
        whole = resize(crop.cut(photo, box), engine.width, engine.height) if self.paint.strength < 1 else None
        return Scene(sample, photo, mask, row.id, canvas, whole)

    def _file(self, sample: SampleRow, mask: str, wish: Wish) -> Path:
        return variant_file(self.session, sample.id, mask, wish, self.paint)


def person_box(session: Session, photo: np.ndarray, mask: np.ndarray, row: MaskRow) -> Box:
    """The person's box: told by the mask's row, else parsed again, else the mask's own (a person drew it)."""
    if "person" in row.settings:
        return Box(*row.settings["person"])
    try:
        return parse_photo(session, photo).box
    except PhotoError:
        return crop.mask_box(mask)


def variant_file(session: Session, sample_id: int, mask: str, wish: Wish, paint: PaintSettings) -> Path:
    """Where a variant lies, relative to the workspace; another prompt, mask (digest), setting or model is another file.

    The batch shape is left out: where memory was short for a while, what was made then still counts.
    """
    engine = session.inpainter
    told: dict[str, Any] = {
        "mask": mask, "outfit": wish.outfit, "prompt": wish.prompt, "settings": paint.model_dump(exclude={"batch"}),
        "model": engine.name, "digest": engine.digest, "size": [engine.height, engine.width],
    }  # fmt: skip
    name = hashlib.sha256(json.dumps(told, sort_keys=True).encode()).hexdigest()[:12]
    folder = session.workspace.variants.relative_to(session.workspace.home)
    return folder / str(sample_id) / f"{wish.seed}-{name}.png"
