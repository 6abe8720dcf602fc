"""The ablation table: which part of DLCR brings how much, over several seeds. Part of the stages."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Any

import numpy as np

from dlcr.catalog import RunRow
from dlcr.core.errors import SettingError, UsageError
from dlcr.core.training import VARIANTS, TrainSettings
from dlcr.data.protocols import protocols
from dlcr.session import Session
from dlcr.stages_evaluate import evaluate
from dlcr.stages_expansion import only_embedded
from dlcr.stages_train import Trained, train

if TYPE_CHECKING:
    from dlcr.reid.training import Progress

REFINE = 4


@dataclass(frozen=True, slots=True)
class Arm:
    """One line of the table: what it changes in the settings, whether variants are needed (painted with discriminator guidance or
    without), how many variants of a query vote."""

    name: str
    changes: Mapping[str, Any]
    with_variants: bool = False
    guided: bool = False
    refine: int = 0


PLAIN = {"progressive": False}
ARMS = (
    Arm("cross-entropy", {"clothes_losses": False}),
    Arm("CAL", {}),
    Arm("CAL + recoloured clothes", {"recoloured": True}),
    Arm("CAL + variants", PLAIN, with_variants=True),
    Arm("CAL + variants, progressive", {}, with_variants=True),
    Arm("CAL + variants, progressive, refined", {}, with_variants=True, refine=REFINE),
    Arm("CAL + guided variants, progressive", {}, with_variants=True, guided=True),
    Arm("CAL + guided variants, progressive, refined", {}, with_variants=True, guided=True, refine=REFINE),
)
"""Recoloured clothes are the cheap rival of the paper's Figure 1: the same batches, each variant replaced by its photo with the
masked clothes' colours changed. Guided are variants whose lineage tells a discriminator's weight above 0; the arms of variants
learn from the others, so both may lie side by side. The same variants of the queries vote for both."""


@dataclass(frozen=True, slots=True)
class Row:
    """Mean and standard deviation (n - 1; 0 for one seed) over seeds, as fractions of 1; seconds and photos seen are means."""

    name: str
    seeds: int
    rank1: float
    rank1_sd: float
    mAP: float
    mAP_sd: float
    seconds: float
    images_seen: float


def ablation(
    session: Session, dataset: str, seeds: int = 5, settings: TrainSettings | None = None, *,
    variants: int = VARIANTS, name: str | None = None, on_arm: Callable[[str, int], None] | None = None,
    on_epoch: Callable[[int, int], None] | None = None,
) -> list[Row]:  # fmt: skip
    """Train and evaluate every arm with seeds 0, 1, ...; trainings that are done are not repeated, a stopped one goes on.

    `on_arm` is told of each training, `on_epoch` of epochs (done, total) over all of them. `settings` are shared by all arms,
    `name` the protocol (else the set's first). Arms that need variants or masks where there are none are left out; UsageError if
    the set has no queries.
    """
    if seeds < 1:
        raise SettingError(f"seeds must be at least 1, got {seeds}.", "Ask for one seed or more.")
    settings = settings or TrainSettings()
    known = protocols(session.catalog.dataset(dataset).layout)
    if not known:
        raise UsageError(f"the data set '{dataset}' has no queries.", "Choose another set.")
    arms = [arm for arm in ARMS if _possible(session, dataset, arm)]
    total, rows = len(arms) * seeds * settings.epochs, []
    for place, arm in enumerate(arms):
        before = place * seeds * settings.epochs
        tell = partial(_tell, on_epoch, before, total)
        rows.append(_row(session, dataset, arm, seeds, settings, variants, name or known[0], on_arm, tell))
    return rows


def _epochs(tell: Callable[[int], None], before: int) -> "Callable[[Progress], None]":
    return lambda now: tell(before + now.epoch)


def _tell(on_epoch: Callable[[int, int], None] | None, before: int, total: int, done: int) -> None:
    if on_epoch:
        on_epoch(before + done, total)


def so_far(session: Session, dataset: str, name: str | None = None) -> list[Row]:
    """The table as far as trainings of earlier calls are done and evaluated under a protocol, else the set's first; nothing is
    computed. An arm's seeds are those that it has."""
    known = protocols(session.catalog.dataset(dataset).layout)
    runs = {row.name: row for row in session.catalog.runs(dataset)}
    protocol = name or next(iter(known), "")
    scored = {
        (row.run, row.refine): row.result
        for row in session.catalog.evaluations(dataset=dataset)
        if row.protocol == protocol
    }
    rows = []
    for arm in ARMS:
        start = run_name(dataset, arm, 0).removesuffix("0")
        seeds = [one for one in runs if one.startswith(start) and one.removeprefix(start).isdecimal()]
        done = [runs[one] for one in seeds if (one, arm.refine) in scored]
        if done:
            rows.append(_summary(arm, done, [scored[one.name, arm.refine] for one in done]))
    return rows


def _summary(arm: Arm, done: "Sequence[Trained | RunRow]", scores: Sequence[Mapping[str, float]]) -> Row:
    ranks, precisions = [float(one["rank1"]) for one in scores], [float(one["mAP"]) for one in scores]
    return Row(
        arm.name, len(done), float(np.mean(ranks)), _spread(ranks), float(np.mean(precisions)), _spread(precisions),
        float(np.mean([one.seconds for one in done])), float(np.mean([one.images_seen for one in done])),
    )  # fmt: skip


def run_name(dataset: str, arm: Arm, seed: int) -> str:
    """The name of an arm's run; a refined arm shares the run of the arm it refines."""
    parts = "-".join(word.strip(",+") for word in arm.name.lower().removesuffix(", refined").split() if word != "+")
    return f"ablation-{dataset}-{parts}-{seed}"


def _possible(session: Session, dataset: str, arm: Arm) -> bool:
    painted = session.catalog.usable_variants(dataset, "train", guided=arm.guided) if arm.with_variants else {}
    if arm.with_variants and only_embedded(file for files in painted.values() for file in files):
        return False
    if arm.changes.get("recoloured"):
        ids = [sample.id for sample in session.catalog.every_sample(dataset, "train")]
        return len(session.catalog.newest_masks(ids)) == len(ids)
    if not arm.refine:
        return True
    found = session.catalog.usable_variants(dataset, "query")
    queries = session.catalog.every_sample(dataset, "query")
    return all(len(found.get(sample.id, [])) >= arm.refine for sample in queries)


def _row(
    session: Session, dataset: str, arm: Arm, seeds: int, settings: TrainSettings, variants: int, protocol: str,
    on_arm: Callable[[str, int], None] | None, tell: Callable[[int], None],
) -> Row:  # fmt: skip
    done: list[Trained] = []
    scores: list[Mapping[str, float]] = []
    for seed in range(seeds):
        if on_arm:
            on_arm(arm.name, seed)
        changed = settings.model_dump() | dict(arm.changes) | {"seed": seed, "variants": 0}
        if arm.with_variants:
            changed |= {"variants": variants, "guided": arm.guided}
        run = run_name(dataset, arm, seed)
        before = seed * settings.epochs
        tell(before)
        done.append(train(session, dataset, run, TrainSettings(**changed), _epochs(tell, before)))
        found = evaluate(session, run, dataset, [protocol], refine=arm.refine)[protocol]
        scores.append({"rank1": found.rank1, "mAP": found.mAP})
        tell(before + settings.epochs)
    return _summary(arm, done, scores)


def _spread(values: Sequence[float]) -> float:
    return float(np.std(values, ddof=1)) if len(values) > 1 else 0.0
