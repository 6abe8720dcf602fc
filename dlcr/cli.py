"""The command line: all verbs together, and how a failure ends. Verbs are in `cli_*.py`, what they share in `cli_app.py`."""

import json
import os
import subprocess
import sys
from dataclasses import asdict, replace
from pathlib import Path
from typing import Annotated, Any, NoReturn

import typer

from dlcr import (  # noqa: F401  (they add their verbs to `app`)
    cli_data,
    cli_jobs,
    cli_look,
    cli_paint,
    cli_quality,
    cli_reid,
    cli_users,
)
from dlcr.cli_app import Device, Home, Json, app, say
from dlcr.core.errors import DlcrError, UsageError


@app.command()
def doctor(
    deep: Annotated[bool, typer.Option("--deep", help="Read every file to its last byte.")] = False,
    repair: Annotated[bool, typer.Option("--repair", help="Mend the workspace; nothing is lost: see its lost+found.")] = False,
    as_json: Json = False, home: Home = None, device: Device = None,
) -> None:  # fmt: skip
    """Check device, models, assets, disk, and whether the workspace's rows and files agree."""
    from dlcr import doctor as checks
    from dlcr.integrity import care

    cared = care(home, deep=deep, mend=repair)
    report = checks.examine(home, device)
    problems = [*dict.fromkeys([*report.problems, *cared.problems])]
    report = replace(report, ok=not problems, problems=problems)
    lines = [f"device: {report.device}", *(f"{m.step}: {m.spec} ({m.note})" for m in report.models)]
    lines += [f"ray: {report.ray}", *(f"mended: {done}" for done in cared.repaired)]
    lines += [f"problem: {problem}" for problem in report.problems] or ["all is well"]
    say(as_json, asdict(report) | {"repaired": list(cared.repaired)}, "\n".join(lines))
    if not report.ok:
        raise typer.Exit(1)


EVALUATIONS = ("eval-prcc", "eval-last", "distance", "topk", "refine")
"""Benchmarks that `bench_eval.py` runs, together or one by one."""


@app.command()
def bench(
    name: Annotated[str, typer.Argument(metavar="NAME|all")], as_json: Json = False, home: Home = None
) -> None:  # fmt: skip
    """Run a benchmark of benchmarks/ (a checkout has them); what it told is kept in benchmarks/results, nothing in a workspace."""
    from dlcr.core.files import write_json

    folder = Path(__file__).resolve().parents[1] / "benchmarks"
    files = {file.stem.removeprefix("bench_").replace("_", "-"): file for file in sorted(folder.glob("bench_*.py"))}
    if name not in ("all", *files, *EVALUATIONS):
        raise UsageError(f"no benchmark '{name}'.", f"Choose one of: {', '.join(['all', *files, *EVALUATIONS])}.")
    results: list[dict[str, Any]] = []
    for one in files if name == "all" else [name]:
        command = [files["eval"], "--only", one] if one in EVALUATIONS else [files[one]]
        done = subprocess.run([sys.executable, *command], stdout=subprocess.PIPE, text=True, check=True)
        told = json.loads(done.stdout.strip().splitlines()[-1])
        write_json(folder / "results" / f"{one}.json", told)
        results += told["results"]
    say(as_json, {"results": results}, "\n".join(map(_line, results)))


def _line(one: dict[str, Any]) -> str:
    """A result in words: against its peer where it has one, else its facts."""
    if "ratio" in one:
        peer = one.get("peer_is", "peer")
        return f"{one['name']}: {one['ours']:.3g} s, {peer} {one['peer']:.3g} s, ratio {one['ratio']:.2f}"
    return f"{one['name']}: {json.dumps({key: value for key, value in one.items() if key != 'name'})}"


def _fail(as_json: bool, error: BaseException, what: str, remedy: str, code: int) -> NoReturn:
    if not _speaks():
        sys.exit(code)
    if as_json:
        print(json.dumps({"error": type(error).__name__, "what": what, "remedy": remedy}, ensure_ascii=False))
    else:
        print(f"{what} {remedy}".strip(), file=sys.stderr)
    sys.exit(code)


def _speaks() -> bool:
    """Whether this process says why it failed: of several that train together only the first to fail."""
    if "WORLD_SIZE" not in os.environ:
        return True
    from dlcr import stages_train

    return stages_train.first_to_fail()


def main() -> None:
    """Run a verb; every failure is one clear line (or JSON object) and an exit code."""
    from dlcr.jobs.leash import obey

    obey()
    as_json = "--json" in sys.argv
    try:
        code = app(standalone_mode=False)
        sys.exit(code if isinstance(code, int) else 0)
    except DlcrError as error:
        _fail(as_json, error, error.what, error.remedy, error.exit_code)
    except (KeyboardInterrupt, typer.Abort) as error:
        _fail(as_json, error, "interrupted.", "Run the same command again to go on.", 130)
    except typer.TyperException as error:
        message = error.format_message()
        _fail(as_json, error, message, "See `dlcr --help` and `dlcr VERB --help`." if message else "", 2)
    except Exception as error:
        if os.environ.get("DLCR_DEBUG"):
            raise
        what = f"{type(error).__name__}: {error}."
        _fail(as_json, error, what, "This is a bug or a broken disk: set DLCR_DEBUG=1 to see where it happened.", 1)


if __name__ == "__main__":
    main()
