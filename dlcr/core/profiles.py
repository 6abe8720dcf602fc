"""Consistent sets of backends and painting settings by name; a flag given by hand wins over them."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from dlcr.core.errors import UsageError


@dataclass(frozen=True, slots=True)
class Profile:
    """Backends by step and painting settings by name; what is not named stays at its default."""

    backends: Mapping[str, str] = field(default_factory=dict)
    paint: Mapping[str, Any] = field(default_factory=dict)


PROFILES = {
    "demo": Profile(),
    # method.md, stage 1: SCHP on LIP, LLaVA 1.5, Llama-2-7b-chat, SD 1.5 inpainting in 50 PNDM steps at guidance 7.5, batch 5
    "paper": Profile(
        {
            "parser": "schp:exp-schp-201908261155-lip.onnx", "captioner": "vlm:llava-hf/llava-1.5-7b-hf",
            "summariser": "llm:meta-llama/Llama-2-7b-chat-hf",
            "inpainter": "sd:stable-diffusion-v1-5/stable-diffusion-inpainting",
        },
        {"steps": 50, "guidance": 7.5, "scheduler": "pndm", "batch": 5},
    ),
    "fast": Profile(paint={"steps": 8, "scheduler": "unipc", "batch": 8}),
}  # fmt: skip
"""`fast` keeps the chosen models and takes fewer, better solver steps.

Guidance stays on to the end: without it in the later steps the embedded models lose points of colour (docs/embedded-world.md)."""


def profile(name: str | None) -> Profile:
    """The profile of a name, `demo` for None; UsageError lists the names."""
    if name is not None and name not in PROFILES:
        raise UsageError(f"unknown profile '{name}'.", f"Choose one of: {', '.join(PROFILES)}.")
    return PROFILES[name or "demo"]
