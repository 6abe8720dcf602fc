"""Which device and number type a model runs on; needs torch and nothing heavier."""

import os

import torch

from dlcr.core.errors import BackendError


def choose_device(device: str) -> str:
    """`auto` is the GPU if there is one; BackendError if a GPU is asked for that is not there."""
    if device == "auto":
        return "cuda" if torch.cuda.is_available() else "cpu"
    try:
        kind = torch.device(device).type
    except RuntimeError as error:
        raise BackendError(f"unknown device '{device}'.", "Use auto, cpu, cuda or cuda:N.") from error
    if kind == "cuda" and not torch.cuda.is_available():
        raise BackendError(f"the device '{device}' is not there: torch sees no GPU.", "Use --device cpu or auto.")
    return device


def choose_dtype(device: str) -> torch.dtype:
    """Half precision on a GPU, bfloat16 where the CPU computes it in hardware, else float32. `DLCR_DTYPE` overrides."""
    asked = os.environ.get("DLCR_DTYPE")
    if asked:
        known = {"float32": torch.float32, "bfloat16": torch.bfloat16, "float16": torch.float16}
        if asked not in known:
            raise BackendError(f"DLCR_DTYPE is '{asked}'.", f"Set it to one of: {', '.join(known)}, or unset it.")
        return known[asked]
    if device.startswith("cuda"):
        return torch.float16
    fast = (
        getattr(torch.cpu, "_is_avx512_bf16_supported", lambda: False)()
        or getattr(torch.cpu, "_is_amx_tile_supported", lambda: False)()
    )
    return torch.bfloat16 if fast else torch.float32
