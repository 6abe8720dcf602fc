"""The discriminator of discriminator guidance: which noised latents come from photos, which from the model's own pictures.

Kim et al., ICML 2023 (arXiv 2211.17091). A folder `guidance/<data set>/<digest>` holds its weights and `config.json`.
"""

import hashlib
import itertools
import json
import math
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
import torch.nn.functional as F
from safetensors import SafetensorError
from safetensors.torch import load, save
from torch import Tensor, nn

from dlcr.core.errors import BackendError
from dlcr.core.files import write_bytes, write_json

MODEL, CONFIG = "model.safetensors", "config.json"
TIME_WIDTH = 64


@dataclass(frozen=True, slots=True)
class Shape:
    """What decides a discriminator's network; `latents` is (C, h, w), `steps` the length of the noise schedule."""

    latents: tuple[int, int, int]
    steps: int
    width: int
    levels: int


class Network(nn.Module):
    """Noised latents (N, C, h, w) and their timesteps (N,), 0..steps -> logits (N,) of being real.

    Normalised by groups: each item of a batch is judged by itself.
    """

    def __init__(self, shape: Shape):
        super().__init__()
        self.steps, width = shape.steps, shape.width
        self.stem = nn.Conv2d(shape.latents[0], width, 3, padding=1)
        self.time = nn.Sequential(nn.Linear(TIME_WIDTH, 2 * width), nn.SiLU(), nn.Linear(2 * width, 2 * width))
        widths = [width * min(4, 2**level) for level in range(shape.levels + 1)]
        pairs = list(itertools.pairwise(widths))
        self.levels = nn.ModuleList(Block(a, b, 2 * width) for a, b in pairs)
        self.head = nn.Sequential(nn.Linear(2 * widths[-1], widths[-1]), nn.SiLU(), nn.Linear(widths[-1], 1))

    def forward(self, x: Tensor, t: Tensor) -> Tensor:
        time = self.time(time_features(t.float() / self.steps))
        x = self.stem(x)
        for level in self.levels:
            x = level(x, time)
        places = x.flatten(2)
        found: Tensor = self.head(torch.cat([places.mean(2), places.amax(2)], 1))[:, 0]
        return found


class Block(nn.Module):
    """A residual block told the time, then half the size."""

    def __init__(self, channels: int, out: int, time: int):
        super().__init__()
        self.before, self.after = nn.GroupNorm(8, channels), nn.GroupNorm(8, out)
        self.first, self.second = nn.Conv2d(channels, out, 3, padding=1), nn.Conv2d(out, out, 3, padding=1)
        self.skip, self.time = nn.Conv2d(channels, out, 1), nn.Linear(time, 2 * out)

    def forward(self, x: Tensor, time: Tensor) -> Tensor:
        scale, shift = self.time(F.silu(time))[..., None, None].chunk(2, dim=1)
        inner = self.first(F.silu(self.before(x)))
        inner = self.second(F.silu(self.after(inner) * (1 + scale) + shift))
        return F.avg_pool2d(self.skip(x) + inner, 2, ceil_mode=True)


def time_features(share: Tensor) -> Tensor:
    """Shares of the schedule (N,) in 0..1 -> sines and cosines (N, TIME_WIDTH)."""
    speeds = torch.exp(torch.linspace(0, math.log(1000), TIME_WIDTH // 2, device=share.device))
    angles = share[:, None] * speeds
    return torch.cat([angles.sin(), angles.cos()], 1)


@dataclass(frozen=True, slots=True, eq=False)
class Discriminator:
    """A trained network, ready to guide: `digest` names it, `inpainter` is the digest of the model whose pictures it knows."""

    network: Network
    shape: Shape
    inpainter: str
    digest: str
    facts: Mapping[str, Any]


def keep(folder: Path, network: Network, shape: Shape, inpainter: str, facts: Mapping[str, Any]) -> tuple[str, Path]:
    """Write a network below `folder`, under its own digest; the digest and the place. Weights first, `config.json` last."""
    weights = save({name: tensor.detach().cpu().contiguous() for name, tensor in network.state_dict().items()})
    told = _told(shape, inpainter)
    name = _digest(weights, told)
    write_bytes(folder / name / MODEL, weights)
    write_json(folder / name / CONFIG, dict(facts) | told | {"digest": name})
    return name, folder / name


def read(folder: Path, device: str = "cpu") -> Discriminator:
    """The discriminator in a folder; BackendError if there is none or it is damaged."""
    again = "Train it again: dlcr guide DATASET"
    try:
        facts = json.loads((folder / CONFIG).read_text(encoding="utf-8"))
        weights = (folder / MODEL).read_bytes()
        shape = Shape(tuple(facts["latents"]), *(int(facts[name]) for name in ("steps", "width", "levels")))
        network = Network(shape)
        network.load_state_dict(load(weights))
    except FileNotFoundError as error:
        raise BackendError(f"there is no discriminator in {folder}.", again) from error
    except (OSError, ValueError, KeyError, TypeError, RuntimeError, SafetensorError) as error:
        raise BackendError(f"the discriminator in {folder} cannot be loaded: {error}.", again) from error
    inpainter = str(facts.get("inpainter"))
    digest = _digest(weights, _told(shape, inpainter))
    if digest != facts.get("digest"):
        raise BackendError(f"the discriminator in {folder} is damaged: its digest does not match.", again)
    return Discriminator(network.eval().requires_grad_(False).to(device), shape, inpainter, digest, facts)


def _told(shape: Shape, inpainter: str) -> dict[str, Any]:
    return {
        "latents": list(shape.latents), "steps": shape.steps, "width": shape.width, "levels": shape.levels,
        "inpainter": inpainter,
    }  # fmt: skip


def _digest(weights: bytes, told: Mapping[str, Any]) -> str:
    return hashlib.sha256(weights + json.dumps(told, sort_keys=True).encode()).hexdigest()[:16]
