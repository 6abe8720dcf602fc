"""What a training learns from, and the batches of an epoch: photos or clips, each with a variant or a recoloured copy."""

from collections.abc import Generator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor

from dlcr.core.training import TrainSettings
from dlcr.reid.augment import draw_tints, recoloured
from dlcr.reid.clips import drawn_clip
from dlcr.reid.parallel import Group
from dlcr.reid.photos import Photos
from dlcr.reid.sampler import draw_variants, identity_batches
from dlcr.reid.schedule import Schedule


@dataclass(frozen=True, slots=True, eq=False)
class TrainingSet:
    """N real photos, the first of `photos`, and their variants after them.

    `pid` and `clothes` (N,) int64 are dense labels from 0; `variants` names each real photo's variants as rows of `photos`. For
    clips `pieces` are the parts of tracklets, rows of frames each. For recolouring `masks` are the real photos' clothing masks.
    """

    photos: Photos
    pid: np.ndarray
    clothes: np.ndarray
    variants: Sequence[Sequence[int]]
    pieces: Sequence[np.ndarray] | None = None
    masks: Photos | None = None

    def owned(self) -> np.ndarray:
        """(P, C) bool: which outfits are which person's."""
        table = np.zeros((int(self.pid.max()) + 1, int(self.clothes.max()) + 1), bool)
        table[self.pid, self.clothes] = True
        return table


@dataclass(frozen=True, slots=True, eq=False)
class Batch:
    """Rows of photos: `real` (n, T) int64, T frames a clip (1 for photos), and `variant` (n, T), -1 in lines that have none.

    With `tints` (n, 3) recoloured copies of the real photos stand in the place of variants.
    """

    real: np.ndarray
    variant: np.ndarray
    tints: np.ndarray | None = None

    @property
    def kept(self) -> np.ndarray:
        """Lines of `real` that come with a variant or copy."""
        return np.arange(len(self.real)) if self.tints is not None else np.flatnonzero(self.variant[:, 0] >= 0)

    @property
    def lines(self) -> np.ndarray:
        """(m, T): the real ones, then the others (the photos themselves where they are to be recoloured)."""
        return np.concatenate([self.real, (self.variant if self.tints is None else self.real)[self.kept]])

    @property
    def parents(self) -> np.ndarray:
        """(m,): the (first) real photo of each of `lines`."""
        return np.concatenate([self.real[:, 0], self.real[self.kept, 0]])

    def shares(self, group: Group) -> list[np.ndarray]:
        """For each process its rows of `lines`: a run of real ones, then what belongs to these."""
        count = len(self.real)
        return [
            np.concatenate([part, count + np.flatnonzero(np.isin(self.kept, part))]) for part in group.shares(count)
        ]

    def load(self, data: TrainingSet, rows: np.ndarray) -> Tensor:
        """(len(rows) * T, H, W, 3) uint8: these rows of `lines`, a clip's frames in a row."""
        photos = data.photos.batch(self.lines[rows].ravel())
        if self.tints is not None and data.masks is not None:
            copies = np.flatnonzero(rows >= len(self.real))
            masks = data.masks.batch(self.lines[rows[copies], 0])
            for place, mask in zip(copies, masks, strict=True):
                tint = self.tints[self.kept[rows[place] - len(self.real)]]
                photos[place] = torch.from_numpy(recoloured(photos[place].numpy(), mask[..., 0].numpy() > 127, tint))
        return photos


def draw_batches(
    data: TrainingSet, settings: TrainSettings, schedule: Schedule, epoch: int, rng: np.random.Generator
) -> list[Batch]:
    """The batches of one epoch, identity-balanced; every chance comes from `rng`."""
    firsts = np.arange(len(data.pid)) if data.pieces is None else np.array([piece[0] for piece in data.pieces])
    limits = [min(len(rows), settings.variants) for rows in data.variants]
    usable = np.array([schedule.usable_variants(epoch, count) for count in limits])
    batches = []
    for items in identity_batches(data.pid[firsts], settings.people, settings.photos_per_person, rng):
        if data.pieces is None:
            real = items[:, None]
        else:
            count, stride = settings.clip_frames, settings.clip_stride
            real = np.stack([drawn_clip(data.pieces[item], count, stride, rng) for item in items])
        places = draw_variants(usable[real].min(1), rng)  # one place for all frames of a clip
        rows = [
            [data.variants[row][place] for row in line] if place >= 0 else [-1] * len(line)
            for line, place in zip(real, places, strict=True)
        ]
        tints = draw_tints(len(real), rng) if settings.recoloured else None
        batches.append(Batch(real, np.array(rows, np.int64), tints))
    return batches


def loaded(
    data: TrainingSet, batches: Sequence[Batch], group: Group
) -> Generator[tuple[Batch, list[np.ndarray], Tensor]]:
    """Each batch with every process' share and this one's photos, the next ones read meanwhile."""
    with ThreadPoolExecutor(1) as ahead:
        shares = [batch.shares(group) for batch in batches]
        coming = ahead.submit(batches[0].load, data, shares[0][group.rank])
        for number, batch in enumerate(batches):
            photos = coming.result()
            if number + 1 < len(batches):
                coming = ahead.submit(batches[number + 1].load, data, shares[number + 1][group.rank])
            yield batch, shares[number], photos
