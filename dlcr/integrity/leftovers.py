"""Files that no row names: what killed writers left, features, discriminators, replies, the folders of jobs, the bell."""

import json
import shutil
from collections.abc import Iterator
from functools import partial
from pathlib import Path

from dlcr.catalog import file_damage
from dlcr.core.files import partials as unfinished
from dlcr.core.whole import flaw
from dlcr.integrity.ward import ATTIC, Damage, Ward

DEEPEST = ("masks", "variants")
"""Folders with one folder a sample: of those the newest are looked at."""


def partials(ward: Ward) -> Iterator[Damage]:
    """What writers that were killed did not finish."""

    def mend(path: Path) -> str:
        path.unlink(missing_ok=True)
        return "It was removed."

    for path in _hidden(ward):
        if ward.alone or path in unfinished(path.parent):
            what = f"{ward.place(path)} is half written: its writer was killed."
            yield Damage(what, "It can be removed.", partial(mend, path))


def _hidden(ward: Ward) -> Iterator[Path]:
    """Partial files, outside of lost+found."""
    home = ward.workspace.home
    yield from sorted([*home.glob(".*.part"), *home.glob(".seen-by-*")])
    for folder in sorted(path for path in home.iterdir() if path.is_dir() and path.name != ATTIC):
        if folder.name in DEEPEST and not ward.deep:
            for sub in newest(folder, ward.limit):
                yield from sorted(sub.glob(".*.part"))
        else:
            yield from sorted(folder.rglob(".*.part"))


def newest(folder: Path, limit: int | None) -> list[Path]:
    """The folders of the samples that came last, `limit` of them."""
    found = sorted((path for path in folder.glob("*") if path.name.isdecimal()), key=lambda path: -int(path.name))
    return found[:limit]


def features(ward: Ward) -> Iterator[Damage]:
    """Features and projections that are damaged: they are made anew when they are asked for."""
    yield from _damaged(
        ward, sorted(ward.workspace.features.rglob("*.safetensors")), "It is made anew when it is needed."
    )


def guidance(ward: Ward) -> Iterator[Damage]:
    """Discriminators and the states of their trainings."""
    again = "Train it again: dlcr guide DATASET."
    for folder in sorted(ward.workspace.guidance.glob("*")):
        yield from _damaged(ward, sorted(folder.glob("state-*.safetensors")), again)
        for network in sorted(path.parent for path in folder.glob("*/*.safetensors")):
            config = network / "config.json"
            what = None if config.is_file() else "it has no config.json"
            found = what or flaw(config, ward.deep) or next(filter(None, _flaws(ward, network)), None)
            if found and ward.alone:
                move = partial(ward.put_aside, network)
                yield Damage(f"the discriminator {ward.place(network)} is damaged: {found}.", again, move)
        named = folder / "newest.json"
        if named.is_file() and not (folder / str(_digest(named))).is_dir():
            move = partial(ward.put_aside, named)
            yield Damage(f"{ward.place(named)} names no discriminator that is there.", again, move)


def _flaws(ward: Ward, folder: Path) -> Iterator[str | None]:
    return (flaw(path, ward.deep) for path in sorted(folder.glob("*.safetensors")))


def _digest(named: Path) -> object:
    try:
        return json.loads(named.read_text(encoding="utf-8"))["digest"]
    except (OSError, ValueError, KeyError, TypeError):
        return "no digest"


def replies(ward: Ward) -> Iterator[Damage]:
    """The raw words of summarisers."""
    yield from _damaged(ward, sorted(ward.workspace.replies.rglob("*.json")), "The prompt in the catalog stays.")


def jobs(ward: Ward) -> Iterator[Damage]:
    """Folders of jobs that the catalog does not know, and what is damaged in the others."""
    known = {str(row.id) for row in ward.catalog.jobs()}
    for folder in sorted(ward.workspace.jobs.glob("*")):
        if folder.name.isdecimal() and folder.name not in known and ward.alone:
            what = f"{ward.place(folder)} belongs to a job that the catalog does not know."
            if any(folder.iterdir()):
                yield Damage(what, "It can be moved aside.", partial(ward.put_aside, folder))
            else:
                yield Damage(what, "It is empty and can be removed.", partial(_removed, folder))
        elif folder.is_dir():
            yield from _damaged(ward, sorted(folder.glob("*.json")), "The job's row stays.")


def _removed(folder: Path) -> str:
    shutil.rmtree(folder, ignore_errors=True)
    return "It was removed."


def queue(ward: Ward) -> Iterator[Damage]:
    """The bell that wakes workers; they look at the catalog by themselves too."""
    file = ward.workspace.home / "queue.sqlite"
    told = file_damage(file)
    if told:

        def mend() -> str:
            said = [ward.put_aside(path) for path in sorted(ward.workspace.home.glob("queue.sqlite*"))]
            return " ".join(said)

        yield Damage(f"the bell queue.sqlite is damaged: {told}.", "A new one is made when a job is queued.", mend)


def _damaged(ward: Ward, files: list[Path], then: str) -> Iterator[Damage]:
    """Those of the files that are not whole; they are moved aside."""
    for path in files:
        found = flaw(path, ward.deep)
        if found:
            yield Damage(f"{ward.place(path)} is damaged: {found}.", then, partial(ward.put_aside, path))
