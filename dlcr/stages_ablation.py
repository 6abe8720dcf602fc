"""The ablation table: which part of DLCR brings how much, over several seeds. Part of the stages."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from dlcr.core.errors import SettingError, UsageError
from dlcr.core.training import TrainSettings
from dlcr.data.protocols import protocols
from dlcr.session import Session
from dlcr.stages_embed import all_samples
from dlcr.stages_evaluate import evaluate
from dlcr.stages_train import train

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
    variants: int = 10, name: str | None = None, on_arm: Callable[[str, int], None] | None = None,
) -> list[Row]:  # fmt: skip
    """Train and evaluate every arm with seeds 0, 1, ...; trainings that are done are not repeated, a stopped one goes on.

    `settings` are shared by all arms, `name` the protocol (else the set's first). Arms that need variants or masks where there are
    none are left out; UsageError if the set has no queries.
    """
    if seeds < 1:
        raise SettingError(f"seeds must be at least 1, got {seeds}.", "Ask for one seed or more.")
    settings = settings or TrainSettings()
    known = protocols(session.catalog.dataset(dataset).layout)
    if not known:
        raise UsageError(f"the data set '{dataset}' has no queries.", "Choose another set.")
    arms = [arm for arm in ARMS if _possible(session, dataset, arm)]
    return [_row(session, dataset, arm, seeds, settings, variants, name or known[0], on_arm) for arm in arms]


def run_name(dataset: str, arm: Arm, seed: int) -> str:
    """The name of an arm's run; a refined arm shares the run of the arm it refines."""
    parts = "-".join(word.strip(",+") for word in arm.name.lower().removesuffix(", refined").split() if word != "+")
    return f"ablation-{dataset}-{parts}-{seed}"


def _possible(session: Session, dataset: str, arm: Arm) -> bool:
    if arm.with_variants and not session.catalog.usable_variants(dataset, "train", guided=arm.guided):
        return False
    if arm.changes.get("recoloured"):
        ids = [sample.id for sample in all_samples(session, dataset, "train")]
        return len(session.catalog.newest_masks(ids)) == len(ids)
    if not arm.refine:
        return True
    found = session.catalog.usable_variants(dataset, "query")
    queries = all_samples(session, dataset, "query")
    return all(len(found.get(sample.id, [])) >= arm.refine for sample in queries)


def _row(
    session: Session, dataset: str, arm: Arm, seeds: int, settings: TrainSettings, variants: int, protocol: str,
    on_arm: Callable[[str, int], None] | None,
) -> Row:  # fmt: skip
    ranks, precisions, done = [], [], []
    for seed in range(seeds):
        if on_arm:
            on_arm(arm.name, seed)
        changed = settings.model_dump() | dict(arm.changes) | {"seed": seed, "variants": 0}
        if arm.with_variants:
            changed |= {"variants": variants, "guided": arm.guided}
        run = run_name(dataset, arm, seed)
        done.append(train(session, dataset, run, TrainSettings(**changed)))
        found = evaluate(session, run, dataset, [protocol], refine=arm.refine)[protocol]
        ranks.append(found.rank1)
        precisions.append(found.mAP)
    return Row(
        arm.name, seeds, float(np.mean(ranks)), _spread(ranks), float(np.mean(precisions)), _spread(precisions),
        float(np.mean([one.seconds for one in done])), float(np.mean([one.images_seen for one in done])),
    )  # fmt: skip


def _spread(values: Sequence[float]) -> float:
    return float(np.std(values, ddof=1)) if len(values) > 1 else 0.0
