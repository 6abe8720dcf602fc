"""One function per arrow of the data flow; the only place where features meet.

Open a `Session` once (`open_session`), then: index -> parse -> correct -> describe -> paint -> check -> keep. Models load on
first use and stay. Everything may be called from several threads; each model does one thing at a time.
"""

from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path

import numpy as np

from dlcr import data, parsing
from dlcr.catalog import Catalog, MaskRow, NewMask, NewVariant, SampleRow, VariantRow
from dlcr.core import claim
from dlcr.core.errors import PhotoError, WorkspaceError
from dlcr.core.files import sweep
from dlcr.core.images import decode, digest, read_photo, write_png
from dlcr.core.settings import CLOTHES_ONLY, Backends, MaskSettings, Viewing, checked
from dlcr.core.values import Caption, Labels, Outfit, Variant
from dlcr.core.workspace import Workspace
from dlcr.language.outfits import parse_items
from dlcr.language.slots import as_slots
from dlcr.session import Parsing, Session
from dlcr.stages_check import Checks, as_row, check_variant, checked_by
from dlcr.stages_data import KEPT, LAYOUTS, About, Index, about, check_files, disk_use, forget, index, stale
from dlcr.stages_embedded import adopt_runs
from dlcr.stages_expansion import adopt_variants
from dlcr.stages_guide import named
from dlcr.stages_masks import keep_mask, load_mask, record_mask, record_once, write_mask
from dlcr.stages_paint import (
    SCHEDULERS,
    Replay,
    Step,
    Understood,
    paint,
    painted_by,
    replay,
    understood,
    variant_name,
    variant_seeds,
    write_variant,
)
from dlcr.stages_release import Moved, export_release, import_release

__all__ = [
    "KEPT", "LAYOUTS", "SCHEDULERS", "About", "Checks", "Index", "Moved", "Parsing", "Replay", "Session", "Step", "Understood",
    "about", "check_files", "check_variant", "disk_use", "export_release", "forget", "import_release", "index", "keep_mask",
    "load_mask", "named", "paint", "painted_by", "record_mask", "record_once", "replay", "stale", "understood", "variant_name",
    "variant_seeds", "write_mask", "write_variant",
]  # fmt: skip

WORLD, UPLOADS = "world", "uploads"
BY_PARSER = "parser:"
"""How the source of a parser's mask begins; what a person made has another."""


def open_session(home: Path | str | None = None, backends: Backends | None = None) -> Session:
    """The session of a workspace; it knows the embedded data set `world`, its runs and a few variants, as this version has them.

    The workspace counts as in use as long as the session lives; while `dlcr doctor --repair` mends it, this waits.
    """
    workspace = Workspace.open(home)
    held = claim.share(workspace.home)
    with suppress(WorkspaceError):  # a workspace that is only looked at
        sweep(workspace.home)
    session = Session(workspace, Catalog.open(workspace.database_url), backends or Backends(), held)
    session.privacy = checked(Viewing).privacy
    known = {row.name: row for row in session.catalog.datasets()}
    if WORLD not in known or known[WORLD].root != data.world_root() or stale(session, WORLD):
        index(session, data.world_root(), "prcc", WORLD, check=False)
    there = {row.clothes_id for row in session.catalog.outfit_prompts(WORLD, limit=10**9)}
    for outfit, text in data.world_prompts().items():
        if outfit not in there:
            session.catalog.add_prompt(WORLD, outfit, text, data.PROMPTS_BY)
    adopt_runs(session, WORLD)
    adopt_variants(session, WORLD)
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
    put_uploads(session)
    return session.catalog.find_sample(UPLOADS, file)


def put_uploads(session: Session) -> None:
    """Make the samples of `uploads` those whose files are there."""
    row = session.catalog.put_dataset(UPLOADS, session.workspace.uploads, "folder")
    reading = data.read_layout("folder", session.workspace.uploads)
    session.catalog.put_samples(row.id, reading.samples, reading.files)


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


def compose_mask(
    parsed: Parsing, classes: Sequence[str], grow: int = 0, protect: bool = True, limbs: bool = False
) -> np.ndarray:
    """The mask of the chosen classes, grown (or shrunk) by pixels of the photo, without head and hands if `protect`.

    With `limbs` bare arms and legs are repainted too, hands not: a coat needs the arms of who wears a t-shirt.
    """
    return parsing.compose(parsed.labels, classes, grow=grow, protect=protect, limbs=limbs)


def mask_as(parsed: Parsing, how: MaskSettings) -> np.ndarray:
    """The mask of the clothes as `how` asks for it, without head and hands. (H, W) bool."""
    if how == CLOTHES_ONLY:
        return parsed.mask
    return compose_mask(parsed, parsed.labels.clothing, how.grow, limbs=how.limbs)


def bare_limbs(parsed: Parsing) -> np.ndarray:
    """(H, W) bool: bare arms and legs without hands, what `compose_mask` adds with `limbs`."""
    return parsing.bare_limbs(parsed.labels)


def refine_mask(
    session: Session, photo: np.ndarray, mask: np.ndarray, points: Sequence[tuple[int, int, bool]]
) -> np.ndarray:
    """The mask after clicks (x, y, adds) that add or remove what they point at."""
    refined: np.ndarray = session.clicker(photo, mask, points)
    return refined


def auto_mask(session: Session, sample_id: int) -> tuple[Parsing, MaskRow]:
    """Parse a sample and keep the parser's mask as a version, once."""
    parsed = parse_photo(session, sample_photo(session, session.catalog.sample(sample_id)))
    return parsed, record_once(session, write_parsed(session, sample_id, parsed))


def parser_source(session: Session, how: MaskSettings = CLOTHES_ONLY) -> str:
    """Whose masks the parser's are, and what they cover besides the clothes."""
    more = (", limbs" if how.limbs else "") + (f", grown {how.grow}" if how.grow else "")
    return f"{BY_PARSER}{session.backends.parser}{more}"


def write_parsed(session: Session, sample_id: int, parsed: Parsing, how: MaskSettings = CLOTHES_ONLY) -> NewMask:
    """Write the file of a parser's mask; the row to record, which tells the person's box too."""
    box = parsed.box
    told = {"person": [box.x0, box.y0, box.x1, box.y1], **how.model_dump(exclude_defaults=True)}
    return write_mask(session, sample_id, mask_as(parsed, how), parser_source(session, how), told)


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


# --- check and keep -----------------------------------------------------------------------------------------------------


def keep_variant(
    session: Session, sample_id: int, mask_id: int, variant: Variant, checks: Checks | None = None
) -> VariantRow:
    """Write a variant's PNG (lineage inside), then its row; the same variant again is the same row."""
    file = session.workspace.variants / str(sample_id) / variant_name(variant)
    if not file.exists():
        write_variant(file, variant)
    found = as_row(checks, checked_by(session)) if checks else None
    row = NewVariant.of(sample_id, mask_id, file.relative_to(session.workspace.home), variant)
    return session.catalog.add_variant(
        sample_id, mask_id, row.file, row.prompt, row.seed, row.model, row.lineage, found
    )


def variant_image(session: Session, variant: VariantRow) -> np.ndarray:
    """The picture of a kept variant, (H, W, 3) uint8."""
    return read_photo(session.workspace.home / variant.file)
