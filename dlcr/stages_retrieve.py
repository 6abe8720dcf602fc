"""The stages that look at features: the answers to one query, and the feature space on a plane. Part of the stages."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from dlcr.catalog import SampleRow
from dlcr.core.errors import UsageError
from dlcr.core.images import digest
from dlcr.core.values import Ranking
from dlcr.data.protocols import protocol, protocols, rows
from dlcr.embed.store import write_arrays
from dlcr.session import Session
from dlcr.stages_embed import all_samples, embed, identified
from dlcr.stages_evaluate import rule_of

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
    session: Session, dataset: str, run: str, method: str = "tsne", splits: Sequence[str] = (), seed: int = 0,
    *, pids: Sequence[int] = (),
) -> Projected:  # fmt: skip
    """Samples of a data set on a plane; without `splits` query and gallery, or all where there are none; of all people, or of
    some. Kept for the next call."""
    from dlcr.embed.projection import project as placed
    from dlcr.embed.projection import silhouette

    ids, points, path = _planned(session, dataset, run, method, splits, seed, pids)
    if not path.is_file():
        made = placed(points.vectors, method, seed)
        by = [silhouette(points.vectors, labels, seed) for labels in (points.pid, points.clothes)]
        write_arrays(path, {"ids": ids, "places": made.places, "measures": np.array([made.trustworthiness, *by])})
    return _read(path)


def projected(
    session: Session, dataset: str, run: str, method: str = "tsne", splits: Sequence[str] = (), seed: int = 0,
    *, pids: Sequence[int] = (),
) -> Projected | None:  # fmt: skip
    """What `project` gives if it is kept already, else None."""
    path = _planned(session, dataset, run, method, splits, seed, pids)[2]
    return _read(path) if path.is_file() else None


def placed_samples(
    session: Session, dataset: str, splits: Sequence[str] = (), pids: Sequence[int] = ()
) -> list[SampleRow]:
    """The samples that `project` places, by id."""
    return _placed(all_samples(session, dataset), dataset, splits, pids)


def _placed(whole: Sequence[SampleRow], dataset: str, splits: Sequence[str], pids: Sequence[int]) -> list[SampleRow]:
    wanted = set(splits) or {"query", "gallery"}
    samples = [sample for sample in whole if sample.split in wanted]
    if not samples and splits:
        raise UsageError(
            f"'{dataset}' has no split {', '.join(splits)}.", "Choose from: " + ", ".join({s.split for s in whole})
        )
    people = set(pids)
    return [sample for sample in samples or whole if not people or sample.pid in people]


def _planned(
    session: Session, dataset: str, run: str, method: str, splits: Sequence[str], seed: int, pids: Sequence[int]
) -> tuple[np.ndarray, "Identified", Path]:
    """Ids and features of what is to be placed, and the file that keeps the places."""
    whole = all_samples(session, dataset)
    file, samples = embed(session, dataset, run, samples=whole), _placed(whole, dataset, splits, pids)
    ids, points = np.array([sample.id for sample in samples], np.int64), identified(session, samples, file)
    told = f"{method} {seed} {digest(ids)} {digest(points.vectors)} {digest(points.pid)} {digest(points.clothes)}"
    return (
        ids,
        points,
        file.with_name(f"{file.stem}-{method}-{hashlib.sha256(told.encode()).hexdigest()[:12]}.safetensors"),
    )


def _read(path: Path) -> Projected:
    from safetensors.numpy import load_file

    kept = load_file(path)
    trust, by_person, by_outfit = (float(value) for value in kept["measures"])
    return Projected(kept["ids"], kept["places"], trust, by_person, by_outfit, path)
