"""The stages behind looking at errors: a gallery held ready for any query, the answers of one with votes. Part of the stages."""

import threading
from collections import OrderedDict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np

from dlcr.catalog import SampleRow
from dlcr.core.errors import UsageError
from dlcr.core.values import Ranking
from dlcr.data.protocols import protocol, protocols, rows
from dlcr.embed.measures import clothes_colours, overlap
from dlcr.session import Session
from dlcr.stages_embed import embed_variants, features_file, find_run, not_embedded, run_names
from dlcr.stages_evaluate import items_of, rule_of, tracks_of

if TYPE_CHECKING:
    from dlcr.reid.evaluation import Scores
    from dlcr.reid.features import Identified

HELD = 6
"""Galleries that stay in memory."""
ALIKE = 0.45
"""Outfits whose colours overlap this much look alike: on the embedded set nine in ten pairs of photos of one outfit by two cameras
do, and one in twenty of two people."""


@dataclass(frozen=True, eq=False)
class Gallery:
    """A run's features under one protocol of a data set, `camid`'s answers only if one is given, with every query's result.

    `samples` are the items (photos, or the first photo of each tracklet), `row_of` gives an item by any sample's id, `asked` (Q,)
    and `answers` (G,) are rows of queries and gallery.
    """

    dataset: str
    run: str
    protocol: str
    camid: int | None
    samples: Sequence[SampleRow]
    row_of: Mapping[int, int]
    asked: np.ndarray
    answers: np.ndarray
    rule: str
    whole: "Identified" = field(repr=False)
    tracklets: bool = False

    @cached_property
    def gallery(self) -> "Identified":
        """The answers' features and labels."""
        return self.whole.take(self.answers)

    @cached_property
    def scores(self) -> "Scores":
        """Average precision, rank of the first right answer and the best answer of every query."""
        from dlcr.reid.evaluation import evaluate

        return evaluate(self.whole.take(self.asked), self.gallery, self.rule)

    @cached_property
    def place_of(self) -> Mapping[int, int]:
        """Query's sample id -> its place in `asked` and in `scores`."""
        return {self.samples[row].id: place for place, row in enumerate(self.asked)}

    def best(self, place: int) -> SampleRow | None:
        """The answer ranked first for a query, None if all were junk."""
        found = int(self.scores.best[place])
        return None if found < 0 else self.samples[self.answers[found]]


@dataclass(frozen=True, slots=True, eq=False)
class Answers:
    """Answers to one query, best first: `samples` in the order of `ranking`; `ranks` (k,) count from 0, -1 for junk.

    `precision` is nan and `first` -1 where no right answer exists. After a refinement `votes` (k, K + 1) float32 is what the query
    and its variants (ids `variants`) add to each answer, nan where they were not asked; its score is then their sum.
    """

    query: SampleRow
    samples: Sequence[SampleRow]
    ranking: Ranking
    ranks: np.ndarray
    precision: float
    first: int
    variants: Sequence[int] = ()
    votes: np.ndarray | None = None


def finished_runs(session: Session) -> list[str]:
    """Runs that can be looked at, sorted."""
    return [name for name in run_names(session) if find_run(session, name).finished]


def protocols_of(session: Session, dataset: str) -> tuple[str, ...]:
    """The protocols of a data set, the most usual first; none where nothing asks."""
    return protocols(session.catalog.dataset(dataset).layout)


def refinable(session: Session, sample_id: int) -> list[int]:
    """The ids of the variants of a sample that may vote: those not rejected, oldest first."""
    return [row.id for row in session.catalog.variants(sample_id)[::-1] if row.verdict != "rejected"]


class Galleries:
    """Galleries held ready, the last ones asked for; from several threads each is made once."""

    def __init__(self, session: Session):
        self.session = session
        self._held: OrderedDict[tuple, Gallery] = OrderedDict()
        self._lock = threading.RLock()

    def open(self, dataset: str, run: str, name: str, camid: int | None = None) -> Gallery:
        """The gallery of a run; UsageError if its features are not there: `missing` asks for them beforehand."""
        file = features_file(self.session, dataset, run)
        key = (dataset, run, name, camid, file.stat().st_mtime_ns if file.is_file() else 0)
        with self._lock:
            if key not in self._held:
                self._held[key] = self._made(dataset, run, name, camid)
            self._held.move_to_end(key)
            while len(self._held) > HELD:
                self._held.popitem(last=False)
            return self._held[key]

    def missing(self, dataset: str, *runs: str) -> list[str]:
        """Those of the runs whose features of the data set are not there, or older than the run or the set."""
        return not_embedded(self.session, dataset, list(dict.fromkeys(runs)))

    def _made(self, dataset: str, run: str, name: str, camid: int | None) -> Gallery:
        if self.missing(dataset, run):
            raise UsageError(
                f"the features of '{dataset}' by '{run}' are not there.", f"Make them: dlcr embed {dataset} --run {run}"
            )
        test = protocol(self.session.catalog.dataset(dataset).layout, name)
        photos = self.session.catalog.every_sample(dataset)
        whole, places = items_of(self.session, run, dataset, photos, test.tracklets)
        samples = [photos[place] for place in places]
        groups = tracks_of(photos) if test.tracklets else [np.array([row]) for row in range(len(photos))]
        row_of = {photos[row].id: item for item, group in enumerate(groups) for row in group}
        asked, answers = rows(test, [sample.split for sample in samples], whole.camid)
        if camid is not None:
            answers = answers[whole.camid[answers] == camid]
        return Gallery(dataset, run, name, camid, samples, row_of, asked, answers, rule_of(test), whole, test.tracklets)

    def ask(self, gallery: Gallery, sample_id: int, k: int, *, junk: bool = False, refine: bool = False) -> Answers:
        """The k best answers to any sample of the data set; with `refine` its variants vote (never where tracklets ask)."""
        from dlcr.reid.evaluation import JUNK, RIGHT, flags, score, similarities
        from dlcr.reid.retrieval import top_k

        if sample_id not in gallery.row_of:
            raise UsageError(f"sample {sample_id} is not of '{gallery.dataset}'.", "Choose one of its samples.")
        row = gallery.row_of[sample_id]
        query, others = gallery.whole.take(np.array([row])), gallery.gallery
        scores, flag = similarities(query.vectors, others.vectors), flags(query, others, gallery.rule)
        allowed = (flag != JUNK) | junk
        allowed[0, gallery.answers == row] = False  # a photo is no answer to itself, and by every rule junk
        voters = refinable(self.session, sample_id) if refine and not gallery.tracklets else []
        votes = np.full((len(gallery.answers), 1 + len(voters)), np.nan, np.float32)
        if voters:
            scores = self._refined(gallery, query, scores, voters, votes)
        measured = score(scores, query, others, gallery.rule)
        best, values = (found[0] for found in top_k(scores, k, allowed))
        items, values = best[best >= 0], values[best >= 0]
        counts = flag[0, items] != JUNK
        ranking = Ranking(items, values - 1, flag[0, items] == RIGHT, ~counts)
        return Answers(
            gallery.samples[row], [gallery.samples[place] for place in gallery.answers[items]], ranking,
            np.where(counts, np.cumsum(counts) - 1, -1), float(measured.precision[0]), int(measured.first[0]),
            voters, votes[items] if voters else None,
        )  # fmt: skip

    def _refined(
        self, gallery: Gallery, query: "Identified", scores: np.ndarray, voters: list[int], votes: np.ndarray
    ) -> np.ndarray:
        """The scores (1, G) raised by the variants' votes, which are put into `votes` (G, K + 1)."""
        from dlcr.reid.evaluation import refined as raised
        from dlcr.reid.evaluation import rule_number, similarities

        rows = [self.session.catalog.variant(one) for one in voters]
        with self._lock:
            voices = embed_variants(self.session, gallery.dataset, gallery.run, rows)
        said = similarities(voices, gallery.gallery.vectors)
        labels = np.stack([query.pid, query.camid, query.clothes], axis=1)
        others = gallery.gallery
        columns = np.stack([others.pid, others.camid, others.clothes])
        made, items, told = raised(np.concatenate([scores, said])[None], labels, columns, rule_number(gallery.rule))
        for item, vote in zip(items[0], told[0], strict=True):
            if item >= 0:
                votes[item] = vote
        return made


def galleries_of(session: Session) -> Galleries:
    """The galleries that everyone in this program shares."""
    found: Galleries = session.model("galleries", lambda: Galleries(session))
    return found


class Likeness:
    """How alike the clothes on two photos look, by the colours where clothes are on a crop of a person; photos are read once."""

    def __init__(self) -> None:
        self._colours: dict[int, np.ndarray] = {}

    def alike(self, one: SampleRow, other: SampleRow) -> float:
        """The share of colours that both photos' clothes have in common, 0..1."""
        return overlap(self._of(one), self._of(other))

    def _of(self, sample: SampleRow) -> np.ndarray:
        from dlcr.core.images import read_photo

        if sample.id not in self._colours:
            self._colours[sample.id] = clothes_colours(read_photo(sample.path))
        return self._colours[sample.id]
