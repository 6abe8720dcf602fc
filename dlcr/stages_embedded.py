"""The embedded runs `world-cal` and `world-dlcr`: what the repository carries of two trainings on `world`. Part of the stages.

A folder of `assets/runs` holds the network (`model.safetensors`), its record and log as any run's, and `results.safetensors`:
features and results of every query, their photos as places in the sorted list of the set's images, for ids are a catalog's own.
"""

import json
import logging
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
from safetensors import SafetensorError, safe_open

from dlcr.catalog import SampleRows
from dlcr.core.training import RECORD
from dlcr.embed.store import Features, write_arrays, write_features
from dlcr.session import Session
from dlcr.stages_embed import EMBEDDED_RUNS, features_file, source_of
from dlcr.stages_evaluate import results_file
from dlcr.stages_runs import embedded

RESULTS = "results.safetensors"
PLACES = ("queries", "gallery")
"""Arrays of a query's results that name photos."""

log = logging.getLogger(__name__)


def adopt_runs(session: Session, dataset: str, *, thorough: bool = False) -> list[str]:
    """Put rows, features and results of the embedded runs into the workspace where they are missing (`lacking`); the runs' names.

    Left out are runs that were trained on other photos than `dataset` has here, and where the workspace has its own of the name.
    """
    missing, found = lacking(session, dataset, thorough=thorough), []
    for path in sorted(EMBEDDED_RUNS.glob(f"*/{RECORD}")):
        told, name = json.loads(path.read_text(encoding="utf-8")), path.parent.name
        if not embedded(session, name):
            log.info("the workspace has its own run %s: the embedded one is left out", name)
            continue
        if name in missing:
            samples = session.catalog.every_sample(dataset)
            if not _fits(told, samples):
                log.warning("the embedded run %s was trained on another `%s`: left out", name, dataset)
                continue
            _adopt(session, dataset, path.parent, told, samples)
        found.append(name)
    return found


def lacking(session: Session, dataset: str, *, thorough: bool = False) -> list[str]:
    """The embedded runs that the workspace does not have whole: row, features, and each protocol's results with their row.

    `thorough`: also those whose files name photos by numbers that these do not have any more.
    """
    rows = {row.name: row for row in session.catalog.runs(dataset)}
    results = {
        (row.run, row.protocol): row.file for row in session.catalog.evaluations(dataset=dataset) if not row.refine
    }
    found = []
    for path in sorted(EMBEDDED_RUNS.glob(f"*/{RECORD}")):
        name, told = path.parent.name, json.loads(path.read_text(encoding="utf-8"))
        row = rows.get(name)
        known = row is not None and (row.facts, row.state, row.epochs, row.images_seen) == (
            told["facts"], "done", told["done"]["epochs"], told["done"]["images_seen"],
        )  # fmt: skip
        files = [features_file(session, dataset, name)]
        with safe_open(path.parent / RESULTS, "np") as content:
            protocols = json.loads(content.metadata()["scores"])
        files += [session.workspace.home / results.get((name, one), "-") for one in protocols]
        whole = known and all(file.is_file() for file in files)
        if embedded(session, name) and not (whole and (not thorough or _numbered(session, dataset, files))):
            found.append(name)
    return found


def fitting(session: Session, dataset: str) -> list[str]:
    """The embedded runs that were trained on just the photos that `dataset` has here."""
    samples = session.catalog.every_sample(dataset)
    told = {
        path.parent.name: json.loads(path.read_text(encoding="utf-8")) for path in EMBEDDED_RUNS.glob(f"*/{RECORD}")
    }
    return [name for name, one in told.items() if _fits(one, samples)]


def _fits(told: dict[str, Any], samples: SampleRows) -> bool:
    return bool(told["facts"]["world"] == samples.fingerprint)


def _numbered(session: Session, dataset: str, files: Sequence[Path]) -> bool:
    """Whether all numbers of photos in the files are those of the data set's."""
    known = {sample.id for sample in session.catalog.every_sample(dataset)}
    try:
        for file in files:
            with safe_open(file, "np") as content:
                names = [name for name in content.keys() if name in ("ids", "queries", "gallery")]  # noqa: SIM118
                if not all(known.issuperset(content.get_tensor(name).tolist()) for name in names):
                    return False
    except (SafetensorError, OSError):
        return False
    return True


def is_embedded(name: str) -> bool:
    """Whether the program brings a run of this name."""
    return (EMBEDDED_RUNS / name / RECORD).is_file()


def _adopt(session: Session, dataset: str, folder: Path, told: dict[str, Any], samples: SampleRows) -> None:
    name, ids = folder.name, np.array([sample.id for sample in samples], np.int64)
    with safe_open(folder / RESULTS, "np") as content:
        scores = json.loads(content.metadata()["scores"])
        arrays = {key: content.get_tensor(key) for key in content.keys()}  # noqa: SIM118 - not a dictionary
    source = f"{source_of(session, name)} {samples.fingerprint}"
    order = np.argsort(ids)
    vectors = arrays.pop("vectors").astype(np.float32)
    write_features(features_file(session, dataset, name), Features(ids[order], vectors[order], source))
    done = told["done"]
    session.catalog.put_run(name, dataset, told["settings"], told["facts"])
    for protocol, score in scores.items():
        kind = f"{dataset}-{protocol}"
        own = {key.partition("/")[2]: value for key, value in arrays.items() if key.startswith(f"{protocol}/")}
        own |= {key: ids[own[key]] for key in PLACES}
        file = write_arrays(results_file(session, name, kind), own)
        place = file.relative_to(session.workspace.home)
        session.catalog.put_evaluation(name, dataset, protocol, 0, score, place)
    session.catalog.update_run(name, state="done", **done)
