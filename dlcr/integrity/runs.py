"""Trainings: record, networks, checkpoints and log of each run agree with its row; evaluations have their results."""

import json
from collections.abc import Iterator, Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import Any

from dlcr import stages_embedded
from dlcr.catalog import Filed, RunRow
from dlcr.core.files import write_bytes, write_json
from dlcr.core.settings import Backends
from dlcr.core.training import CHECKPOINTS, LOG, MODEL, NETWORKS, RECORD
from dlcr.core.whole import flaw, head_of
from dlcr.integrity.ward import Damage, Ward
from dlcr.session import Session
from dlcr.stages import WORLD

GOES_ON = "The same `dlcr train` goes on from the last whole checkpoint."
Row = Mapping[str, Any]


def embedded(ward: Ward) -> Iterator[Damage]:
    """What the workspace should have of the embedded runs."""
    session = Session(ward.workspace, ward.catalog, Backends())

    def mend() -> str:
        stages_embedded.adopt_runs(session, WORLD, thorough=True)
        return "They were taken from the program again."

    if WORLD in [row.name for row in ward.catalog.datasets()] and ward.alone:
        # where `world` was not indexed to its end they come with the rest of it
        whole = stages_embedded.fitting(session, WORLD)
        lacking = [name for name in stages_embedded.lacking(session, WORLD, thorough=True) if name in whole]
        if lacking:
            what = f"rows or files of the embedded runs {', '.join(lacking)} are missing."
            yield Damage(what, "They can be taken from the program again.", mend)


def folders(ward: Ward) -> Iterator[Damage]:
    """Files of every run that are damaged, records that are missing, runs without a row."""
    known = {row.name: row for row in ward.catalog.runs()}
    for folder in sorted(path for path in ward.workspace.runs.glob("*") if path.is_dir()):
        yield from _networks(ward, folder)
        yield from _log(ward, folder)
        yield from _record(ward, folder, known.get(folder.name))


def _networks(ward: Ward, folder: Path) -> Iterator[Damage]:
    files = [folder / name for name in NETWORKS.values()] + sorted((folder / CHECKPOINTS).glob("epoch-*.safetensors"))
    for path in files:
        if path.is_file() and (wrong := flaw(path, ward.deep)):
            yield Damage(f"{ward.place(path)} is damaged: {wrong}.", GOES_ON, partial(ward.put_aside, path))


def _log(ward: Ward, folder: Path) -> Iterator[Damage]:
    """A log that is damaged or missing; the newest checkpoint has all of it."""
    path, history = folder / CHECKPOINTS / LOG, _kept_history(folder)
    lines = _logged(folder)
    other = history is not None and lines is not None and lines[: len(history)] != list(history)[: len(lines)]
    broken = path.exists() and (lines is None or other)

    def mend() -> str:
        said = ward.put_aside(path) + " " if path.exists() else ""
        if history is None:
            return said + "No checkpoint is left to write it from."
        write_bytes(path, "".join(json.dumps(row) + "\n" for row in history).encode())
        return said + "It was written again from the newest checkpoint."

    if broken or (ward.alone and history is not None and len(lines or ()) < len(history)):
        what = f"{ward.place(path)} is {'damaged' if broken else 'behind its checkpoint'}."
        yield Damage(what, "The newest checkpoint has it.", mend)


def _record(ward: Ward, folder: Path, row: RunRow | None) -> Iterator[Damage]:
    """A record that is damaged or missing, and a run that has no row."""
    path = folder / RECORD
    wrong = flaw(path, ward.deep) if path.is_file() else "it is missing"
    if not wrong and row is not None and ward.alone and _told(path) != (dict(row.settings), dict(row.facts)):
        wrong = "it is not what the catalog has"
    trained = (folder / MODEL).is_file() or (folder / CHECKPOINTS).is_dir()
    if wrong and (trained or path.is_file()):
        what = f"{ward.place(path)} is damaged: {wrong}."
        if row is None:
            yield Damage(what, "Nothing tells what the run was.", partial(ward.put_aside, folder))
        else:
            yield Damage(what, "The catalog has it.", partial(_write_record, ward, path, row))
    elif not wrong and row is None and ward.alone:
        told = json.loads(path.read_text(encoding="utf-8"))
        if told.get("facts", {}).get("dataset") in [one.name for one in ward.catalog.datasets()]:
            what = f"the run {folder.name} has no row."
            yield Damage(what, "Its record tells the row.", partial(_adopt, ward, folder, told))


def _told(path: Path) -> tuple[object, object]:
    told = json.loads(path.read_text(encoding="utf-8"))
    return (told.get("settings"), told.get("facts")) if isinstance(told, dict) else (None, None)


def _write_record(ward: Ward, path: Path, row: RunRow) -> str:
    said = ward.put_aside(path) + " " if path.exists() else ""
    write_json(path, {"settings": dict(row.settings), "facts": dict(row.facts)})
    return said + "It was written again from the catalog."


def _adopt(ward: Ward, folder: Path, told: Row) -> str:
    row = ward.catalog.put_run(folder.name, told["facts"]["dataset"], told["settings"], told["facts"])
    _settle(ward, row)
    return "Its row was made again from its record."


def states(ward: Ward) -> Iterator[Damage]:
    """Runs whose row tells more or less than their files."""
    if not ward.alone:
        return  # one of them may be in training
    for row in ward.catalog.runs():
        folder = ward.workspace.runs / row.name
        if not (folder / RECORD).is_file() and stages_embedded.is_embedded(row.name):
            continue
        state, epochs, images, _ = _state(folder, row)
        if (state, epochs, images) != (row.state, row.epochs, row.images_seen):
            what = f"the run {row.name} is {row.state} after {row.epochs} epochs by its row, {state} after {epochs} by its files."
            yield Damage(what, GOES_ON, partial(_settle, ward, row))


def _state(folder: Path, row: RunRow) -> tuple[str, int, int, float]:
    """State, epochs, photos seen and seconds of a run as its files tell them; nobody trains it now."""
    history = _kept_history(folder) or _logged(folder) or []
    finished = (folder / MODEL).is_file()
    state = "done" if finished else "failed" if row.state == "failed" else "stopped"
    if finished and not history:
        return state, row.epochs, row.images_seen, row.seconds
    return state, len(history), sum(int(one["images"]) for one in history), sum(one["seconds"] for one in history)


def _settle(ward: Ward, row: RunRow) -> str:
    state, epochs, images, seconds = _state(ward.workspace.runs / row.name, row)
    ward.catalog.update_run(row.name, state=state, epochs=epochs, images_seen=images, seconds=seconds)
    return "The row tells what the files do."


def _kept_history(folder: Path) -> Sequence[Row] | None:
    """The history that the newest whole checkpoint carries."""
    for path in sorted((folder / CHECKPOINTS).glob("epoch-*.safetensors"), reverse=True):
        try:
            found: Sequence[Row] = json.loads(head_of(path)["__metadata__"]["facts"])["history"]
            return found
        except (OSError, ValueError, KeyError, TypeError):
            continue
    return None


def _logged(folder: Path) -> Sequence[Row] | None:
    """The lines of a run's log, None if there is none or it is damaged."""
    try:
        lines = (folder / CHECKPOINTS / LOG).read_text(encoding="utf-8").splitlines()
        rows = [json.loads(line) for line in lines]
        return rows if all({"images", "seconds", "epoch"} <= row.keys() for row in rows) else None
    except (OSError, ValueError, AttributeError):
        return None


def evaluations(ward: Ward) -> Iterator[Damage]:
    """Evaluations whose results are lost or damaged; those of embedded runs come with the program."""

    def mend(one: Filed) -> str:
        path = ward.workspace.home / one.file
        said = ward.put_aside(path) + " " if path.exists() else ""
        if stages_embedded.is_embedded(one.told["run"]):
            return said + "It comes with the program."
        ward.catalog.take_out("evaluations", one.id, ward.keep_rows)
        return said + "Its row was taken out and is kept in lost+found/rows.jsonl: evaluate again."

    for one in ward.catalog.filed("evaluations"):
        path = ward.workspace.home / one.file
        wrong = flaw(path, ward.deep) if path.is_file() else "it is not there"
        if wrong and (path.is_file() or not stages_embedded.is_embedded(one.told["run"])):
            what = f"the results {one.file.as_posix()} are damaged: {wrong}."
            yield Damage(what, "`dlcr evaluate` makes them anew.", partial(mend, one))
