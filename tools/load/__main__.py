"""`python -m tools.load [--users 20] [--minutes 10] [--json]`: exit code 1 if anything failed or anybody saw what is another's."""

from __future__ import annotations

import argparse
import json
import sys
import tempfile
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np

from dlcr.core.accounts import Accounts
from dlcr.jobs.board import Board
from tools.load.users import Person, habit
from tools.pictures import serve

PASSWORD = "a long password"
THINK = (0.5, 3.0)
"""Seconds that a person looks before the next thing is done."""
LOOK = 5.0
"""Seconds between two looks at the app's memory."""


@dataclass(frozen=True, slots=True)
class Loaded:
    """What came of it. Times in seconds; `memory` in MiB by second; `growth` is that of the second half, in MiB."""

    users: int
    seconds: float
    done: dict[str, int]
    p50: dict[str, float]
    p95: dict[str, float]
    slowest: dict[str, float]
    errors: list[str]
    leaks: list[str]
    memory: list[tuple[float, float]]
    growth: float
    training: str


def load(home: Path, users: int, seconds: float) -> Loaded:
    """Serve an app over `home` and let so many people use it for so long."""
    for number in range(users):
        Accounts(home / "users.json").add(f"user{number}", PASSWORD)
    with serve(home, "--auth") as url:
        with ThreadPoolExecutor(users) as pool:
            people = list(pool.map(lambda number: Person(url, f"user{number}", PASSWORD, number), range(users)))
        begin(people)
        memory: list[tuple[float, float]] = []
        begun, over = time.monotonic(), threading.Event()
        threads = [threading.Thread(target=live, args=(person, number, over)) for number, person in enumerate(people)]
        for thread in threads:
            thread.start()
        while (spent := time.monotonic() - begun) < seconds:
            memory.append((round(spent, 1), memory_of(home)))
            over.wait(min(LOOK, max(0.1, seconds - spent)))
        over.set()
        for thread in threads:
            thread.join()
        jobs = [job for job in Board.open(home).jobs() if job.row.args[0] == "train"]
        return told(people, time.monotonic() - begun, memory, jobs[0].row.state if jobs else "")


def begin(people: list[Person]) -> None:
    """Everybody opens the Studio and brings a photo, all at once; the first one starts a training."""

    def arrive(person: Person) -> None:
        with person.tally.timed("open"):
            for tab in (person.studio, person.finder):
                tab.load("?dataset=world&split=query")
        person.bring_photo()

    with ThreadPoolExecutor(len(people)) as pool:
        list(pool.map(arrive, people))
    people[0].train()


def live(person: Person, number: int, over: threading.Event) -> None:
    """Do one thing after the other until it is over, each at least once."""
    once = False
    while not (once and over.is_set()):
        for act in habit(person, number):
            act()
            if over.wait(person.rng.uniform(*THINK)) and once:
                return
        once = True


def memory_of(home: Path) -> float:
    """MiB that the app over `home` holds in memory."""
    for status in sorted(Path("/proc").glob("[0-9]*/status")):
        try:
            words = (status.parent / "cmdline").read_bytes().split(b"\0")
            if b"app.py" in words and str(home).encode() in words:
                return round(
                    next(int(line.split()[1]) for line in status.read_text().splitlines() if line.startswith("VmRSS"))
                    / 1024,
                    1,
                )
        except (OSError, StopIteration):
            continue
    return 0.0


def told(people: list[Person], seconds: float, memory: list[tuple[float, float]], training: str) -> Loaded:
    """All that was counted, together."""
    kinds = sorted({kind for person in people for kind in person.tally.seconds})
    times = {kind: np.concatenate([person.tally.seconds.get(kind, []) for person in people]) for kind in kinds}
    half = [size for when, size in memory if when >= seconds / 2] or [0.0]
    quarter = max(1, len(half) // 4)

    def within(share: float) -> dict[str, float]:
        return {kind: round(float(np.quantile(one, share)), 3) for kind, one in times.items()}

    leaks = [leak for person in people for leak in (*person.tally.leaks, *person.overheard(people))]
    return Loaded(
        users=len(people), seconds=round(seconds, 1), done={kind: len(one) for kind, one in times.items()},
        p50=within(0.5), p95=within(0.95), slowest=within(1.0),
        errors=[error for person in people for error in person.tally.errors], leaks=leaks, memory=memory,
        growth=round(float(np.median(half[-quarter:]) - np.median(half[:quarter])), 1), training=training,
    )  # fmt: skip


def main() -> int:
    """Load an app in a workspace that goes away with it."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--users", type=int, default=20)
    parser.add_argument("--minutes", type=float, default=10.0)
    parser.add_argument("--json", action="store_true", help="print one JSON object on the last line")
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as home:  # the training may still write
        found = load(Path(home), asked.users, 60 * asked.minutes)
    for kind, count in found.done.items():
        print(f"{kind}: {count:,} done, half within {found.p50[kind]:.2f} s, 95 % within {found.p95[kind]:.2f} s")
    print(f"memory grew by {found.growth} MiB in the second half; the training is {found.training}")
    print("\n".join([*found.errors, *found.leaks]) or "no errors, nothing of anybody seen by another")
    if asked.json:
        print(json.dumps(asdict(found)))
    return int(bool(found.errors or found.leaks))


if __name__ == "__main__":
    sys.exit(main())
