"""Which device and number type a model runs on; needs torch and nothing heavier."""

import ctypes
import os
import sys

import torch

from dlcr.core.errors import BackendError

DTYPES = {"float32": torch.float32, "bfloat16": torch.bfloat16, "float16": torch.float16}
ROOM = 0.8
"""Share of the free GPU memory that weights may take; the rest is for what is computed."""
_MALLOC = ((-1, 2**31 - 1), (-2, 256 * 2**20), (-3, 32 * 2**20), (-3, 2**30))
"""M_TRIM_THRESHOLD, M_TOP_PAD, M_MMAP_THRESHOLD of malloc.h; the last one refuses more than 32 MiB in older ones."""


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


def choose_dtype(device: str, gpu: torch.dtype = torch.float16) -> torch.dtype:
    """Half precision on a GPU (`gpu`, bfloat16 only where the GPU computes it), bfloat16 where the CPU computes it in hardware,
    else float32. `DLCR_DTYPE` overrides."""
    asked = os.environ.get("DLCR_DTYPE")
    if asked:
        if asked not in DTYPES:
            raise BackendError(f"DLCR_DTYPE is '{asked}'.", f"Set it to one of: {', '.join(DTYPES)}, or unset it.")
        return DTYPES[asked]
    if device.startswith("cuda"):
        return torch.float16 if gpu == torch.bfloat16 and not torch.cuda.is_bf16_supported() else gpu
    fast = (
        getattr(torch.cpu, "_is_avx512_bf16_supported", lambda: False)()
        or getattr(torch.cpu, "_is_amx_tile_supported", lambda: False)()
    )
    return torch.bfloat16 if fast else torch.float32


def is_short(device: str, weights: int) -> bool:
    """True if `weights` bytes do not fit into the GPU's free memory: parts then wait in main memory between their calls.

    `DLCR_OFFLOAD=1` or `0` decides it by hand. Never True on a CPU unless asked for.
    """
    asked = os.environ.get("DLCR_OFFLOAD")
    if asked in ("0", "1"):
        return asked == "1"
    return device.startswith("cuda") and weights > ROOM * torch.cuda.mem_get_info(device)[0]


def keep_freed_memory() -> None:
    """Let the C library keep freed memory for the next step of a training on the CPU, instead of giving it back.

    Else every large tensor is paged in and zeroed anew, a third of a step's time. Nothing happens without glibc.
    """
    if sys.platform != "linux":
        return
    mallopt = getattr(ctypes.CDLL(None), "mallopt", None)
    if mallopt is not None:
        for option, value in _MALLOC:
            mallopt(option, value)
