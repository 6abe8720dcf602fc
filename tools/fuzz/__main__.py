"""`python -m tools.fuzz [--examples 100000] [--minutes 60] [--only NAME] [--json]`: exit code 1 if a parser crashed."""

from __future__ import annotations

import argparse
import json
import sys
import tempfile
import time
import traceback
import warnings
from dataclasses import asdict, dataclass
from pathlib import Path

from hypothesis import HealthCheck, Phase, given, seed, settings

from tools.fuzz.parsers import PARSERS, Parser, tried

ROUND = 200
"""Examples drawn from one seed."""


@dataclass(frozen=True, slots=True)
class Fuzzed:
    """What came of one parser; `crash` is empty if nothing did."""

    parser: str
    examples: int
    seconds: float
    crash: str


def fuzz(name: str, parser: Parser, examples: int, seconds: float) -> Fuzzed:
    """Give a parser so many examples, or as many as fit into the time, and stop at its first crash."""
    begun, done = time.monotonic(), 0
    with tempfile.TemporaryDirectory() as folder:
        read, told = parser.open(Path(folder)), parser.told()
        while done < examples and time.monotonic() - begun < seconds:
            count = min(ROUND, examples - done)

            @seed(done)
            @settings(
                max_examples=count,
                database=None,
                deadline=None,
                suppress_health_check=list(HealthCheck),
                phases=[Phase.generate, Phase.shrink],
            )
            @given(told)
            def once(one: object) -> None:
                tried(read, one)

            try:
                once()
            except Exception as error:
                said = "".join(traceback.format_exception(error)[-12:])
                return Fuzzed(name, done, time.monotonic() - begun, said)
            done += count
    return Fuzzed(name, done, time.monotonic() - begun, "")


def main() -> int:
    """Fuzz all parsers, each for its share of the minutes that are left: what quick ones do not need goes to slow ones."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--examples", type=int, default=100_000, help="for each parser")
    parser.add_argument("--minutes", type=float, default=60.0, help="for all together")
    parser.add_argument("--only", choices=list(PARSERS), action="append", help="this one alone; may be said again")
    parser.add_argument("--json", action="store_true", help="print one JSON object on the last line")
    asked = parser.parse_args()
    warnings.simplefilter("ignore")  # Pillow says of each damaged picture what is damaged
    names = asked.only or list(PARSERS)
    found: list[Fuzzed] = []
    end = time.monotonic() + 60 * asked.minutes
    for name in names:
        share = (end - time.monotonic()) / (len(names) - len(found))
        one = fuzz(name, PARSERS[name], asked.examples, share)
        print(
            f"{one.parser}: {one.examples:,} examples in {one.seconds:.0f} s{': CRASH' if one.crash else ''}\n{one.crash}".strip(),
            flush=True,
        )
        found.append(one)
    if asked.json:
        print(json.dumps({"ok": not any(one.crash for one in found), "parsers": [asdict(one) for one in found]}))
    return int(any(one.crash for one in found))


if __name__ == "__main__":
    sys.exit(main())
