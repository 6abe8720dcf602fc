"""The stages of re-identification: train, embed, evaluate, retrieve, project. Part of the stages; see `stages.py`."""

import hashlib
import json
import platform
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from dlcr import __version__
from dlcr.backend.device import choose_device
from dlcr.catalog import SampleRow
from dlcr.core.errors import Cancelled, SettingError, TrainingError, UsageError
from dlcr.core.files import write_bytes
from dlcr.core.images import digest
from dlcr.core.training import TrainSettings
from dlcr.core.values import Ranking
from dlcr.core.workspace import ASSETS
from dlcr.data.protocols import Protocol, protocol, protocols, rows
from dlcr.embed.store import Features, read_features, write_features
from dlcr.session import Session

if TYPE_CHECKING:
    from dlcr.reid.features import Identified
    from dlcr.reid.network import Network
    from dlcr.reid.runs import Run
    from dlcr.reid.training import Epoch, Progress

EMBEDDED_RUNS = ASSETS / "runs"
EMBED_BATCH = 64


@dataclass(frozen=True, slots=True)
class Trained:
    """A finished training: its run, epochs, seconds, photos seen (variants included) and the history, one row an epoch."""

    run: str
    epochs: int
    seconds: float
    images_seen: int
    history: Sequence["Epoch"]


@dataclass(frozen=True, slots=True)
class Evaluated:
    """What a run scored under one protocol, as fractions of 1; `file` has every query's result."""

    rank1: float
    rank5: float
    rank10: float
    rank20: float
    mAP: float
    queries: int
    skipped: int
    file: Path


# --- train --------------------------------------------------------------------------------------------------------------


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


def all_samples(session: Session, dataset: str, split: str | None = None) -> list[SampleRow]:
    """Every sample of a data set or split, by id."""
    return session.catalog.find_samples(dataset, split=split, limit=2**31 - 1)


def find_run(session: Session, name: str) -> "Run":
    """The run of this name in the workspace, else the embedded one; TrainingError lists the known names."""
    from dlcr.reid.runs import RECORD, read_run

    for folder in (session.workspace.runs, EMBEDDED_RUNS):
        if name == Path(name).name and (folder / name / RECORD).is_file():
            return read_run(folder / name)
    raise TrainingError(f"there is no run '{name}'.", f"Known: {', '.join(run_names(session)) or 'none yet'}.")


def run_names(session: Session) -> list[str]:
    """Every run of the workspace and every embedded one, sorted."""
    places = [*session.workspace.runs.glob("*/run.json"), *EMBEDDED_RUNS.glob("*/run.json")]
    return sorted({path.parent.name for path in places})


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


def fingerprint(samples: Sequence[SampleRow]) -> str:
    """16 hex digits over names and labels of samples, whatever their order and ids."""
    told = sorted((s.image.as_posix(), s.split, s.pid, s.camid, s.clothes_id) for s in samples)
    return hashlib.sha256(json.dumps(told).encode()).hexdigest()[:16]


# --- embed --------------------------------------------------------------------------------------------------------------


def embed(session: Session, dataset: str, run: str, on_batch: Callable[[int, int], None] | None = None) -> Path:
    """Features of every sample of a data set by a run (or a backbone's spec), kept; made again only if either changed."""
    samples = all_samples(session, dataset)
    network, source = network_of(session, run)
    source += f" {fingerprint(samples)}"
    path = session.workspace.features / _file_name(dataset) / f"{_file_name(run)}.safetensors"
    known = read_features(path)
    ids = np.array([sample.id for sample in samples], np.int64)
    if known is None or known.source != source or not np.array_equal(known.ids, ids):
        vectors = _vectors(network, [sample.path for sample in samples], on_batch)
        write_features(path, Features(ids, vectors, source))
    return path


def network_of(session: Session, run: str) -> tuple["Network", str]:
    """The network of a run or of a spec `kind:argument` (or `demo`), on the session's device, and what tells it from others."""
    from dlcr.reid.registry import BACKBONES, build_network
    from dlcr.reid.runs import MODEL, digest_of, read_model

    device = choose_device(session.backends.device)
    if run.partition(":")[0] in BACKBONES and run not in run_names(session):
        return session.model(f"reid {run}", lambda: build_network(run).to(device)), f"{run} {__version__}"
    found = find_run(session, run)
    source = f"run {digest_of(found.folder / MODEL) if found.finished else 'unfinished'}"
    return session.model(f"reid {source}", lambda: read_model(found).to(device)), source


def _vectors(
    network: "Network", paths: Sequence[Path], on_batch: Callable[[int, int], None] | None = None
) -> np.ndarray:
    from dlcr.reid.network import extract
    from dlcr.reid.photos import Photos

    photos = Photos(paths, network.size, keep_bytes=0)

    def told() -> Any:
        for start, batch in enumerate(photos.batches(EMBED_BATCH)):
            if on_batch:
                on_batch(start * EMBED_BATCH, len(paths))
            yield batch

    return extract(network, told())


def _file_name(name: str) -> str:
    """A name that is a file name already, else a readable part of it and a digest."""
    plain = "".join(sign if sign.isalnum() or sign in "-_." else "-" for sign in name).lstrip(".")
    return plain if plain == name else f"{plain[-40:]}-{hashlib.sha256(name.encode()).hexdigest()[:8]}"


def identified(session: Session, samples: Sequence[SampleRow], path: Path) -> "Identified":
    """Labels of samples with their features from an `embed` file."""
    from dlcr.reid.features import Identified, dense

    found = read_features(path)
    if found is None:
        raise UsageError(f"there are no features in {path}.", "Make them with `dlcr embed`.")
    row_of = {int(key): row for row, key in enumerate(found.ids)}
    chosen = np.array([row_of[sample.id] for sample in samples], np.int64)
    clothes = dense([f"{sample.pid}\0{sample.clothes_id}" for sample in samples])
    pid, camid = ([getattr(sample, name) for sample in samples] for name in ("pid", "camid"))
    return Identified(found.vectors[chosen], np.array(pid), np.array(camid), clothes)


# --- evaluate -----------------------------------------------------------------------------------------------------------


def evaluate(
    session: Session, run: str, dataset: str | None = None, names: Sequence[str] = (), *,
    refine: int = 0, as_released: bool = False,
) -> dict[str, Evaluated]:  # fmt: skip
    """CMC and mAP of a run under the named protocols, else all its data set has; with `refine` K variants of each query vote.

    UsageError for a protocol the set lacks, or queries with fewer than K variants.
    """
    dataset = dataset or trained_on(session, run)
    layout = session.catalog.dataset(dataset).layout
    tests = [protocol(layout, name) for name in names or protocols(layout)]
    if not tests:
        raise UsageError(f"the data set '{dataset}' has no queries.", "Evaluate on another set: --dataset")
    samples = all_samples(session, dataset)
    whole = identified(session, samples, embed(session, dataset, run))
    return {test.name: _evaluated(session, run, dataset, test, samples, whole, refine, as_released) for test in tests}


def trained_on(session: Session, run: str) -> str:
    """The data set a run was trained on; UsageError for a backbone's spec, which was on none."""
    from dlcr.reid.registry import BACKBONES

    if run.partition(":")[0] in BACKBONES and run not in run_names(session):
        raise UsageError(f"'{run}' is a backbone, not a run.", "Say on which data set: --dataset")
    return str(find_run(session, run).facts["dataset"])


def rule_of(test: Protocol) -> str:
    """The rule of good and junk that a protocol uses."""
    return "cc" if test.changed else "sc" if test.same else "general"


def _evaluated(
    session: Session, run: str, dataset: str, test: Protocol, samples: Sequence[SampleRow], whole: "Identified",
    refine: int, as_released: bool,
) -> Evaluated:  # fmt: skip
    from dlcr.reid.evaluation import evaluate as score

    asked, answers = rows(test, [sample.split for sample in samples], whole.camid)
    variants = _query_variants(session, run, dataset, [samples[row] for row in asked], refine) if refine else None
    query, gallery = whole.take(asked), whole.take(answers)
    if test.tracklets:
        if refine:
            raise UsageError(f"the protocol '{test.name}' of '{dataset}' asks by tracklets.", "Leave --refine out.")
        query, asked = _by_tracklet(query, asked, samples)
        gallery, answers = _by_tracklet(gallery, answers, samples)
    found = score(query, gallery, rule_of(test), variants=variants, as_released=as_released)
    arrays = {
        "queries": np.array([samples[row].id for row in asked]), "gallery": np.array([samples[row].id for row in answers]),
        "precision": found.precision, "first": found.first, "best": found.best,
    }  # fmt: skip
    if found.items is not None and found.votes is not None:
        arrays |= {"items": found.items, "votes": found.votes}
    kind = f"{dataset}-{test.name}" + (f"-refine{refine}" if refine else "") + ("-as-released" if as_released else "")
    file = session.workspace.runs / _file_name(run) / "evaluations" / f"{_file_name(kind)}.safetensors"
    result = Evaluated(
        found.rank(1), found.rank(5), found.rank(10), found.rank(20), found.mean_precision, found.queries, found.skipped,
        _written(file, arrays),
    )  # fmt: skip
    told = {key: getattr(result, key) for key in ("rank1", "rank5", "rank10", "rank20", "mAP", "queries", "skipped")}
    if not as_released:
        place = file.relative_to(session.workspace.home)
        session.catalog.put_evaluation(run, dataset, test.name, refine, told, place)
    return result


def _by_tracklet(
    photos: "Identified", places: np.ndarray, samples: Sequence[SampleRow]
) -> tuple["Identified", np.ndarray]:
    """Each tracklet as the mean of its photos, and the place of its first photo in `samples`."""
    from dlcr.reid.features import averaged, dense

    found, first = averaged(photos, dense([samples[place].tracklet or str(samples[place].id) for place in places]))
    return found, places[first]


def _written(file: Path, arrays: Mapping[str, np.ndarray]) -> Path:
    from safetensors.numpy import save

    return write_bytes(file, save({name: np.ascontiguousarray(value) for name, value in arrays.items()}))


def _query_variants(session: Session, run: str, dataset: str, queries: Sequence[SampleRow], count: int) -> np.ndarray:
    """(Q, count, D) float32: features of the first `count` variants of each query."""
    found: dict[int, list[Path]] = {}
    for split in sorted({sample.split for sample in queries}):
        found |= session.catalog.usable_variants(dataset, split)
    few = [sample for sample in queries if len(found.get(sample.id, [])) < count]
    if few:
        raise UsageError(
            f"{len(few)} of {len(queries)} queries have fewer than {count} variants, such as {few[0].image}.",
            f"Make them: dlcr expand {dataset} --split {few[0].split} --variants {count}",
        )
    network, _ = network_of(session, run)
    paths = [session.workspace.home / file for sample in queries for file in found[sample.id][:count]]
    return _vectors(network, paths).reshape(len(queries), count, -1)


# --- retrieve -----------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, eq=False)
class Retrieved:
    """Answers to one query: `samples` in the order of `ranking`."""

    query: SampleRow
    samples: Sequence[SampleRow]
    ranking: Ranking


def retrieve(
    session: Session, dataset: str, run: str, query: str, k: int = 10, name: str | None = None, *, junk: bool = False
) -> Retrieved:
    """The k best answers to a sample (its id, or its path below the root) under a protocol, else the set's first.

    A set without protocols is searched whole, and the same pid is right.
    """
    from dlcr.reid.retrieval import retrieve as ranked

    layout = session.catalog.dataset(dataset).layout
    asked = session.catalog.sample(int(query)) if query.isdecimal() else session.catalog.find_sample(dataset, query)
    if asked.dataset != dataset:
        raise UsageError(f"sample {query} belongs to '{asked.dataset}'.", f"Choose a sample of '{dataset}'.")
    samples = all_samples(session, dataset)
    whole = identified(session, samples, embed(session, dataset, run))
    place = next(row for row, sample in enumerate(samples) if sample.id == asked.id)
    known = protocols(layout)
    if name or known:
        test = protocol(layout, name or known[0])
        answers = rows(test, [sample.split for sample in samples], whole.camid)[1]
        rule: str | None = rule_of(test)
    else:
        answers, rule = np.arange(len(samples)), None
    answers = answers[answers != place]
    ranking = ranked(whole.take(np.array([place])), whole.take(answers), k, rule, junk=junk)[0]
    return Retrieved(asked, [samples[answers[item]] for item in ranking.items], ranking)


# --- project ------------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, eq=False)
class Projected:
    """Places (N, 2) float32 of the samples with `ids` (N,), kept in `file`; measures of the space they come from.

    `by_person` and `by_outfit` are silhouettes -1..1: the larger one names what rules the space.
    """

    ids: np.ndarray
    places: np.ndarray
    trustworthiness: float
    by_person: float
    by_outfit: float
    file: Path


def project(
    session: Session, dataset: str, run: str, method: str = "tsne", splits: Sequence[str] = (), seed: int = 0
) -> Projected:
    """Samples of a data set on a plane; without `splits` query and gallery, or all where there are none. Kept for the next call."""
    from safetensors.numpy import load_file

    from dlcr.embed.projection import project as placed
    from dlcr.embed.projection import silhouette

    file = embed(session, dataset, run)
    whole = all_samples(session, dataset)
    wanted = set(splits) or {"query", "gallery"}
    samples = [sample for sample in whole if sample.split in wanted]
    if not samples and splits:
        raise UsageError(
            f"'{dataset}' has no split {', '.join(splits)}.", "Choose from: " + ", ".join({s.split for s in whole})
        )
    points = identified(session, samples or whole, file)
    told = f"{method} {seed} {digest(points.vectors)} {digest(points.pid)} {digest(points.clothes)}"
    path = file.with_name(f"{file.stem}-{method}-{hashlib.sha256(told.encode()).hexdigest()[:12]}.safetensors")
    if not path.is_file():
        made = placed(points.vectors, method, seed)
        by = [silhouette(points.vectors, labels, seed) for labels in (points.pid, points.clothes)]
        ids = np.array([sample.id for sample in samples or whole], np.int64)
        _written(path, {"ids": ids, "places": made.places, "measures": np.array([made.trustworthiness, *by])})
    kept = load_file(path)
    trust, by_person, by_outfit = (float(value) for value in kept["measures"])
    return Projected(kept["ids"], kept["places"], trust, by_person, by_outfit, path)
