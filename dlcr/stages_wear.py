"""The counterfactual wardrobe: a query painted in other outfits, and where its person then stands. Part of the stages.

Nothing is kept: what is tried on is looked at, and neither votes nor trains.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from dlcr.core.errors import UsageError
from dlcr.core.images import read_mask, read_photo
from dlcr.core.settings import PaintSettings
from dlcr.core.values import Box, Variant
from dlcr.session import Session
from dlcr.stages import Step, paint, parse_photo
from dlcr.stages_embed import network_of, vectors_of_pictures
from dlcr.stages_wishes import person_box

if TYPE_CHECKING:
    from dlcr.stages_look import Gallery


@dataclass(frozen=True, slots=True)
class Stand:
    """Where a query's person stands in a gallery: `first`, rank of the first right answer from 0 (-1: there is none), and
    `similarity`, mean cosine to all right answers (nan: none)."""

    first: int
    similarity: float


@dataclass(frozen=True, slots=True)
class Outfit:
    """What is tried on: a name to show (empty for one's own words) and the prompt."""

    name: str
    prompt: str


@dataclass(frozen=True, slots=True, eq=False)
class Worn:
    """The query in an outfit, and where its person then stands: one stand a gallery."""

    outfit: Outfit
    variant: Variant
    stands: tuple[Stand, ...]


def stand(gallery: "Gallery", sample_id: int, vector: np.ndarray | None = None) -> Stand:
    """Where the person of a sample stands in a gallery; with the features `vector` (D,) instead of the sample's own."""
    from dlcr.reid.evaluation import RIGHT, flags, score, similarities

    row = gallery.row_of.get(sample_id)
    if row is None:
        raise UsageError(f"sample {sample_id} is not of '{gallery.dataset}'.", "Choose one of its samples.")
    query, others = gallery.whole.take(np.array([row])), gallery.gallery
    asked = query.vectors if vector is None else vector[None]
    scores = similarities(asked, others.vectors)
    right = flags(query, others, gallery.rule)[0] == RIGHT
    if not right.any():
        return Stand(-1, float("nan"))
    return Stand(int(score(scores, query, others, gallery.rule).first[0]), float(scores[0, right].mean() - 1))


def sensitivity(before: Stand, worn: Sequence[Stand]) -> float:
    """Clothing sensitivity: mean absolute change of the similarity to the right person over outfits; nan without any."""
    return float(np.mean([abs(one.similarity - before.similarity) for one in worn])) if worn else float("nan")


def wear(
    session: Session, galleries: Sequence["Gallery"], sample_id: int, outfits: Sequence[Outfit], *,
    seed: int = 0, settings: PaintSettings | None = None, on_step: Callable[[int, Step], None] | None = None,
) -> Iterator[Worn]:  # fmt: skip
    """Paint a query in each outfit and ask every gallery with the result, one by one as they are made.

    Its newest mask is painted, else the parser's. All outfits get the same `seed`, so that only the words differ. `on_step` is told
    the outfit's number and the step, and may raise Cancelled. UsageError where a gallery asks by tracklets.
    """
    if any(gallery.tracklets for gallery in galleries):
        raise UsageError("a single photo cannot stand for a tracklet.", "Choose a run and protocol of photos.")
    sample = session.catalog.sample(sample_id)
    photo = read_photo(sample.path)
    mask, person = _region(session, sample_id, photo)
    settings = (settings or PaintSettings()).model_copy(update={"batch": 1})
    for number, outfit in enumerate(outfits):
        tell = (lambda step, number=number: on_step(number, step)) if on_step else None
        (variant,) = paint(
            session, photo, mask, [outfit.prompt], [seed], settings=settings, person=person, on_step=tell,
            source={"sample": sample_id, "tried": True},
        )  # fmt: skip
        vectors = [vectors_of_pictures(network_of(session, one.run)[0], [variant.image])[0] for one in galleries]
        stands = [stand(one, sample_id, vector) for one, vector in zip(galleries, vectors, strict=True)]
        yield Worn(outfit, variant, tuple(stands))


def _region(session: Session, sample_id: int, photo: np.ndarray) -> tuple[np.ndarray, Box]:
    """(H, W) bool of what is painted: the newest mask, else the parser's; and the person's box."""
    row = session.catalog.newest_masks([sample_id]).get(sample_id)
    if row is None:
        parsed = parse_photo(session, photo)
        return parsed.mask, parsed.box
    mask = read_mask(session.workspace.home / row.file, photo.shape[:2])
    return mask, person_box(session, photo, mask, row)
