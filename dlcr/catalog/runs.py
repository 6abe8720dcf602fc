"""Runs: trainings and what their evaluations found."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, delete, select, update

from dlcr.catalog.rows import EvaluationRow, RunRow
from dlcr.catalog.store import Store, dataset_key, put, relative, told
from dlcr.catalog.tables import datasets, evaluations, now, runs
from dlcr.core.errors import CatalogError, UsageError

STATES = ("running", "stopped", "done", "failed")

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
            return told(RunRow, connection.execute(_RUNS.where(runs.c.name == name)).one())

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
        return told(RunRow, row)

    def runs(self, dataset: str | None = None) -> list[RunRow]:
        """Every run, or those on one data set, by name."""
        query = _RUNS if dataset is None else _RUNS.where(datasets.c.name == dataset)
        with self._reading() as connection:
            return [told(RunRow, row) for row in connection.execute(query.order_by(runs.c.name))]

    def delete_run(self, name: str) -> None:
        """Forget a run and its evaluations; nothing happens if it is not there. Files are the caller's."""
        with self._writing() as connection:
            connection.execute(delete(evaluations).where(evaluations.c.run == name))
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
        query = select(evaluations, datasets.c.name.label("dataset")).join(datasets)
        if run is not None:
            query = query.where(evaluations.c.run == run)
        if dataset is not None:
            query = query.where(datasets.c.name == dataset)
        order = (evaluations.c.run, datasets.c.name, evaluations.c.protocol, evaluations.c.refine)
        with self._reading() as connection:
            return [told(EvaluationRow, row) for row in connection.execute(query.order_by(*order))]


def forget_runs(connection: Connection, dataset_id: int) -> None:
    """Forget the runs trained on a data set, whatever they were tested on, and every evaluation on it."""
    own = select(runs.c.name).where(runs.c.dataset_id == dataset_id)
    connection.execute(delete(evaluations).where((evaluations.c.dataset_id == dataset_id) | evaluations.c.run.in_(own)))
    connection.execute(delete(runs).where(runs.c.dataset_id == dataset_id))
