"""The stages that look at features: the answers to one query, and the feature space on a plane. Part of the stages."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from dlcr.catalog import SampleRow, VariantRow
from dlcr.core.errors import UsageError
from dlcr.core.images import digest
from dlcr.core.values import Ranking
from dlcr.data.protocols import protocol, protocols, rows
from dlcr.embed.store import write_arrays
from dlcr.session import Session
from dlcr.stages_embed import embed, embed_variants, identified
from dlcr.stages_evaluate import EMBEDDING, Progress, rule_of

PLACING = "placing points and measuring the space"

if TYPE_CHECKING:
    from dlcr.reid.features import Identified


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
    samples = session.catalog.every_sample(dataset)
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


@dataclass(frozen=True, slots=True, eq=False)
class Projected:
    """Places (N + M, 2) float32 of the samples with `ids` (N,) and then of the `variants` (M,), each of the sample in row `parents`
    (M,); kept in `file`. Measures of the space they come from.

    `by_person` and `by_outfit` are silhouettes -1..1 of the samples: the larger one names what rules the space.
    """

    ids: np.ndarray
    places: np.ndarray
    trustworthiness: float
    by_person: float
    by_outfit: float
    file: Path
    variants: np.ndarray
    parents: np.ndarray


@dataclass(frozen=True, slots=True)
class Placing:
    """What is to be placed: samples of `splits` (none named: query and gallery, or all where there are none) of the people `pids`
    (none named: of all), with up to `variants` variants of each; `neighbours` as in `dlcr.embed.projection.project`."""

    splits: Sequence[str] = ()
    pids: Sequence[int] = ()
    variants: int = 0
    neighbours: int = 0


def project(
    session: Session, dataset: str, run: str, method: str = "tsne", placing: Placing = Placing(), seed: int = 0, *,
    on_progress: Progress | None = None,
) -> Projected:  # fmt: skip
    """Samples of a data set, and variants of them, on a plane; kept for the next call."""
    from dlcr.embed.projection import project as placed
    from dlcr.embed.projection import silhouette

    say = on_progress or (lambda what, done, total: None)
    embed(session, dataset, run, partial(say, EMBEDDING))
    planned = _planned(session, dataset, run, method, placing, seed)
    say(PLACING, 0, 1)
    if not planned.path.is_file():
        points, many = planned.points, planned.variants
        vectors = points.vectors
        if many:
            vectors = np.concatenate([vectors, embed_variants(session, dataset, run, many)])
        made = placed(vectors, method, seed, placing.neighbours)
        by = [silhouette(points.vectors, labels, seed) for labels in (points.pid, points.clothes)]
        arrays = {
            "ids": planned.ids,
            "variants": np.array([row.id for row in many], np.int64),
            "parents": planned.parents,
        }
        write_arrays(planned.path, arrays | {"places": made.places, "measures": np.array([made.trustworthiness, *by])})
    say(PLACING, 1, 1)
    return _read(planned.path)


def projected(
    session: Session, dataset: str, run: str, method: str = "tsne", placing: Placing = Placing(), seed: int = 0
) -> Projected | None:
    """What `project` gives if it is kept already, else None."""
    path = _planned(session, dataset, run, method, placing, seed).path
    return _read(path) if path.is_file() else None


def placed_samples(
    session: Session, dataset: str, splits: Sequence[str] = (), pids: Sequence[int] = ()
) -> list[SampleRow]:
    """The samples that `project` places, by name."""
    return _placed(session.catalog.every_sample(dataset), dataset, splits, pids)


def _placed(whole: Sequence[SampleRow], dataset: str, splits: Sequence[str], pids: Sequence[int]) -> list[SampleRow]:
    wanted = set(splits) or {"query", "gallery"}
    samples = [sample for sample in whole if sample.split in wanted]
    if not samples and splits:
        raise UsageError(
            f"'{dataset}' has no split {', '.join(splits)}.", "Choose from: " + ", ".join({s.split for s in whole})
        )
    people = set(pids)
    return [sample for sample in samples or whole if not people or sample.pid in people]


@dataclass(frozen=True, slots=True, eq=False)
class _Planned:
    """Ids and features of what is to be placed, its variants with their parents' rows, and the file that keeps the places."""

    ids: np.ndarray
    points: "Identified"
    variants: Sequence[VariantRow]
    parents: np.ndarray
    path: Path


def _planned(session: Session, dataset: str, run: str, method: str, placing: Placing, seed: int) -> _Planned:
    whole = session.catalog.every_sample(dataset)
    file, samples = embed(session, dataset, run), _placed(whole, dataset, placing.splits, placing.pids)
    ids, points = np.array([sample.id for sample in samples], np.int64), identified(session, samples, file)
    variants = some_variants(session, ids, placing.variants)
    row_of = {int(key): row for row, key in enumerate(ids)}
    parents = np.array([row_of[row.sample_id] for row in variants], np.int64)
    held = " ".join(digest(one) for one in (ids, points.vectors, points.pid, points.clothes))
    told = f"components {method} {seed} {placing.neighbours} {held}"
    told += "".join(f" {row.id}" for row in variants)
    name = f"{file.stem}-{method}-{hashlib.sha256(told.encode()).hexdigest()[:12]}.safetensors"
    return _Planned(ids, points, variants, parents, file.with_name(name))


def some_variants(session: Session, ids: np.ndarray, most: int) -> list[VariantRow]:
    """The first `most` variants of each sample that were not rejected, by id."""
    found: dict[int, list[VariantRow]] = {}
    for start in range(0, len(ids) if most else 0, 500):
        for row in session.catalog.variants_of(ids[start : start + 500].tolist()):
            if row.verdict != "rejected":
                found.setdefault(row.sample_id, []).append(row)
    return sorted((row for rows in found.values() for row in rows[:most]), key=lambda row: row.id)


def _read(path: Path) -> Projected:
    from safetensors.numpy import load_file

    kept = load_file(path)
    trust, by_person, by_outfit = (float(value) for value in kept["measures"])
    return Projected(kept["ids"], kept["places"], trust, by_person, by_outfit, path, kept["variants"], kept["parents"])
