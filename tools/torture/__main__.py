"""`python -m tools.torture --faults N --seed S [--kinds ...] [--verbs ...] [--only NUMBER] [--json]`; 1 if anything went wrong."""

import argparse
import json
import os
import signal
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

os.environ |= {"OMP_NUM_THREADS": "1", "MKL_NUM_THREADS": "1", "DLCR_DTYPE": "float32", "CUDA_VISIBLE_DEVICES": ""}

from tools.torture import disks
from tools.torture.bench import Bench, prepare, serve_reference
from tools.torture.child import preload
from tools.torture.faults import Fault
from tools.torture.trial import ALL, Outcome, deck, left_out, tried
from tools.torture.verbs import VERBS, Place


def main() -> int:
    """Prepare, try every fault, tell."""
    given = _given()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))  # what was tried is told, the disk unmounted
    real = disks.seek_mounts()
    preload(given.verbs)
    with tempfile.TemporaryDirectory(prefix="dlcr-torture-") as folder:
        place = Place(Path(folder))
        place.root.chmod(0o777)
        with disks.mounted(place.disk, real=real):
            began = time.monotonic()
            bench = prepare(place, given.verbs, real=real)
            if "describe" in given.verbs:
                serve_reference(bench)
            missing = left_out(bench)
            faults = deck(bench, [kind for kind in given.kinds if kind not in missing], given.seed, given.faults)
            faults = [replace(fault, options=_options(given)) for fault in faults]
            faults = faults if given.only is None else [faults[given.only]]
            outcomes = _tried(bench, faults)
            if given.keep_log:
                Path(given.keep_log).write_bytes(place.log.read_bytes())
    return _summary(outcomes, missing, time.monotonic() - began, given.json)


def _given() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--faults", type=int, default=240)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--kinds", type=_names(list(ALL)), default=list(ALL), help="with commas")
    parser.add_argument("--verbs", type=_names(list(VERBS)), default=list(VERBS), help="the first ones, with commas")
    parser.add_argument("--only", type=int, help="only the fault of this number")
    parser.add_argument("--json", action="store_true", help="one JSON object on the last line")
    parser.add_argument("--keep-log", help="where to put what the commands said")
    given = parser.parse_args()
    if given.only is not None:
        given.faults = max(given.faults, given.only + 1)
    return given


def _names(known: Sequence[str]) -> type:
    def read(text: str) -> list[str]:
        names = [name.strip() for name in text.split(",")]
        if strange := sorted({*names} - {*known}):
            raise argparse.ArgumentTypeError(f"unknown: {', '.join(strange)}; known: {', '.join(known)}")
        return names

    return read  # type: ignore[return-value]


def _options(given: argparse.Namespace) -> str:
    """The options that, with the seed, decide which fault has which number."""
    chosen = {"kinds": (given.kinds, list(ALL)), "verbs": (given.verbs, list(VERBS))}
    return " ".join(f'--{name} "{",".join(names)}"' for name, (names, every) in chosen.items() if names != every)


def _tried(bench: Bench, faults: Sequence[Fault]) -> list[Outcome]:
    """Try the faults until all are done or this process is told to stop."""
    outcomes: list[Outcome] = []
    try:
        for fault in faults:
            outcomes.append(_told(bench, fault))
    except (KeyboardInterrupt, SystemExit):
        print("stopped", file=sys.stderr)
    return outcomes


def _told(bench: Bench, fault: Fault) -> Outcome:
    """Try a fault and say what became of it."""
    began = time.monotonic()
    outcome = tried(bench, fault)
    verdict = "WRONG" if outcome.wrong else "well" if outcome.happened else "too late"
    line = f"{fault.number} {fault.kind}, {fault.verb}, {outcome.moment}: {verdict} ({time.monotonic() - began:.1f} s)"
    print(line, file=sys.stderr, flush=True)
    for one in outcome.wrong:
        print(f"    {one}", file=sys.stderr, flush=True)
    if outcome.wrong:
        print(f"    again: {fault.again}", file=sys.stderr, flush=True)
    return outcome


def _summary(outcomes: Sequence[Outcome], missing: dict[str, str], seconds: float, as_json: bool) -> int:
    counted = Counter((one.fault.kind, one.fault.verb) for one in outcomes if one.happened)
    wrong = [one for one in outcomes if one.wrong]
    counts = {f"{kind}: {verb}": count for (kind, verb), count in sorted(counted.items())}
    told = {
        "faults": sum(counted.values()), "tried": len(outcomes), "wrong": len(wrong), "seconds": round(seconds),
        "counts": counts,
        "mended": sum(bool(one.repaired) for one in outcomes), "left_out": missing,
        "outcomes": [one.facts() for one in outcomes],
    }  # fmt: skip
    if as_json:
        print(json.dumps(told, ensure_ascii=False))
    else:
        for name, count in counts.items():
            print(f"{count:4} {name}")
        print(
            f"{told['faults']} faults in {told['seconds']} s, {len(wrong)} with a wrong end; left out: {missing or 'nothing'}"
        )
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
