"""Several processes that train one network, started by `torchrun`: each takes its share of every batch.

Features are gathered, so every process computes the losses of the whole batch; batch norm counts the whole batch too. Result and
gradients are those of one process, but for the order of sums. Layers that throw dice of their own (dropout) draw otherwise.
"""

import os
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import numpy as np
import torch
import torch.distributed as dist
from torch import Tensor, nn
from torch.nn import functional
from torch.nn.modules.batchnorm import _BatchNorm

from dlcr.core.errors import SettingError, TrainingError

PATIENCE = timedelta(hours=2)
"""How long processes wait for one another: the first one tests and writes alone."""


@dataclass(frozen=True, slots=True)
class Group:
    """This process among `size` that train together; the one of rank 0 writes and speaks."""

    rank: int = 0
    size: int = 1

    @property
    def leads(self) -> bool:
        return self.rank == 0

    def shares(self, count: int) -> list[np.ndarray]:
        """Places 0..count-1 cut into one run for each process; SettingError if one would get nothing."""
        if count < self.size:
            raise SettingError(
                f"{count} photos a batch are too few for {self.size} processes.",
                "Start fewer processes or choose a larger batch.",
            )
        return np.array_split(np.arange(count), self.size)

    def gather(self, own: Tensor, rows: Sequence[np.ndarray]) -> Tensor:
        """Every process' lines (its own: `rows[rank]` of the whole) in the order of the whole; gradients come back."""
        if self.size == 1:
            return own
        order = torch.from_numpy(np.argsort(np.concatenate(rows))).to(own.device)
        gathered: Tensor = _Gather.apply(own, [len(part) for part in rows], self.rank)
        return gathered[order]

    def average(self, parameters: Iterable[nn.Parameter]) -> None:
        """The same gradients everywhere for what every process computed alike: hardware may round differently."""
        if self.size > 1:
            for parameter in parameters:
                if parameter.grad is not None:
                    dist.all_reduce(parameter.grad)
                    parameter.grad /= self.size

    def agree(self, value: int, what: str) -> None:
        """TrainingError unless every process has the same number."""
        if self.size > 1:
            told: list[Any] = [None] * self.size
            dist.all_gather_object(told, value)
            if len(set(told)) > 1:
                raise TrainingError(
                    f"the processes disagree on {what}: {told}.", "All must see the same workspace and data set."
                )

    def wait(self) -> None:
        """Until every process is here."""
        if self.size > 1:
            dist.barrier()

    def spread(self, network: nn.Module, *, unused: bool) -> nn.Module:
        """`network` as one of several: batch norm over the whole batch, gradients averaged. It is changed in place."""
        if self.size == 1:
            return network
        device = next(network.parameters()).device
        if device.type == "cuda":
            from timm.layers import (
                convert_sync_batchnorm,  # torch's own would drop the activations of timm's batch norms
            )

            convert_sync_batchnorm(network)
        else:  # torch's SyncBatchNorm is for GPUs only
            for name, module in list(network.named_modules()):
                if isinstance(module, _BatchNorm):
                    network.set_submodule(name, SharedBatchNorm(module))
        ids = [device.index] if device.type == "cuda" else None
        return nn.parallel.DistributedDataParallel(network, device_ids=ids, find_unused_parameters=unused)


ALONE = Group()


def join(device: str) -> tuple[Group, str]:
    """The group that `torchrun` started, and this process' device (each its own GPU, the CPU is shared); else alone.

    Processes meet over NCCL on GPUs, over gloo else. SettingError if there are more processes than GPUs here.
    """
    size, local = int(os.environ.get("WORLD_SIZE", "1")), int(os.environ.get("LOCAL_RANK", "0"))
    if size == 1:
        return ALONE, device
    if device.startswith("cuda"):
        if local >= torch.cuda.device_count():
            raise SettingError(
                f"there are {torch.cuda.device_count()} GPUs for more processes.", "Lower --nproc_per_node."
            )
        device = f"cuda:{local}"
        torch.cuda.set_device(local)
    if not dist.is_initialized():
        dist.init_process_group("nccl" if device.startswith("cuda") else "gloo", timeout=PATIENCE)
    return Group(dist.get_rank(), dist.get_world_size()), device


def leave() -> None:
    """End the meeting of processes; nothing happens alone."""
    if dist.is_available() and dist.is_initialized():
        dist.destroy_process_group()


def first_to_fail() -> bool:
    """Whether this process is the first of its group to fail: that one speaks. Before they have met, and where the store is gone
    too, it is the one of rank 0."""
    try:
        return bool(dist.distributed_c10d._get_default_store().add("dlcr/failures", 1) == 1)
    except (RuntimeError, ValueError):
        return os.environ.get("RANK", "0") == "0"


class _Gather(torch.autograd.Function):
    """Lines of all processes behind one another. DistributedDataParallel averages what goes back, hence times their number."""

    @staticmethod
    def forward(ctx: Any, own: Tensor, counts: Sequence[int], rank: int) -> Tensor:
        ctx.counts, ctx.rank = counts, rank
        padded = functional.pad(own, (0, 0, 0, max(counts) - len(own))).contiguous()
        found = [torch.empty_like(padded) for _ in counts]
        dist.all_gather(found, padded)
        return torch.cat([part[:count] for part, count in zip(found, counts, strict=True)])

    @staticmethod
    def backward(ctx: Any, *gradients: Tensor) -> tuple[Tensor, None, None]:
        start = sum(ctx.counts[: ctx.rank])
        own = gradients[0][start : start + ctx.counts[ctx.rank]]
        return own * len(ctx.counts), None, None


class _Sum(torch.autograd.Function):
    """Sum over processes, of values and of gradients."""

    @staticmethod
    def forward(ctx: Any, own: Tensor) -> Tensor:
        total = own.clone()
        dist.all_reduce(total)
        return total

    @staticmethod
    def backward(ctx: Any, *gradients: Tensor) -> Tensor:
        total = gradients[0].clone()
        dist.all_reduce(total)
        return total


class SharedBatchNorm(nn.Module):
    """Batch norm over the batches of all processes, on any device; takes over weights, statistics and names of a plain one."""

    running_mean: Tensor
    running_var: Tensor
    num_batches_tracked: Tensor

    def __init__(self, plain: _BatchNorm) -> None:
        super().__init__()
        self.weight, self.bias, self.eps, self.momentum = plain.weight, plain.bias, plain.eps, plain.momentum
        for name in ("running_mean", "running_var", "num_batches_tracked"):
            self.register_buffer(name, getattr(plain, name))
        # timm's batch norm brings its activation along
        self.drop, self.act = getattr(plain, "drop", nn.Identity()), getattr(plain, "act", nn.Identity())
        self.train(plain.training)

    def forward(self, x: Tensor) -> Tensor:
        if not self.training:
            out = functional.batch_norm(x, self.running_mean, self.running_var, self.weight, self.bias, eps=self.eps)
            return self._after(out)
        sides = [0, *range(2, x.ndim)]
        shape = [1, -1] + [1] * (x.ndim - 2)
        count = _Sum.apply(x.new_tensor([x.numel() / x.shape[1]]))
        mean = _Sum.apply(x.sum(sides)) / count
        centred = x - mean.view(shape)
        variance = _Sum.apply(centred.square().sum(sides)) / count
        with torch.no_grad():
            self.num_batches_tracked += 1
            rate = self.momentum if self.momentum is not None else 1 / float(self.num_batches_tracked)
            self.running_mean.lerp_(mean.to(self.running_mean.dtype), rate)
            self.running_var.lerp_(variance * count / (count - 1), rate)
        scale = (variance + self.eps).rsqrt() * self.weight
        return self._after(centred * scale.view(shape) + self.bias.view(shape))

    def _after(self, x: Tensor) -> Tensor:
        out: Tensor = self.act(self.drop(x))
        return out
