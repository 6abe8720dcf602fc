"""What is known of trainings: every run, its history by epoch, forgetting one. Reads files and catalog, loads no model.

Part of the stages.
"""

import json
import shutil
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from dlcr.catalog import RunRow
from dlcr.core.errors import TrainingError, UsageError
from dlcr.core.training import CHECKPOINTS, LOG
from dlcr.session import Session
from dlcr.stages_embed import EMBEDDED_RUNS, file_name

UNFINISHED = ("queued", "running")


@dataclass(frozen=True, slots=True)
class Epoch:
    """One line of a run's log: `epoch` counts from 1, `values` by name (loss, accuracy, ...; rank1 and mAP where tested)."""

    epoch: int
    values: Mapping[str, float]


def history(session: Session, name: str) -> list[Epoch]:
    """The epochs that a run has done, oldest first; none before its first one."""
    if name != Path(name).name:
        raise TrainingError(f"there is no run '{name}'.", "Choose one from the list.")
    for folder in (session.workspace.runs, EMBEDDED_RUNS):
        try:
            lines = (folder / name / CHECKPOINTS / LOG).read_text(encoding="utf-8").splitlines()
        except OSError:
            continue
        return [_epoch(json.loads(line)) for line in lines]
    return []


def _epoch(told: Mapping[str, Any]) -> Epoch:
    kept = {name: float(value) for name, value in told.items() if name not in ("epoch", "time") and value is not None}
    return Epoch(int(told["epoch"]) + 1, kept)


def find_runs(session: Session, dataset: str) -> list[RunRow]:
    """The runs that were trained on a data set, newest first."""
    return sorted(session.catalog.runs(dataset), key=lambda row: (row.created, row.id), reverse=True)


def job_of(session: Session, name: str) -> int | None:
    """The job that trains a run or waits for its turn, if there is one."""
    for row in session.catalog.jobs(UNFINISHED):
        if row.args[0] == "train" and f"--run={name}" in row.args:
            return row.id
    return None


def forget_run(session: Session, name: str) -> None:
    """Remove a run with its evaluations, its files and its features; UsageError while a job trains it."""
    if name not in {row.name for row in session.catalog.runs()}:
        raise UsageError(f"there is no run '{name}'.", "Choose one from the list.")
    if (job := job_of(session, name)) is not None:
        raise UsageError(f"job {job} trains the run '{name}'.", "Cancel the job first.")
    session.catalog.delete_run(name)
    shutil.rmtree(session.workspace.runs / name, ignore_errors=True)
    for kind in ("", "@best", "@last"):
        for file in session.workspace.features.rglob(f"{file_name(name + kind)}.safetensors"):
            file.unlink(missing_ok=True)
