"""The reference, read from the code: `python -m tools.reference` writes docs/cli.md and docs/reference.md.

A test fails where the committed files differ from what the code gives (tests/test_documents.py).
"""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import typer
from pydantic import BaseModel
from pydantic.fields import FieldInfo

from dlcr import cli  # noqa: F401  (it adds the verbs of its parts)
from dlcr.cli_app import app as verb_app
from dlcr.core import settings, training
from tools import reference_python

ROOT = Path(__file__).resolve().parents[1]
DOCS = ROOT / "docs"
SETTINGS_OF: dict[str, tuple[type[BaseModel], ...]] = {
    "describe": (settings.DescribeSettings,),
    "expand": (settings.ExpandSettings, settings.PaintSettings),
    "paint": (settings.PaintSettings,),
    "guide": (settings.GuideSettings,),
    "check": (settings.GateSettings,),
    "train": (training.TrainSettings,),
    "ablation": (training.TrainSettings,),
}
"""Verb -> the settings that its options fill; what a help text leaves open stands there."""
EVERYWHERE = (settings.ScaleSettings, settings.Backends)
COMMON = ("--json", "--home")
"""Options told once, above the verbs."""
LIMITS = (("ge", "≥ {}"), ("gt", "> {}"), ("le", "≤ {}"), ("lt", "< {}"))
NAMED = {"compile_": "compile"}
"""Parameters whose setting has another name."""


@dataclass(frozen=True, slots=True)
class Verb:
    """A command of the tree: its words (`job list`), and what typer knows of it."""

    name: str
    command: Any

    @property
    def options(self) -> list[Any]:
        return [one for one in self.command.params if one.param_type_name == "option"]

    def takes(self, written: str) -> bool:
        """Whether an option is written so."""
        return any(written in spellings(one) for one in self.options)

    @property
    def arguments(self) -> list[Any]:
        return [one for one in self.command.params if one.param_type_name == "argument"]


def tree() -> Any:
    """The command tree as typer runs it."""
    return typer.main.get_command(verb_app)


def verbs(group: Any = None, before: str = "") -> Iterator[Verb]:
    """Every command of the tree, groups opened, in alphabetical order."""
    for name, command in sorted((group or tree()).commands.items()):
        if hasattr(command, "commands"):
            yield from verbs(command, f"{before}{name} ")
        else:
            yield Verb(f"{before}{name}", command)


def spellings(option: Any) -> list[str]:
    """Every way to write an option."""
    return [*option.opts, *option.secondary_opts]


def field_of(verb: str, parameter: str) -> FieldInfo | None:
    """The setting that a verb's parameter fills, if it fills one."""
    name = NAMED.get(parameter, parameter)
    models: list[type[BaseModel]] = [*SETTINGS_OF.get(verb, ()), *EVERYWHERE]
    for model in models:
        if name in model.model_fields:
            return model.model_fields[name]
    return None


def limits(thing: Any) -> str:
    """What a number may be: `≥ 1, ≤ 200`."""
    marks = [
        (getattr(one, key), say) for one in getattr(thing, "metadata", ()) for key, say in LIMITS if hasattr(one, key)
    ]
    return ", ".join(say.format(value) for value, say in marks)


def _meaning(verb: str, option: Any) -> str:
    field = field_of(verb, option.name)
    said = option.help or (field.description if field and field.description else "")
    bounds = ", ".join(
        say.format(value) for value, say in ((option.min, "≥ {}"), (option.max, "≤ {}")) if value is not None
    )
    return "; ".join(filter(None, (said.rstrip("."), bounds or (limits(field) if field else ""))))


def _default(verb: str, option: Any) -> str:
    if option.required:
        return "must be given"
    value, field = option.default, field_of(verb, option.name)
    if option.is_flag and not option.secondary_opts:
        return "off"
    if value is None and field is not None and field.default is not None:
        value = field.default
    if value is None or value == "":
        return ""
    return ("on" if value else "off") if isinstance(value, bool) else f"`{value}`"


def _rows(verb: Verb) -> Iterator[str]:
    for option in verb.options:
        if not set(option.opts) & {*COMMON, "--help"}:
            written = ", ".join(f"`{one}`" for one in option.opts)
            written += "".join(f" / `{one}`" for one in option.secondary_opts)
            yield f"| {written} | {_default(verb.name, option)} | {escaped(_meaning(verb.name, option))} |"


def escaped(text: str) -> str:
    """Text for a cell of a table."""
    return text.replace("|", "\\|").replace("<", "&lt;").replace("\n", " ")


def _section(verb: Verb) -> str:
    words = [one.metavar or one.name.upper() for one in verb.arguments]
    must = [f"{one.opts[0]} {one.name.upper()}" for one in verb.options if one.required]
    lines = [f"## dlcr {verb.name}", "", f"`{' '.join(['dlcr', verb.name, *words, *must])}`", "", verb.command.help]
    rows = list(_rows(verb))
    if rows:
        lines += ["", "| option | default | meaning |", "|---|---|---|", *rows]
    return "\n".join(lines)


@cache
def app_help() -> str:
    """What `python app.py --help` says, 110 columns wide."""
    environment = os.environ | {"COLUMNS": "110", "NO_COLOR": "1"}
    command = [sys.executable, "app.py", "--help"]
    return subprocess.run(
        command, cwd=ROOT, env=environment, stdout=subprocess.PIPE, text=True, check=True
    ).stdout.rstrip()


def command_reference() -> str:
    """docs/cli.md."""
    all_verbs = list(verbs())
    homeless = ", ".join(f"`{one.name}`" for one in all_verbs if not one.takes("--home"))
    links = ", ".join(f"[{one.name}](#dlcr-{one.name.replace(' ', '-')})" for one in all_verbs)
    head = f"""# The command line

Made from the code by `python -m tools.reference`: do not edit it by hand.

`dlcr VERB` is `.venv/bin/dlcr VERB`, or `python -m dlcr VERB`. Every verb takes `--json` (one object on the last line of standard
output; a failure gives `error`, `what` and `remedy`) and `--home` (the workspace; else `DLCR_HOME`, else `./workspace`); without
`--home`: {homeless or "none"}. Exit codes: 0 done, 1 failed with one clear line, 2 wrong usage, 130 interrupted (run the same
command again to go on).

A default is the one of the embedded models. A profile (`--profile`) brings its own painting settings, and so does `train` for a
larger backbone or the layouts LaST and CCVID; what is given by hand wins. Backends are named `kind` or `kind:argument`, and may
also be set as `DLCR_PARSER`, `DLCR_CAPTIONER`, `DLCR_SUMMARISER`, `DLCR_INPAINTER`, `DLCR_CLICKER` and `DLCR_DEVICE`.

Verbs: {links}; and [the app](#the-app)."""
    sections = [_section(one) for one in all_verbs]
    return "\n\n".join([head, *sections, f"## The app\n\n```text\n{app_help()}\n```"]) + "\n"


FILES: dict[str, Callable[[], str]] = {"cli.md": command_reference, "reference.md": reference_python.reference}
"""Generated documents by name."""


def main() -> None:
    """Write every generated document."""
    for name, make in FILES.items():
        (DOCS / name).write_text(make(), encoding="utf-8")


if __name__ == "__main__":
    main()
