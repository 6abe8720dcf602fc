"""The verbs: `python -m dlcr VERB`, or `dlcr VERB`. A contract: names, JSON keys and exit codes stay.

Every verb takes `--json` (one object on the last line of stdout) and `--home`. Exit codes: 0 done, 1 failed with one clear
line, 2 wrong usage, 130 interrupted.
"""

import json
from pathlib import Path
from typing import Annotated, Any

import typer

app = typer.Typer(add_completion=False, no_args_is_help=True, pretty_exceptions_enable=False, help=__doc__)

Json = Annotated[bool, typer.Option("--json", help="Print one JSON object on the last line.")]
Home = Annotated[Path | None, typer.Option(help="Workspace folder; else DLCR_HOME, else ./workspace.")]
Device = Annotated[str | None, typer.Option(help="auto, cpu, cuda or cuda:N.")]
ParserName = Annotated[str | None, typer.Option("--parser", help="Parser backend.")]
Limbs = Annotated[bool, typer.Option(help="Repaint bare arms and legs too, hands not.")]
Grow = Annotated[int, typer.Option(help="Pixels of the photo by which the mask is grown, below 0 shrunk.")]
CaptionerName = Annotated[str | None, typer.Option("--captioner", help="Captioner backend.")]
SummariserName = Annotated[str | None, typer.Option("--summariser", help="Summariser backend.")]
InpainterName = Annotated[str | None, typer.Option("--inpainter", help="Inpainter backend.")]
ProfileName = Annotated[
    str | None, typer.Option("--profile", help="demo, paper or fast: backends and settings at once.")
]
DiscriminatorWeight = Annotated[
    float | None, typer.Option(help="Weight of discriminator guidance; 0 if not said, the method's is 1.")
]
DiscriminatorName = Annotated[
    str | None, typer.Option("--discriminator", help="Which: a data set (its newest) or a digest.")
]


def open_session(home: Path | None, profile_name: str | None = None, **backends: str | None) -> Any:
    """The session of a workspace with a profile's backends, each unless said otherwise."""
    from dlcr import stages
    from dlcr.core.profiles import profile
    from dlcr.core.settings import Backends, checked

    chosen = dict(profile(profile_name).backends) | {step: spec for step, spec in backends.items() if spec is not None}
    return stages.open_session(home, checked(Backends, **chosen))


def paint_settings(profile_name: str | None, **given: Any) -> Any:
    """A profile's settings of painting, each unless said otherwise."""
    from dlcr.core.profiles import profile
    from dlcr.core.settings import PaintSettings, checked

    chosen = dict(profile(profile_name).paint) | {name: value for name, value in given.items() if value is not None}
    return checked(PaintSettings, **chosen)


def mask_settings(limbs: bool, grow: int) -> Any:
    """What the parser's masks are to cover; SettingError if they cannot grow that far."""
    from dlcr.core.settings import MaskSettings, checked

    return checked(MaskSettings, limbs=limbs, grow=grow)


def say(as_json: bool, result: dict[str, Any], text: str) -> None:
    """A verb's answer: the object on one line, or the text for people."""
    print(json.dumps(result, ensure_ascii=False) if as_json else text)
