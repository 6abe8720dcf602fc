"""The stage of training: a run on the train split of a data set, with variants or without. Part of the stages.

Started by `torchrun` its processes train together; the one of rank 0 alone writes run, catalog and checkpoints.
"""

import hashlib
import platform
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from dlcr import __version__
from dlcr.catalog import SampleRow, SampleRows
from dlcr.core.errors import Cancelled, SettingError, TrainingError, UsageError
from dlcr.core.names import checked_name
from dlcr.core.training import CHECKPOINTS, RECORD, TrainSettings
from dlcr.data.protocols import protocols
from dlcr.session import Session
from dlcr.stages_embed import EMBEDDED_RUNS
from dlcr.stages_evaluate import score_network
from dlcr.stages_expansion import only_embedded

if TYPE_CHECKING:
    from dlcr.reid.batches import TrainingSet
    from dlcr.reid.network import Network
    from dlcr.reid.runs import Run
    from dlcr.reid.training import Epoch, Progress, Reached


@dataclass(frozen=True, slots=True)
class Trained:
    """A finished training: its run, epochs, seconds, photos seen (variants included) and the history, one row an epoch.

    `leads` is False in the processes of a group that only helped. Of its `photos` so many came `with_variants`.
    """

    run: str
    epochs: int
    seconds: float
    images_seen: int
    history: Sequence["Epoch"]
    leads: bool = True
    photos: int = 0
    with_variants: int = 0


def train(
    session: Session, dataset: str, name: str, settings: TrainSettings | None = None,
    on_step: Callable[["Progress"], None] | None = None,
) -> Trained:  # fmt: skip
    """Train the run `name` on the train split, or go on with it; a finished run is given back as it is.

    `on_step` may raise Cancelled: the same call then goes on after the last whole epoch. UsageError for a name that is no file
    name or belongs to an embedded run, SettingError if the run began with other settings or other data.
    """
    from dlcr.backend.device import choose_device
    from dlcr.reid import parallel, runs, training
    from dlcr.reid.photos import Photos

    settings = settings or TrainSettings()
    group, device = parallel.join(choose_device(session.backends.device))
    folder = session.workspace.runs / _checked_name(name)
    samples, variants = training_samples(session, dataset, settings)
    parts = _pieces(samples) if settings.video else None
    masks = _mask_files(session, samples) if settings.recoloured else None
    test = _test(session, dataset, settings)
    facts = _facts(dataset, samples, variants, session.backends.device)
    run = runs.Run(folder, settings, facts | ({"processes": group.size} if group.size > 1 else {}))
    _same_work(run)
    group.wait()
    if group.leads:
        runs.write_record(run)
        session.catalog.put_run(name, dataset, settings.model_dump(), run.facts)
    history: Sequence[Epoch] = ()

    def said(state: str, rows: Sequence["Epoch"]) -> None:
        nonlocal history
        history = rows
        if not group.leads:
            return
        seen, seconds = sum(row.images for row in rows), sum(row.seconds for row in rows)
        session.catalog.update_run(name, state=state, epochs=len(rows), images_seen=seen, seconds=seconds)

    try:
        network = runs.new_network(settings)
        data = _training_set(session, samples, variants, network.size)
        data = replace(data, pieces=parts, masks=Photos(masks, network.size) if masks else None)
        training.train(
            network, data, settings, folder / CHECKPOINTS, device=device, group=group, on_step=on_step,
            on_epoch=lambda rows: said("running", rows), test=lambda: test(network),
            on_best=lambda found: runs.write_model(replace(run, checkpoint="best"), network),
        )  # fmt: skip
        if group.leads and not run.finished:
            runs.write_model(run, network)
    except BaseException as error:
        said("failed" if isinstance(error, Exception) and not isinstance(error, Cancelled) else "stopped", history)
        if group.size > 1 and type(error) is RuntimeError:  # what torch raises when another process is gone
            raise TrainingError(
                f"a process of this training is gone: {str(error).splitlines()[0]}", "The same command goes on."
            ) from error
        raise
    said("done", history)
    seen, seconds = sum(row.images for row in history), sum(row.seconds for row in history)
    parallel.leave()
    return Trained(name, len(history), seconds, seen, history, group.leads, len(samples), len(variants))


def _test(session: Session, dataset: str, settings: TrainSettings) -> Callable[["Network"], "Reached"]:
    """Tells what a network scores under the set's first protocol; UsageError if it is to be asked and the set has none."""
    from dlcr.reid.training import Reached

    known = protocols(session.catalog.dataset(dataset).layout)
    if settings.evaluate_every and not known:
        raise UsageError(f"the data set '{dataset}' has no queries to test with.", "Leave --evaluate-every out.")

    def test(network: "Network") -> Reached:
        found = score_network(session, dataset, known[0], network, settings)
        return Reached(found.rank(1), found.mean_precision)

    return test


def first_to_fail() -> bool:
    """Whether this process should say why it fails: the first of its group to do so, before they have met the one of rank 0."""
    from dlcr.reid import parallel

    return parallel.first_to_fail()


def training_samples(
    session: Session, dataset: str, settings: TrainSettings
) -> tuple[SampleRows, dict[int, list[Path]]]:
    """The train split, and by sample id the files of its variants that the settings let in, the first ones of each."""
    samples = session.catalog.every_sample(dataset, "train")
    if not samples:
        raise UsageError(
            f"the data set '{dataset}' has no train split.", "Index one that has, or use another data set."
        )
    if not settings.variants:
        return samples, {}
    found = session.catalog.usable_variants(
        dataset, "train", accepted_only=settings.accepted_only, guided=settings.guided
    )
    if not found:
        what = {None: "variants", True: "variants painted with guidance", False: "variants painted without guidance"}
        raise UsageError(
            f"the train split of '{dataset}' has no {what[settings.guided]} to train with.",
            f"Make some: dlcr expand {dataset}",
        )
    if only_embedded(file for files in found.values() for file in files):
        raise UsageError(
            f"only {len(found)} of {len(samples)} photos of the train split of '{dataset}' have variants, those that come with "
            "the program: no variants to train with.",
            f"Make the others: dlcr expand {dataset} --profile fast",
        )
    return samples, {key: files[: settings.variants] for key, files in found.items()}


def _checked_name(name: str) -> str:
    checked_name(name, "a run", ":@")
    if (EMBEDDED_RUNS / name).exists():
        raise UsageError(f"'{name}' is an embedded run.", "Choose another name for yours.")
    return name


def _same_work(run: "Run") -> None:
    """SettingError if the folder holds a run with other settings or data."""
    from dlcr.reid.runs import read_run

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
) -> "TrainingSet":
    from dlcr.reid.batches import TrainingSet
    from dlcr.reid.features import dense
    from dlcr.reid.photos import Photos

    paths, places = [sample.path for sample in samples], []
    for sample in samples:
        files = variants.get(sample.id, [])
        places.append(range(len(paths), len(paths) + len(files)))
        paths += [session.workspace.home / file for file in files]
    pid = np.unique([sample.pid for sample in samples], return_inverse=True)[1]
    clothes = dense([f"{sample.pid}\0{sample.clothes_id}" for sample in samples])
    return TrainingSet(Photos(paths, size), pid.astype(np.int64), clothes, places)


def _pieces(samples: Sequence[SampleRow]) -> list[np.ndarray]:
    """What gives a clip an epoch: parts of tracklets, as rows of samples; UsageError if a photo is in none."""
    from dlcr.reid.clips import pieces, tracklets

    names = [sample.tracklet for sample in samples]
    if None in names:
        raise UsageError(
            f"the data set '{samples[0].dataset}' has photos that are in no tracklet.", "Train with --clip-frames 1."
        )
    return [piece for rows in tracklets(names) for piece in pieces(rows)]


def _mask_files(session: Session, samples: Sequence[SampleRow]) -> list[Path]:
    """The newest clothing mask of each sample; UsageError if one has none."""
    found = session.catalog.newest_masks([sample.id for sample in samples])
    bare = [sample for sample in samples if sample.id not in found]
    if bare:
        raise UsageError(
            f"{len(bare)} of {len(samples)} photos have no clothing mask, such as {bare[0].image}.",
            f"Make them: dlcr parse {samples[0].dataset}",
        )
    return [session.workspace.home / found[sample.id].file for sample in samples]


def _facts(dataset: str, samples: SampleRows, variants: Mapping[int, Sequence[Path]], device: str) -> dict[str, Any]:
    import torch

    from dlcr.backend.device import choose_device

    files = [f"{sample.image.as_posix()}/{file.name}" for sample in samples for file in variants.get(sample.id, [])]
    return {
        "dataset": dataset, "fingerprint": samples.fingerprint, "images": len(samples),
        "variants": {"count": len(files), "digest": hashlib.sha256("\n".join(files).encode()).hexdigest()[:16]},
        "version": __version__, "torch": torch.__version__, "python": platform.python_version(),
        "machine": platform.machine(), "device": choose_device(device), "threads": torch.get_num_threads(),
    }  # fmt: skip
