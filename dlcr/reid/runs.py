"""A run on disk: a folder with `run.json` (settings and facts), `model.safetensors` (the network after the last epoch),
`best.safetensors` (after the best tested epoch, where a run was tested on the way), checkpoints and logs."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
from safetensors import SafetensorError
from safetensors.torch import load_file, save

from dlcr.core.errors import TrainingError
from dlcr.core.files import sweep, write_bytes, write_json
from dlcr.core.training import MODEL, NETWORKS, RECORD, TrainSettings
from dlcr.core.whole import seal
from dlcr.reid.network import Network
from dlcr.reid.registry import build_network


@dataclass(frozen=True, slots=True)
class Run:
    """A training's folder: its settings, `facts` on data, code and environment, enough to repeat it, which network is meant."""

    folder: Path
    settings: TrainSettings
    facts: Mapping[str, Any]
    checkpoint: str = "last"

    @property
    def name(self) -> str:
        return self.folder.name

    @property
    def finished(self) -> bool:
        return (self.folder / MODEL).is_file()

    @property
    def model(self) -> Path:
        """Where the network that is meant lies."""
        return self.folder / NETWORKS[self.checkpoint]


def new_network(settings: TrainSettings) -> Network:
    """The network a training starts from: pretrained where the backbone is, the rest drawn from the seed."""
    with torch.random.fork_rng():
        torch.manual_seed(settings.seed)
        return build_network(settings.backbone, size_of(settings), video=settings.video)


def size_of(settings: TrainSettings) -> tuple[int, int] | None:
    """Height and width of the photos, None for the backbone's own."""
    return (settings.height, settings.width) if settings.height and settings.width else None


def write_record(run: Run) -> None:
    """Write `run.json`; what a killed training left half written goes."""
    sweep(run.folder)
    write_json(run.folder / RECORD, {"settings": run.settings.model_dump(), "facts": dict(run.facts)})


def read_run(folder: Path) -> Run:
    """The run in a folder; TrainingError if there is none or its record is damaged."""
    path = folder / RECORD
    try:
        told = json.loads(path.read_text(encoding="utf-8"))
        return Run(folder, TrainSettings(**told["settings"]), told["facts"])
    except OSError as error:
        raise TrainingError(f"there is no run in {folder}.", "Start it with `dlcr train`.") from error
    except (ValueError, KeyError, TypeError) as error:
        raise TrainingError(
            f"the record {path} is damaged: {error}.", "Start the run again under another name."
        ) from error


def write_model(run: Run, network: Network) -> None:
    """Write the network that `run` means, with a checksum; a run is finished when its last one is there."""
    tensors = {name: value.detach().cpu().contiguous() for name, value in network.state_dict().items()}
    write_bytes(run.model, seal(save(tensors)))


def read_model(run: Run) -> Network:
    """The trained network of a run, float32 on the CPU; TrainingError if it is not finished or the file is damaged."""
    path, best = run.model, run.checkpoint == "best"
    if not path.is_file() and best:
        raise TrainingError(
            f"the run '{run.name}' has no best network: it was not tested on the way.",
            "Take the last one (--checkpoint last), or train with --evaluate-every N.",
        )
    if not path.is_file():
        raise TrainingError(f"the run '{run.name}' is not finished.", "Start the same `dlcr train` again: it goes on.")
    network = build_network(run.settings.backbone, size_of(run.settings), pretrained=False, video=run.settings.video)
    try:
        network.load_state_dict(load_file(path))
    except (SafetensorError, RuntimeError) as error:
        told = str(error).splitlines()[0]
        remedy = "Take the last one: --checkpoint last" if best else "Delete it and start the same `dlcr train` again."
        raise TrainingError(f"the model {path} is damaged: {told}.", remedy) from error
    return network.float()
