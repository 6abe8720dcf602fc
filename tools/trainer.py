"""What the trainers share: a run that keeps to its minutes, averages its weights, and goes on from `state.pt`."""

import argparse
import io
import math
import time
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import nn

from dlcr.backend.device import choose_dtype
from dlcr.core.files import make_folder, write_bytes

WARM_UP = 100
"""Steps over which the learning rate rises at first."""
FLOOR = 0.01
"""Share of the learning rate that is left in the end."""


def mixed(device: str | torch.device) -> torch.autocast:
    """bfloat16 where the processor computes it; a CPU that only imitates it takes ten times as long as with float32."""
    kind = choose_dtype(str(device), torch.bfloat16)
    return torch.autocast(torch.device(device).type, dtype=torch.bfloat16, enabled=kind != torch.float32)


def cosine(share: float) -> float:
    """The usual pace: a cosine from 1 to 0 over the time."""
    return 0.5 * (1 + math.cos(math.pi * share))


def late(share: float) -> float:
    """Full pace for the first half of the time, then straight to 0."""
    return min(1, 2 * (1 - share))


def add_options(parser: argparse.ArgumentParser, *, minutes: float, lr: float, save_every: float = 5) -> None:
    """The options of every trainer, with its own defaults."""
    parser.add_argument("--minutes", type=float, default=minutes, help="in all, counted over every time it went on")
    parser.add_argument("--save-every", type=float, default=save_every, help="minutes between checkpoints")
    parser.add_argument("--lr", type=float, default=lr)
    parser.add_argument("--device", default="cuda" if torch.cuda.is_available() else "cpu")


def add_ema(parser: argparse.ArgumentParser) -> None:
    """The option of trainers that ship averaged weights."""
    parser.add_argument("--ema", type=float, default=0.999, help="decay of the average that is shipped; 0 = no average")


class Run:
    """How far a training is, in `file`: steps, minutes, a smoothed loss, the optimiser, and the average of `weights`.

    The groups of `optimiser` have their highest rates when it comes here. What else the file keeps is the trainer's:
    `resume` gives it, `save` takes it. Without `ema` there is no average; a file without one goes on with one from there.
    """

    def __init__(
        self, file: Path, optimiser: torch.optim.Optimizer, weights: Iterable[torch.Tensor] = (), *,
        ema: float = 0, clip: float = 1,
    ):  # fmt: skip
        self.file, self.optimiser, self.ema, self.clip = file, optimiser, ema, clip
        self.weights = [one.detach() for one in weights]
        self.average: list[torch.Tensor] | None = None
        self.tops = [group["lr"] for group in optimiser.param_groups]
        self.step, self.minutes, self.loss = 0, 0.0, 0.0
        make_folder(file.parent)

    def resume(self, device: str) -> dict[str, Any] | None:
        """Go on from the file; gives all that it holds, None if there is none yet."""
        if not self.file.exists():
            return None
        state = torch.load(self.file, map_location=device, weights_only=True)
        self.optimiser.load_state_dict(state["optimiser"])
        self.step, self.minutes, self.loss = state["step"], state["minutes"], state["loss"]
        self.average = state.get("average") if self.ema else None
        print(f"resumed at step {self.step}, {self.minutes:.1f} min", flush=True)
        return state

    def save(self, **own: Any) -> None:
        """Write the file with the trainer's own entries, whole or not at all."""
        state = {
            "optimiser": self.optimiser.state_dict(),
            "step": self.step,
            "minutes": self.minutes,
            "loss": self.loss,
        }
        if self.average is not None:
            state["average"] = self.average
        buffer = io.BytesIO()
        torch.save(state | own, buffer)
        write_bytes(self.file, buffer.getvalue())

    def go(
        self, loss_of: Callable[[np.random.Generator], torch.Tensor], save: Callable[[], None], *,
        minutes: float, save_every: float, pace: Callable[[float], float] = cosine,
    ) -> None:  # fmt: skip
        """Take steps down `loss_of` a batch until `minutes` are over, those of earlier runs included; `save` now and then.

        `pace` gives the share of the learning rate at a share of the time.
        """
        rng = np.random.default_rng(self.step + 1)
        torch.manual_seed(self.step + 1)
        clock = saved = time.monotonic()
        while self.minutes < minutes:
            rate = (pace(self.minutes / minutes) + FLOOR) * min(1, (self.step + 1) / WARM_UP)
            for group, top in zip(self.optimiser.param_groups, self.tops, strict=True):
                group["lr"] = top * rate
            self._update(loss_of(rng))
            now = time.monotonic()
            self.minutes, clock = self.minutes + (now - clock) / 60, now
            if self.step % 25 == 0:
                print(f"step {self.step} minutes {self.minutes:.1f} loss {self.loss:.4f}", flush=True)
            if now - saved > 60 * save_every:
                save()
                saved = now
        save()

    def _update(self, loss: torch.Tensor) -> None:
        self.optimiser.zero_grad()
        torch.autograd.backward(loss)
        torch.nn.utils.clip_grad_norm_([p for g in self.optimiser.param_groups for p in g["params"]], self.clip)
        self.optimiser.step()
        self.step += 1
        self.loss += (1 if self.step == 1 else 0.02) * (loss.item() - self.loss)
        if not self.ema:
            return
        if self.average is None:
            self.average = [one.clone() for one in self.weights]
        # early on the average is short: its first weights are soon forgotten
        torch._foreach_lerp_(self.average, self.weights, 1 - min(self.ema, (self.step + 1) / (self.step + 10)))

    @contextmanager
    def averaged(self) -> Iterator[None]:
        """With the average in place of the weights, where there is one."""
        if self.average is None:
            yield
            return
        own = [one.clone() for one in self.weights]
        torch._foreach_copy_(self.weights, self.average)
        try:
            yield
        finally:
            torch._foreach_copy_(self.weights, own)


class NetworkTrainer(ABC):
    """Trains one network, of which the average is shipped, in `args.work`/state.pt; what it learns from gives `loss`."""

    network: nn.Module
    run: Run

    def begin(self, network: nn.Module, optimiser: torch.optim.Optimizer, args: argparse.Namespace) -> None:
        """Go on from where `network` (on its device, its tensors in `optimiser`) was left, if it was begun before."""
        self.args, self.network = args, network
        weighed = [one for one in network.state_dict().values() if one.is_floating_point()]
        self.run = Run(args.work / "state.pt", optimiser, weighed, ema=args.ema, clip=5)
        if state := self.run.resume(args.device):
            network.load_state_dict(state["network"])

    @abstractmethod
    def loss(self, rng: np.random.Generator) -> torch.Tensor:
        """Of one batch, a scalar."""

    def train(self) -> None:
        """Learn until the time is over."""
        self.network.train()
        self.run.go(self.loss, self.save, minutes=self.args.minutes, save_every=self.args.save_every)

    def save(self) -> None:
        """Keep how far it is."""
        self.run.save(network=self.network.state_dict())

    def half(self) -> dict[str, torch.Tensor]:
        """What is shipped: the averaged weights in fp16 on the CPU, without counters of normalisation."""
        with self.run.averaged():
            kept = {k: v for k, v in self.network.state_dict().items() if not k.endswith("num_batches_tracked")}
            return {k: v.half().cpu().contiguous() for k, v in kept.items()}
