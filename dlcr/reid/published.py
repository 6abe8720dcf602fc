"""Checkpoints as CAL's authors publish them (`cal:PATH`): ResNet-50 `base`, neck `bn`; loaded without running code."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import torch
import torchvision
from torch import Tensor, nn

from dlcr.core.errors import BackendError
from dlcr.reid.network import Body

SIZE = (384, 192)
CHANNELS = 2048
_SCALAR = np._core.multiarray.scalar  # type: ignore[attr-defined]
ALLOWED: list[Any] = [
    # `rank1` is a numpy scalar; its pickle names functions that moved between numpy 1 and 2
    (_SCALAR, "numpy.core.multiarray.scalar"),
    (_SCALAR, "numpy._core.multiarray.scalar"),
    (np.dtype, "numpy.dtype"),
    (np.float64, "numpy.float64"),
    type(np.dtype(np.float64)),
]


def cal_body(argument: str | None, size: tuple[int, int] | None, pretrained: bool) -> Body:
    """ResNet-50 with last stride 1 and its trained neck from a published file; BackendError if the file is something else."""
    base = nn.Sequential(*list(torchvision.models.resnet50(weights=None).children())[:-2])
    first: Any = base[7][0]  # type: ignore[index]
    first.conv2.stride = first.downsample[0].stride = (1, 1)
    if not pretrained:
        return Body(base, CHANNELS, size or SIZE)
    path = Path(argument or "").expanduser()
    if not path.is_file():
        raise BackendError(f"there is no checkpoint '{argument or ''}'.", "Write cal:PATH, a file of a CAL release.")
    state = read_published(path)
    parts = {name: _below(state, name) for name in ("base", "bn")}
    try:
        base.load_state_dict(parts["base"])
        nn.BatchNorm1d(2 * CHANNELS).load_state_dict(parts["bn"])
    except RuntimeError as error:
        told = next((line.strip() for line in str(error).splitlines()[1:]), str(error))
        raise BackendError(
            f"{path} is no image model of CAL: {told}", "It must hold base.* of a ResNet-50 and bn.* of 4096 numbers."
        ) from error
    return Body(base, CHANNELS, size or SIZE, neck=parts["bn"])


def read_published(path: Path) -> dict[str, Tensor]:
    """The `model_state_dict` of a published checkpoint; nothing in the file is executed. BackendError names path and reason."""
    try:
        with torch.serialization.safe_globals(ALLOWED):
            content = torch.load(path, map_location="cpu", weights_only=True)
    except Exception as error:  # a file that is no pickle makes the unpickler fail in any way there is
        told = next((line for line in str(error).splitlines() if line.strip()), type(error).__name__)
        raise BackendError(f"cannot load {path}: {told[:200]}", "Download the checkpoint again.") from error
    if not isinstance(content, Mapping) or "model_state_dict" not in content:
        raise BackendError(f"{path} holds no model_state_dict.", "Give a checkpoint as CAL's authors publish them.")
    return {name.removeprefix("module."): value for name, value in content["model_state_dict"].items()}


def _below(state: Mapping[str, Tensor], name: str) -> dict[str, Tensor]:
    return {key.removeprefix(f"{name}."): value for key, value in state.items() if key.startswith(f"{name}.")}
