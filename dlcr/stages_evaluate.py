"""The stage of evaluation: CMC and mAP of a run under the protocols of a data set, with votes of variants. Part of the stages."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from dlcr.catalog import SampleRow, SampleRows
from dlcr.core.errors import UsageError
from dlcr.core.training import TrainSettings
from dlcr.data.protocols import Protocol, protocol, protocols, rows
from dlcr.embed.store import Features, read_features, write_arrays, write_features
from dlcr.session import Session
from dlcr.stages_embed import (
    embed,
    file_name,
    find_run,
    identified,
    labelled,
    network_of,
    read_batches,
    run_names,
    vectors_of,
)

if TYPE_CHECKING:
    from dlcr.reid.evaluation import Scores
    from dlcr.reid.features import Identified
    from dlcr.reid.network import Network


Progress = Callable[[str, int, int], None]
"""(what, done, total) of work under way."""
EMBEDDING, SCORING = "embedding", "scoring"


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


def evaluate(
    session: Session, run: str, dataset: str | None = None, names: Sequence[str] = (), *,
    refine: int = 0, as_released: bool = False, on_progress: Progress | None = None,
) -> dict[str, Evaluated]:  # fmt: skip
    """CMC and mAP of a run under the named protocols, else all its data set has; with `refine` K variants of each query vote.

    `on_progress` is told of photos that are embedded, then of protocols that are scored. UsageError for a protocol the set
    lacks, or queries with fewer than K variants.
    """
    dataset = dataset or trained_on(session, run)
    layout = session.catalog.dataset(dataset).layout
    tests = [protocol(layout, name) for name in names or protocols(layout)]
    if not tests:
        raise UsageError(f"the data set '{dataset}' has no queries.", "Evaluate on another set: --dataset")
    samples = session.catalog.every_sample(dataset)
    say = on_progress or (lambda what, done, total: None)
    kinds = {test.tracklets for test in tests}
    items = {kind: items_of(session, run, dataset, samples, kind, say) for kind in kinds}
    found = {}
    for done, test in enumerate(tests):
        say(SCORING, done, len(tests))
        found[test.name] = _evaluated(session, run, dataset, test, samples, items[test.tracklets], refine, as_released)
    say(SCORING, len(tests), len(tests))
    return found


def score_network(session: Session, dataset: str, name: str, network: "Network", settings: TrainSettings) -> "Scores":
    """What a network on its way scores under one protocol; nothing is kept."""
    from dlcr.reid.evaluation import evaluate as score

    test = protocol(session.catalog.dataset(dataset).layout, name)
    samples = [*session.catalog.every_sample(dataset, "query"), *session.catalog.every_sample(dataset, "gallery")]
    if test.tracklets and settings.video:
        tracks = tracks_of(samples)
        samples, vectors = [samples[rows[0]] for rows in tracks], clip_vectors(network, samples, tracks, settings)
        whole = labelled(samples, vectors)
    else:
        whole = labelled(samples, vectors_of(network, [sample.path for sample in samples]))
        if test.tracklets:
            whole, places = _by_tracklet(whole, samples)
            samples = [samples[place] for place in places]
    asked, answers = rows(test, [sample.split for sample in samples], whole.camid)
    return score(whole.take(asked), whole.take(answers), rule_of(test))


def clip_vectors(
    network: "Network", samples: Sequence[SampleRow], tracks: Sequence[np.ndarray], settings: TrainSettings,
    on_batch: Callable[[int, int], None] | None = None,
) -> np.ndarray:  # fmt: skip
    """(T, D) float32: each tracklet (rows of samples) as the mean of its clips' features of length 1 (Gu et al. on CCVID)."""
    from dlcr.reid.clips import covering_clips
    from dlcr.reid.features import unit
    from dlcr.reid.network import extract_clips

    clips = [covering_clips(rows, settings.clip_frames, settings.clip_stride) for rows in tracks]
    frames = read_batches(network, [sample.path for sample in samples], on_batch)
    found = extract_clips(network, frames, [clip for some in clips for clip in some])
    ends = np.cumsum([len(some) for some in clips])
    return unit(np.stack([part.mean(0) for part in np.split(found, ends[:-1])]))


def trained_on(session: Session, run: str) -> str:
    """The data set a run was trained on; UsageError for a backbone's spec, which was on none."""
    from dlcr.reid.registry import BACKBONES

    if run.partition(":")[0] in BACKBONES and run not in run_names(session):
        raise UsageError(f"'{run}' is a backbone, not a run.", "Say on which data set: --dataset")
    return str(find_run(session, run).facts["dataset"])


def rule_of(test: Protocol) -> str:
    """The rule of good and junk that a protocol uses."""
    return "cc" if test.changed else "sc" if test.same else "general"


def tracks_of(samples: Sequence[SampleRow]) -> list[np.ndarray]:
    """The tracklets of samples, each as their places in the list."""
    from dlcr.reid.clips import tracklets

    return tracklets([sample.tracklet for sample in samples])


def items_of(
    session: Session,
    run: str,
    dataset: str,
    samples: SampleRows,
    by_tracklet: bool,
    say: Progress | None = None,
) -> tuple["Identified", np.ndarray]:
    """What asks and answers: photos, or tracklets, with the place of each one's (first) photo in `samples`."""
    on_batch = partial(say, EMBEDDING) if say else None
    if not by_tracklet:
        return identified(session, samples, embed(session, dataset, run, on_batch)), np.arange(len(samples))
    network, source = network_of(session, run)
    if not network.video:
        return _by_tracklet(identified(session, samples, embed(session, dataset, run, on_batch)), samples)
    settings, tracks = find_run(session, run).settings, tracks_of(samples)
    places = np.array([rows[0] for rows in tracks])
    firsts = [samples[place] for place in places]
    source += f" {settings.clip_frames}x{settings.clip_stride} {samples.fingerprint}"
    path = session.workspace.features / file_name(dataset) / "tracklets" / f"{file_name(run)}.safetensors"
    known, ids = read_features(path), np.array([sample.id for sample in firsts], np.int64)
    if known is None or known.source != source or not np.array_equal(known.ids, ids):
        known = Features(ids, clip_vectors(network, samples, tracks, settings, on_batch), source)
        write_features(path, known)
    return labelled(firsts, known.vectors), places


def _evaluated(
    session: Session, run: str, dataset: str, test: Protocol, samples: Sequence[SampleRow],
    items: tuple["Identified", np.ndarray], refine: int, as_released: bool,
) -> Evaluated:  # fmt: skip
    from dlcr.reid.evaluation import evaluate as score

    whole, places = items
    asked, answers = rows(test, [samples[place].split for place in places], whole.camid)
    query, gallery, variants = whole.take(asked), whole.take(answers), None
    asked, answers = places[asked], places[answers]
    if refine and test.tracklets:
        raise UsageError(f"the protocol '{test.name}' of '{dataset}' asks by tracklets.", "Leave --refine out.")
    if refine:
        variants = _query_variants(session, run, dataset, [samples[row] for row in asked], refine)
    found = score(query, gallery, rule_of(test), variants=variants, as_released=as_released)
    arrays = {
        "queries": np.array([samples[row].id for row in asked]), "gallery": np.array([samples[row].id for row in answers]),
        "precision": found.precision, "first": found.first, "best": found.best,
    }  # fmt: skip
    if found.items is not None and found.votes is not None:
        arrays |= {"items": found.items, "votes": found.votes}
    kind = f"{dataset}-{test.name}" + (f"-refine{refine}" if refine else "") + ("-as-released" if as_released else "")
    file = results_file(session, run, kind)
    result = Evaluated(
        found.rank(1), found.rank(5), found.rank(10), found.rank(20), found.mean_precision, found.queries, found.skipped,
        write_arrays(file, arrays),
    )  # fmt: skip
    told = {key: getattr(result, key) for key in ("rank1", "rank5", "rank10", "rank20", "mAP", "queries", "skipped")}
    if not as_released:
        place = file.relative_to(session.workspace.home)
        session.catalog.put_evaluation(run, dataset, test.name, refine, told, place)
    return result


def results_file(session: Session, run: str, kind: str) -> Path:
    """Where every query's result of a run is kept; `kind` names data set, protocol and refinement."""
    return session.workspace.runs / file_name(run) / "evaluations" / f"{file_name(kind)}.safetensors"


def _by_tracklet(photos: "Identified", samples: Sequence[SampleRow]) -> tuple["Identified", np.ndarray]:
    """Each tracklet as the mean of its photos, and the place of its first photo in `samples`."""
    from dlcr.reid.features import averaged

    groups = np.empty(len(samples), np.int64)
    for number, rows_of in enumerate(tracks_of(samples)):
        groups[rows_of] = number
    return averaged(photos, groups)


def _query_variants(session: Session, run: str, dataset: str, queries: Sequence[SampleRow], count: int) -> np.ndarray:
    """(Q, count, D) float32: features of the first `count` variants of each query."""
    found: dict[int, list[Path]] = {}
    for split in sorted({sample.split for sample in queries}):
        found |= session.catalog.usable_variants(dataset, split)
    few = [sample for sample in queries if len(found.get(sample.id, [])) < count]
    if few:
        raise UsageError(
            f"{len(few)} of {len(queries)} queries have fewer than {count} variants that nobody rejected, such as {few[0].image}.",
            f"Make them, and more where some were rejected: dlcr expand {dataset} --split {few[0].split} --variants {count}",
        )
    network, _ = network_of(session, run)
    paths = [session.workspace.home / file for sample in queries for file in found[sample.id][:count]]
    return vectors_of(network, paths).reshape(len(queries), count, -1)
