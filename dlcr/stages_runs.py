"""What is known of trainings: every run, its history by epoch, forgetting one. Reads files and catalog, loads no model.

Part of the stages.
"""

import io
import json
import shutil
import zipfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from dlcr.catalog import RunRow
from dlcr.core.errors import TrainingError, UsageError
from dlcr.core.training import CHECKPOINTS, LOG, NETWORKS, RECORD
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


def export_run(session: Session, name: str) -> bytes:
    """A zip of what a run is: record, networks, log, what the catalog knows of it, and every query's results.

    `run.json`, `model.safetensors` and `checkpoints/log.jsonl` in a folder `runs/NAME` of a workspace are a run again.
    """
    row, buffer = _row(session, name), io.BytesIO()
    scores = session.catalog.evaluations(name)
    told = {
        "run": {key: getattr(row, key) for key in ("name", "dataset", "state", "epochs", "images_seen", "seconds")},
        "settings": dict(row.settings), "facts": dict(row.facts),
        "scores": [{"dataset": one.dataset, "protocol": one.protocol, "refine": one.refine, **one.result} for one in scores],
    }  # fmt: skip
    folder = (EMBEDDED_RUNS if embedded(session, name) else session.workspace.runs) / name
    files = {file: folder / file for file in (RECORD, *NETWORKS.values(), f"{CHECKPOINTS}/{LOG}")}
    files |= {f"evaluations/{one.file.name}": session.workspace.home / one.file for one in scores}
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(f"{name}/catalog.json", json.dumps(told, indent=2, sort_keys=True))
        for place, file in files.items():
            if file.is_file():
                archive.write(file, f"{name}/{place}")
    return buffer.getvalue()


def embedded(session: Session, name: str) -> bool:
    """Whether this run is one that the repository brings; one of the workspace that has its name goes before."""
    return not (session.workspace.runs / name / RECORD).is_file() and (EMBEDDED_RUNS / name / RECORD).is_file()


def _row(session: Session, name: str) -> RunRow:
    found = next((row for row in session.catalog.runs() if row.name == name), None)
    if found is None:
        raise UsageError(f"there is no run '{name}'.", "Choose one from the list.")
    return found


def forget_run(session: Session, name: str) -> None:
    """Remove a run with its evaluations, its files and its features; UsageError while a job trains it, and for embedded ones."""
    _row(session, name)
    if embedded(session, name):
        raise UsageError(f"'{name}' is an embedded run: it comes with the program.", "Remove runs of your own.")
    if (job := job_of(session, name)) is not None:
        raise UsageError(f"job {job} trains the run '{name}'.", "Cancel the job first.")
    session.catalog.delete_run(name)
    shutil.rmtree(session.workspace.runs / name, ignore_errors=True)
    for kind in ("", *(f"@{which}" for which in NETWORKS)):
        for file in session.workspace.features.rglob(f"{file_name(name + kind)}.safetensors"):
            file.unlink(missing_ok=True)
