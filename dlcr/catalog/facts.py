"""What is known of a data set as a whole: tallies of its labels, sizes, health. Kept, and made anew after a change.

A writer of samples calls `touch` in each transaction and `settle` in its last: in between `datasets.facts` is NULL, and
readers count for themselves.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from typing import Any

from sqlalchemy import Connection, case, delete, func, insert, select, update

from dlcr.catalog.rows import Counts, Finding, Health, Summary
from dlcr.catalog.store import hold
from dlcr.catalog.tables import datasets, samples, tallies

EXAMPLES = 20
"""How many of each finding are told by name."""


def next_run(connection: Connection, dataset_id: int) -> int:
    """Begin an indexing: its number, one above the last."""
    hold(connection, datasets, dataset_id)
    begun = update(datasets).where(datasets.c.id == dataset_id).values(run=datasets.c.run + 1).returning(datasets.c.run)
    return int(connection.execute(begun).scalar_one())


def touch(connection: Connection, dataset_id: int) -> None:
    """Say that samples of the data set change in this transaction; CatalogError if there is no such data set."""
    hold(connection, datasets, dataset_id)
    connection.execute(update(datasets).where(datasets.c.id == dataset_id).values(facts=None))


def settled(connection: Connection, dataset_id: int) -> bool:
    """Whether the kept tallies are those of the samples."""
    query = select(datasets.c.facts.is_not(None)).where(datasets.c.id == dataset_id)
    return bool(connection.execute(query).scalar())


@dataclass(slots=True)
class _Count:
    """Pictures of a data set counted in every way that is asked for later."""

    images: Counter[tuple[str, str, Any]] = field(default_factory=Counter)
    """(split, label, value) -> pictures; split empty: all."""
    outfits: dict[int, set[str]] = field(default_factory=lambda: defaultdict(set))
    """pid -> its known outfits."""

    def add(self, split: str, pid: int, camid: int, clothes_id: str, images: int) -> None:
        for part in ("", split):
            self.images[part, "", ""] += images
            self.images[part, "pid", pid] += images
            self.images[part, "camid", camid] += images
            self.images[part, "clothes_id", clothes_id] += images
        self.outfits[pid].update([clothes_id] if clothes_id else [])

    def of(self, split: str, label: str) -> dict[Any, int]:
        """Pictures by the values of one label, sorted."""
        found = {key[2]: n for key, n in self.images.items() if key[:2] == (split, label)}
        return dict(sorted(found.items()))


def _counted(connection: Connection, dataset_id: int) -> _Count:
    labels = (samples.c.split, samples.c.pid, samples.c.camid, samples.c.clothes_id)
    there = (samples.c.dataset_id == dataset_id) & samples.c.present
    found = _Count()
    for row in connection.execute(select(*labels, func.count()).where(there).group_by(*labels)):
        found.add(*row)
    return found


def settle(connection: Connection, dataset_id: int) -> None:
    """Make tallies and facts anew from the samples."""
    count = _counted(connection, dataset_id)
    rows = [(split, label, str(value), n) for (split, label, value), n in count.images.items()]
    rows += [("", "outfits", str(pid), len(outfits)) for pid, outfits in count.outfits.items()]
    names = ("split", "label", "value", "images")
    connection.execute(delete(tallies).where(tallies.c.dataset_id == dataset_id))
    if rows:
        connection.execute(
            insert(tallies), [{"dataset_id": dataset_id} | dict(zip(names, row, strict=True)) for row in rows]
        )
    facts = _facts(connection, dataset_id, count)
    connection.execute(update(datasets).where(datasets.c.id == dataset_id).values(facts=facts))


def tallied(connection: Connection, dataset_id: int, exact: Mapping[str, Any]) -> int | None:
    """How many pictures have these labels, if that was counted: a split, another label, or both."""
    split, rest = exact.get("split") or "", [(name, value) for name, value in exact.items() if name != "split"]
    if len(rest) > 1 or not settled(connection, dataset_id):
        return None
    label, value = rest[0] if rest else ("", "")
    here = (tallies.c.dataset_id == dataset_id) & (tallies.c.split == split)
    query = select(tallies.c.images).where(here, tallies.c.label == label, tallies.c.value == str(value))
    return int(connection.execute(query).scalar() or 0)


def read_tallies(connection: Connection, dataset_id: int, split: str, label: str) -> dict[str, int]:
    """Pictures by the values of a label in one split (empty: all), as counted last."""
    here = (tallies.c.dataset_id == dataset_id) & (tallies.c.split == split) & (tallies.c.label == label)
    return dict(map(tuple, connection.execute(select(tallies.c.value, tallies.c.images).where(here))))


def read_facts(connection: Connection, dataset_id: int) -> tuple[Summary, Health]:
    """Sizes and health of the data set."""
    facts = connection.execute(select(datasets.c.facts).where(datasets.c.id == dataset_id)).scalar()
    if facts is None:
        facts = _facts(connection, dataset_id, _counted(connection, dataset_id))
    summary, health = dict(facts["summary"]), facts["health"]
    splits = {name: Counts(**counts) for name, counts in summary.pop("splits").items()}
    findings = {
        name: Finding(one["count"], tuple(one["examples"])) for name, one in health.items() if name != "unchecked"
    }
    return Summary(**summary, splits=splits), Health(**findings, unchecked=health["unchecked"])


def _facts(connection: Connection, dataset_id: int, count: _Count) -> dict[str, Any]:
    splits = sorted({split for split, *_ in count.images} - {""})
    numbers: Counter[tuple[str, str]] = Counter()
    for split, label, value in count.images:
        numbers[split, label] += value != ""

    def size(split: str) -> dict[str, int]:
        pids, clothes, cameras = (numbers[split, label] for label in ("pid", "clothes_id", "camid"))
        return asdict(Counts(count.images[split, "", ""], pids, clothes, cameras))

    summary = size("") | {"splits": {split: size(split) for split in splits}}
    findings = _flaws(connection, dataset_id) | _copies(connection, dataset_id) | _gaps(count)
    health = asdict(Health(**findings, unchecked=_unchecked(connection, dataset_id)))
    return {"summary": summary, "health": health}


def _finding(found: Iterable[str]) -> Finding:
    every = list(found)
    return Finding(len(every), tuple(every[:EXAMPLES]))


def _flaws(connection: Connection, dataset_id: int) -> dict[str, Finding]:
    """Files that cannot be used, by kind."""
    here = (samples.c.dataset_id == dataset_id) & samples.c.flaw.is_not(None)
    query = select(samples.c.flaw, samples.c.image).where(here).order_by(samples.c.flaw, samples.c.image)
    kinds: dict[str, list[str]] = {"unreadable": [], "truncated": [], "tiny": []}
    for flaw, image in connection.execute(query):
        kinds[flaw].append(image)
    return {kind: _finding(images) for kind, images in kinds.items()}


def _copies(connection: Connection, dataset_id: int) -> dict[str, Finding]:
    """Files with the same bytes, and those of them that show one person under two ids."""
    here = (samples.c.dataset_id == dataset_id) & samples.c.content.is_not(None) & samples.c.present
    people = func.count(samples.c.pid.distinct())
    groups = select(samples.c.content, people.label("people")).where(here).group_by(samples.c.content)
    copied = connection.execute(groups.having(func.count() > 1).order_by(samples.c.content)).all()
    told: dict[str, list[str]] = {row.content: [] for row in copied[:EXAMPLES]}
    told |= {row.content: [] for row in [row for row in copied if row.people > 1][:EXAMPLES]}
    query = select(samples.c.content, samples.c.image).where(here, samples.c.content.in_(list(told)))
    for content, image in connection.execute(query.order_by(samples.c.image)):
        told[content].append(image)

    def finding(rows: Sequence[Any]) -> Finding:
        return Finding(len(rows), tuple(" = ".join(told[row.content]) for row in rows[:EXAMPLES]))

    return {"duplicates": finding(copied), "two_ids": finding([row for row in copied if row.people > 1])}


def _gaps(count: _Count) -> dict[str, Finding]:
    """People with one outfit, outfits with one picture, cameras without queries (where there are queries at all)."""
    pictures = count.of("", "clothes_id")
    asked = count.of("query", "camid")
    cameras = {*asked, *count.of("gallery", "camid")} if asked else set()
    return {
        "people_with_one_outfit": _finding(str(pid) for pid, worn in sorted(count.outfits.items()) if len(worn) == 1),
        "outfits_with_one_picture": _finding(name for name, n in pictures.items() if name and n == 1),
        "cameras_without_queries": _finding(str(camid) for camid in sorted(cameras - {*asked})),
    }


def _unchecked(connection: Connection, dataset_id: int) -> int:
    here = (samples.c.dataset_id == dataset_id) & samples.c.present
    query = select(func.coalesce(func.sum(case((samples.c.content.is_(None), 1), else_=0)), 0)).where(here)
    return int(connection.execute(query).scalar_one())
