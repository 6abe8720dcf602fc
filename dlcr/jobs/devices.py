"""Which device a job holds, and what a job on the CPU leaves to others."""

import os
import platform
from collections.abc import Mapping
from pathlib import Path

from dlcr.core.threads import cores

THREADS = (
    "OMP_NUM_THREADS", "MKL_NUM_THREADS", "OPENBLAS_NUM_THREADS", "VECLIB_MAXIMUM_THREADS", "NUMBA_NUM_THREADS",
)  # fmt: skip
NICE = 10


def lease_of(device: str) -> str | None:
    """The lease that a job on `device` (cpu, auto, cuda, cuda:N, ...) needs on this machine; None for the CPU, which many share."""
    if device == "cpu" or (device == "auto" and not has_gpu()):
        return None
    return f"{platform.node()}/{'cuda:0' if device in ('auto', 'cuda') else device}"


def has_gpu() -> bool:
    """Whether a GPU of this machine may be used; asked without loading torch."""
    hidden = os.environ.get("CUDA_VISIBLE_DEVICES", "0").strip() in ("", "-1")
    return not hidden and any(Path(node).exists() for node in ("/dev/nvidiactl", "/dev/dxg", "/dev/kfd"))


def half_threads() -> Mapping[str, str]:
    """Environment of a job on the CPU: half the cores, so that painting stays possible; fewer if told so already."""
    half = max(1, cores() // 2)
    told = {name: os.environ.get(name, "") for name in THREADS}
    return {name: str(min(half, int(value))) if value.isdecimal() else str(half) for name, value in told.items()}
