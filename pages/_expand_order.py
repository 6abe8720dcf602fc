"""What the form of the Expand page asks for, as a command; what it will cost, as former jobs measured it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import ceil

from dlcr import stages
from dlcr.core.errors import UsageError
from dlcr.core.profiles import profile
from dlcr.core.settings import ExpandSettings, PaintSettings, checked
from dlcr.jobs.board import Board
from pages import _text as text

TRIAL = 16
"""Images of a trial, at least: a few batches, so that loading does not count."""
READ = 50
"""Former jobs that are looked at for a measured speed."""
WORK_FLAGS = ("--variants", "--split", "--limit", "--seed", "--diverse")
"""Flags that decide what is painted, not how fast."""


@dataclass(frozen=True, slots=True)
class Order:
    """A checked form: whose photos, how many variants, how they are painted."""

    dataset: str
    settings: ExpandSettings
    flags: tuple[str, ...]
    """How: profile, backends, painting settings, as flags of `dlcr expand`."""

    device: str
    batch: int
    inpainter: str
    """Its spec, empty for the profile's."""

    def args(self, limit: int | None = None) -> list[str]:
        """The command; `limit` in place of the form's."""
        what, limit = self.settings, limit or self.settings.limit
        given = [f"--variants={what.variants}", f"--split={what.split}", f"--seed={what.seed}"]
        given += ["--diverse"] if what.diverse else []
        given += [f"--limit={limit}"] if limit else []
        return ["expand", *given, *self.flags, "--", self.dataset]


@dataclass(frozen=True, slots=True)
class Measured:
    """What a former job with the same flags tells: images made per second, seconds spent before and after."""

    job: int
    made: int
    rate: float
    overhead: float


def order(
    dataset: str, split: str, variants: int | None, diverse: bool, profile_name: str, limit: int | None,
    inpainter: str | None, steps: int | None, scheduler: str, batch: int | None, weight: float | None, seed: int | None,
    device: str, compile_: bool,
) -> Order:  # fmt: skip
    """The form, checked; an error says which field, what it got and what is allowed. What is empty or 0 is the profile's."""
    if not split:
        raise UsageError(text.NO_PHOTOS.format(name=dataset), text.NO_PHOTOS_REMEDY)
    settings = checked(ExpandSettings, variants=variants, split=split, diverse=diverse, limit=limit or None, seed=seed)
    named = {
        "steps": steps, "scheduler": scheduler, "batch": batch, "discriminator_weight": weight,
    }  # fmt: skip
    given = {name: value for name, value in named.items() if value}
    paint = checked(PaintSettings, **{**profile(profile_name).paint, **given})
    flags = [f"--profile={profile_name}", f"--device={device}"]
    painter = (inpainter or "").strip()
    flags += [f"--inpainter={painter}"] if painter else []
    flags += [f"--{name.replace('_', '-')}={value}" for name, value in given.items()]
    return Order(dataset, settings, (*flags, *(["--compile"] if compile_ else [])), device, paint.batch, painter)


def photos(session: stages.Session, wanted: Order) -> int:
    """How many photos are to be dressed."""
    count = session.catalog.count_samples(wanted.dataset, split=wanted.settings.split)
    return min(count, wanted.settings.limit or count)


def looks(session: stages.Session, wanted: Order) -> int:
    """Variants a photo can have: one in each outfit of the train split (or of all, if there is none) but its own."""
    summary = session.catalog.summary(session.catalog.dataset(wanted.dataset).id)
    outfits = summary.splits["train"].clothes if "train" in summary.splits else summary.clothes
    return min(wanted.settings.variants, max(1, outfits - 1 if wanted.settings.split == "train" else outfits))


def trial(session: stages.Session, wanted: Order) -> list[str]:
    """The command that measures: the form's own for the first few photos, so that what it paints is part of the whole."""
    few = ceil(max(TRIAL, 2 * wanted.batch) / looks(session, wanted))
    return wanted.args(min(few, photos(session, wanted)))


def measured(board: Board, wanted: Order) -> Measured | None:
    """The newest finished job with the same flags that made a few images; of those that made fewer the largest."""
    found: list[Measured] = []
    for row in board.catalog.jobs(["done"])[: 4 * READ]:
        if row.args[0] != "expand" or _speed(row.args) != _speed(wanted.args()) or len(found) >= READ:
            continue
        result = board.job(row.id).result or {}
        made, rate = int(result.get("made", 0)), float(result.get("images_per_second", 0.0))
        if made and rate:
            one = Measured(row.id, made, rate, max(0.0, float(result["seconds"]) - made / rate))
            if made >= TRIAL // 2:
                return one
            found.append(one)
    return max(found, key=lambda one: one.made, default=None)


def _speed(args: Sequence[str]) -> frozenset[str]:
    """The flags that decide how fast a command paints."""
    flags = args[1 : args.index("--")] if "--" in args else args[1:]
    return frozenset(flag for flag in flags if flag.partition("=")[0] not in WORK_FLAGS)
