"""One trial: the fault, what doctor says of it, the mending, the rest of the work, and whether its end is the right one."""

import importlib.util
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from typing import Any

import numpy as np

from tools.torture.bench import Bench, rng_of
from tools.torture.child import Stuck, kill_group
from tools.torture.faults import STRIKES, Fault, Hit, Strike
from tools.torture.outside import OUTSIDE
from tools.torture.server import SERVED, port_of, serve
from tools.torture.services import FAKETIME, SERVICES, finish_job
from tools.torture.verbs import ENGINES, VERBS, restore

ALL: dict[str, Strike] = STRIKES | OUTSIDE | SERVICES
WEIGHTS = {
    "kill at a touch": 8, "kill at a moment": 4, "disk full": 3, "disk protected": 1, "rights taken": 2, "file cut": 12,
    "file flipped": 12, "file lost": 10, "catalog damaged": 6, "row deleted": 12, "row altered": 10, "real command killed": 4,
    "worker killed": 3, "job killed": 2, "app killed": 1, "actor killed": 2, "driver killed": 1, "clock moved": 3, "server cut": 7,
}  # fmt: skip
"""How often in a deck: for each verb, or altogether where the verb does not matter (`ANYWHERE`)."""
ANYWHERE = {*OUTSIDE, *SERVICES}
HALF = 0.5
"""Share of the trials in which `dlcr doctor --repair` is called before the work goes on, where that would do it alone too."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of a fault. `found` by doctor, `repaired` by it; `wrong` is empty if all is well."""

    fault: Fault
    happened: bool
    moment: str
    found: Sequence[str]
    repaired: Sequence[str]
    wrong: Sequence[str] = field(default_factory=list)

    def facts(self) -> dict[str, Any]:
        """All of it as JSON can say it."""
        return asdict(self) | {"again": self.fault.again}


def left_out(bench: Bench) -> dict[str, str]:
    """Kinds of faults that cannot be tried here, and why."""
    found: dict[str, str] = {}
    if not bench.real:
        found |= dict.fromkeys(("disk full", "disk protected", "rights taken"), "nothing may be mounted here")
    if not FAKETIME.exists():
        found["clock moved"] = "libfaketime is not installed"
    if importlib.util.find_spec("ray") is None:
        found |= dict.fromkeys(("actor killed", "driver killed"), "Ray is not installed")
    if SERVED not in bench.words:
        found["server cut"] = "the verb describe is left out"
    return found


def deck(bench: Bench, kinds: Sequence[str], seed: int, count: int) -> list[Fault]:
    """`count` faults of the kinds: a shuffled deck, dealt again as often as needed."""
    own = [verb for verb in VERBS if verb in bench.words]
    cards: list[tuple[str, str]] = []
    for kind in kinds:
        for place in range(WEIGHTS[kind] if kind in ANYWHERE else 1):
            fits = {"server cut": [SERVED], "actor killed": [verb for verb in ENGINES if verb in own]}
            fits["driver killed"] = fits["actor killed"]
            verbs = fits.get(kind, own)
            if kind in OUTSIDE:
                cards.append((own[-1], kind))
            elif kind in ANYWHERE:
                cards.append((verbs[place % len(verbs)], kind))
            else:
                cards += [(verb, kind) for verb in verbs for _ in range(WEIGHTS[kind])]
    rng = np.random.default_rng(seed)
    dealt: list[tuple[str, str]] = []
    while len(dealt) < count:
        dealt += [cards[place] for place in rng.permutation(len(cards))]
    return [Fault(seed, number, verb, kind) for number, (verb, kind) in enumerate(dealt[:count])]


def tried(bench: Bench, fault: Fault) -> Outcome:
    """Try a fault; an error of the harness's own counts as something wrong."""
    try:
        return _tried(bench, fault)
    except (Stuck, TimeoutError, OSError, RuntimeError) as error:
        return Outcome(fault, True, "", [], [], [f"{type(error).__name__}: {error}"])


def _tried(bench: Bench, fault: Fault) -> Outcome:
    rng = rng_of(fault.seed, fault.number)
    outside = fault.kind in OUTSIDE
    restore(bench.place, fault.verb if outside else bench.before(fault.verb))
    hit = ALL[fault.kind](bench, fault, rng)
    wrong, repaired = list(hit.wrong), list[str]()
    broken = fault.kind == "catalog damaged"
    look = None if broken else bench.look()
    found = list(look.findings) if look else []
    if look and not look.mendable:
        wrong.append(f"cannot be mended: {found}")
    if broken or (found and (outside or rng.random() < HALF)):
        repaired += _repair(bench, wrong)
        hit.ordered = hit.ordered and not any("made again from its lineage" in one for one in repaired)
    wrong += _go_on(bench, fault, hit)
    if outside:
        repaired += _repair(bench, wrong) if bench.look().findings else []
    wrong += bench.wrong(fault.verb, ordered=hit.ordered)
    return Outcome(fault, hit.happened, hit.moment, found, repaired, wrong)


def _repair(bench: Bench, wrong: list[str]) -> list[str]:
    """`dlcr doctor --repair --deep`; what it did."""
    done = bench.run(["doctor", "--repair", "--deep"])
    problems = done.answer.get("problems", [f"no answer, code {done.code}"])
    wrong += [f"doctor --repair leaves: {one}" for one in problems]
    return list(done.answer.get("repaired", []))


def _go_on(bench: Bench, fault: Fault, hit: Hit) -> list[str]:
    """Do the rest of the work; what is wrong with that."""
    server = None
    if fault.verb == SERVED:
        server = serve(bench.place, port_of(bench.words[SERVED]))
    wrong: list[str] = []
    try:
        for words in hit.resume or [bench.words[fault.verb]]:
            if words[0].startswith("job "):
                wrong += finish_job(bench, int(words[0].removeprefix("job ")))
                continue
            done = bench.run(words)
            if done.code:
                wrong.append(f"`dlcr {' '.join(words)}` ended with {done.code}: {dict(done.answer)}")
    finally:
        if server is not None:
            kill_group(server)
    return wrong
