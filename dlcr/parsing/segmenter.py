"""The embedded parser: finds the largest person in a photo of any size and labels every pixel of it."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from safetensors import SafetensorError
from safetensors.torch import load_file

from dlcr.core.errors import BackendError
from dlcr.core.values import Box, Labels
from dlcr.core.workspace import ASSETS
from dlcr.parsing.edges import along_edges
from dlcr.parsing.masks import largest_person
from dlcr.parsing.network import Network
from dlcr.parsing.people import cut, enlarged, only_largest, scaled, widened

DEMO = ASSETS / "models" / "parser-demo"
COARSE_SIDE = 384
SURE = 0.78
"""Mean probability of the winning class on a person: held-out people have 0.87 or more, of rendered ones blurred, darkened to a
third and made noisy 19 in 20 still 0.82; of 240 pictures of noise, blurred or not, all but one have less than this."""
CROP_ASPECT = (1.6, 2.6)
"""Height / width between which a photo may itself be a crop of one person."""


class Segmenter:
    """`parse` photos with the network in `folder` (`model.safetensors`, `config.json`)."""

    def __init__(self, folder: Path, device: str):
        try:
            config = json.loads((folder / "config.json").read_text(encoding="utf-8"))
            weights = load_file(folder / "model.safetensors")
            self.classes, self.clothing = tuple(config["classes"]), tuple(config["clothing"])
            self.protected = tuple(config["protected"])
            self.height, self.width = config["input"]
            network = Network(len(self.classes))
            network.load_state_dict(weights | _counters(network))
        except (OSError, ValueError, KeyError, RuntimeError, SafetensorError) as error:
            raise BackendError(
                f"the parser in {folder} cannot be loaded: {error}.", "Check out assets/ again."
            ) from error
        self.device = torch.device(device)
        self.network = network.eval().to(self.device, memory_format=torch.channels_last)  # type: ignore[call-overload]

    def parse(self, photo: np.ndarray) -> Labels:
        """(H, W, 3) uint8 -> labels (H, W) of the largest person; all background where no person is seen.

        A crop of one person is parsed as it is. Any other photo is searched at 384 pixels first, then parsed again in a
        box 15 % larger than the person found.
        """
        return self.parse_all([photo])[0]

    def parse_all(self, photos: Sequence[np.ndarray]) -> list[Labels]:
        """Several photos; those that may be crops of one person go through the network together."""
        crops = [row for row, photo in enumerate(photos) if _may_be_crop(photo)]
        found: dict[int, Seen] = {}
        if crops:
            together = self._closely([photos[row] for row in crops])
            found = dict(zip(crops, together, strict=True))
        return [self._parse(photo, found.get(row)) for row, photo in enumerate(photos)]

    def _parse(self, photo: np.ndarray, seen: "Seen | None") -> Labels:
        """Labels of a photo; `seen` is the whole of it in the network's size, where it may be a crop."""
        height, width = photo.shape[:2]
        if seen is not None:
            whole = self._labels(only_largest(seen.labels(width, height)))
            person = largest_person(whole)
            if person is not None and person.height >= 0.7 * height and self._is_person(seen.shares):
                return whole
        labels = np.zeros((height, width), np.uint8)
        person = self._search(photo)
        if person is not None:
            box = widened(person, self.height / self.width)
            closer = self._closely([cut(photo, box)])[0]
            if self._is_person(closer.shares):
                part = only_largest(closer.labels(box.width, box.height))
                x0, y0, x1, y1 = max(0, box.x0), max(0, box.y0), min(width, box.x1), min(height, box.y1)
                labels[y0:y1, x0:x1] = part[y0 - box.y0 : y1 - box.y0, x0 - box.x0 : x1 - box.x0]
        return self._labels(labels)

    def _labels(self, labels: np.ndarray) -> Labels:
        return Labels(labels, self.classes, self.clothing, self.protected)

    def _is_person(self, shares: np.ndarray) -> bool:
        """True if clothes fill at least 3 %, a head or skin shows as well, and the network is sure of what it sees."""
        seen = self._labels(shares.argmax(0))
        clothes, body = seen.where(*self.clothing), seen.where(*self.protected)
        if clothes.mean() < 0.03 or body.mean() < 0.002:
            return False
        return bool(shares.max(0)[clothes | body].mean() > SURE)

    def _search(self, photo: np.ndarray) -> Box | None:
        """Box of the largest person, from one pass over the whole photo at 384 pixels."""
        height, width = photo.shape[:2]
        scale = COARSE_SIDE / max(height, width)
        small = scaled(photo, max(1, round(width * scale)), max(1, round(height * scale)))
        inner = small.shape[:2]
        padded = np.pad(small, [(0, -inner[0] % 32), (0, -inner[1] % 32), (0, 0)], mode="edge")
        shares = self._shares(padded[None])[0]
        found = largest_person(self._labels(shares.argmax(0).astype(np.uint8)[: inner[0], : inner[1]]))
        if found is None:
            return None
        fx, fy = width / inner[1], height / inner[0]
        return Box(int(found.x0 * fx), int(found.y0 * fy), round(found.x1 * fx), round(found.y1 * fy))

    def _closely(self, photos: Sequence[np.ndarray]) -> list["Seen"]:
        """Photos scaled to the network's size and seen by it."""
        small = np.stack([scaled(photo, self.width, self.height) for photo in photos])
        wear = np.isin(self.classes, self.clothing)
        return [Seen(one, photo, wear) for one, photo in zip(self._shares(small), small, strict=True)]

    def _shares(self, photos: np.ndarray) -> np.ndarray:
        """(n, h, w, 3) uint8, sides multiples of 32 -> probabilities (n, classes, h, w) float32."""
        x = torch.from_numpy(np.ascontiguousarray(photos)).to(self.device).permute(0, 3, 1, 2).float() / 127.5 - 1
        with torch.inference_mode():
            logits: torch.Tensor = self.network(x.contiguous(memory_format=torch.channels_last))
            shares: np.ndarray = logits.float().softmax(1).cpu().numpy()
        return shares


@dataclass(frozen=True, slots=True)
class Seen:
    """A photo (h, w, 3) uint8 in the network's size, its probabilities (classes, h, w) float32, and which classes are clothes."""

    shares: np.ndarray
    photo: np.ndarray
    wear: np.ndarray

    def labels(self, width: int, height: int) -> np.ndarray:
        """(height, width) uint8, borders along the photo's edges; clothes or not is decided before which of them."""
        likely = np.flatnonzero(self.shares.max((1, 2)) > 1 / len(self.shares))  # no other is first anywhere
        shares, wear = self.shares[likely], self.wear[likely]
        for group in (wear, ~wear):
            if group.any():  # its first class stands for all of it
                shares[group] += shares[group].sum(0) - shares[group].max(0)
        found = enlarged(along_edges(shares, self.photo), width, height)
        return np.asarray(likely[found], np.uint8)


def _may_be_crop(photo: np.ndarray) -> bool:
    height, width = photo.shape[:2]
    return bool(CROP_ASPECT[0] <= height / width <= CROP_ASPECT[1])


def load_demo(argument: str | None = None, device: str = "auto") -> Segmenter:
    """The embedded parser: nine classes."""
    if argument is not None:
        raise BackendError(f"the parser demo takes no argument, got '{argument}'.", "Use: demo")
    return Segmenter(DEMO, ("cuda" if torch.cuda.is_available() else "cpu") if device == "auto" else device)


def _counters(network: Network) -> dict[str, torch.Tensor]:
    """Batch counters of normalisation layers: the network expects them, the file leaves them out."""
    return {k: v for k, v in network.state_dict().items() if k.endswith("num_batches_tracked")}
