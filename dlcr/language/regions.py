"""What the embedded captioner knows of a region of a person's crop: features, numbers, and the network that reads both."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np
import timm
import torch
import torch.nn.functional as F
from safetensors.torch import load_file
from torch import nn

from dlcr.language.garments import COLOUR_NAMES, PATTERNS, SLOTS

HEIGHT, WIDTH = 256, 128
GARMENTS = tuple(garment for garments in SLOTS.values() for garment in garments)
LEVELS = (16, 24, 40, 112, 320)
SEEN = (1, 2, 3)
"""The encoder's levels that the network sees as pictures: strides 4, 8 and 16."""
BANDS = 3
"""A region is also read in bands from top to bottom: blocks of colour and texture, and how much skin a sleeve or hem leaves."""
GRID = (16, 8)
"""Rows and columns in which the outlines of region and skin are read: sleeves, hems and openings."""
TOLD = 2 * sum(LEVELS) + 30 + 5 + BANDS * (5 + sum(LEVELS[i] for i in SEEN)) + 2 * GRID[0] * GRID[1] + len(SLOTS)
"""How many numbers are told of a region."""


@dataclass(frozen=True, slots=True, eq=False)
class Regions:
    """N regions as the network reads them.

    `photo` (N, 3, 256, 128) in [-1, 1] and `levels` (N, C, h, w), those of SEEN, of the crop each lies in; `outlines`
    (N, 2, 256, 128): the region and the skin, 0 or 1; `told` (N, TOLD). All float32.
    """

    photo: torch.Tensor
    levels: tuple[torch.Tensor, ...]
    outlines: torch.Tensor
    told: torch.Tensor


class RegionNet(nn.Module):
    """Regions -> logits of colours, garments and patterns, each (N, words).

    A garment's kind hangs on small things at certain places - a collar, a hood, a fly, the weave - that means over a region
    lose: so a few convolutions see the crop, the encoder's features and the outlines together, coarser and coarser, and
    what they find within the region joins the numbers.
    """

    mean: torch.Tensor
    scale: torch.Tensor

    def __init__(self) -> None:
        super().__init__()
        self.register_buffer("mean", torch.zeros(TOLD))
        self.register_buffer("scale", torch.ones(TOLD))
        self.stem = _conv(3, 32, 7, 4)
        self.views = nn.ModuleList([_conv(LEVELS[i], wide, 1) for i, wide in zip(SEEN, (24, 40, 64), strict=True)])
        self.fine = nn.Sequential(_conv(32 + 24 + 2, 48), _conv(48, 48))
        self.down = _conv(48, 80, 3, 2)
        self.middle = nn.Sequential(_conv(80 + 40 + 2, 96), Block(96))
        self.lower = _conv(96, 112, 3, 2)
        self.coarse = nn.Sequential(_conv(112 + 64 + 2, 144), Block(144))
        self.numbers = nn.Sequential(nn.Linear(TOLD, 192), nn.ReLU(), nn.Dropout(0.5))
        self.last = nn.Sequential(
            nn.Linear(192 + 2 * (96 + 144), 256), nn.ReLU(), nn.Dropout(0.4),
            nn.Linear(256, len(COLOUR_NAMES) + len(GARMENTS) + len(PATTERNS)),
        )  # fmt: skip

    def forward(self, regions: Regions) -> tuple[torch.Tensor, ...]:
        outlines = regions.outlines
        views = [view(level) for view, level in zip(self.views, regions.levels, strict=True)]
        four, eight, sixteen = (F.avg_pool2d(outlines, side) for side in (4, 8, 16))
        x = self.fine(torch.cat([self.stem(regions.photo), views[0], four], 1))
        x = self.middle(torch.cat([self.down(x), views[1], eight], 1))
        found = _within(x, eight[:, :1])
        x = self.coarse(torch.cat([self.lower(x), views[2], sixteen], 1))
        found += _within(x, sixteen[:, :1])
        numbers = self.numbers((regions.told - self.mean) / self.scale)
        out: torch.Tensor = self.last(torch.cat([*found, numbers], 1))
        return torch.split(out, [len(COLOUR_NAMES), len(GARMENTS), len(PATTERNS)], dim=1)


class Block(nn.Module):
    """Two convolutions beside a way around them."""

    def __init__(self, wide: int):
        super().__init__()
        self.body = nn.Sequential(_conv(wide, wide), _conv(wide, wide))

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        out: torch.Tensor = x + self.body(x)
        return out


def _conv(before: int, after: int, side: int = 3, stride: int = 1) -> nn.Sequential:
    layer = nn.Conv2d(before, after, side, stride, side // 2, bias=False)
    return nn.Sequential(layer, nn.BatchNorm2d(after), nn.ReLU())


def _within(x: torch.Tensor, share: torch.Tensor) -> list[torch.Tensor]:
    """Mean and highest value of each channel where the region lies, (N, C) both."""
    mean = (x * share).sum((2, 3)) / share.sum((2, 3)).clamp(min=1e-4)
    return [mean, (x - 10 * (1 - share)).amax((2, 3))]


class Encoder:
    """The embedded parser's encoder, from its weights."""

    def __init__(self, weights: Path, device: str):
        self.device = torch.device(device)
        self.network = timm.create_model(
            "tf_efficientnet_lite0", pretrained=False, features_only=True, out_indices=tuple(range(len(LEVELS)))
        )
        prefix = "encoder.model."
        own = {k.removeprefix(prefix): v for k, v in load_file(weights).items() if k.startswith(prefix)}
        self.network.load_state_dict(own, strict=False)
        self.network.float().eval().to(self.device)

    def levels(self, photos: np.ndarray) -> list[np.ndarray]:
        """Crops (n, 256, 128, 3) uint8 -> its features at each level, (n, C, h, w) float32."""
        with torch.inference_mode():
            return [level.float().cpu().numpy() for level in self.network(as_input(photos).to(self.device))]


def as_input(photos: np.ndarray) -> torch.Tensor:
    """(n, h, w, 3) uint8 -> (n, 3, h, w) float32 in [-1, 1]."""
    return torch.from_numpy(photos).permute(0, 3, 1, 2).float() / 127.5 - 1


def told(
    photo: np.ndarray, levels: Sequence[np.ndarray], regions: list[tuple[str, np.ndarray]], skin: np.ndarray
) -> np.ndarray:
    """(slot, mask) regions of one crop in numbers, (regions, TOLD) float32; `levels` are its features (C, h, w) each."""
    lab = cv2.cvtColor(photo, cv2.COLOR_RGB2LAB)
    bare = _outline(skin)
    rows = []
    for slot, mask in regions:
        seen = _look(photo, lab, levels, mask), _bands(lab, mask, skin), _textures(levels, mask), _outline(mask), bare
        rows.append(np.concatenate([*seen, [float(slot == s) for s in SLOTS]]))
    return np.stack(rows).astype(np.float32)


def _look(photo: np.ndarray, lab: np.ndarray, levels: Sequence[np.ndarray], mask: np.ndarray) -> np.ndarray:
    """Encoder features, colours and shape of one region."""
    parts = []
    for level in levels:
        weight = cv2.resize(mask.astype(np.float32), level.shape[:0:-1], interpolation=cv2.INTER_AREA)
        weight /= weight.sum()
        mean = (level * weight).sum((1, 2))
        spread = np.sqrt((((level - mean[:, None, None]) ** 2) * weight).sum((1, 2)))
        parts += [mean, spread]
    inner = cv2.erode(mask.astype(np.uint8), np.ones((3, 3), np.uint8)) > 0
    inner = inner if inner.sum() > 20 else mask
    for picture in (photo, lab):
        values = picture[inner].astype(np.float32) / 255
        parts += [values.mean(0), values.std(0), *np.percentile(values, (20, 50, 80), axis=0)]
    ys, xs = np.nonzero(mask)
    shape = [mask.mean(), np.ptp(ys) / HEIGHT, np.ptp(xs) / WIDTH, ys.mean() / HEIGHT, ys.max() / HEIGHT]
    return np.concatenate([*parts, shape])


def _textures(levels: Sequence[np.ndarray], mask: np.ndarray) -> np.ndarray:
    """Mean features of SEEN levels in each of BANDS bands of the region from top to bottom; zeros where a band is empty."""
    rows = np.flatnonzero(mask.any(axis=1))
    out = []
    for band in np.array_split(np.arange(rows[0], rows[-1] + 1), BANDS):
        part = np.zeros(mask.shape, np.float32)
        part[band] = mask[band]
        for level in (levels[i] for i in SEEN):
            weight = cv2.resize(part, level.shape[:0:-1], interpolation=cv2.INTER_AREA)
            out.append((level * weight).sum((1, 2)) / max(float(weight.sum()), 1e-6))
    return np.concatenate(out)


def _outline(mask: np.ndarray) -> np.ndarray:
    """Share of each cell of a GRID over the crop, row by row."""
    cells: np.ndarray = cv2.resize(mask.astype(np.float32), GRID[::-1], interpolation=cv2.INTER_AREA)
    return cells.ravel()


def _bands(lab: np.ndarray, mask: np.ndarray, skin: np.ndarray) -> np.ndarray:
    """Mean LAB in [0, 1], share of the region and skin beside it, of each of BANDS bands from top to bottom."""
    rows = np.flatnonzero(mask.any(axis=1))
    out = []
    for band in np.array_split(np.arange(rows[0], rows[-1] + 1), BANDS):
        part = mask[band] if len(band) else np.zeros((1, WIDTH), bool)
        colour = lab[band][part].mean(axis=0) / 255 if part.any() else np.zeros(3)
        beside = skin[band].sum() / max(1, part.sum()) if len(band) else 0.0
        out += [*colour, part.sum() / mask.sum(), min(beside, 2.0)]
    return np.array(out)
