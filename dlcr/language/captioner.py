"""The embedded captioner: names garment, colour and pattern of each parsed region.

It looks through the embedded parser's own encoder: features of five levels are averaged over each region, beside the
region's colours and the skin around it, and a small head reads them.
"""

from collections.abc import Sequence
from pathlib import Path

import cv2
import numpy as np
import timm
import torch
from safetensors.torch import load_file
from torch import nn

from dlcr.core.errors import BackendError
from dlcr.core.values import Caption, Labels, Outfit
from dlcr.core.workspace import ASSETS
from dlcr.language.garments import COLOUR_NAMES, PATTERNS, SLOTS, Garment

ENCODER = ASSETS / "models" / "parser-demo" / "model.safetensors"
HEAD = ASSETS / "models" / "captioner-demo"
HEIGHT, WIDTH = 256, 128
GARMENTS = tuple(garment for garments in SLOTS.values() for garment in garments)
LEAST = {"upper": 0.01, "lower": 0.01, "dress": 0.015, "shoes": 0.002, "bag": 0.006, "hat and accessory": 0.003}
"""Share of the person's crop that a region must fill to be named."""
SKIN = "face and skin"
LEVELS = (16, 24, 40, 112, 320)
BANDS = 3
"""A region is also read in bands from top to bottom: blocks of colour and texture, and how much skin a sleeve or hem leaves."""
BANDED = (1, 2, 3)
"""The encoder's levels that are read in bands."""
GRID = (16, 8)
"""Rows and columns in which the outlines of region and skin are read: sleeves, hems and openings."""
WIDTH_IN = 2 * sum(LEVELS) + 30 + 5 + BANDS * (5 + sum(LEVELS[i] for i in BANDED)) + 2 * GRID[0] * GRID[1] + len(SLOTS)


class Head(nn.Module):
    """(N, WIDTH_IN) float -> logits of colours, garments and patterns."""

    mean: torch.Tensor
    scale: torch.Tensor

    def __init__(self) -> None:
        super().__init__()
        self.register_buffer("mean", torch.zeros(WIDTH_IN))
        self.register_buffer("scale", torch.ones(WIDTH_IN))
        outputs = len(COLOUR_NAMES) + len(GARMENTS) + len(PATTERNS)
        self.layers = nn.Sequential(
            nn.Linear(WIDTH_IN, 256), nn.SiLU(), nn.Dropout(0.5), nn.Linear(256, 256), nn.SiLU(), nn.Dropout(0.5),
            nn.Linear(256, outputs),
        )  # fmt: skip

    def forward(self, x: torch.Tensor) -> tuple[torch.Tensor, ...]:
        out: torch.Tensor = self.layers((x - self.mean) / self.scale)
        return torch.split(out, [len(COLOUR_NAMES), len(GARMENTS), len(PATTERNS)], dim=1)


class RegionReader:
    """Describes regions of a person's crop in numbers, with the parser's encoder."""

    def __init__(self, weights: Path, device: str):
        self.device = torch.device(device)
        self.encoder = timm.create_model(
            "tf_efficientnet_lite0", pretrained=False, features_only=True, out_indices=tuple(range(len(LEVELS)))
        )
        prefix = "encoder.model."
        own = {k.removeprefix(prefix): v for k, v in load_file(weights).items() if k.startswith(prefix)}
        self.encoder.load_state_dict(own, strict=False)
        self.encoder.float().eval().to(self.device)

    def levels(self, photos: np.ndarray) -> list[np.ndarray]:
        """Crops (n, 256, 128, 3) uint8 -> the encoder's features at each level, (n, C, h, w) float32."""
        x = torch.from_numpy(photos).to(self.device).permute(0, 3, 1, 2).float() / 127.5 - 1
        with torch.inference_mode():
            return [level.float().cpu().numpy() for level in self.encoder(x)]

    def read(self, photo: np.ndarray, regions: list[tuple[str, np.ndarray]], skin: np.ndarray) -> np.ndarray:
        """Crop (256, 128, 3) uint8, (slot, mask (256, 128) bool) pairs, skin (256, 128) bool -> (regions, WIDTH_IN) float32."""
        return told(photo, [level[0] for level in self.levels(photo[None])], regions, skin)


def told(
    photo: np.ndarray, levels: list[np.ndarray], regions: list[tuple[str, np.ndarray]], skin: np.ndarray
) -> np.ndarray:
    """Regions of one crop in numbers, (regions, WIDTH_IN) float32; `levels` are its features (C, h, w) each."""
    lab = cv2.cvtColor(photo, cv2.COLOR_RGB2LAB)
    bare = _outline(skin)
    rows = []
    for slot, mask in regions:
        seen = _look(photo, lab, levels, mask), _bands(lab, mask, skin), _textures(levels, mask), _outline(mask), bare
        rows.append(np.concatenate([*seen, [float(slot == s) for s in SLOTS]]))
    return np.stack(rows).astype(np.float32)


def _look(photo: np.ndarray, lab: np.ndarray, levels: list[np.ndarray], mask: np.ndarray) -> np.ndarray:
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


def _textures(levels: list[np.ndarray], mask: np.ndarray) -> np.ndarray:
    """Mean features of BANDED levels in each of BANDS bands of the region from top to bottom; zeros where a band is empty."""
    rows = np.flatnonzero(mask.any(axis=1))
    out = []
    for band in np.array_split(np.arange(rows[0], rows[-1] + 1), BANDS):
        part = np.zeros(mask.shape, np.float32)
        part[band] = mask[band]
        for level in (levels[i] for i in BANDED):
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


class Captioner:
    """`caption` a photo from its labels."""

    def __init__(self, encoder: Path, head: Path, device: str):
        self.reader = RegionReader(encoder, device)
        self.head = Head()
        self.head.load_state_dict(load_file(head))
        self.head.float().eval()

    def caption(self, photo: np.ndarray, labels: Labels) -> Caption:
        """(H, W, 3) uint8 and labels of the same size -> one item per visible garment, in the order of SLOTS."""
        return self.caption_all([photo], [labels])[0]

    def caption_all(self, photos: Sequence[np.ndarray], labels: Sequence[Labels]) -> list[Caption]:
        """As `caption`, the encoder sees all crops at once."""
        cuts = [person_crop(photo, one.map) for photo, one in zip(photos, labels, strict=True)]
        levels = self.reader.levels(np.stack([crop for crop, _ in cuts]))
        return [
            self._say(crop, [level[row] for level in levels], small, one.classes)
            for row, ((crop, small), one) in enumerate(zip(cuts, labels, strict=True))
        ]

    def _say(self, crop: np.ndarray, levels: list[np.ndarray], small: np.ndarray, classes: tuple[str, ...]) -> Caption:
        regions = visible_regions(small, classes)
        if not regions:
            return Caption("", Outfit(()))
        with torch.inference_mode():
            answers = self.head(torch.from_numpy(told(crop, levels, regions, skin_of(small, classes))))
        items = tuple(str(_garment(slot, *(a[i] for a in answers))) for i, (slot, _) in enumerate(regions))
        return Caption(f"The person is wearing {', '.join(items)}.", Outfit(items))


def load_demo(argument: str | None = None, device: str = "auto") -> Captioner:
    """The embedded captioner; it shares the embedded parser's encoder."""
    if argument is not None:
        raise BackendError(f"the captioner demo takes no argument, got '{argument}'.", "Use: demo")
    head = HEAD / "model.safetensors"
    if not (ENCODER.is_file() and head.is_file()):
        raise BackendError(f"the embedded captioner is missing in {HEAD}.", "Check out assets/ again.")
    return Captioner(ENCODER, head, ("cuda" if torch.cuda.is_available() else "cpu") if device == "auto" else device)


def person_crop(photo: np.ndarray, labels: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Photo and labels around everything labelled, 6 % larger, in 256x128; the photo's edge is repeated beyond it."""
    rows, columns = np.flatnonzero(labels.any(axis=1)), np.flatnonzero(labels.any(axis=0))
    if not len(rows):
        rows, columns = np.array([0, labels.shape[0] - 1]), np.array([0, labels.shape[1] - 1])
    tall = 1.06 * max(rows[-1] - rows[0] + 1, 2 * (columns[-1] - columns[0] + 1))
    scale = HEIGHT / tall
    dx = WIDTH / 2 - scale * (columns[0] + columns[-1] + 1) / 2
    dy = HEIGHT / 2 - scale * (rows[0] + rows[-1] + 1) / 2
    if scale < 1:
        y0, y1 = int(max(0, -dy / scale)), int(np.ceil(min(labels.shape[0], (HEIGHT - dy) / scale)))
        x0, x1 = int(max(0, -dx / scale)), int(np.ceil(min(labels.shape[1], (WIDTH - dx) / scale)))
        size = (max(1, round((x1 - x0) * scale)), max(1, round((y1 - y0) * scale)))
        photo = cv2.resize(photo[y0:y1, x0:x1], size, interpolation=cv2.INTER_AREA)
        labels = cv2.resize(labels[y0:y1, x0:x1], size, interpolation=cv2.INTER_NEAREST)
        scale, dx, dy = 1.0, dx + x0 * scale, dy + y0 * scale
    matrix = np.array([[scale, 0, dx + 0.5 * (scale - 1)], [0, scale, dy + 0.5 * (scale - 1)]])
    size = (WIDTH, HEIGHT)
    crop = cv2.warpAffine(photo, matrix, size, flags=cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE)
    return crop, cv2.warpAffine(labels, matrix, size, flags=cv2.INTER_NEAREST)


def visible_regions(labels: np.ndarray, classes: tuple[str, ...]) -> list[tuple[str, np.ndarray]]:
    """(slot, mask) of the slots that fill enough of the crop; parsers without a class of a slot's name have none of it."""
    masks = [(slot, labels == classes.index(slot)) for slot in SLOTS if slot in classes]
    return [(slot, mask) for slot, mask in masks if mask.mean() > LEAST[slot]]


def skin_of(labels: np.ndarray, classes: tuple[str, ...]) -> np.ndarray:
    """(256, 128) bool; nothing where the parser has no class for skin."""
    if SKIN not in classes:
        return np.zeros(labels.shape, bool)
    found: np.ndarray = labels == classes.index(SKIN)
    return found


def _garment(slot: str, colour: torch.Tensor, garment: torch.Tensor, pattern: torch.Tensor) -> Garment:
    """The most likely words; only garments of the slot compete."""
    names = SLOTS[slot]
    start = GARMENTS.index(names[0])
    best = names[int(garment[start : start + len(names)].argmax())]
    patterned = slot in ("upper", "lower", "dress")
    return Garment(
        slot, best, COLOUR_NAMES[int(colour.argmax())], PATTERNS[int(pattern.argmax())] if patterned else "plain"
    )
