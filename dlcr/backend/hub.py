"""A model by name: a folder here, or a repository of the Hugging Face hub; every way to fail is one clear BackendError."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

from dlcr.core.errors import BackendError

Loaded = TypeVar("Loaded")
SIZES = {
    "mattmdjaga/segformer_b2_clothes": "110 MB", "fashn-ai/fashn-human-parser": "260 MB", "facebook/sam2.1-hiera-tiny": "160 MB",
    "llava-hf/llava-1.5-7b-hf": "14 GB", "meta-llama/Llama-2-7b-chat-hf": "14 GB", "Qwen/Qwen2.5-VL-3B-Instruct": "8 GB",
    "HuggingFaceTB/SmolVLM-256M-Instruct": "0.5 GB", "florence-community/Florence-2-base": "0.5 GB",
    "stable-diffusion-v1-5/stable-diffusion-inpainting": "4 GB", "black-forest-labs/FLUX.1-Fill-dev": "34 GB",
    "diffusers/stable-diffusion-xl-1.0-inpainting-0.1": "14 GB",
}  # fmt: skip
"""About how much the models named in the documents have to fetch."""
ADAPTER = "pytorch_lora_weights.safetensors"
"""What diffusers calls the weights of an adapter."""
WANTED = ["*.json", "*.safetensors", "*.txt", "*.model", "*.jinja"]


def model_folder(
    name: str, argument: str | None, example: str, index: str = "config.json",
    fetch: Callable[[str], Path] | None = None,
) -> Path:  # fmt: skip
    """The folder of the model `argument` (a folder or a hub id), fetched if need be; `index` is the file it must hold.

    `name` is what messages call it (`segformer:...`), `example` a spec that works, `fetch` another way to get a hub id.
    """
    if not argument:
        raise BackendError(f"{name.rstrip(':')} needs a model.", f"For example {example}")
    folder = Path(argument).expanduser()
    if not folder.is_dir():
        folder = _fetched(argument, fetch or _snapshot)
    if not (folder / index).is_file():
        raise BackendError(f"{folder} holds no model for {name} (no {index}).", f"For example {example}")
    return folder


def checked_load(name: str, kind: str, load: Callable[[], Loaded]) -> Loaded:
    """`load()`; whatever a model library raises becomes one BackendError that says which model is no `kind`."""
    try:
        return load()
    except BackendError:
        raise
    except ImportError as error:
        missing = error.name or str(error).splitlines()[0]
        raise BackendError(f"{name} needs {missing}, which is not installed.", "Install it and try again.") from error
    except Exception as error:  # model libraries raise dozens of kinds; each means that these files are no such model
        reason = (str(error).strip().splitlines() or [type(error).__name__])[0][:300]
        raise BackendError(f"{name} could not be loaded: {reason}.", f"Is it {kind}, and complete?") from error


def read_config(folder: Path, file: str = "config.json") -> dict[str, Any]:
    """A model's configuration; BackendError if it is damaged."""
    try:
        found = json.loads((folder / file).read_text(encoding="utf-8"))
        return dict(found)
    except (OSError, ValueError, TypeError) as error:
        raise BackendError(f"{folder / file} is damaged: {error}.", "Fetch the model again.") from error


def parted(argument: str) -> tuple[str, str]:
    """`MODEL@ADAPTER` in two; the adapter is empty where there is none, and an `@` in a path that exists belongs to the path."""
    if Path(argument).expanduser().exists():
        return argument, ""
    model, _, adapter = argument.partition("@")
    return model, adapter


def adapter_file(name: str, argument: str, example: str) -> Path:
    """The weights of the adapter (LoRA) `argument`: a file, the one `.safetensors` file of a folder, or that of a hub id."""
    found = Path(argument).expanduser()
    if not found.exists():
        found = _fetched(argument, _snapshot)
    files = [found] if found.is_file() else sorted(found.glob("*.safetensors"))
    files = [file for file in files if file.name == ADAPTER] or files
    if len(files) != 1 or files[0].suffix != ".safetensors":
        what = "several files, and none is" if len(files) > 1 else "no"
        raise BackendError(f"{found} holds {what} {ADAPTER} for {name}.", f"Name the file, for example {example}")
    return files[0]


def _snapshot(hub_id: str) -> Path:
    from huggingface_hub import snapshot_download

    folder = Path(snapshot_download(hub_id, allow_patterns=WANTED))
    if any(folder.rglob("*.safetensors")):
        return folder
    return Path(snapshot_download(hub_id, allow_patterns=[*WANTED, "*.bin"]))


def _fetched(hub_id: str, fetch: Callable[[str], Path]) -> Path:
    try:
        return fetch(hub_id)
    except Exception as error:  # the hub client raises many kinds; each means the same to the user
        size = f", about {SIZES[hub_id]}" if hub_id in SIZES else ""
        raise BackendError(
            f"the model {hub_id} is neither a folder nor could it be fetched from the hub ({type(error).__name__}).",
            f"Check the name and the network, or fetch it elsewhere (`hf download {hub_id}`{size}) and give its folder.",
        ) from error
