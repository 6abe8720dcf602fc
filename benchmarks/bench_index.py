"""Indexing 200,000 files, a first and an unchanged second time, against the bare directory walk.

Peer and floor is the walk with a stat of every file (`os.walk`, `os.stat`), timed before each of our runs. Files are not opened
(`check=False`): what opening costs is the decoder's affair. The best of all runs counts: what others do on the machine is not
ours. `processor_ratio` leaves out waiting, for the processor too. Memory is the peak of the real command, for a tenth and for all.

    python benchmarks/bench_index.py [--files 200000] [--repeats 3]

Prints one JSON object on one line.
"""

import argparse
import json
import os
import platform
import resource
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

from dlcr import stages

A_FOLDER = 100
"""Files of one person; the set is in PRCC's layout."""


def lay(root: Path, files: int) -> Path:
    """`files` small files in PRCC's layout."""
    for person in range(files // A_FOLDER):
        folder = root / "rgb" / "train" / f"{person:05}"
        folder.mkdir(parents=True)
        for frame in range(A_FOLDER):
            (folder / f"{'ABC'[frame % 3]}_cropped_rgb{frame:04}.jpg").write_bytes(b"picture")
    return root


def walk(root: Path) -> int:
    """The bare walk: every file's name and status, nothing else."""
    count = 0
    for folder, _, names in os.walk(root):
        for name in names:
            os.stat(os.path.join(folder, name))
            count += 1
    return count


def spent(work: Callable[[], Any]) -> tuple[float, float]:
    """Seconds on the clock, and of them those that this process computed or read."""
    start, busy = time.perf_counter(), time.process_time()
    work()
    return time.perf_counter() - start, time.process_time() - busy


def index_times(root: Path, repeats: int) -> dict[str, tuple[float, float]]:
    """Best (clock, processor) seconds of walk, first and second run, interleaved."""
    times: dict[str, list[tuple[float, float]]] = {"walk": [], "first": [], "second": []}
    walk(root)
    for _ in range(repeats):
        home = Path(tempfile.mkdtemp(prefix="dlcr-bench-"))
        session = stages.open_session(home)
        for name in ("first", "second"):
            times["walk"].append(spent(lambda: walk(root)))
            times[name].append(spent(partial(stages.index, session, root, "prcc", "big", check=False)))
        session.catalog.close()
        shutil.rmtree(home)
    return {name: (min(t for t, _ in found), min(t for _, t in found)) for name, found in times.items()}


def peak_mb(root: Path) -> float:
    """The most memory that `dlcr index` held, in MB; as a process of its own. Ask for the smaller set first."""
    with tempfile.TemporaryDirectory(prefix="dlcr-bench-") as home:
        command = [sys.executable, "-m", "dlcr", "index", str(root), "--name", "big", "--layout", "prcc", "--no-check"]
        subprocess.run([*command, "--home", home, "--json"], check=True, stdout=subprocess.DEVNULL)
    return round(resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1024, 1)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--files", type=int, default=200_000)
    parser.add_argument("--repeats", type=int, default=3)
    given = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="dlcr-bench-") as folder:
        root = lay(Path(folder) / "set", given.files)
        told = index_times(root, given.repeats)
        small = lay(Path(folder) / "small", given.files // 10)
        memory = {given.files // 10: peak_mb(small), given.files: peak_mb(root)}
    peer, busy = told["walk"]
    results = [
        {"name": f"index, {name} run", "ours": told[name][0], "peer": peer, "ratio": told[name][0] / peer, "floor": peer,
         "peer_is": "os.walk with os.stat", "wanted": wanted, "processor_ratio": told[name][1] / busy}
        for name, wanted in (("first", 3.0), ("second", 1.2))
    ]  # fmt: skip
    machine = {"cpus": len(os.sched_getaffinity(0)), "load": os.getloadavg()[0], "python": platform.python_version()}
    print(json.dumps({"results": results, "peak_mb": memory, "files": given.files, "machine": machine}))


if __name__ == "__main__":
    main()
