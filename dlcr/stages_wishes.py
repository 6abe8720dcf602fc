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

from dlcr.catalog import MaskRow, NewMask, SampleRow
from dlcr.core.errors import MaskError, PhotoError, PromptError
from dlcr.core.files import sweep
from dlcr.core.images import read_mask, read_photo, resize
from dlcr.core.settings import ExpandSettings, PaintSettings
from dlcr.core.values import Box
from dlcr.inpaint import choice, crop
from dlcr.inpaint.identity import Identity
from dlcr.language.garments import read_garment
from dlcr.language.outfits import parse_items
from dlcr.session import Session
from dlcr.stages import parse_photo, write_parsed
from dlcr.stages_describe import PAGE, Failure
from dlcr.stages_paint import read_prompt

TRAIN = "train"


@dataclass(frozen=True, slots=True)
class Wish:
    """One variant to have: the outfit, its prompt, what the model reads of it, its seed, its place among those chosen for its photo
    (None: not known); `attempt` counts those before it that were not good enough."""

    outfit: str
    prompt: str
    read: str
    seed: int
    place: int | None
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
    """A photo ready to paint: (H, W, 3) uint8, its mask (H, W) bool and that row's id, what the model sees of it.

    `new` is the row of a mask that was made for it and is not recorded yet.
    """

    sample: SampleRow
    photo: np.ndarray
    mask: np.ndarray
    mask_id: int
    canvas: crop.Canvas
    whole: np.ndarray | None
    new: NewMask | None = None


@dataclass(frozen=True, slots=True)
class Wanted:
    """What one photo is to wear (`chosen`) and what it lacks, by the catalog: `missing` variants, those `kept`, those that cannot
    be made (`lost`); `mask` is its newest one."""

    sample: SampleRow
    mask: MaskRow | None
    chosen: Sequence[str]
    missing: Sequence[Wish]
    kept: int = 0
    lost: int = 0


@dataclass(frozen=True, slots=True, eq=False)
class Seen:
    """A photo that lacks something as it was read: its scene and the files that the variants go to, or why it cannot be painted."""

    wanted: Wanted
    scene: Scene | None = None
    missing: Sequence[tuple[Wish, Path]] = ()
    failure: Failure | None = None


def wardrobe_split(session: Session, dataset: str) -> str | None:
    """The train split, whoever's photos are painted: outfits of test people would leak the answer. All, if there is none."""
    return TRAIN if session.catalog.count_samples(dataset, split=TRAIN) else None


def open_wardrobe(session: Session, dataset: str, model: Identity) -> tuple[Wardrobe, list[Failure]]:
    """The wardrobe of a data set, and the outfits without a prompt that the inpainter `model` understands."""
    split = wardrobe_split(session, dataset)
    outfits = sorted({one.clothes_id for one in session.catalog.every_sample(dataset, split)})
    prompts = {row.clothes_id: row.text for row in session.catalog.outfit_prompts(dataset, split, limit=10**9)}
    reads, failures = {}, []
    for outfit in outfits:
        try:
            reads[outfit] = read_prompt(prompts.get(outfit, ""), model.vocabulary).text
        except PromptError as error:
            reason = str(error) if outfit in prompts else "it has no prompt: no frame of it could be described."
            failures.append(Failure(outfit, reason))
    return Wardrobe(prompts, reads, {outfit: looks_of(prompts.get(outfit, "")) for outfit in outfits}), failures


def looks_of(prompt: str) -> tuple[str, ...]:
    """What an outfit shows: each slot's garment, each slot's colour."""
    worn = [garment for item in parse_items(prompt).items if (garment := read_garment(item))]
    return tuple(f"{one.slot} {look}" for one in worn for look in (one.garment, one.colour) if look)


class Wishes:
    """The variants that a data set is to have, of the inpainter `model`."""

    def __init__(
        self, session: Session, dataset: str, wardrobe: Wardrobe, settings: ExpandSettings, paint: PaintSettings,
        model: Identity, images: Collection[str] | None = None,
    ):  # fmt: skip
        self.session, self.dataset, self.wardrobe = session, dataset, wardrobe
        self.settings, self.paint, self.model, self.images = settings, paint, model, images

    def __iter__(self) -> Iterator[Wanted]:
        """Every photo of the split, or those of `images`, in order of name."""
        photos: Sequence[SampleRow] = self.session.catalog.every_sample(self.dataset, self.settings.split)
        if self.images is not None:
            photos = [photo for photo in photos if photo.image.as_posix() in self.images]
        photos = photos[: self.settings.limit]
        for start in range(0, len(photos), PAGE):
            page = photos[start : start + PAGE]
            ids = [sample.id for sample in page]
            masks, files = self.session.catalog.newest_masks(ids), self.session.catalog.variant_files(ids)
            yield from (self._wanted(sample, masks.get(sample.id), files) for sample in page)

    def _wanted(self, sample: SampleRow, mask: MaskRow | None, files: Collection[Path]) -> Wanted:
        photo = sample.image.as_posix()
        chosen = self.wardrobe.choose(photo, sample.clothes_id, self.settings)
        wishes = [
            Wish(one, self.wardrobe.prompts[one], read, choice.variant_seed(photo, one, self.settings.seed), place)
            for place, one in enumerate(chosen)
            if (read := self.wardrobe.reads.get(one))
        ]
        missing = [wish for wish in wishes if mask is None or not self._is_there(sample, mask, wish, files)]
        return Wanted(sample, mask, chosen, missing, len(wishes) - len(missing), len(chosen) - len(wishes))

    def _is_there(self, sample: SampleRow, mask: MaskRow, wish: Wish, files: Collection[Path]) -> bool:
        file = variant_file(self.session, sample.id, mask.digest, wish, self.paint, self.model)
        return file in files and (self.session.workspace.home / file).exists()


def see(session: Session, wanted: Wanted, paint: PaintSettings) -> Seen:
    """Read and parse a photo; its newest mask counts, else the parser's, whose file is written."""
    engine = session.inpainter
    try:
        scene, mask = _scene(session, wanted, paint, engine.identity)
    except (PhotoError, MaskError) as error:
        return Seen(wanted, failure=Failure(wanted.sample.image.as_posix(), str(error)))
    files = [variant_file(session, wanted.sample.id, mask, wish, paint, engine.identity) for wish in wanted.missing]
    return Seen(wanted, scene, list(zip(wanted.missing, files, strict=True)))


def _scene(session: Session, wanted: Wanted, paint: PaintSettings, model: Identity) -> tuple[Scene, str]:
    """The scene, and the digest of its mask."""
    sample, row = wanted.sample, wanted.mask
    for folder in (session.workspace.variants, session.workspace.masks):
        sweep(folder / str(sample.id))
    photo, new = read_photo(sample.path), None
    if row is None:
        parsed = parse_photo(session, photo)
        new = write_parsed(session, sample.id, parsed)
        mask, person, name = parsed.mask, parsed.box, new.digest
    else:
        name = row.digest
        mask = read_mask(session.workspace.home / row.file, photo.shape[:2])
        person = person_box(session, photo, mask, row)
    box = crop.work_box(person, mask, model.height / model.width)
    canvas = crop.to_canvas(photo, mask, box, model.width, model.height)
    whole = resize(crop.cut(photo, box), model.width, model.height) if paint.strength < 1 else None
    return Scene(sample, photo, mask, row.id if row else 0, canvas, whole, new), name


def person_box(session: Session, photo: np.ndarray, mask: np.ndarray, row: MaskRow) -> Box:
    """The person's box: told by the mask's row, else parsed again, else the mask's own (a person drew it)."""
    if "person" in row.settings:
        return Box(*row.settings["person"])
    try:
        return parse_photo(session, photo).box
    except PhotoError:
        return crop.mask_box(mask)


def variant_file(
    session: Session, sample_id: int, mask: str, wish: Wish, paint: PaintSettings, model: Identity
) -> Path:
    """Where a variant lies, relative to the workspace; another prompt, mask (digest), setting or model is another file.

    The batch shape is left out: where memory was short for a while, what was made then still counts.
    """
    told: dict[str, Any] = {
        "mask": mask, "outfit": wish.outfit, "prompt": wish.prompt, "settings": paint.model_dump(exclude={"batch"}),
        "model": model.name, "digest": model.digest, "size": [model.height, model.width],
    }  # fmt: skip
    name = hashlib.sha256(json.dumps(told, sort_keys=True).encode()).hexdigest()[:12]
    folder = session.workspace.variants.relative_to(session.workspace.home)
    return folder / str(sample_id) / f"{wish.seed}-{name}.png"
