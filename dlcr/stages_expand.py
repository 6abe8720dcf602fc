"""Expand whole data sets: every photo dressed in other outfits of the train split. Part of the stages.

The catalog says what is there: a variant counts if it has its row and its file. Doing it twice changes nothing, and a stop
anywhere loses at most the batches in flight. Photos are read and parsed ahead, encoded once for all their variants, painted
in batches over photos, written by a pool; each batch's rows follow their files. What fails is listed and does not stop the rest.
"""

import time
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from functools import partial

from dlcr.catalog import NewVariant
from dlcr.core.ahead import ahead
from dlcr.core.errors import UsageError
from dlcr.core.settings import DescribeSettings, ExpandSettings, PaintSettings
from dlcr.inpaint import choice
from dlcr.session import Executor, Here, Session
from dlcr.stages import record_mask
from dlcr.stages_describe import Failure, describe_dataset
from dlcr.stages_guide import guiding
from dlcr.stages_painting import (
    AHEAD,
    Done,
    Plan,
    batches_of,
    compiled_for,
    groups,
    identity,
    paint_all,
    paint_photos,
    works,
)
from dlcr.stages_wishes import Seen, Wanted, Wardrobe, Wishes, open_wardrobe, see, wardrobe_split

TASK_BATCHES = 8
"""A worker gets about so many batches at once, fewer where the photos' variants fill whole ones."""


@dataclass(frozen=True, slots=True)
class Progress:
    """How far it is: variants made now, kept from before, lost to failures, to have in the end; made per second."""

    made: int
    kept: int
    failed: int
    total: int
    images_per_second: float


@dataclass(frozen=True, slots=True)
class Expanded:
    """What there is now: variants made, kept from before, and `failed` (with the photos and outfits to blame, and why).

    `spread` is that of all outfits chosen, `looks_per_photo` the mean of one photo's; `batch` is the shape in the end.
    """

    made: int
    kept: int
    failed: int
    failures: tuple[Failure, ...]
    seconds: float
    images_per_second: float
    compile_seconds: float
    batch: int
    spread: choice.Spread
    looks_per_photo: float


@dataclass(slots=True, eq=False)
class Tally:
    """Counts while the work goes on."""

    total: int
    started: float
    failures: list[Failure]
    made: int = 0
    kept: int = 0
    lost: int = 0
    unpainted: int = 0
    batch: int = 0
    compile_seconds: float = 0.0
    looks: list[int] = field(default_factory=list)
    chosen: set[str] = field(default_factory=set)

    def want(self, wishes: Iterable[Wanted], wardrobe: Wardrobe) -> Iterator[Wanted]:
        """Those that lack something; what every photo has is counted on the way."""
        for one in wishes:
            self.kept += one.kept
            self.lost += one.lost
            self.chosen.update(one.chosen)
            self.looks.append(choice.spread(one.chosen, wardrobe.looks).looks)
            if one.missing:
                yield one

    def fail(self, wanted: Wanted, failure: Failure) -> None:
        """Count a photo that cannot be painted."""
        self.unpainted += len(wanted.missing)
        self.failures.append(failure)

    def progress(self) -> Progress:
        return Progress(self.made, self.kept, self.failed, self.total, self.rate())

    @property
    def failed(self) -> int:
        """Variants that cannot be made, for want of a prompt or of a usable photo."""
        return self.lost + self.unpainted

    def rate(self) -> float:
        return self.made / max(1e-9, time.monotonic() - self.started)


def expand(
    session: Session, dataset: str, settings: ExpandSettings | None = None, *, paint: PaintSettings | None = None,
    describe: DescribeSettings | None = None, executor: Executor | None = None,
    images: Collection[str] | None = None, on_progress: Callable[[Progress], None] | None = None,
) -> Expanded:  # fmt: skip
    """Give every photo of a split its variants; outfits of the train split without a prompt are described first.

    `images` names the only ones to dress, by their paths in the data set. UsageError if the split has none of them.
    `on_progress` is called after every batch (of workers: every task) and may raise Cancelled: what was painted is kept.
    """
    settings, start, workers = settings or ExpandSettings(), time.monotonic(), executor or Here(session)
    photos = _count(session, dataset, settings, images)
    paint = workers.ask(partial(guiding, settings=paint or PaintSettings(), dataset=dataset))
    split = wardrobe_split(session, dataset)
    described = describe_dataset(session, dataset, split=split, settings=describe, missing_only=True, executor=executor)
    model = workers.ask(identity)
    wardrobe, unread = open_wardrobe(session, dataset, model)
    plan = Plan(paint, settings.compile)
    compiled = compiled_for(session, plan) if executor is None else 0.0
    total = photos * min(settings.variants, len(wardrobe.looks))
    tally = Tally(total, time.monotonic(), [*described.failures, *unread], batch=paint.batch, compile_seconds=compiled)
    wanted = tally.want(Wishes(session, dataset, wardrobe, settings, paint, model, images), wardrobe)
    if executor is None:
        _paint_here(session, wanted, plan, tally, on_progress)
    else:
        _paint_by(executor, session, wanted, plan, tally, on_progress)
    return Expanded(
        tally.made, tally.kept, tally.failed, tuple(tally.failures), time.monotonic() - start, tally.rate(),
        tally.compile_seconds, tally.batch, choice.spread(sorted(tally.chosen), wardrobe.looks),
        sum(tally.looks) / max(1, len(tally.looks)),
    )  # fmt: skip


def _count(session: Session, dataset: str, settings: ExpandSettings, images: Collection[str] | None) -> int:
    """How many photos there are to dress; UsageError if there are none."""
    count = session.catalog.count_samples(dataset, split=settings.split)
    if not count:
        splits = ", ".join(session.catalog.facets(dataset).splits)
        raise UsageError(f"'{dataset}' has no photos in the split '{settings.split}'.", f"Its splits: {splits}.")
    if images is not None:
        count = sum(one.image.as_posix() in images for one in session.catalog.every_sample(dataset, settings.split))
    if not count:
        remedy = "Name images by their paths in the data set."
        raise UsageError(f"none of the images named is in the split '{settings.split}' of '{dataset}'.", remedy)
    return min(count, settings.limit or count)


# --- in this process ----------------------------------------------------------------------------------------------------


def _paint_here(
    session: Session, wanted: Iterable[Wanted], plan: Plan, tally: Tally, on_progress: Callable[[Progress], None] | None
) -> None:
    """Rows are written as soon as their files are."""
    batches = batches_of(session, plan.paint)

    def recorded() -> Iterator[Seen]:
        for one in wanted:
            seen = see(session, one, plan.paint)
            if seen.scene and seen.scene.new:
                row = record_mask(session, seen.scene.new)
                seen = replace(seen, scene=replace(seen.scene, mask_id=row.id, new=None))
            yield seen

    def keep(rows: Sequence[NewVariant]) -> None:
        session.catalog.put_variants(rows)

    def tell(count: int) -> None:
        tally.made += count
        tally.batch = batches.settings.batch
        if on_progress:
            on_progress(tally.progress())

    work = works(session, ahead(recorded(), AHEAD), tally.fail)
    paint_all(session, batches, groups(work, plan.paint.batch), keep, tell)


# --- by workers ---------------------------------------------------------------------------------------------------------


def _paint_by(
    executor: Executor, session: Session, wanted: Iterable[Wanted], plan: Plan, tally: Tally,
    on_progress: Callable[[Progress], None] | None,
) -> None:  # fmt: skip
    """Workers write files and say what rows they need; rows are written here, as the answers come."""

    def keep(_: Sequence[Wanted], done: Done) -> None:
        masks = {new.sample_id: record_mask(session, new).id for new in done.masks}
        rows = [replace(one, mask_id=masks.get(one.sample_id, one.mask_id)) for one in done.variants]
        session.catalog.put_variants(rows)
        tally.made += len(rows)
        tally.batch = min(tally.batch, done.batch)
        tally.compile_seconds = max(tally.compile_seconds, done.compile_seconds)
        for one, failure in done.failed:
            tally.fail(one, failure)

    def tell() -> None:
        if on_progress:
            on_progress(tally.progress())

    executor.each(partial(paint_photos, plan=plan), tasks(wanted, plan.paint.batch), keep, tell)


def tasks(wanted: Iterable[Wanted], batch: int) -> Iterator[list[Wanted]]:
    """Photos together whose variants fill whole batches, or about `TASK_BATCHES` of them."""
    task: list[Wanted] = []
    size = 0
    for one in wanted:
        task.append(one)
        size += len(one.missing)
        if size % batch == 0 or size >= TASK_BATCHES * batch:
            yield task
            task, size = [], 0
    if task:
        yield task
