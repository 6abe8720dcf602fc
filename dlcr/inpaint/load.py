"""Find an inpainting model, embedded, in a folder or on the hub, and make an `Engine` of it."""

import hashlib
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import Any

import torch
from accelerate import cpu_offload_with_hook
from diffusers import (
    DiffusionPipeline,
    FluxFillPipeline,
    StableDiffusionInpaintPipeline,
    StableDiffusionXLInpaintPipeline,
)
from diffusers.utils import logging as diffusers_logging
from transformers.utils import logging as transformers_logging

from dlcr.backend.device import choose_device, choose_dtype, is_short
from dlcr.backend.hub import adapter_file, checked_load, model_folder, parted, read_config
from dlcr.core.errors import BackendError
from dlcr.core.workspace import ASSETS
from dlcr.inpaint.diffusion import UNetSampler
from dlcr.inpaint.engine import Engine
from dlcr.inpaint.flux import FluxSampler
from dlcr.inpaint.text import flux_prompts, sd_prompts, sdxl_prompts

DEMO = ASSETS / "models" / "inpainter-demo"
SD = "stable-diffusion-v1-5/stable-diffusion-inpainting"
SDXL = "diffusers/stable-diffusion-xl-1.0-inpainting-0.1"
LORA = "latent-consistency/lcm-lora-sdv1-5"
FLUX = "black-forest-labs/FLUX.1-Fill-dev"
SIZE = {"height": 768, "width": 256}
"""The reference's (method.md, stage 1, item 5)."""
LARGE = {"height": 1152, "width": 384}
"""The same shape for models trained at a megapixel."""
WEIGHTS = ("unet", "text_encoder", "vae", "text_encoder_2", "transformer")
SLOW = 1 << 28
"""Bytes of weights from which bars tell how far loading is."""


def load_demo(argument: str | None = None, device: str = "auto") -> Engine:
    """The embedded model: 256x128, a closed vocabulary of clothing words."""
    if argument is not None:
        raise BackendError(f"the inpainter demo takes no argument, got '{argument}'.", f"Did you mean sd:{argument}?")
    return load_folder(DEMO, "demo", device)


def load_sd(argument: str | None, device: str = "auto") -> Engine:
    """`sd:FOLDER` or `sd:HUB_ID`, a Stable Diffusion inpainting model (9-channel UNet); paints at 768x256.

    Here and for the other families `sd:MODEL@LORA` adds an adapter (file, folder or hub id), such as a step-distilled one.
    """
    folder, lora = _find("sd", argument, SD)
    return load_folder(folder, f"sd:{argument}", device, lora)


def load_folder(folder: Path, name: str, device: str = "auto", lora: Path | None = None) -> Engine:
    """An engine from a Stable Diffusion folder; `dlcr.json` in it may set `height`, `width` and `closed` (vocabulary).

    The adapter `lora` is added to the weights.
    """
    model_folder(name, str(folder), f"sd:{SD}", "model_index.json")
    chosen = choose_device(device)
    facts = _facts(folder, SIZE)
    extra: dict[str, Any] = {"safety_checker": None, "feature_extractor": None, "requires_safety_checker": False}
    pipeline = _pipeline(StableDiffusionInpaintPipeline, folder, name, choose_dtype(chosen), lora, **extra)
    _place(pipeline, ("text_encoder", "vae", "unet"), chosen, full_vae=chosen == "cpu")
    prompts = sd_prompts(pipeline, torch.device(chosen), pipeline.unet.dtype)
    sampler = UNetSampler(pipeline, prompts, name=name, device=chosen)
    vocabulary = frozenset(pipeline.tokenizer.get_vocab()) if facts.get("closed") else None
    return _engine(sampler, weights_digest(folder, lora), name, facts, vocabulary)


def load_sdxl(argument: str | None, device: str = "auto") -> Engine:
    """`sdxl:FOLDER` or `sdxl:HUB_ID`, a Stable Diffusion XL inpainting model (9-channel UNet); paints at 1152x384."""
    name, (folder, lora) = f"sdxl:{argument}", _find("sdxl", argument, SDXL)
    chosen, facts = choose_device(device), _facts(folder, LARGE)
    pipeline = _pipeline(
        StableDiffusionXLInpaintPipeline,
        folder,
        name,
        choose_dtype(chosen),
        lora,
        needs=("text_encoder_2", "tokenizer_2"),
    )
    # its autoencoder overflows in float16 where the configuration says so
    full = chosen == "cpu" or bool(pipeline.vae.config.get("force_upcast"))
    _place(pipeline, ("text_encoder", "text_encoder_2", "vae", "unet"), chosen, full_vae=full)
    size = (facts["height"], facts["width"])
    prompts = sdxl_prompts(pipeline, torch.device(chosen), pipeline.unet.dtype, *size)
    sampler = UNetSampler(pipeline, prompts, name=name, device=chosen)
    return _engine(sampler, weights_digest(folder, lora), name, facts)


def load_flux(argument: str | None, device: str = "auto") -> Engine:
    """`flux-fill:FOLDER` or `flux-fill:HUB_ID`, in bfloat16 on a GPU; paints at 1152x384."""
    name, (folder, lora) = f"flux-fill:{argument}", _find("flux-fill", argument, FLUX)
    chosen, facts = choose_device(device), {"tokens": 512} | _facts(folder, LARGE)
    pipeline = _pipeline(FluxFillPipeline, folder, name, choose_dtype(chosen, torch.bfloat16), lora)
    _place(pipeline, ("text_encoder", "text_encoder_2", "vae", "transformer"), chosen, full_vae=chosen == "cpu")
    prompts = flux_prompts(pipeline, torch.device(chosen), pipeline.transformer.dtype, facts["tokens"])
    sampler = FluxSampler(pipeline, prompts, name=name, device=chosen)
    return _engine(sampler, weights_digest(folder, lora), name, facts)


def weights_digest(folder: Path, lora: Path | None = None) -> str:
    """First 16 hex digits of SHA-256 over every weights file of denoiser, text encoders and autoencoder, then the adapter."""
    total = hashlib.sha256()
    files = [path for part in WEIGHTS for path in _weights(folder / part)]
    for path in [*files, lora] if lora else files:
        with path.open("rb") as stream:
            total.update(hashlib.file_digest(stream, "sha256").digest())
    return total.hexdigest()[:16]


def _weights(folder: Path) -> list[Path]:
    return sorted(folder.glob("*.safetensors")) or sorted(folder.glob("*.bin"))


def _engine(
    sampler: UNetSampler | FluxSampler, digest: str, name: str, facts: dict[str, Any],
    vocabulary: frozenset[str] | None = None,
) -> Engine:  # fmt: skip
    return Engine(
        sampler, name=name, digest=digest, height=facts["height"], width=facts["width"], vocabulary=vocabulary
    )


def _find(kind: str, argument: str | None, example: str) -> tuple[Path, Path | None]:
    """The folder of `MODEL` or `MODEL@LORA`, and the file of the adapter."""
    model, lora = parted(argument or "")
    name = f"{kind}:{argument or ''}"
    folder = model_folder(name, model, f"{kind}:{example}", "model_index.json", _download)
    return folder, adapter_file(name, lora, f"{kind}:{example}@{LORA}") if lora else None


def _facts(folder: Path, size: dict[str, int]) -> dict[str, Any]:
    return dict(size) | (read_config(folder, "dlcr.json") if (folder / "dlcr.json").is_file() else {})


@contextmanager
def _quietly(*, bars: bool = False) -> Iterator[None]:
    """Without the libraries' remarks on a model that is as it should be, and without their bars."""
    before = [
        (one, one.get_verbosity(), one.is_progress_bar_enabled()) for one in (diffusers_logging, transformers_logging)
    ]
    for one, _, _ in before:
        one.set_verbosity_error()
        if not bars:
            one.disable_progress_bar()
    try:
        yield
    finally:
        for one, verbosity, had_bars in before:
            one.set_verbosity(verbosity)
            if had_bars:
                one.enable_progress_bar()


def _pipeline(
    kind: Any, folder: Path, name: str, dtype: torch.dtype, lora: Path | None = None, needs: Sequence[str] = (), **extra: Any
) -> Any:  # fmt: skip
    def load() -> Any:
        slow = sum(path.stat().st_size for part in WEIGHTS for path in _weights(folder / part)) > SLOW
        with _quietly(bars=slow):
            pipeline = kind.from_pretrained(folder, dtype=dtype, local_files_only=True, **extra)
        missing = [part for part in needs if getattr(pipeline, part) is None]
        if missing:
            raise ValueError(f"it has no {', '.join(missing)}")
        return pipeline

    pipeline = checked_load(name, f"a model of diffusers' {kind.__name__}", load)
    if lora:
        checked_load(f"the adapter {lora.name} of {name}", "a LoRA for this model", partial(_fuse, pipeline, lora))
    return pipeline


def _fuse(pipeline: Any, lora: Path) -> None:
    """Add an adapter's weights to the model's."""
    pipeline.load_lora_weights(lora.parent, weight_name=lora.name, local_files_only=True)
    pipeline.fuse_lora()
    pipeline.unload_lora_weights()


def _place(pipeline: Any, parts: Sequence[str], device: str, *, full_vae: bool) -> None:
    """Put the parts on the device; where they do not fit together, each goes there for its own calls only.

    Decoding in bfloat16 on a CPU leaves visible steps in smooth areas, hence `full_vae`.
    """
    modules = [module for module in (getattr(pipeline, part) for part in parts) if module is not None]
    if full_vae:
        with _quietly():
            pipeline.vae.to(dtype=torch.float32)
    if getattr(pipeline, "unet", None) is not None:
        pipeline.unet.to(memory_format=torch.channels_last)
    weights = sum(weight.nbytes for module in modules for weight in module.parameters())
    if not is_short(device, weights):
        for module in modules:
            module.to(device)
        return
    hook = None
    for module in modules:
        _, hook = cpu_offload_with_hook(module, torch.device(device), hook)


def _download(hub_id: str) -> Path:
    return Path(DiffusionPipeline.download(hub_id, safety_checker=None, use_safetensors=True))
