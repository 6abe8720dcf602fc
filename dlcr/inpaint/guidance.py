"""Discriminator guidance (method.md, stage 1, item 6): the model's prediction shifted towards what looks real (pure).

With x = signal * picture + noise * e, the picture's own noise e is told as `e - w * noise * grad log(d / (1 - d))`. What the
model predicts instead of e shifts with it: a v-prediction and a flow's velocity by that over `signal`.
"""

import math
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor, nn

CLIP = 1e-5
"""d stays in [CLIP, 1 - CLIP]."""
FROM = 0.2
"""Steps later than this share of the schedule are guided (t > 200 of 1000)."""
LEAST = 1e-3
"""Least share of the picture in x (squared): below it there is nothing to judge, and dividing by `signal` would explode."""


@dataclass(frozen=True, slots=True)
class Level:
    """How much picture and how much noise there is in noised latents."""

    signal: float
    noise: float

    @property
    def share(self) -> float:
        """The picture's share of the power, 0..1 (alpha bar)."""
        return self.signal**2 / (self.signal**2 + self.noise**2)


def gradient(network: nn.Module, x: Tensor, t: Tensor) -> Tensor:
    """Of log(d / (1 - d)), d clipped, at noised latents x (N, C, h, w) and timesteps t (N,); each item's own. float32.

    Works inside inference mode; the same bytes on a GPU too.
    """
    edge = math.log((1 - CLIP) / CLIP)
    with torch.inference_mode(False), torch.enable_grad(), torch.backends.cudnn.flags(deterministic=True):
        asked = x.detach().float().clone().requires_grad_(True)
        total = network(asked, t.clone()).clamp(-edge, edge).sum()
        return torch.autograd.grad(total, asked)[0]


def shift(slope: Tensor, level: Level, kind: str, weight: float) -> Tensor:
    """What is added to a prediction of `kind` (epsilon, v_prediction, flow, sample) for `slope`, the gradient."""
    told = -weight * level.noise * slope
    if kind == "epsilon":
        return told
    return -level.noise / level.signal * told if kind == "sample" else told / level.signal


def in_window(share_of_schedule: float, level: Level) -> bool:
    """Whether a step is guided at all."""
    return share_of_schedule > FROM and level.share >= LEAST


@dataclass(frozen=True, slots=True, eq=False)
class Guide:
    """A discriminator's network at work with a weight, for a schedule of `steps` timesteps."""

    network: nn.Module
    steps: int
    weight: float

    def __call__(self, x: Tensor, t: Tensor, level: Level, kind: str, mask: Tensor) -> Tensor | float:
        """What is added to the model's prediction for x (N, C, h, w) at timestep t; 0 outside the window.

        `mask` (N, 1, h, w) is 1 where the photo is repainted: elsewhere its own pixels are kept anyway.
        """
        if not in_window(float(t) / self.steps, level):
            return 0.0
        times = torch.full((len(x),), float(t), device=x.device)
        return mask * shift(gradient(self.network, x, times), level, kind, self.weight)


def level_of(scheduler: Any, t: Tensor) -> Level:
    """The noise in what a scheduler of diffusers shows the model at timestep t, after `scale_model_input`."""
    if hasattr(scheduler, "is_scale_input_called"):  # Euler and its kin: x / sqrt(sigma^2 + 1), between whole timesteps
        sigma = float(scheduler.sigmas[scheduler.step_index])
        return Level(1 / math.sqrt(sigma**2 + 1), sigma / math.sqrt(sigma**2 + 1))
    alpha = float(scheduler.alphas_cumprod[int(t)])
    return Level(math.sqrt(alpha), math.sqrt(1 - alpha))
