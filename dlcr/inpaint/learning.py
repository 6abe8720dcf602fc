"""Training a discriminator: photos' latents against those of first-pass variants, noised as the sampler noises them."""

import itertools
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor

from dlcr.core.settings import GuideSettings
from dlcr.inpaint.discriminator import Network, Shape
from dlcr.inpaint.guidance import Level, in_window

BANDS = (0.2, 0.4, 0.6, 0.8, 1.0)
"""Edges of the bands of timesteps, as shares of the schedule, in which accuracy is told."""


@dataclass(frozen=True, slots=True, eq=False)
class Pairs:
    """Variants and their photos as latents (N, C, h, w) float16 each; row i of `fake` was painted into `real[of[i]]`."""

    real: Tensor
    fake: Tensor
    of: np.ndarray


class Clock:
    """A sampler's own noise schedule: `levels[t]` for t in 0..steps - 1; `window` are the timesteps that are guided."""

    def __init__(self, levels: list[Level]):
        self.steps = len(levels)
        self.signal = torch.tensor([one.signal for one in levels])
        self.noise = torch.tensor([one.noise for one in levels])
        self.window = np.array([t for t, one in enumerate(levels) if in_window(t / self.steps, one)])

    def noised(self, latents: Tensor, noise: Tensor, t: Tensor) -> Tensor:
        """Latents and noise (N, C, h, w) at timesteps t (N,)."""
        return self.signal[t][:, None, None, None] * latents + self.noise[t][:, None, None, None] * noise


class Learner:
    """A network in training. What a step does follows from the seed and its number, so that a stopped training ends the same."""

    def __init__(self, pairs: Pairs, clock: Clock, settings: GuideSettings, device: str = "cpu"):
        self.pairs, self.clock, self.settings, self.device = pairs, clock, settings, torch.device(device)
        count, height, width = pairs.real.shape[1:]
        self.shape = Shape((count, height, width), clock.steps, settings.width, settings.levels)
        with torch.random.fork_rng():
            torch.manual_seed(settings.seed)
            self.network = Network(self.shape).to(self.device)
        self.optimiser = torch.optim.Adam(
            self.network.parameters(), lr=settings.learning_rate, weight_decay=settings.weight_decay
        )
        self.done = 0

    def run(self, until: int, on_step: Callable[[int, float], None]) -> None:
        """Go on until `until` steps are done; `on_step` gets (steps done, loss) after each and may raise."""
        self.network.train()
        while self.done < until:
            loss = self._loss(self.done)
            self.optimiser.zero_grad()
            torch.autograd.backward(loss)
            self.optimiser.step()
            self.done += 1
            on_step(self.done, float(loss.detach()))

    def _loss(self, step: int) -> Tensor:
        """Binary cross-entropy of half a batch of variants and their own photos, at the same timesteps under the same noise."""
        rng = np.random.default_rng([self.settings.seed, step])
        half = self.settings.batch // 2
        rows = rng.integers(len(self.pairs.of), size=half)
        spread = (np.arange(half) + rng.random(half)) / half  # one timestep from each part of the window
        times = self.clock.window[(spread * len(self.clock.window)).astype(int)]
        logits = self._logits(self.pairs, rows, times, int(rng.integers(2**62)))
        truth = torch.cat([torch.ones(half), torch.zeros(half)]).to(self.device)
        return F.binary_cross_entropy_with_logits(logits, truth)

    def _logits(self, pairs: Pairs, rows: np.ndarray, times: np.ndarray, seed: int) -> Tensor:
        """(2 len(rows),) logits: the photos', then the variants'."""
        real, fake = pairs.real[pairs.of[rows]].float(), pairs.fake[rows].float()
        noise = torch.randn(fake.shape, generator=torch.Generator().manual_seed(seed))
        t = torch.from_numpy(times)
        x = torch.cat([self.clock.noised(real, noise, t), self.clock.noised(fake, noise, t)])
        found: Tensor = self.network(x.to(self.device), torch.cat([t, t]).to(self.device))
        return found

    @torch.no_grad()
    def accuracy(self, pairs: Pairs) -> dict[str, float]:
        """Share of right answers on other latents by band of timesteps (`200-400` of 1000), half of them photos, half variants."""
        self.network.eval()
        found = {}
        for number, (low, high) in enumerate(itertools.pairwise(BANDS)):
            rng = np.random.default_rng([self.settings.seed, 1, number])
            times = self.clock.window[(self.clock.window > low * self.clock.steps)]
            times = times[times <= high * self.clock.steps]
            if not len(times):
                continue
            right = [
                self._right(pairs, rows, rng.choice(times, len(rows)), int(rng.integers(2**62)))
                for rows in np.array_split(np.arange(len(pairs.of)), -(-len(pairs.of) // 64))
            ]
            found[f"{low * self.clock.steps:.0f}-{high * self.clock.steps:.0f}"] = float(np.concatenate(right).mean())
        return found

    def _right(self, pairs: Pairs, rows: np.ndarray, times: np.ndarray, seed: int) -> np.ndarray:
        real, fake = self._logits(pairs, rows, times, seed).cpu().chunk(2)
        return np.concatenate([(real > 0).numpy(), (fake < 0).numpy()])
