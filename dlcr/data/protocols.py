"""How each set is tested (pure): which pictures ask, which answer, and which answers do not count.

A set's protocols belong to its layout: `protocols("prcc")` are `("cc", "sc")`. Evaluation asks three things of one:

    test = protocol("prcc", "cc")                       # UsageError if the set lacks it
    queries, gallery = rows(test, splits, camids)       # indices into the set's columns
    good, junk = judge(test, query labels, gallery labels)

Gu et al. 2022 (CAL), section 4.1, and the sets' own papers; junk is what both ranking and accuracy leave out.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from dlcr.core.errors import UsageError


@dataclass(frozen=True, slots=True)
class Protocol:
    """One way to test a set.

    Queries are the pictures of split `query` taken by `query_cameras`, the gallery those of split `gallery` taken by
    `gallery_cameras` (None: all). Gallery pictures of the query's pid *and* camid are always junk; with `changed` also
    those of its pid and clothes_id (so only other outfits count), with `same` those of its pid in other clothes.
    With `tracklets` queries and gallery are whole tracklets, each the mean over its clips.
    """

    name: str
    query_cameras: tuple[int, ...] | None = None
    gallery_cameras: tuple[int, ...] | None = None
    changed: bool = False
    same: bool = False
    tracklets: bool = False


@dataclass(frozen=True, slots=True, eq=False)
class People:
    """Who is on some pictures: `pids` and `camids` (N,) integers, `clothes_ids` (N,) text or dense labels."""

    pids: np.ndarray
    camids: np.ndarray
    clothes_ids: np.ndarray


GENERAL = Protocol("general")
CC = Protocol("cc", changed=True)
SC = Protocol("sc", same=True)
_VIDEO = tuple(Protocol(one.name, changed=one.changed, same=one.same, tracklets=True) for one in (GENERAL, SC, CC))

PROTOCOLS: dict[str, tuple[Protocol, ...]] = {
    "prcc": (Protocol("cc", (2,), (0,)), Protocol("sc", (1,), (0,))),
    "ltcc": (GENERAL, CC, SC),
    "vcclothes": (GENERAL, Protocol("sc", (1, 2), (1, 2)), Protocol("cc", (2, 3), (2, 3))),
    "ccvid": _VIDEO,
    "last": (GENERAL,),
    "deepchange": (GENERAL,),
    "celebreid": (GENERAL,),
    "market1501": (GENERAL,),
    "folder": (),
    "manifest": (GENERAL, CC, SC),
}
"""Layout -> its protocols, the most usual first. PRCC tests camera C (changed) and B (same) against A; VC-Clothes
cameras 3 and 4 (changed) and 2 and 3 (same), as numbered in file names: one less here."""


def protocols(layout: str) -> tuple[str, ...]:
    """The names of the protocols of a set in this layout; none if it has no queries."""
    return tuple(one.name for one in PROTOCOLS.get(layout, ()))


def protocol(layout: str, name: str) -> Protocol:
    """The protocol `name` of a set in this layout; UsageError names those it has."""
    for one in PROTOCOLS.get(layout, ()):
        if one.name == name:
            return one
    known = ", ".join(protocols(layout))
    remedy = f"Choose from: {known}." if known else "It has no queries: test on another set."
    raise UsageError(f"a data set in the layout '{layout}' has no protocol '{name}'.", remedy)


def rows(test: Protocol, splits: Sequence[str], camids: np.ndarray, part: str = "") -> tuple[np.ndarray, np.ndarray]:
    """Query and gallery rows of a protocol, each (K,) int64 in ascending order.

    `splits` (N) and `camids` (N,) are columns of the whole set. `part` is `val` for the validation part of LaST and
    DeepChange, else empty for the test part.
    """
    names, prefix = np.asarray(splits), f"{part}_" if part else ""
    cameras = np.asarray(camids)
    chosen = []
    for split, wanted in (("query", test.query_cameras), ("gallery", test.gallery_cameras)):
        here = names == prefix + split
        chosen.append(np.flatnonzero(here if wanted is None else here & np.isin(cameras, wanted)))
    return chosen[0], chosen[1]


def judge(test: Protocol, query: People, gallery: People) -> tuple[np.ndarray, np.ndarray]:
    """Which gallery pictures are right answers and which do not count: good and junk, each (Q, G) bool.

    What is neither is wrong. For large sets call it on blocks of queries.
    """
    person = query.pids[:, None] == gallery.pids[None]
    junk = person & (query.camids[:, None] == gallery.camids[None])
    if test.changed or test.same:
        outfit = query.clothes_ids[:, None] == gallery.clothes_ids[None]
        junk |= person & (outfit if test.changed else ~outfit)
    return person & ~junk, junk
