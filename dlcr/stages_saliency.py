"""What the match of a query and an answer rests on: clothes, head or the rest. Part of the stages."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from dlcr.catalog import SampleRow
from dlcr.core.errors import UsageError
from dlcr.core.images import read_mask, resize
from dlcr.parsing.head import head
from dlcr.session import Session
from dlcr.stages import parse_photo, sample_photo
from dlcr.stages_embed import network_of, vectors_of_pictures

if TYPE_CHECKING:
    from dlcr.reid.network import Network
    from dlcr.stages_look import Gallery

PARTS = ("clothes", "head", "rest")
LEAST = 0.1
"""Cosine that the parts must add together for shares of it to be told: shares of next to nothing are noise."""


@dataclass(frozen=True, slots=True, eq=False)
class Parted:
    """A sample with its photo (H, W, 3) uint8 and where each of PARTS is, (3, H, W) bool."""

    sample: SampleRow
    photo: np.ndarray
    parts: np.ndarray


@dataclass(frozen=True, slots=True, eq=False)
class Rests:
    """What a run's `similarity` of a query and an answer (a cosine) rests on; each array in the order of PARTS.

    `parts` (3,) add up to `similarity` less `base`, that of pictures of which nothing is left. `positive` (3,) are shares of
    what speaks for the match in the heat, 0..1. `heats`, of query and answer, (h, w) float32 of the network's size, are what
    the similarity loses where a square hides the photo.
    """

    run: str
    similarity: float
    base: float
    parts: np.ndarray
    positive: np.ndarray
    heats: tuple[np.ndarray, np.ndarray]

    @property
    def shares(self) -> np.ndarray:
        """(3,) shares of what the parts add together, nan where that is next to nothing; one below 0 speaks against the match."""
        whole = self.similarity - self.base
        return self.parts / whole if whole >= LEAST else np.full(len(PARTS), np.nan, np.float32)


@dataclass(frozen=True, slots=True, eq=False)
class Saliency:
    """A query and an answer, what each run's similarity of them rests on, and (3,) the shares of PARTS in the two pictures."""

    query: Parted
    answer: Parted
    runs: tuple[Rests, ...]
    areas: np.ndarray


def saliency(session: Session, galleries: Sequence["Gallery"], query: int, answer: int) -> Saliency:
    """What the match of two samples rests on in the run of each gallery; the mean of hiding parts of either photo.

    Clothes are the newest mask's, else the parser's. PhotoError where no person is found, UsageError where a gallery asks by
    tracklets.
    """
    if any(gallery.tracklets for gallery in galleries):
        raise UsageError("a tracklet is no single photo.", "Choose a run and protocol of photos.")
    first, second = _parted(session, query), _parted(session, answer)
    found = [_rests(one.run, network_of(session, one.run)[0], first, second) for one in galleries]
    areas = np.mean([one.parts.mean(axis=(1, 2)) for one in (first, second)], axis=0)
    return Saliency(first, second, tuple(found), areas)


def _parted(session: Session, sample_id: int) -> Parted:
    sample = session.catalog.sample(sample_id)
    photo = sample_photo(session, sample)
    parsed, row = parse_photo(session, photo), session.catalog.newest_masks([sample_id]).get(sample_id)
    clothes = parsed.mask if row is None else read_mask(session.workspace.home / row.file, photo.shape[:2])
    top = head(parsed.labels) & ~clothes
    return Parted(sample, photo, np.stack([clothes, top, ~(clothes | top)]))


def _rests(run: str, network: "Network", query: Parted, answer: Parted) -> Rests:
    from dlcr.reid.photos import fitted
    from dlcr.reid.saliency import evidence

    height, width = network.size
    both = (query, answer)
    vectors = vectors_of_pictures(network, [one.photo for one in both])
    parts = [np.stack([resize(part, width, height) for part in one.parts]) for one in both]
    found = [
        evidence(network, fitted(one.photo, network.size), part, vector)
        for one, part, vector in zip(both, parts, vectors[::-1], strict=True)
    ]
    heats = [np.maximum(one.heat, 0) for one in found]
    speaks = np.sum([(part * heat).sum(axis=(1, 2)) for part, heat in zip(parts, heats, strict=True)], axis=0)
    return Rests(
        run, found[0].similarity, float(np.mean([one.base for one in found])), np.mean([one.parts for one in found], axis=0),
        speaks / max(1e-9, float(speaks.sum())), (found[0].heat, found[1].heat),
    )  # fmt: skip
