"""Backbones that turn photos into feature vectors. For now the ImageNet trunk that measures identity drift."""

from collections.abc import Sequence

import cv2
import numpy as np
import timm
import torch
from safetensors.torch import load_file
from torch import nn

from dlcr.core.errors import BackendError
from dlcr.core.workspace import ASSETS

TRUNK = ASSETS / "models" / "trunk-demo" / "model.safetensors"
HEIGHT, WIDTH = 128, 64
BATCH = 32


class Trunk(nn.Module):
    """EfficientNet-Lite0 cut at stride 16: (N, 3, H, W) in [-1, 1] -> (N, 224), maximum and mean over places."""

    def __init__(self) -> None:
        super().__init__()
        whole = timm.create_model("tf_efficientnet_lite0", pretrained=False)
        self.conv_stem, self.bn1, self.blocks = whole.conv_stem, whole.bn1, whole.blocks[:5]

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        places = self.blocks(self.bn1(self.conv_stem(x))).flatten(2)
        return torch.cat([places.amax(2), places.mean(2)], 1)


def load_trunk(device: str = "auto") -> Trunk:
    """The embedded ImageNet trunk, untrained on people; BackendError if its file is missing."""
    if not TRUNK.is_file():
        raise BackendError(f"the embedded trunk is missing in {TRUNK.parent}.", "Check out assets/ again.")
    trunk = Trunk()
    trunk.load_state_dict(load_file(TRUNK), strict=False)
    chosen = ("cuda" if torch.cuda.is_available() else "cpu") if device == "auto" else device
    return trunk.float().eval().to(chosen)


def features(trunk: Trunk, photos: Sequence[np.ndarray]) -> np.ndarray:
    """Photos (h, w, 3) uint8 of any sizes -> (N, 224) float32, each of length 1. Resized to 128x64."""
    if not photos:
        return np.zeros((0, 224), np.float32)
    device = next(trunk.parameters()).device
    small = np.stack([cv2.resize(photo, (WIDTH, HEIGHT), interpolation=cv2.INTER_AREA) for photo in photos])
    parts = []
    for start in range(0, len(small), BATCH):
        x = torch.from_numpy(small[start : start + BATCH]).to(device).permute(0, 3, 1, 2).float() / 127.5 - 1
        with torch.inference_mode():
            parts.append(nn.functional.normalize(trunk(x), dim=1).cpu().numpy())
    return np.concatenate(parts)
