"""Runs: trainings and what their evaluations found; and the variants a training may use."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from sqlalchemy import (
    JSON,
    BigInteger,
    Column,
    Float,
    ForeignKey,
    Integer,
    Row,
    String,
    Table,
    Text,
    UniqueConstraint,
    delete,
    func,
    select,
    update,
)

from dlcr.catalog.store import Store, dataset_key, put, relative
from dlcr.catalog.tables import Moment, datasets, metadata, now, samples, variants, verdicts
from dlcr.core.errors import CatalogError, UsageError

STATES = ("running", "stopped", "done", "failed")

runs = Table(
    "runs",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("name", String(200), nullable=False, unique=True),
    Column("dataset_id", ForeignKey("datasets.id"), nullable=False),
    Column("state", String(20), nullable=False),
    Column("settings", JSON, nullable=False),
    Column("facts", JSON, nullable=False),
    Column("epochs", Integer, nullable=False),
    Column("images_seen", BigInteger, nullable=False),
    Column("seconds", Float, nullable=False),
    Column("created", Moment, nullable=False),
    Column("updated", Moment, nullable=False),
)

evaluations = Table(
    "evaluations",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("run", String(300), nullable=False),
    Column("dataset_id", ForeignKey("datasets.id"), nullable=False),
    Column("protocol", String(50), nullable=False),
    Column("refine", Integer, nullable=False),
    Column("result", JSON, nullable=False),
    Column("file", Text, nullable=False),
    Column("created", Moment, nullable=False),
    UniqueConstraint("run", "dataset_id", "protocol", "refine"),
)


@dataclass(frozen=True, slots=True)
class RunRow:
    """A training: `settings` and `facts` (data, code, environment) repeat it; `state` is one of STATES."""

    id: int
    name: str
    dataset: str
    state: str
    settings: Mapping[str, Any]
    facts: Mapping[str, Any]
    epochs: int
    images_seen: int
    seconds: float
    created: datetime
    updated: datetime


@dataclass(frozen=True, slots=True)
class EvaluationRow:
    """What a run (or a backbone's spec) scored under one protocol; `refine` variants a query, 0 = none; `file` has every query."""

    id: int
    run: str
    dataset: str
    protocol: str
    refine: int
    result: Mapping[str, Any]
    file: Path
    created: datetime


def _run(row: Row[Any]) -> RunRow:
    return RunRow(
        row.id, row.name, row.dataset, row.state, row.settings, row.facts, row.epochs, row.images_seen, row.seconds,
        row.created, row.updated,
    )  # fmt: skip


_RUNS = select(runs, datasets.c.name.label("dataset")).join(datasets)


class Runs(Store):
    """The catalog's runs and evaluations."""

    def put_run(self, name: str, dataset: str, settings: Mapping[str, Any], facts: Mapping[str, Any]) -> RunRow:
        """Add the run `name` as running, or say again that it is."""
        with self._writing() as connection:
            values = {
                "name": name, "dataset_id": dataset_key(connection, dataset), "state": "running", "settings": dict(settings),
                "facts": dict(facts), "epochs": 0, "images_seen": 0, "seconds": 0.0, "created": now(), "updated": now(),
            }  # fmt: skip
            put(connection, runs, [values], ("name",), keep=("created", "epochs", "images_seen", "seconds"))
            return _run(connection.execute(_RUNS.where(runs.c.name == name)).one())

    def update_run(self, name: str, *, state: str, epochs: int, images_seen: int, seconds: float) -> RunRow:
        """Say how far a run is; CatalogError if it is not there."""
        if state not in STATES:
            raise UsageError(f"a run is {', '.join(STATES)}, got '{state}'.", "Choose one of them.")
        values = {"state": state, "epochs": epochs, "images_seen": images_seen, "seconds": seconds, "updated": now()}
        with self._writing() as connection:
            connection.execute(update(runs).where(runs.c.name == name).values(**values))
            row = connection.execute(_RUNS.where(runs.c.name == name)).first()
        if row is None:
            raise CatalogError(f"the catalog has no run '{name}'.", "Start it with `dlcr train`.")
        return _run(row)

    def runs(self, dataset: str | None = None) -> list[RunRow]:
        """Every run, or those on one data set, by name."""
        query = _RUNS if dataset is None else _RUNS.where(datasets.c.name == dataset)
        with self._reading() as connection:
            return [_run(row) for row in connection.execute(query.order_by(runs.c.name))]

    def delete_run(self, name: str) -> None:
        """Forget a run and its evaluations; nothing happens if it is not there. Files are the caller's."""
        with self._writing() as connection:
            connection.execute(delete(evaluations).where(evaluations.c.run.in_([name, f"{name}@best", f"{name}@last"])))
            connection.execute(delete(runs).where(runs.c.name == name))

    def put_evaluation(
        self, run: str, dataset: str, protocol: str, refine: int, result: Mapping[str, Any], file: Path | str
    ) -> EvaluationRow:
        """Keep what a run scored; the last evaluation of the same kind counts. `file` is relative to the workspace."""
        with self._writing() as connection:
            values = {
                "run": run, "dataset_id": dataset_key(connection, dataset), "protocol": protocol, "refine": refine,
                "result": dict(result), "file": relative(file), "created": now(),
            }  # fmt: skip
            put(connection, evaluations, [values], ("run", "dataset_id", "protocol", "refine"))
        return next(row for row in self.evaluations(run, dataset) if (row.protocol, row.refine) == (protocol, refine))

    def evaluations(self, run: str | None = None, dataset: str | None = None) -> list[EvaluationRow]:
        """Evaluations of one run, of one data set, or all; by run, data set, protocol and refinement."""
        query = select(evaluations, datasets.c.name).join(datasets)
        if run is not None:
            query = query.where(evaluations.c.run == run)
        if dataset is not None:
            query = query.where(datasets.c.name == dataset)
        order = (evaluations.c.run, datasets.c.name, evaluations.c.protocol, evaluations.c.refine)
        with self._reading() as connection:
            rows = connection.execute(query.order_by(*order)).all()
        return [
            EvaluationRow(r.id, r.run, r.name, r.protocol, r.refine, r.result, Path(r.file), r.created) for r in rows
        ]

    def usable_variants(
        self, dataset: str, split: str, *, accepted_only: bool = False, guided: bool | None = None
    ) -> dict[int, list[Path]]:
        """Files of the variants of a split's samples by sample id, oldest first; never the rejected ones.

        `guided`: only those painted with discriminator guidance (their lineage tells a `discriminator_weight` above 0), only
        those without, or None for both.
        """
        later = verdicts.alias("later")
        newer = (
            select(later.c.id).where(later.c.variant_id == verdicts.c.variant_id, later.c.id > verdicts.c.id).exists()
        )
        judged = variants.outerjoin(verdicts, (verdicts.c.variant_id == variants.c.id) & ~newer)
        query = select(variants.c.sample_id, variants.c.file, verdicts.c.verdict).select_from(judged.join(samples))
        found: dict[int, list[Path]] = {}
        with self._reading() as connection:
            here = (samples.c.dataset_id == dataset_key(connection, dataset)) & (samples.c.split == split)
            if guided is not None:
                weight = func.coalesce(variants.c.lineage["settings"]["discriminator_weight"].as_float(), 0.0)
                here &= (weight > 0) if guided else (weight <= 0)
            for row in connection.execute(query.where(here, samples.c.present).order_by(variants.c.id)):
                if row.verdict == "accepted" or (row.verdict is None and not accepted_only):
                    found.setdefault(row.sample_id, []).append(Path(row.file))
        return found
