"""Runs, samples and the features of samples by runs: what the other stages of re-identification start from. Part of the stages."""

import hashlib
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from dlcr import __version__
from dlcr.catalog import SampleRow, SampleRows, VariantRow
from dlcr.core.errors import TrainingError, UsageError
from dlcr.core.files import file_digest
from dlcr.core.training import NETWORKS, RECORD
from dlcr.core.workspace import ASSETS
from dlcr.embed.store import Features, read_features, write_features
from dlcr.session import Executor, Session

if TYPE_CHECKING:
    from torch import Tensor

    from dlcr.reid.features import Identified
    from dlcr.reid.network import Network
    from dlcr.reid.runs import Run

EMBEDDED_RUNS = ASSETS / "runs"
LONGEST_FILE = 200
"""Bytes of a file's name, with room for what is put behind it."""
EMBED_BATCH = 64
EMBED_TASK = 4 * EMBED_BATCH
"""Photos that a worker gets at once: a whole number of batches."""


def find_run(session: Session, name: str) -> "Run":
    """The run of this name in the workspace, else the embedded one; TrainingError lists the known names.

    `NAME@best` means its network after the best tested epoch, `NAME@last` or `NAME` that after the last one.
    """
    from dlcr.reid.runs import read_run

    plain, _, checkpoint = name.rpartition("@")
    if checkpoint not in NETWORKS:
        plain, checkpoint = name, "last"
    for folder in (session.workspace.runs, EMBEDDED_RUNS):
        if plain == Path(plain).name and (folder / plain / RECORD).is_file():
            return replace(read_run(folder / plain), checkpoint=checkpoint)
    raise TrainingError(f"there is no run '{name}'.", f"Known: {', '.join(run_names(session)) or 'none yet'}.")


def run_names(session: Session) -> list[str]:
    """Every run of the workspace and every embedded one, sorted."""
    places = [*session.workspace.runs.glob(f"*/{RECORD}"), *EMBEDDED_RUNS.glob(f"*/{RECORD}")]
    return sorted({path.parent.name for path in places})


def embed(
    session: Session, dataset: str, run: str, on_batch: Callable[[int, int], None] | None = None,
    *, executor: Executor | None = None,
) -> Path:  # fmt: skip
    """Features of every sample of a data set by a run (or a backbone's spec), kept; made again only if either changed.

    `on_batch` gets (done, total) and may raise Cancelled.
    """
    samples = session.catalog.every_sample(dataset)
    path = features_file(session, dataset, run)
    if not _is_current(session, path, run, samples):
        paths = [sample.path for sample in samples]
        if executor is None:
            vectors = vectors_of(network_of(session, run)[0], paths, on_batch)
        else:
            vectors = _vectors_by(executor, run, paths, on_batch)
        ids = np.array([sample.id for sample in samples], np.int64)
        write_features(path, Features(ids, vectors, f"{source_of(session, run)} {samples.fingerprint}"))
    return path


def _vectors_by(
    executor: Executor, run: str, paths: Sequence[Path], on_batch: Callable[[int, int], None] | None
) -> np.ndarray:
    """`vectors_of` by workers, in the same batches."""
    parts: dict[int, np.ndarray] = {}

    def keep(task: tuple[int, Sequence[Path]], vectors: np.ndarray) -> None:
        parts[task[0]] = vectors

    def tell() -> None:
        if on_batch:
            on_batch(sum(map(len, parts.values())), len(paths))

    tasks = ((start, paths[start : start + EMBED_TASK]) for start in range(0, max(1, len(paths)), EMBED_TASK))
    executor.each(partial(_embed_part, run=run), tasks, keep, tell)
    return np.concatenate([parts[start] for start in sorted(parts)])


def _embed_part(session: Session, task: tuple[int, Sequence[Path]], run: str) -> np.ndarray:
    return vectors_of(network_of(session, run)[0], task[1])


def features_file(session: Session, dataset: str, run: str) -> Path:
    """Where the features of a data set by a run lie once they are made."""
    return session.workspace.features / file_name(dataset) / f"{file_name(run)}.safetensors"


def not_embedded(session: Session, dataset: str, runs: Sequence[str]) -> list[str]:
    """Those of the runs whose features of a data set are not there, or older than the run or the set; no network is loaded."""
    samples = session.catalog.every_sample(dataset)
    return [run for run in runs if not _is_current(session, features_file(session, dataset, run), run, samples)]


def _is_current(session: Session, path: Path, run: str, samples: SampleRows) -> bool:
    known = read_features(path)
    if known is None or known.source != f"{source_of(session, run)} {samples.fingerprint}":
        return False
    return np.array_equal(np.sort(known.ids), np.sort(np.array([sample.id for sample in samples], np.int64)))


def network_of(session: Session, run: str) -> tuple["Network", str]:
    """The network of a run or of a spec `kind:argument` (or `demo`), on the session's device, and what tells it from others."""
    from dlcr.backend.device import choose_device
    from dlcr.reid.runs import read_model

    device, source = choose_device(session.backends.device), source_of(session, run)
    if is_backbone(session, run):
        return session.model(f"reid {run}", lambda: _untrained(run).to(device)), source
    return session.model(f"reid {source}", lambda: read_model(find_run(session, run)).to(device)), source


def _untrained(spec: str) -> "Network":
    """A backbone's network; weights that it lacks (its neck's) are drawn the same in every process."""
    import torch

    from dlcr.reid.registry import build_network

    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(0)
        return build_network(spec)


def is_backbone(session: Session, run: str) -> bool:
    """Whether this names a backbone (`demo`, `timm:NAME`) and no run."""
    from dlcr.reid.registry import BACKBONES

    return run.partition(":")[0] in BACKBONES and run not in run_names(session)


def source_of(session: Session, run: str) -> str:
    """What tells the network of a run or of a spec from others: the digest of its file, or its name; nothing is loaded."""
    if is_backbone(session, run):
        return f"{run} {__version__}"
    found = find_run(session, run)
    return f"run {file_digest(found.model) if found.model.is_file() else 'unfinished'}"


def vectors_of(
    network: "Network", paths: Sequence[Path], on_batch: Callable[[int, int], None] | None = None
) -> np.ndarray:
    """(N, D) float32: the features of photos, told on the way (done, total)."""
    from dlcr.reid.network import extract

    return extract(network, read_batches(network, paths, on_batch))


def read_batches(
    network: "Network", paths: Sequence[Path], on_batch: Callable[[int, int], None] | None = None
) -> Iterator["Tensor"]:
    """Photos in the network's size, batch by batch, (n, H, W, 3) uint8; told how many are through (done, total)."""
    from dlcr.reid.photos import Photos

    tell = on_batch or (lambda done, total: None)
    for number, batch in enumerate(Photos(paths, network.size, keep_bytes=0).batches(EMBED_BATCH)):
        tell(number * EMBED_BATCH, len(paths))
        yield batch
    tell(len(paths), len(paths))


def vectors_of_pictures(network: "Network", pictures: Sequence[np.ndarray]) -> np.ndarray:
    """(N, D) float32: the features of pictures (H, W, 3) uint8 of any sizes, as those of files."""
    import torch

    from dlcr.reid.network import extract
    from dlcr.reid.photos import fitted

    return extract(network, [torch.from_numpy(np.stack([fitted(picture, network.size) for picture in pictures]))])


def embed_variants(session: Session, dataset: str, run: str, variants: Sequence[VariantRow]) -> np.ndarray:
    """(M, D) float32: features of variants by a run, kept; only those are made that are not there yet."""
    path = session.workspace.features / file_name(dataset) / "variants" / f"{file_name(run)}.safetensors"
    source, known = source_of(session, run), read_features(path)
    found = dict(zip(known.ids.tolist(), known.vectors, strict=True)) if known and known.source == source else {}
    new = [row for row in variants if row.id not in found]
    if new:
        made = vectors_of(network_of(session, run)[0], [session.workspace.home / row.file for row in new])
        found |= zip((row.id for row in new), made, strict=True)
        ids = sorted(found)
        write_features(path, Features(np.array(ids, np.int64), np.stack([found[key] for key in ids]), source))
    return np.stack([found[row.id] for row in variants])


def file_name(name: str) -> str:
    """A name that is a file name already, else a readable part of it and a digest."""
    plain = "".join(sign if sign.isalnum() or sign in "-_." else "-" for sign in name).lstrip(".")
    fits = plain == name and len(name.encode()) <= LONGEST_FILE
    return plain if fits else f"{plain[-40:]}-{hashlib.sha256(name.encode()).hexdigest()[:8]}"


def identified(session: Session, samples: Sequence[SampleRow], path: Path) -> "Identified":
    """Labels of samples with their features from an `embed` file."""
    found = read_features(path)
    if found is None:
        raise UsageError(f"there are no features in {path}.", "Make them with `dlcr embed`.")
    row_of = {int(key): row for row, key in enumerate(found.ids)}
    return labelled(samples, found.vectors[np.array([row_of[sample.id] for sample in samples], np.int64)])


def labelled(samples: Sequence[SampleRow], vectors: np.ndarray) -> "Identified":
    """Vectors (N, D) with the labels of their samples."""
    from dlcr.reid.features import Identified, dense

    clothes = dense([f"{sample.pid}\0{sample.clothes_id}" for sample in samples])
    pid, camid = ([getattr(sample, name) for sample in samples] for name in ("pid", "camid"))
    return Identified(vectors, np.array(pid), np.array(camid), clothes)
