"""What one browser tab has on its desk: the photo, its parsing, the mask being edited. Never shared between tabs."""

from __future__ import annotations

import threading
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from typing import Any
from urllib.parse import parse_qsl, urlencode

import numpy as np

from dlcr import stages
from dlcr.catalog import MaskRow, SampleRow
from dlcr.core.errors import DlcrError, MaskError
from dlcr.core.images import digest
from dlcr.core.values import Caption, Outfit
from pages import _text as text
from pages._device import Waiter
from pages._studio_draft import Choice, Draft, coverage, iou


@dataclass(frozen=True, slots=True)
class Find:
    """Which samples the page lists; an empty string is no filter. `after` and `before` are ids, 0 is none."""

    dataset: str = stages.WORLD
    split: str = ""
    pid: str = ""
    camid: str = ""
    clothes_id: str = ""
    words: str = ""
    after: int = 0
    before: int = 0

    def filters(self) -> dict[str, Any]:
        """Arguments of the catalog's `find_samples` and `count_samples`."""
        return {
            "split": self.split or None,
            "pid": int(self.pid) if self.pid else None,
            "camid": int(self.camid) if self.camid else None,
            "clothes_id": self.clothes_id or None,
            "words": self.words,
        }


@dataclass(slots=True, eq=False)
class Desk:
    """`draft` is None until the photo is parsed; `version` is the kept mask that the draft started from.

    `wanted` is the mask to start from (0: the newest), `trouble` whether the photo could not be parsed, `compared` a variant,
    `before` the prompt that was written when the photo came, `taken` the one taken from a menu last, `photos` how many photos came,
    `described` whether all is known that a prompt starts from.
    """

    find: Find = field(default_factory=Find)
    opened: int = 0
    sample: SampleRow | None = None
    photo: np.ndarray | None = None
    parsing: stages.Parsing | None = None
    version: MaskRow | None = None
    draft: Draft | None = None
    seq: int = 0
    wanted: int = 0
    trouble: bool = False
    compared: int = 0
    before: str = ""
    taken: str = ""
    photos: int = 0
    described: bool = False
    said: Sequence[tuple[int, Caption]] = ()
    outfit: Outfit = field(default_factory=lambda: Outfit(()))
    waiter: Waiter = field(default_factory=Waiter)

    @property
    def stop(self) -> threading.Event:
        """Set to stop painting at its next step, or before it starts."""
        return self.waiter.stop

    def address(self) -> str:
        """The query string that shows this view again."""
        view: dict[str, Any] = asdict(self.find)
        if self.sample:
            view |= {"sample": self.sample.id, "mask": self.version.id if self.version else 0, "variant": self.compared}
        return urlencode({key: value for key, value in view.items() if value})


@dataclass(frozen=True, slots=True)
class View:
    """What an address asks for; ids are 0 where it names none."""

    find: Find
    sample: int = 0
    mask: int = 0
    variant: int = 0


def read_address(query: str) -> View:
    """The view of a query string; what makes no sense in it is left out."""
    given = dict(parse_qsl(query.lstrip("?")))
    ids = {key: int(given[key]) for key in ("after", "before", "sample", "mask", "variant") if _is_id(given.get(key))}
    find: dict[str, Any] = {key: given[key] for key in ("dataset", "split", "clothes_id", "words") if key in given}
    find |= {key: given[key] for key in ("pid", "camid") if _is_id(given.get(key))}
    find |= {key: ids.pop(key) for key in ("after", "before") if key in ids}
    return View(Find(**find), **ids)


def _is_id(value: str | None) -> bool:
    return value is not None and value.isascii() and value.isdigit() and len(value) < 12


def open_sample(session: stages.Session, desk: Desk, sample_id: int) -> None:
    """Put a photo on the desk; it is not parsed yet. CatalogError or PhotoError leave the desk as it was."""
    sample = session.catalog.sample(sample_id)
    photo = stages.sample_photo(session, sample)
    desk.sample, desk.photo, desk.opened = sample, photo, desk.opened + 1
    desk.parsing = desk.version = desk.draft = None
    desk.seq, desk.compared, desk.trouble, desk.photos = 0, 0, False, desk.photos + 1
    desk.said, desk.outfit, desk.described = (), Outfit(()), False


def parse(session: stages.Session, desk: Desk) -> None:
    """Find the clothes of the photo on the desk and start a draft: of the wanted version, else of the newest."""
    if desk.sample is None or desk.draft:
        return
    sample, wanted, desk.wanted = desk.sample, desk.wanted, 0
    try:
        parsing, _ = stages.auto_mask(session, sample.id)
    except DlcrError:
        desk.trouble = True
        raise
    versions = {row.id: row for row in session.catalog.masks(sample.id)}
    if sample is desk.sample:
        desk.parsing = parsing
        open_version(session, desk, versions.get(wanted) or max(versions.values(), key=lambda row: row.version))


def open_version(session: stages.Session, desk: Desk, version: MaskRow) -> None:
    """Start the draft again from a kept version, with the choice it was made with."""
    if desk.parsing is None or desk.sample is None or version.sample_id != desk.sample.id:
        raise MaskError(text.NOT_READY, text.NOT_READY_REMEDY)
    labels = desk.parsing.labels
    kept = version.settings
    choice = Choice(
        tuple(name for name in kept.get("classes", labels.clothing) if name in labels.classes),
        int(kept.get("grow", 0)), bool(kept.get("protect", True)), bool(kept.get("limbs", False)),
    )  # fmt: skip
    parsing = desk.parsing
    desk.draft = Draft.start(
        choice, stages.load_mask(session, version.id), labels.where(*labels.protected),
        lambda one: stages.compose_mask(parsing, one.classes, one.grow, one.protect, one.limbs), stages.bare_limbs(parsing),
    )  # fmt: skip
    desk.version, desk.opened, desk.seq = version, desk.opened + 1, 0


def edit(session: stages.Session, desk: Desk, act: Mapping[str, Any]) -> None:
    """Apply one edit of the page's editor: stroke, choose, click, undo or redo. Coordinates are photo pixels."""
    desk.seq = int(act["seq"])
    draft, kind = desk.draft, act["kind"]
    if draft is None or desk.photo is None:
        raise MaskError(text.NOT_READY, text.NOT_READY_REMEDY)
    if kind == "stroke":
        draft.stroke([(float(x), float(y)) for x, y in act["points"]], float(act["size"]), bool(act["erase"]))
    elif kind == "choose":
        limbs = bool(act.get("limbs", False))
        draft.choose(Choice(tuple(map(str, act["classes"])), int(act["grow"]), bool(act["protect"]), limbs))
    elif kind == "click":
        x, y = (int(value) for value in act["point"])
        draft.become(stages.refine_mask(session, desk.photo, draft.mask, [(x, y, bool(act["add"]))]))
    elif kind == "undo":
        draft.undo()
    elif kind == "redo":
        draft.redo()


def keep(session: stages.Session, desk: Desk) -> MaskRow:
    """The kept version of the mask on the desk: the one it started from, or a new one if it was changed."""
    draft, sample = desk.draft, desk.sample
    if draft is None or sample is None or desk.version is None or desk.parsing is None:
        raise MaskError(text.NOT_READY, text.NOT_READY_REMEDY)
    if draft.changed:
        mask = draft.mask
        if digest(mask) != desk.version.digest:
            facts = asdict(draft.layers.choice) | {"iou": round(iou(mask, desk.parsing.mask), 4)}
            desk.version = stages.keep_mask(session, sample.id, mask, "hand", facts, parent=desk.version.id)
        draft.changed = False
    return desk.version


def describe(session: stages.Session, desk: Desk) -> None:
    """Ask the captioner about every frame of the outfit on the desk."""
    if desk.sample is None or desk.parsing is None:
        desk.described = desk.trouble
        return
    sample, said, outfit = desk.sample, desk.said, desk.outfit
    try:
        said, outfit = stages.describe_outfit(session, sample.id)
    finally:
        if desk.sample is sample:
            desk.said, desk.outfit, desk.described = said, outfit, True


def mask_facts(desk: Desk) -> str:
    """One line about the mask being edited: coverage, agreement with the automatic one, what changed."""
    if desk.draft is None or desk.parsing is None:
        return text.PARSING if desk.sample and not desk.trouble else ""
    mask, auto = desk.draft.mask, desk.parsing.mask
    added, removed = np.count_nonzero(mask & ~auto), np.count_nonzero(auto & ~mask)
    words = text.MASK_SAYS.format(coverage=coverage(mask), iou=iou(mask, auto), added=added, removed=removed)
    return f"{words} · {text.UNSAVED}" if desk.draft.changed else words
