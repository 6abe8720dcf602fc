"""The stage of evaluation: CMC and mAP of a run under the protocols of a data set, with votes of variants. Part of the stages."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from dlcr.catalog import SampleRow
from dlcr.core.errors import UsageError
from dlcr.data.protocols import Protocol, protocol, protocols, rows
from dlcr.embed.store import write_arrays
from dlcr.session import Session
from dlcr.stages_embed import all_samples, embed, file_name, find_run, identified, network_of, run_names, vectors_of

if TYPE_CHECKING:
    from dlcr.reid.features import Identified


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
    file = session.workspace.runs / file_name(run) / "evaluations" / f"{file_name(kind)}.safetensors"
    result = Evaluated(
        found.rank(1), found.rank(5), found.rank(10), found.rank(20), found.mean_precision, found.queries, found.skipped,
        write_arrays(file, arrays),
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
    return vectors_of(network, paths).reshape(len(queries), count, -1)
