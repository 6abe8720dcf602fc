"""Samplers by name, each built from the model's own noise schedule."""

from typing import Any

from dlcr.core.errors import SettingError

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
