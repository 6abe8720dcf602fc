"""Checkpoints of a training: one safetensors file an epoch with networks, optimisers and history, written whole or not at all."""

import json
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import torch
from safetensors import SafetensorError, safe_open
from safetensors.torch import save
from torch import Tensor

from dlcr.core.errors import TrainingError
from dlcr.core.files import sweep, write_bytes
from dlcr.core.whole import seal, tensors_flaw

KEEP = 2
"""The newest checkpoint, and the one before it should the newest be damaged."""
_NAME = re.compile(r"epoch-(\d+)\.safetensors")


def path_of(folder: Path, epochs: int) -> Path:
    """Where the state after `epochs` epochs lies."""
    return folder / f"epoch-{epochs:04d}.safetensors"


def checkpoints(folder: Path) -> list[Path]:
    """The checkpoints in a folder, oldest first."""
    return sorted(path for path in folder.glob("epoch-*.safetensors") if _NAME.fullmatch(path.name))


def write(path: Path, tensors: Mapping[str, Tensor], facts: Mapping[str, Any]) -> Path:
    """Write tensors (float kinds as they are) and facts (JSON) with a checksum over both."""
    plain = {name: tensor.detach().cpu().contiguous() for name, tensor in tensors.items()}
    return write_bytes(path, seal(save(plain, {"facts": json.dumps(facts)})))


def read(path: Path) -> tuple[dict[str, Tensor], dict[str, Any]]:
    """Tensors and facts of a checkpoint; TrainingError if it is damaged, with the one before it as remedy."""
    try:
        wrong = tensors_flaw(path, deep=True)
        with safe_open(path, "pt") as content:
            tensors = {name: content.get_tensor(name) for name in content.keys()}  # noqa: SIM118 (no mapping)
            meta = content.metadata() or {}
    except (SafetensorError, OSError) as error:
        raise _damaged(path, str(error)) from error
    if wrong or not {"sha256", "facts"} <= meta.keys():
        raise _damaged(path, wrong or "it carries no checksum or no facts")
    try:
        return tensors, json.loads(meta["facts"])
    except (ValueError, RecursionError) as error:
        raise _damaged(path, "its facts are no JSON") from error


def tidy(folder: Path) -> None:
    """Remove all but the newest checkpoints, and what a killed training left half written."""
    sweep(folder)
    for path in checkpoints(folder)[:-KEEP]:
        path.unlink(missing_ok=True)


def below(tensors: Mapping[str, Tensor], name: str) -> dict[str, Tensor]:
    """The tensors whose names begin with `name.`, without it."""
    return {key.removeprefix(f"{name}."): value for key, value in tensors.items() if key.startswith(f"{name}.")}


def optimiser_tensors(optimiser: torch.optim.Optimizer) -> dict[str, Tensor]:
    """Adam's state as named tensors: `3.exp_avg` belongs to its fourth parameter."""
    state = optimiser.state_dict()["state"]
    return {f"{row}.{name}": torch.as_tensor(value) for row, values in state.items() for name, value in values.items()}


def restore_optimiser(optimiser: torch.optim.Optimizer, tensors: Mapping[str, Tensor]) -> None:
    """The opposite of `optimiser_tensors`."""
    whole = optimiser.state_dict()
    whole["state"] = {}
    for key, value in tensors.items():
        row, _, name = key.partition(".")
        whole["state"].setdefault(int(row), {})[name] = value
    optimiser.load_state_dict(whole)


def _damaged(path: Path, reason: str) -> TrainingError:
    others = [other for other in checkpoints(path.parent) if other < path]
    remedy = (
        f"Delete it: the run then goes on from {others[-1].name}." if others else "Delete it and start the run again."
    )
    return TrainingError(f"the checkpoint {path} is damaged: {reason}.", remedy)
