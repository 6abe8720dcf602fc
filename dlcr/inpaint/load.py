"""Find an inpainting model, embedded, in a folder or on the hub, and make an `Engine` of it."""

import hashlib
import json
from pathlib import Path
from typing import Any

import torch
from diffusers import DiffusionPipeline, StableDiffusionInpaintPipeline

from dlcr.backend.device import choose_device, choose_dtype
from dlcr.core.errors import BackendError
from dlcr.core.workspace import ASSETS
from dlcr.inpaint.engine import Engine

DEMO = ASSETS / "models" / "inpainter-demo"


def load_demo(argument: str | None = None, device: str = "auto") -> Engine:
    """The embedded model: 256x128, a closed vocabulary of clothing words."""
    if argument is not None:
        raise BackendError(f"the inpainter demo takes no argument, got '{argument}'.", f"Did you mean sd:{argument}?")
    return load_folder(DEMO, "demo", device)


def load_sd(argument: str | None, device: str = "auto") -> Engine:
    """`sd:FOLDER` or `sd:HUB_ID`, a Stable Diffusion inpainting model (9-channel UNet); paints at 768x256."""
    if not argument:
        raise BackendError(
            "the inpainter sd needs a model.", "For example sd:stable-diffusion-v1-5/stable-diffusion-inpainting"
        )
    folder = Path(argument).expanduser()
    if not folder.is_dir():
        folder = _download(argument)
    return load_folder(folder, f"sd:{argument}", device)


def load_folder(folder: Path, name: str, device: str = "auto") -> Engine:
    """An engine from a diffusers folder; `dlcr.json` in it may set `height`, `width` and `closed` (vocabulary)."""
    if not (folder / "model_index.json").is_file():
        raise BackendError(
            f"{folder} holds no diffusers model (no model_index.json).", "Give a diffusers folder or a hub id."
        )
    chosen = choose_device(device)
    own = folder / "dlcr.json"
    facts: dict[str, Any] = {"height": 768, "width": 256}
    if own.is_file():
        facts |= json.loads(own.read_text())
    try:
        pipeline = StableDiffusionInpaintPipeline.from_pretrained(
            folder, torch_dtype=choose_dtype(chosen), safety_checker=None, feature_extractor=None,
            requires_safety_checker=False, local_files_only=True,
        )  # fmt: skip
    except (OSError, ValueError, TypeError, AttributeError, RuntimeError) as error:
        raise BackendError(
            f"{name} could not be loaded: {error}.", "Is it a Stable Diffusion inpainting model?"
        ) from error
    pipeline.unet.to(chosen, memory_format=torch.channels_last)
    pipeline.text_encoder.to(chosen)
    # Decoding in bfloat16 on a CPU leaves visible steps in smooth areas.
    pipeline.vae.to(chosen, torch.float32 if chosen == "cpu" else choose_dtype(chosen))
    return Engine(
        pipeline, name=name, digest=weights_digest(folder), height=facts["height"], width=facts["width"],
        closed=facts.get("closed", False),
    )  # fmt: skip


def weights_digest(folder: Path) -> str:
    """First 16 hex digits of SHA-256 over every weights file of UNet, text encoder and autoencoder."""
    total = hashlib.sha256()
    for part in ("unet", "text_encoder", "vae"):
        for path in sorted((folder / part).glob("*.safetensors")) or sorted((folder / part).glob("*.bin")):
            with path.open("rb") as stream:
                total.update(hashlib.file_digest(stream, "sha256").digest())
    return total.hexdigest()[:16]


def _download(hub_id: str) -> Path:
    try:
        return Path(DiffusionPipeline.download(hub_id, safety_checker=None, use_safetensors=True))
    except Exception as error:  # the hub client raises many kinds; each means the same to the user
        raise BackendError(
            f"the model {hub_id} is neither a folder nor could it be fetched from the hub ({type(error).__name__}).",
            f"Check the name and the network, or fetch it elsewhere (`hf download {hub_id}`, about 4 GB) and give its folder.",
        ) from error
