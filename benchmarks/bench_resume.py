"""An expansion killed (-9) half-way and run again, against one that was left alone: what was repeated, doubled or spoilt.

Both are the real command, `dlcr expand world`. Repeated are variants that were painted a second time: those without a row when
the process died. Every file is compared with the undisturbed run's, rows with files, and each PNG is read back. There is no
ratio; the undisturbed run is the oracle.

    python benchmarks/bench_resume.py [--photos 48] [--variants 10] [--kills 1] [--clean HOME]

`--clean` names the workspace of an undisturbed run of the same size, else one is made. Prints one JSON object on one line.
"""

import argparse
import hashlib
import json
import os
import random
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

from dlcr import stages
from dlcr.core.profiles import profile
from dlcr.core.workspace import Workspace
from dlcr.inpaint.lineage import read_variant
from dlcr.stages_expansion import note

BATCH = int(profile("fast").paint["batch"])


def command(home: Path, photos: int, variants: int) -> list[str]:
    size = ["--variants", str(variants), "--limit", str(photos), "--profile", "fast"]
    return [sys.executable, "-m", "dlcr", "expand", "world", *size, "--home", str(home), "--json"]


def finish(home: Path, photos: int, variants: int) -> tuple[dict[str, Any], float]:
    """Run it to its end: what it told, seconds."""
    start = time.perf_counter()
    done = subprocess.run(command(home, photos, variants), stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
    assert done.returncode == 0, done.stdout
    return json.loads(done.stdout), time.perf_counter() - start


def files(home: Path) -> set[Path]:
    """Every file below `variants`, temporary ones too."""
    return {path.relative_to(home) for path in (home / "variants").rglob("*") if path.is_file()}


def rows(home: Path) -> set[Path]:
    """The file of every variant's row."""
    session = stages.open_session(home)
    ids = [sample.id for sample in session.catalog.find_samples("world", limit=10**6)]
    found = set(session.catalog.variant_files(ids))
    session.catalog.close()
    return found


def kill_at(home: Path, photos: int, variants: int, count: int) -> int:
    """Start it, kill it once there are `count` files; the rows there are then."""
    process = subprocess.Popen(
        command(home, photos, variants), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, start_new_session=True
    )
    while len(files(home)) < count and process.poll() is None:
        time.sleep(1)
    assert process.poll() is None, "it ended before it could be killed"
    os.killpg(process.pid, signal.SIGKILL)
    process.wait()
    return len(rows(home))


def digests(home: Path) -> dict[Path, str]:
    return {path: hashlib.sha256((home / path).read_bytes()).hexdigest() for path in sorted(files(home))}


def damaged(home: Path) -> int:
    """How many files cannot be read back with their lineage."""
    count = 0
    for path in files(home):
        try:
            read_variant(home / path)
        except Exception:
            count += 1
    return count


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--photos", type=int, default=48)
    parser.add_argument("--variants", type=int, default=10)
    parser.add_argument("--kills", type=int, default=1, help="one comes half-way, several at random moments")
    parser.add_argument("--clean", type=Path, help="workspace of an undisturbed run of the same size")
    parser.add_argument("--seed", type=int, default=0)
    given = parser.parse_args()
    total = given.photos * given.variants
    draw = random.Random(given.seed)
    places = sorted(draw.uniform(0.1, 0.9) for _ in range(given.kills)) if given.kills > 1 else [0.5]
    with tempfile.TemporaryDirectory() as folder:
        home, clean = Path(folder) / "killed", given.clean or Path(folder) / "clean"
        for one in {home, clean} - {given.clean}:
            note(Workspace.open(one), 0)  # nothing is painted yet
        repeated, start = [], time.perf_counter()
        for place in places:
            kept = kill_at(home, given.photos, given.variants, round(place * total))
            repeated.append(len(files(home)) - kept)
            print(f"killed at {kept} of {total}", file=sys.stderr)
        told, _ = finish(home, given.photos, given.variants)
        seconds = time.perf_counter() - start
        undisturbed = None if given.clean else finish(clean, given.photos, given.variants)[1]
        mine, theirs = digests(home), digests(clean)
        result = {
            "name": "resume", "ours": seconds, "undisturbed": undisturbed, "variants": total, "kills": len(places),
            "repeated": repeated, "wanted_repeated": BATCH, "made_after": told["made"], "kept": told["kept"],
            "duplicates": len(mine) - total, "missing": len(set(theirs) - set(mine)), "orphan_files": len(set(mine) - rows(home)),
            "rows_without_file": len(rows(home) - set(mine)), "other_bytes": sum(mine[one] != theirs.get(one) for one in mine),
            "corrupt": damaged(home),
        }  # fmt: skip
    print(json.dumps({"results": [result], "machine": {"cpus": len(os.sched_getaffinity(0))}}))


if __name__ == "__main__":
    main()
