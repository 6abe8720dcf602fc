"""The embedded captioner: names garment, colour and pattern of each parsed region.

It looks through the embedded parser's own encoder: a small network reads its features, the crop and each region's outline,
beside the region's colours and the skin around it.
"""

from collections.abc import Sequence
from pathlib import Path

import cv2
import numpy as np
import torch
from safetensors.torch import load_file

from dlcr.core.errors import BackendError
from dlcr.core.values import Caption, Labels, Outfit
from dlcr.core.workspace import ASSETS
from dlcr.language.garments import COLOUR_NAMES, PATTERNS, SLOTS, Garment
from dlcr.language.regions import GARMENTS, HEIGHT, SEEN, WIDTH, Encoder, RegionNet, Regions, as_input, told

ENCODER = ASSETS / "models" / "parser-demo" / "model.safetensors"
HEAD = ASSETS / "models" / "captioner-demo"
LEAST = {"upper": 0.01, "lower": 0.01, "dress": 0.015, "shoes": 0.002, "bag": 0.006, "hat and accessory": 0.003}
"""Share of the person's crop that a region must fill to be named."""
SKIN = "face and skin"


class Captioner:
    """`caption` a photo from its labels."""

    def __init__(self, encoder: Path, head: Path, device: str):
        self.encoder, self.device = Encoder(encoder, device), torch.device(device)
        self.network = network_of(head)
        self.network.float().eval().to(self.device)

    def caption(self, photo: np.ndarray, labels: Labels) -> Caption:
        """(H, W, 3) uint8 and labels of the same size -> one item per visible garment, in the order of SLOTS."""
        return self.caption_all([photo], [labels])[0]

    def caption_all(self, photos: Sequence[np.ndarray], labels: Sequence[Labels]) -> list[Caption]:
        """As `caption`, the encoder sees all crops at once."""
        cuts = [person_crop(photo, one.map) for photo, one in zip(photos, labels, strict=True)]
        levels = self.encoder.levels(np.stack([crop for crop, _ in cuts]))
        return [
            self._say(crop, [level[row] for level in levels], small, one.classes)
            for row, ((crop, small), one) in enumerate(zip(cuts, labels, strict=True))
        ]

    def _say(self, crop: np.ndarray, levels: list[np.ndarray], small: np.ndarray, classes: tuple[str, ...]) -> Caption:
        regions = visible_regions(small, classes)
        if not regions:
            return Caption("", Outfit(()))
        seen = as_regions(crop, levels, regions, skin_of(small, classes))
        with torch.inference_mode():
            answers = [words.cpu() for words in self.network(moved(seen, self.device))]
        items = tuple(str(_garment(slot, *(a[i] for a in answers))) for i, (slot, _) in enumerate(regions))
        return Caption(f"The person is wearing {', '.join(items)}.", Outfit(items))


def network_of(file: Path) -> RegionNet:
    """The network with the file's weights; counters of its normalisation, which files leave out, stay 0."""
    network = RegionNet()
    counters = {k: v for k, v in network.state_dict().items() if k.endswith("num_batches_tracked")}
    network.load_state_dict(load_file(file) | counters)
    return network


def as_regions(
    crop: np.ndarray, levels: Sequence[np.ndarray], regions: list[tuple[str, np.ndarray]], skin: np.ndarray
) -> Regions:
    """(slot, mask) regions of one crop (256, 128, 3) uint8 with its features (C, h, w) each, for the network."""
    count = len(regions)
    outlines = np.stack([np.stack([mask, skin]) for _, mask in regions]).astype(np.float32)
    return Regions(
        as_input(crop[None]).expand(count, -1, -1, -1),
        tuple(torch.from_numpy(levels[i])[None].expand(count, -1, -1, -1) for i in SEEN),
        torch.from_numpy(outlines),
        torch.from_numpy(told(crop, levels, regions, skin)),
    )


def moved(regions: Regions, device: torch.device) -> Regions:
    """The same on a device."""
    levels = tuple(level.to(device) for level in regions.levels)
    return Regions(regions.photo.to(device), levels, regions.outlines.to(device), regions.told.to(device))


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
