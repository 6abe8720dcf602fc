"""Samplers by name, each built from the model's own noise schedule."""

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from dlcr.core.errors import SettingError
from dlcr.core.settings import PaintSettings

if TYPE_CHECKING:
    import torch

OnLatents = Callable[[int, int, Callable[[], "torch.Tensor"]], None]
"""Called after each step with (step from 1, steps, the finished latents as the model sees them now)."""

SCHEDULERS = {
    "pndm": "PNDMScheduler",
    "ddim": "DDIMScheduler",
    "unipc": "UniPCMultistepScheduler",
    "dpm++": "DPMSolverMultistepScheduler",
    "euler": "EulerDiscreteScheduler",
    "euler-a": "EulerAncestralDiscreteScheduler",
    "lcm": "LCMScheduler",
}


def make_scheduler(own: Any, name: str) -> Any:
    """A fresh scheduler: `model` copies the model's own, another name keeps its betas and prediction type."""
    import diffusers

    if name == "model":
        return type(own).from_config(own.config)
    if name not in SCHEDULERS:
        raise SettingError(f"unknown scheduler '{name}'.", f"Choose one of: model, {', '.join(SCHEDULERS)}.")
    return getattr(diffusers, SCHEDULERS[name]).from_config(own.config)


def cut_times(scheduler: Any, skipped: int, settings: PaintSettings) -> "torch.Tensor":
    """The timesteps after the first `skipped` steps, with the scheduler told where it begins."""
    times: torch.Tensor = scheduler.timesteps[skipped * scheduler.order :]
    if not len(times):
        raise SettingError(f"strength {settings.strength} leaves none of {settings.steps} steps.", "Raise either.")
    if hasattr(scheduler, "set_begin_index"):
        scheduler.set_begin_index(skipped * scheduler.order)
    return times
