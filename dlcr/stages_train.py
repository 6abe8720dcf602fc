"""The stage of training: a run on the train split of a data set, with variants or without. Part of the stages."""

import hashlib
import platform
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from dlcr import __version__
from dlcr.backend.device import choose_device
from dlcr.catalog import SampleRow
from dlcr.core.errors import Cancelled, SettingError, UsageError
from dlcr.core.training import TrainSettings
from dlcr.session import Session
from dlcr.stages_embed import EMBEDDED_RUNS, all_samples, fingerprint

if TYPE_CHECKING:
    from dlcr.reid.runs import Run
    from dlcr.reid.training import Epoch, Progress


@dataclass(frozen=True, slots=True)
class Trained:
    """A finished training: its run, epochs, seconds, photos seen (variants included) and the history, one row an epoch."""

    run: str
    epochs: int
    seconds: float
    images_seen: int
    history: Sequence["Epoch"]


def train(
    session: Session, dataset: str, name: str, settings: TrainSettings | None = None,
    on_step: Callable[["Progress"], None] | None = None,
) -> Trained:  # fmt: skip
    """Train the run `name` on the train split, or go on with it; a finished run is given back as it is.

    `on_step` may raise Cancelled: the same call then goes on after the last whole epoch. UsageError for a name that is no file
    name or belongs to an embedded run, SettingError if the run began with other settings or other data.
    """
    from dlcr.reid import runs, training

    settings = settings or TrainSettings()
    folder = session.workspace.runs / _checked_name(name)
    samples, variants = training_samples(session, dataset, settings)
    run = runs.Run(folder, settings, _facts(dataset, samples, variants, session.backends.device))
    _same_work(run)
    runs.write_record(run)
    session.catalog.put_run(name, dataset, settings.model_dump(), run.facts)
    history: Sequence[Epoch] = ()

    def said(state: str, rows: Sequence["Epoch"]) -> None:
        nonlocal history
        history = rows
        seen, seconds = sum(row.images for row in rows), sum(row.seconds for row in rows)
        session.catalog.update_run(name, state=state, epochs=len(rows), images_seen=seen, seconds=seconds)

    try:
        network = runs.new_network(settings)
        data = _training_set(session, samples, variants, network.size)
        training.train(
            network, data, settings, folder / "checkpoints", device=choose_device(session.backends.device),
            on_step=on_step, on_epoch=lambda rows: said("running", rows),
        )  # fmt: skip
        if not run.finished:
            runs.write_model(run, network)
    except BaseException as error:
        said("failed" if isinstance(error, Exception) and not isinstance(error, Cancelled) else "stopped", history)
        raise
    said("done", history)
    seen, seconds = sum(row.images for row in history), sum(row.seconds for row in history)
    return Trained(name, len(history), seconds, seen, history)


def training_samples(
    session: Session, dataset: str, settings: TrainSettings
) -> tuple[list[SampleRow], dict[int, list[Path]]]:
    """The train split, and by sample id the files of its variants that the settings let in, the first ones of each."""
    samples = all_samples(session, dataset, "train")
    if not samples:
        raise UsageError(
            f"the data set '{dataset}' has no train split.", "Index one that has, or use another data set."
        )
    if not settings.variants:
        return samples, {}
    found = session.catalog.usable_variants(dataset, "train", accepted_only=settings.accepted_only)
    if not found:
        raise UsageError(
            f"the train split of '{dataset}' has no variants to train with.", f"Make some: dlcr expand {dataset}"
        )
    return samples, {key: files[: settings.variants] for key, files in found.items()}


def _checked_name(name: str) -> str:
    if name != Path(name).name or name.startswith(".") or ":" in name or not name.strip():
        raise UsageError(f"'{name}' cannot name a run.", "Use letters, digits, '-' and '_'.")
    if (EMBEDDED_RUNS / name).exists():
        raise UsageError(f"'{name}' is an embedded run.", "Choose another name for yours.")
    return name


def _same_work(run: "Run") -> None:
    """SettingError if the folder holds a run with other settings or data."""
    from dlcr.reid.runs import RECORD, read_run

    if not (run.folder / RECORD).exists():
        return
    before = read_run(run.folder)
    differs = [key for key, value in run.settings.model_dump().items() if before.settings.model_dump()[key] != value]
    differs += [key for key in ("dataset", "fingerprint", "variants") if before.facts.get(key) != run.facts[key]]
    if differs:
        raise SettingError(
            f"the run '{run.name}' exists with other {', '.join(differs)}.",
            "Choose another name, or the same settings.",
        )


def _training_set(
    session: Session, samples: Sequence[SampleRow], variants: Mapping[int, Sequence[Path]], size: tuple[int, int]
) -> Any:
    from dlcr.reid.features import dense
    from dlcr.reid.photos import Photos
    from dlcr.reid.training import TrainingSet

    paths, places = [sample.path for sample in samples], []
    for sample in samples:
        files = variants.get(sample.id, [])
        places.append(range(len(paths), len(paths) + len(files)))
        paths += [session.workspace.home / file for file in files]
    pid = np.unique([sample.pid for sample in samples], return_inverse=True)[1]
    clothes = dense([f"{sample.pid}\0{sample.clothes_id}" for sample in samples])
    return TrainingSet(Photos(paths, size), pid.astype(np.int64), clothes, places)


def _facts(
    dataset: str, samples: Sequence[SampleRow], variants: Mapping[int, Sequence[Path]], device: str
) -> dict[str, Any]:
    import torch

    files = [file.as_posix() for sample in samples for file in variants.get(sample.id, [])]
    return {
        "dataset": dataset, "fingerprint": fingerprint(samples), "images": len(samples),
        "variants": {"count": len(files), "digest": hashlib.sha256("\n".join(files).encode()).hexdigest()[:16]},
        "version": __version__, "torch": torch.__version__, "python": platform.python_version(),
        "machine": platform.machine(), "device": choose_device(device), "threads": torch.get_num_threads(),
    }  # fmt: skip
