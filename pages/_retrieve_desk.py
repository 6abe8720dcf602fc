"""What one tab of the Retrieve page looks at: two runs under a protocol, a list of queries, one query."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any
from urllib.parse import urlencode

from dlcr import stages, stages_look
from dlcr.catalog import SampleRow
from dlcr.core.errors import UsageError
from dlcr.stages_look import Answers, Galleries, Gallery, galleries_of
from pages import _runs
from pages import _text as text

PAGE = 40
"""Queries on a page of the list."""
KS = ("5", "10", "20")
ONLY = ("", "fixed", "broken", "lookalike")
"""Which queries are listed: all, right in the second run only, right in the first only, the wrong answer looks dressed alike."""
LOOKED = 2000
"""So many wrong first answers, the worst, are compared with their queries' clothes."""
LISTS = 16
"""Lists that are kept."""
FLAGS = ("junk", "refine", "pictures", "second")


@dataclass(slots=True, eq=False)
class Desk(_runs.RunsDesk):
    """Empty texts are no choice. `why`: the answer whose match is looked into. `second`: the list is sorted by the second run, and
    its wrong answers are looked at."""

    protocol: str = ""
    camera: str = ""
    k: str = "10"
    only: str = ""
    junk: bool = False
    refine: bool = False
    pictures: bool = False
    second: bool = False
    sample: int = 0
    why: int = 0
    page: int = 0

    def address(self) -> str:
        """The view as a query."""
        told = asdict(self) | {name: int(getattr(self, name)) for name in FLAGS}
        if self.k == "10":
            told["k"] = ""
        return urlencode({name: value for name, value in told.items() if value})


@dataclass(frozen=True, slots=True)
class Asked:
    """A query and what each run made of it: average precision (nan: no right answer), rank of the first right answer (-1: none)."""

    sample: SampleRow
    precision: tuple[float, ...]
    first: tuple[int, ...]


def read_address(session: stages.Session, query: str) -> Desk:
    """The desk of an address; what makes no sense in it is left out."""
    desk = Desk()
    asked = desk.open(session, query)
    known = stages_look.protocols_of(session, desk.dataset)
    wanted = asked.get("protocol", "")
    desk.protocol = wanted if wanted in known else next(iter(known), "")
    desk.k = asked["k"] if asked.get("k") in KS else "10"
    desk.only = asked["only"] if asked.get("only") in ONLY else ""
    for name in FLAGS:
        setattr(desk, name, asked.get(name) == "1")
    for name in ("camera", "sample", "why", "page"):
        value = asked.get(name, "")
        if value.isascii() and value.isdigit() and len(value) < 12:
            setattr(desk, name, value if name == "camera" else int(value))
    return desk


def open_galleries(galleries: Galleries, desk: Desk) -> list[Gallery]:
    """The gallery of each run on the desk."""
    camid = int(desk.camera) if desk.camera else None
    return [galleries.open(desk.dataset, run, desk.protocol, camid) for run in desk.runs]


def asked(galleries: Galleries, desk: Desk) -> tuple[list[Gallery], list[Answers]]:
    """The galleries of the desk and what each answers to its query; UsageError if there is no query or no run."""
    if not desk.sample or not desk.runs:
        raise UsageError(text.NO_VIEW, text.NO_VIEW_REMEDY)
    looks = open_galleries(galleries, desk)
    return looks, [galleries.ask(look, desk.sample, int(desk.k), junk=desk.junk, refine=desk.refine) for look in looks]


def judged(looks: Sequence[Gallery]) -> list[Asked]:
    """Every query with what each run made of it, in order of the data set."""
    first = looks[0]
    return [
        Asked(
            first.samples[row], tuple(float(look.scores.precision[place]) for look in looks),
            tuple(int(look.scores.first[place]) for look in looks),
        )
        for place, row in enumerate(first.asked)
    ]  # fmt: skip


def cameras(looks: Sequence[Gallery], galleries: Galleries, desk: Desk) -> list[int]:
    """The cameras of the answers under this protocol, whichever is chosen."""
    whole = looks[0] if looks[0].camid is None else galleries.open(desk.dataset, desk.run, desk.protocol)
    return sorted({int(camid) for camid in whole.gallery.camid})


@dataclass(frozen=True, slots=True)
class Listed:
    """The queries of a list in its order, and how many each filter has (`lookalike` only where it is chosen)."""

    queries: Sequence[Asked]
    counts: Mapping[str, int]


class Shelf:
    """What the tabs share: galleries held ready, clothes looked at, the last lists made."""

    def __init__(self, session: stages.Session):
        self.session = session
        self.galleries = galleries_of(session)
        self.likeness = stages_look.Likeness()
        self._lists: OrderedDict[tuple, tuple[list[Gallery], Listed]] = OrderedDict()

    def listed(self, looks: list[Gallery], desk: Desk) -> Listed:
        """The list of a desk, worst first by one run; queries without a right answer come last."""
        key = (desk.dataset, desk.protocol, *desk.runs, desk.camera, desk.only, desk.second)
        known = self._lists.get(key)
        if known is None or known[0] != looks:
            self._lists[key] = known = (looks, _listed(looks, self.likeness, desk))
            while len(self._lists) > LISTS:
                self._lists.popitem(last=False)
        return known[1]


def _listed(looks: Sequence[Gallery], likeness: stages_look.Likeness, desk: Desk) -> Listed:
    by = 1 if desk.second and len(looks) > 1 else 0
    every = sorted(judged(looks), key=lambda one: (one.first[by] < 0, one.precision[by], one.sample.id))
    kept = {"": every} | {name: [one for one in every if moved(one.first) == name] for name in ("fixed", "broken")}
    if desk.only == "lookalike":
        failed = [one for one in every if one.first[by] > 0][:LOOKED]
        kept["lookalike"] = [one for one in failed if _dressed_alike(looks[by], likeness, one.sample)]
    return Listed(kept.get(desk.only, every), {name: len(some) for name, some in kept.items()})


def moved(first: Sequence[int]) -> str:
    """`fixed`, `broken`, `right` or `wrong`: what the second run made of the first one's answer, by ranks of the first right one.

    Empty where no answer is right.
    """
    right = [rank == 0 for rank in first]
    if first[0] < 0:
        return ""
    if right[0] == right[-1]:
        return "right" if right[0] else "wrong"
    return "fixed" if right[-1] else "broken"


def _dressed_alike(look: Gallery, likeness: stages_look.Likeness, query: SampleRow) -> bool:
    """Whether the clothes of a run's first answer have nearly the colours of the query's."""
    answer = look.best(look.place_of[query.id])
    return answer is not None and likeness.alike(query, answer) >= stages_look.ALIKE


def choose(session: stages.Session, desk: Desk, form: Mapping[str, Any]) -> None:
    """Take over the form; another data set brings its own protocols and runs, another list starts at its first page."""
    if form["dataset"] != desk.dataset:
        kept = Desk(form["dataset"], k=desk.k, junk=desk.junk, refine=desk.refine, pictures=desk.pictures)
        kept.run, kept.other = _runs.pair(session, kept.dataset, {"run": desk.run, "other": desk.other})
        kept.protocol = next(iter(stages_look.protocols_of(session, kept.dataset)), "")
        for name in asdict(desk):
            setattr(desk, name, getattr(kept, name))
        return
    before = (desk.protocol, desk.run, desk.other, desk.camera)
    for name in ("protocol", "run", "other", "camera", "k"):
        setattr(desk, name, form[name] or "")
    if desk.other == desk.run:
        desk.other = ""
    if not desk.other:
        desk.second = False
        desk.only = "" if desk.only in ("fixed", "broken") else desk.only
    desk.junk, desk.refine = bool(form["junk"]), bool(form["refine"])
    if before != (desk.protocol, desk.run, desk.other, desk.camera):
        desk.page, desk.why = 0, 0
