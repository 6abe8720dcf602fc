"""Faults that hit a command while it works: kills at a touch and at a moment, a full or protected disk, rights that are taken."""

import os
import signal
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field

import numpy as np

from tools.torture import disks
from tools.torture.bench import Bench
from tools.torture.child import NOBODY, Ended, start, wait


@dataclass(frozen=True, slots=True)
class Fault:
    """One fault: its number and the seed of all, the verb it hits, its kind; `options` are those that made the deck."""

    seed: int
    number: int
    verb: str
    kind: str
    options: str = ""

    @property
    def again(self) -> str:
        """The command that repeats it."""
        return f"python -m tools.torture --seed {self.seed} --only {self.number} {self.options}".rstrip()


@dataclass(slots=True)
class Hit:
    """What a fault did: whether it happened at all (a command may be over before), when, and what was wrong at once."""

    happened: bool
    moment: str
    wrong: list[str] = field(default_factory=list)
    resume: list[list[str]] = field(default_factory=list)
    """Commands that go on with the work; the verb's own if there are none."""
    ordered: bool = True
    """Whether a photo's variants must stand in the order in which they were asked for."""


Strike = Callable[[Bench, Fault, np.random.Generator], Hit]


def killed_at_a_touch(bench: Bench, fault: Fault, rng: np.random.Generator) -> Hit:
    """The command kills itself between two touches of its workspace."""
    last = int(rng.integers(1, max(2, bench.ended[fault.verb].touches + 1)))
    done = bench.run(bench.words[fault.verb], last=last)
    return Hit(done.code == -signal.SIGKILL, f"at touch {last} of {bench.ended[fault.verb].touches}")


def killed_at_a_moment(bench: Bench, fault: Fault, rng: np.random.Generator) -> Hit:
    """The command is killed from outside."""
    return _killed(bench, fault, float(rng.random()))


def _killed(bench: Bench, fault: Fault, share: float) -> Hit:
    after = share * bench.ended[fault.verb].seconds
    began = time.monotonic()
    pid = start(bench.place, bench.words[fault.verb])
    time.sleep(after)
    with suppress(ProcessLookupError):
        os.kill(pid, signal.SIGKILL)
    done = wait(bench.place, pid, began)
    return Hit(done.code == -signal.SIGKILL, f"after {after:.2f} s")


def disk_full(bench: Bench, fault: Fault, rng: np.random.Generator) -> Hit:
    """The disk takes some of what the command writes, and no more."""
    disk, room = bench.place.disk, int(rng.random() * 0.95 * bench.growth[fault.verb])
    disks.remount(disk, f"size={disks.used(disk) + room + 4096}")
    try:
        done = bench.run(bench.words[fault.verb])
    finally:
        disks.remount(disk, f"size={disks.LARGE}")
    return Hit(done.code != 0, f"with {room:,} bytes left", _unclear(done))


def disk_protected(bench: Bench, fault: Fault, rng: np.random.Generator) -> Hit:
    """The disk may only be read."""
    disks.remount(bench.place.disk, "ro")
    try:
        done = bench.run(bench.words[fault.verb])
    finally:
        disks.remount(bench.place.disk, "rw")
    return Hit(done.code != 0, "from the start", _unclear(done))


def rights_taken(bench: Bench, fault: Fault, rng: np.random.Generator) -> Hit:
    """The command runs as a user who loses the right to write on the way."""
    place, after = bench.place, float(rng.random()) * bench.ended[fault.verb].seconds
    for folder in (place.home, place.out):
        folder.mkdir(exist_ok=True)
        disks.own(folder, NOBODY)
    began = time.monotonic()
    pid = start(place, bench.words[fault.verb], user=NOBODY)
    time.sleep(after)
    for folder in (place.home, place.out):
        disks.revoke(folder)
    try:
        done = wait(place, pid, began)
    finally:
        for folder in (place.home, place.out):
            disks.grant(folder)
            disks.own(folder, 0)
    return Hit(done.code != 0, f"after {after:.2f} s", _unclear(done))


def _unclear(done: Ended) -> list[str]:
    """What is wrong with how a command that had to give up did so: one clear line is wanted."""
    if done.code == 0:
        return []
    clear = done.code in (1, 2) and done.answer.get("remedy") and "bug" not in str(done.answer.get("remedy"))
    return [] if clear else [f"it gave up unclearly: code {done.code}, {dict(done.answer)}"]


STRIKES: dict[str, Strike] = {
    "kill at a touch": killed_at_a_touch,
    "kill at a moment": killed_at_a_moment,
    "disk full": disk_full,
    "disk protected": disk_protected,
    "rights taken": rights_taken,
}
