"""The verbs of data sets: index, import, export. Part of `cli.py`."""

from dataclasses import asdict
from functools import partial
from pathlib import Path
from typing import Annotated, Any

import typer

from dlcr.cli_app import Home, Json, app, open_session, say
from dlcr.cli_bars import bars
from dlcr.core.errors import UsageError


@app.command()
def index(
    root: Path, name: Annotated[str, typer.Option(help="What to call the data set.")],
    layout: Annotated[str, typer.Option(help="auto, prcc, ltcc, vcclothes, ccvid, last, deepchange, ...")] = "auto",
    check: Annotated[bool, typer.Option(help="Open every new or changed file to see whether it can be used.")] = True,
    as_json: Json = False, home: Home = None,
) -> None:  # fmt: skip
    """Read a data set into the catalog; the folder is never written to."""
    from dlcr import stages

    with bars() as report:
        found = stages.index(open_session(home), root, layout, name, check=check, on_progress=report)
    result = asdict(found) | {"bad": [{"path": path, "reason": reason} for path, reason in found.bad]}
    text = f"{name}: {found.images} images, {found.pids} people, {found.clothes} outfits, {found.cameras} cameras"
    text += f"\nlayout {found.layout}" + (f": {found.why}" if found.why else "")
    text += f"\n{found.new} new, {found.changed} changed, {found.gone} gone" + _health_lines(result["health"])
    say(as_json, result, text + "".join(f"\nbad: {path}: {reason}" for path, reason in found.bad))


def _health_lines(health: dict[str, Any]) -> str:
    """One line for each thing that is the matter with a data set."""
    found = {name: one for name, one in health.items() if name != "unchecked" and one["count"]}
    lines = [
        f"{name.replace('_', ' ')}: {one['count']} ({', '.join(one['examples'][:3])}, ...)"
        for name, one in found.items()
    ]
    return "".join(f"\n{line}" for line in lines) + (
        f"\nnot opened yet: {health['unchecked']}" if health["unchecked"] else ""
    )


@app.command("import")
def import_(
    root: Path, dataset: Annotated[str | None, typer.Option(help="Whose photos; else the one the strips fit best.")] = None,
    as_json: Json = False, home: Home = None,
) -> None:  # fmt: skip
    """Take in a DLCR release: strips of variants and their prompts, under their photos' paths."""
    from dlcr import stages

    with bars() as report:
        done = stages.import_release(open_session(home), root, dataset, report)
    _moved(as_json, done, f"{done.dataset}: {done.variants} variants of {done.images} photos, {done.new} new")


@app.command()
def export(
    dataset: str, out: Annotated[Path, typer.Argument(metavar="DIR")],
    layout: Annotated[str, typer.Option(help="release: a strip of variants and their prompts for each photo.")] = "release",
    accepted: Annotated[bool, typer.Option("--accepted", help="Only accepted variants; else all.")] = False,
    faces: Annotated[str, typer.Option(help="keep or blur them; blurred pictures are not what was painted.")] = "",
    as_json: Json = False, home: Home = None,
) -> None:  # fmt: skip
    """Write a data set's variants in the release format."""
    from dlcr import stages
    from dlcr.stages_privacy import veil

    if layout != "release":
        raise UsageError(f"unknown layout '{layout}'.", "Choose: release.")
    if faces not in ("", "keep", "blur"):
        raise UsageError(f"faces are kept or blurred, got '{faces}'.", "Choose: keep, blur.")
    session = open_session(home)
    if session.privacy and not faces:
        raise UsageError(
            "privacy mode is on: is the release to have faces?",
            "Say --faces keep, to train on it, or --faces blur, to show it.",
        )
    change = partial(veil, session) if faces == "blur" else None
    with bars() as report:
        done = stages.export_release(session, dataset, out, accepted=accepted, change=change, on_progress=report)
    _moved(as_json, done, f"{done.variants} variants of {done.images} photos in {done.path}")


def _moved(as_json: bool, done: Any, text: str) -> None:
    result = asdict(done) | {"bad": [{"path": path, "reason": reason} for path, reason in done.bad]}
    say(as_json, result, text + "".join(f"\nbad: {path}: {reason}" for path, reason in done.bad))
