"""The bench on which faults are tried: undisturbed work, kept before and after each verb, and how to look at a workspace."""

import sys
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np

from tools.torture.child import Ended, ask, kill_group, run
from tools.torture.server import SERVED, free_port, serve, server_words
from tools.torture.state import State, differences, state
from tools.torture.verbs import VERBS, Place, keep, restore, size_of, verbs, write_photos

START = "nothing"
"""The name of the workspace before the first verb: none."""


@dataclass(frozen=True, slots=True)
class Look:
    """A workspace as it is: what `dlcr doctor --deep` finds, whether all of it can be mended, and what there is."""

    findings: Sequence[str]
    mendable: bool
    state: State


@dataclass(slots=True)
class Bench:
    """A place, the verbs' words, and for each verb how undisturbed work went: seconds, touches, bytes it added, its end."""

    place: Place
    words: dict[str, list[str]]
    real: bool
    """Whether the disk is one of its own."""

    ended: dict[str, Ended] = field(default_factory=dict)
    growth: dict[str, int] = field(default_factory=dict)
    states: dict[str, State] = field(default_factory=dict)

    @property
    def all_words(self) -> list[list[str]]:
        """The words of every verb, in their order."""
        return [self.words[verb] for verb in VERBS if verb in self.words]

    def before(self, verb: str) -> str:
        """The name under which the workspace before a verb is kept."""
        if verb == SERVED:
            return "parse"
        names = [START, *VERBS]
        return names[names.index(verb) - 1]

    def look(self, *, deep: bool = True) -> Look:
        """Look at the workspace in a child."""
        found: Look = ask(self.place, partial(_look, self.place.home, self.place.out, deep))
        return found

    def run(self, words: Sequence[str], **how: Any) -> Ended:
        """A command to its end, in a child."""
        return run(self.place, words, **how)

    def wrong(self, verb: str, *, ordered: bool = True) -> list[str]:
        """What is not as undisturbed work leaves it after the verb: damage that doctor tells, and other results."""
        look = self.look()
        told = [f"after all doctor tells: {one}" for one in look.findings]
        return told + [f"other result: {one}" for one in differences(self.states[verb], look.state, ordered=ordered)]


def _look(home: Path, out: Path, deep: bool) -> Look:
    from dlcr.core.workspace import Workspace
    from dlcr.integrity import find, open_ward

    with open_ward(Workspace(home), deep=deep) as ward:
        found = find(ward)
    told = [str(one) for one in found]
    return Look(told, all(one.mend for one in found), {} if found else state(home, out))


def prepare(place: Place, names: Sequence[str], *, real: bool) -> Bench:
    """Do the named verbs undisturbed and keep every step."""
    write_photos(place.photos)
    bench = Bench(place, {name: words for name, words in verbs(place).items() if name in names}, real)
    place.home.mkdir()
    ask(place, partial(_without_variants, place.home))
    keep(place, START)
    for name, words in bench.words.items():
        before = size_of([place.home, place.out])
        done = bench.run(words)
        if done.code:
            raise SystemExit(f"{name} fails undisturbed: {done}")
        bench.ended[name] = done
        bench.growth[name] = size_of([place.home, place.out]) - before
        look = bench.look()
        if look.findings:
            raise SystemExit(f"{name} leaves a damaged workspace undisturbed: {look.findings}")
        bench.states[name] = look.state
        if name == "index":
            ask(place, partial(_upload, place))
        keep(place, name)
        print(
            f"{name}: {done.seconds:.1f} s, {done.touches} touches, {bench.growth[name]:,} bytes",
            file=sys.stderr,
            flush=True,
        )
    return bench


def serve_reference(bench: Bench) -> None:
    """Describe once more, undisturbed, by a model server: another verb, whose words name the server's port."""
    port = free_port()
    words = [*bench.words["describe"], *server_words(port)]
    server = serve(bench.place, port)
    try:
        restore(bench.place, "parse")
        bench.ended[SERVED], bench.words[SERVED] = bench.run(words), words
    finally:
        kill_group(server)
    bench.states[SERVED] = bench.look().state


def _without_variants(home: Path) -> None:
    """The embedded variants stay out: what is compared is what the verbs make."""
    from dlcr.core.workspace import Workspace
    from dlcr.stages_expansion import note

    note(Workspace.open(home), 0)


def _upload(place: Place) -> None:
    """A photo of the user's own."""
    from dlcr import stages

    photo = sorted(place.photos.rglob("*.jpg"))[0]
    stages.add_upload(stages.open_session(place.home), photo.read_bytes(), "mine.jpg")


def rng_of(seed: int, number: int) -> np.random.Generator:
    """The draws of one fault, whichever were tried before it."""
    return np.random.default_rng([seed, number])
