"""The re-ID network: a backbone's body, pooling over places (and the frames of a clip), batch-norm neck; CAL's two classifiers."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import functional

IMAGENET_MEAN, IMAGENET_STD = (0.485, 0.456, 0.406), (0.229, 0.224, 0.225)


@dataclass(frozen=True, slots=True, eq=False)
class Body:
    """A backbone without its pooling: `module` maps (N, 3, H, W), normalised by `mean` and `std`, to places (N, `channels`, h, w).

    `neck` holds trained batch-norm weights over 2 x `channels`, None if there are none.
    """

    module: nn.Module
    channels: int
    size: tuple[int, int]
    mean: tuple[float, ...] = IMAGENET_MEAN
    std: tuple[float, ...] = IMAGENET_STD
    neck: Mapping[str, Tensor] | None = None


class Network(nn.Module):
    """(N, 3, H, W) in 0..1, normalised by `normalise` -> features (N, `width`): maximum and mean over places, batch norm.

    With `video` for clips: maximum over places alone, then mean over a clip's frames, then batch norm (Gu et al. 2022, CCVID).
    """

    mean: Tensor
    std: Tensor

    def __init__(self, body: Body, *, video: bool = False) -> None:
        super().__init__()
        self.body, self.size, self.video = body.module, body.size, video
        self.width = body.channels if video else 2 * body.channels
        self.bn = nn.BatchNorm1d(self.width)
        nn.init.normal_(self.bn.weight, 1.0, 0.02)
        if body.neck is not None and not video:
            self.bn.load_state_dict(dict(body.neck))
        self.register_buffer("mean", torch.tensor(body.mean).view(3, 1, 1), persistent=False)
        self.register_buffer("std", torch.tensor(body.std).view(3, 1, 1), persistent=False)

    def normalise(self, photos: Tensor) -> Tensor:
        """(N, H, W, 3) uint8 -> (N, 3, H, W) float32 for `forward`, on the network's device."""
        x = photos.to(self.mean.device).permute(0, 3, 1, 2).float()
        return (x - self.mean * 255).div_(self.std * 255)

    def forward(self, x: Tensor, frames: int = 1) -> Tensor:
        """Normalised (N * frames, 3, H, W), a clip's frames in a row -> (N, width)."""
        pooled = self.pooled(x)
        if frames > 1:
            pooled = pooled.reshape(-1, frames, self.width).mean(1)
        features: Tensor = self.bn(pooled)
        return features

    def pooled(self, x: Tensor) -> Tensor:
        """Normalised (N, 3, H, W) -> (N, width), before the batch norm."""
        places = self.body(x).flatten(2)
        return places.amax(2) if self.video else torch.cat([places.amax(2), places.mean(2)], 1)


class ClothesClassifier(nn.Module):
    """Cosine of features (N, D) and one learned direction for each of C outfits: (N, C) in -1..1."""

    def __init__(self, width: int, outfits: int) -> None:
        super().__init__()
        self.directions = nn.Parameter(functional.normalize(torch.rand(outfits, width) * 2 - 1, dim=1))

    def forward(self, features: Tensor) -> Tensor:
        return functional.linear(functional.normalize(features, dim=1), functional.normalize(self.directions, dim=1))


def identity_classifier(width: int, people: int) -> nn.Linear:
    """A linear layer that starts near zero (Gu et al.'s initialisation)."""
    layer = nn.Linear(width, people)
    nn.init.normal_(layer.weight, std=0.001)
    nn.init.zeros_(layer.bias)
    return layer


def extract(network: Network, batches: Iterable[Tensor], *, flip: bool = True) -> np.ndarray:
    """Batches of (n, H, W, 3) uint8 -> (N, width) float32 of length 1: photo and, if `flip`, its mirror image summed."""
    was_training = network.training
    network.eval()
    parts = [np.zeros((0, network.width), np.float32)]
    try:
        with torch.inference_mode():
            for photos in batches:
                x = network.normalise(photos)
                features = network(x) + (network(x.flip(3)) if flip else 0)
                parts.append(functional.normalize(features.float(), dim=1).cpu().numpy())
    finally:
        network.train(was_training)
    return np.concatenate(parts)


def extract_clips(network: Network, batches: Iterable[Tensor], clips: Sequence[np.ndarray]) -> np.ndarray:
    """Features of clips, rows of frames each: (len(clips), width) float32 of length 1, photos as they are, not mirrored.

    `batches` give every frame once, (n, H, W, 3) uint8; each frame goes through the body once, however many clips it is in.
    """
    was_training = network.training
    network.eval()
    try:
        with torch.inference_mode():
            frames = [network.pooled(network.normalise(photos)).float() for photos in batches]
            if not clips:
                return np.zeros((0, network.width), np.float32)
            pooled = torch.cat(frames)
            means = torch.stack([pooled[torch.from_numpy(clip).to(pooled.device)].mean(0) for clip in clips])
            found: np.ndarray = functional.normalize(network.bn(means), dim=1).cpu().numpy()
            return found
    finally:
        network.train(was_training)
