"""What is known of a data set as a whole: tallies of its labels, menus, sizes, health. Kept, and made anew after a change.

A writer of samples calls `touch` in each transaction and `settle` in its last: in between `datasets.facts` is NULL, and
readers count for themselves. What is kept elsewhere of samples is right as long as `datasets.changes` is the same.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from typing import Any

from sqlalchemy import Connection, case, delete, func, select, update

from dlcr.catalog.rows import Counts, Finding, Health, Summary
from dlcr.catalog.store import hold, insert_columns
from dlcr.catalog.tables import datasets, samples, tallies

LABELS = ("split", "pid", "camid", "clothes_id")
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
    connection.execute(
        update(datasets).where(datasets.c.id == dataset_id).values(facts=None, changes=datasets.c.changes + 1)
    )


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

    bytes: int = 0
    unchecked: int = 0

    def add(self, labels: Sequence[Any], images: int, size: int, unchecked: int) -> None:
        split, pid, camid, clothes_id = labels
        self.bytes += size
        self.unchecked += unchecked
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

    def menus(self) -> dict[str, list[Any]]:
        """Every value of each label, sorted; unknown outfits left out."""
        found: dict[str, list[Any]] = {name: [] for name in LABELS}
        found["split"] = sorted({split for split, *_ in self.images} - {""})
        for split, label, value in self.images:
            if not split and label and value != "":
                found[label].append(value)
        return {name: sorted(values) for name, values in found.items()}


def _counted(connection: Connection, dataset_id: int) -> _Count:
    labels = [samples.c[name] for name in LABELS]
    there = (samples.c.dataset_id == dataset_id) & samples.c.present
    size = func.coalesce(func.sum(samples.c.size), 0)
    unchecked = func.sum(case((samples.c.content.is_(None), 1), else_=0))
    # grouped by the finest label first: the rows lie nearly in that order, which SQLite's sorter rewards
    query = select(*labels, func.count(), size, unchecked).where(there).group_by(*reversed(labels))
    found = _Count()
    for row in connection.execute(query):
        found.add(row[:4], row[4], int(row[5]), int(row[6]))
    return found


def agrees(connection: Connection, dataset_id: int) -> bool:
    """Whether the kept tallies are what counting gives now."""
    query = select(*(tallies.c[name] for name in _TALLY)).where(tallies.c.dataset_id == dataset_id)
    kept = {tuple(row) for row in connection.execute(query)}
    return kept == set(_rows(_counted(connection, dataset_id)))


_TALLY = ("split", "label", "value", "images")


def _rows(count: _Count) -> list[tuple[str, str, str, int]]:
    """Every tally as a row."""
    rows = [(split, label, str(value), n) for (split, label, value), n in count.images.items()]
    return rows + [("", "outfits", str(pid), len(outfits)) for pid, outfits in count.outfits.items()]


def settle(connection: Connection, dataset_id: int) -> None:
    """Make tallies, menus and facts anew from the samples."""
    count = _counted(connection, dataset_id)
    rows = _rows(count)
    connection.execute(delete(tallies).where(tallies.c.dataset_id == dataset_id))
    if rows:
        columns = dict(zip(_TALLY, zip(*rows, strict=True), strict=True))
        insert_columns(connection, tallies, columns, {"dataset_id": dataset_id})
    known = {"facts": _facts(connection, dataset_id, count), "menus": count.menus()}
    connection.execute(update(datasets).where(datasets.c.id == dataset_id).values(**known))


def tallied(connection: Connection, dataset_id: int, exact: Mapping[str, Any]) -> int | None:
    """How many pictures have these labels, if that was counted: a split, another label, or both."""
    split, rest = exact.get("split") or "", [(name, value) for name, value in exact.items() if name != "split"]
    if len(rest) > 1 or not settled(connection, dataset_id):
        return None
    label, value = rest[0] if rest else ("", "")
    here = (tallies.c.dataset_id == dataset_id) & (tallies.c.split == split)
    query = select(tallies.c.images).where(here, tallies.c.label == label, tallies.c.value == str(value))
    return int(connection.execute(query).scalar() or 0)


def splits_with(connection: Connection, dataset_id: int, label: str, value: object) -> list[str] | None:
    """The splits that have pictures with this label; None while samples are being changed."""
    if not settled(connection, dataset_id):
        return None
    here = (tallies.c.dataset_id == dataset_id) & (tallies.c.label == label) & (tallies.c.value == str(value))
    return list(connection.execute(select(tallies.c.split).where(here, tallies.c.split != "")).scalars())


def read_tallies(connection: Connection, dataset_id: int, split: str, label: str) -> dict[str, int]:
    """Pictures by the values of a label in one split (empty: all), as counted last."""
    here = (tallies.c.dataset_id == dataset_id) & (tallies.c.split == split) & (tallies.c.label == label)
    return dict(map(tuple, connection.execute(select(tallies.c.value, tallies.c.images).where(here))))


def read_menus(connection: Connection, dataset_id: int) -> dict[str, list[Any]]:
    """Every value of each of `LABELS`, sorted; unknown outfits left out."""
    query = select(datasets.c.menus).where(datasets.c.id == dataset_id, datasets.c.facts.is_not(None))
    return connection.execute(query).scalar() or _counted(connection, dataset_id).menus()


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

    summary = size("") | {"splits": {split: size(split) for split in splits}, "bytes": count.bytes}
    findings = _flaws(connection, dataset_id) | _copies(connection, dataset_id) | _gaps(count)
    health = asdict(Health(**findings, unchecked=count.unchecked))
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
    for content, image in connection.execute(query.order_by(samples.c.image)) if told else ():
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
