"""What one tab of the Space page looks at: one or two runs, a drawing of people, how points are told apart."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any
from urllib.parse import urlencode

import numpy as np

from dlcr import stages, stages_look
from dlcr.catalog import SampleRow
from dlcr.stages_retrieve import Placing, placed_samples
from pages import _runs

METHODS = ("tsne", "umap", "pca")
PEOPLE = ("5", "10", "20", "all")
COLOURS = ("person", "outfit", "camera", "split", "error")
SHAPES = ("outfit", "split", "none")
VARIANTS = ("0", "2", "5")
NEIGHBOURS = ("0", "5", "15", "30", "50")
USUAL = {"method": "tsne", "neighbours": "0", "people": "5", "variants": "0", "colour": "person", "shape": "outfit"}
OFFERED = {
    "method": METHODS, "neighbours": NEIGHBOURS, "people": PEOPLE, "variants": VARIANTS, "colour": COLOURS, "shape": SHAPES,
}  # fmt: skip
LARGE = 3000
"""More points than this are placed by t-SNE or UMAP in a job, not while somebody waits."""
PATIENCE = 600
"""More variants than this are not embedded while somebody waits."""


@dataclass(slots=True, eq=False)
class Desk(_runs.RunsDesk):
    """`split` empty: query and gallery. `seed` draws the people; `sample` is the point that is shown beside, 0: none."""

    split: str = ""
    method: str = "tsne"
    neighbours: str = "0"
    people: str = "5"
    variants: str = "0"
    colour: str = "person"
    shape: str = "outfit"
    seed: int = 0
    sample: int = 0

    def address(self) -> str:
        """The view as a query."""
        told = {name: value for name, value in asdict(self).items() if value and value != USUAL.get(name)}
        return urlencode(told)

    def placing(self, pids: Sequence[int] = (), variants: int = 0) -> Placing:
        """What is placed, of these people."""
        return Placing(self.splits(), pids, variants, int(self.neighbours))

    def splits(self) -> tuple[str, ...]:
        """As the stages take them."""
        return (self.split,) if self.split else ()


def read_address(session: stages.Session, query: str) -> Desk:
    """The desk of an address; what makes no sense in it is left out. Without people asked for, its sample's is among them."""
    desk = Desk()
    asked = desk.open(session, query)
    if asked.get("split") in session.catalog.facets(desk.dataset).splits:
        desk.split = asked["split"]
    for name, offered in OFFERED.items():
        setattr(desk, name, asked[name] if asked.get(name) in offered else USUAL[name])
    for name in ("seed", "sample"):
        value = asked.get(name, "")
        if value.isascii() and value.isdigit() and len(value) < 10:
            setattr(desk, name, int(value))
    return desk


def drawn(samples: Sequence[SampleRow], desk: Desk) -> list[int]:
    """The people of the desk among those on samples, sorted: some by chance (by the seed alone), the shown sample's always.

    None named for all.
    """
    if desk.people == "all":
        return []
    known = sorted({sample.pid for sample in samples})
    count = min(int(desk.people), len(known))
    chosen = [int(pid) for pid in np.random.default_rng(desk.seed).choice(known, count, replace=False)] if known else []
    mine = next((sample.pid for sample in samples if sample.id == desk.sample), None)
    if mine is not None and mine not in chosen:
        chosen[-1] = mine
    return sorted(chosen)


def shown(session: stages.Session, desk: Desk) -> tuple[list[SampleRow], list[int]]:
    """The photos of the desk's people, by id, and these people; none named: all."""
    every = placed_samples(session, desk.dataset, desk.splits())
    pids = drawn(every, desk)
    return [sample for sample in every if not pids or sample.pid in pids], pids


def choose(session: stages.Session, desk: Desk, form: Mapping[str, Any]) -> None:
    """Take over the form; another data set brings its own runs and splits."""
    if form["dataset"] != desk.dataset:
        desk.dataset, desk.split, desk.sample = form["dataset"], "", 0
        desk.run, desk.other = _runs.pair(session, desk.dataset, {"run": desk.run, "other": desk.other})
        return
    if (desk.split, desk.people) != (form["split"] or "", form["people"]):
        desk.sample = 0
    for name in ("run", "other", "split", "method", "neighbours", "people", "variants", "colour", "shape"):
        setattr(desk, name, form[name] or "")
    if desk.other == desk.run:
        desk.other = ""


def errors(galleries: stages_look.Galleries, desk: Desk, run: str, ids: np.ndarray) -> list[int]:
    """For each sample: 1 first answer right, 0 wrong, -1 not asked or without a right answer; by the set's first protocol."""
    known = stages_look.protocols_of(galleries.session, desk.dataset)
    if not known:
        return [-1] * len(ids)
    look = galleries.open(desk.dataset, run, known[0])
    place_of = {int(row): place for place, row in enumerate(look.asked)}
    places = [place_of.get(look.row_of.get(int(key), -1), -1) for key in ids]
    firsts = [-1 if place < 0 else int(look.scores.first[place]) for place in places]
    return [-1 if first < 0 else int(first == 0) for first in firsts]
