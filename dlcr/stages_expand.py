"""Expand whole data sets: every photo dressed in other outfits of the train split. Part of the stages.

The catalog says what is there: a variant counts if it has its row and its file. Doing it twice changes nothing, and a stop
anywhere loses at most the batches in flight. Photos are read and parsed ahead, encoded once for all their variants, painted
in batches over photos, written by a pool; each batch's rows follow their files. What fails is listed and does not stop the rest.
"""

import time
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from dlcr.catalog import NewVariant
from dlcr.core.ahead import ahead
from dlcr.core.errors import UsageError
from dlcr.core.files import write_bytes
from dlcr.core.settings import DescribeSettings, ExpandSettings, PaintSettings
from dlcr.core.values import Variant
from dlcr.inpaint import choice, crop, lineage
from dlcr.inpaint.writer import Writer
from dlcr.session import Session
from dlcr.stages_describe import Failure, describe_dataset
from dlcr.stages_guide import guiding
from dlcr.stages_wishes import Scene, Seen, Wardrobe, Wish, Wishes, open_wardrobe, wardrobe_split

if TYPE_CHECKING:
    from dlcr.inpaint.batches import Painted
    from dlcr.inpaint.latents import Item

AHEAD = 4
"""Photos that are read and parsed while others are painted."""


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
    looks: list[int] = field(default_factory=list)
    chosen: set[str] = field(default_factory=set)

    def see(self, seen: Seen, wardrobe: Wardrobe) -> None:
        """Count what one photo has and lacks."""
        self.kept += seen.kept
        self.lost += seen.lost
        self.failures += [seen.failure] if seen.failure else []
        self.chosen.update(seen.chosen)
        self.looks.append(choice.spread(seen.chosen, wardrobe.looks).looks)

    def progress(self) -> Progress:
        return Progress(self.made, self.kept, self.lost, self.total, self.rate())

    def rate(self) -> float:
        return self.made / max(1e-9, time.monotonic() - self.started)


@dataclass(frozen=True, slots=True, eq=False)
class Work:
    """One variant on its way: from which scene, what is wished, where it goes, what the engine gets."""

    scene: Scene
    wish: Wish
    file: Path
    item: "Item"


def expand(
    session: Session, dataset: str, settings: ExpandSettings | None = None, *, paint: PaintSettings | None = None,
    describe: DescribeSettings | None = None, on_progress: Callable[[Progress], None] | None = None,
) -> Expanded:  # fmt: skip
    """Give every photo of a split its variants; outfits of the train split without a prompt are described first.

    `on_progress` is called after every batch and may raise Cancelled: what was painted until then is kept.
    """
    from dlcr.inpaint.batches import Batches

    settings, start = settings or ExpandSettings(), time.monotonic()
    photos = _count(session, dataset, settings)
    paint = guiding(session, paint or PaintSettings(), dataset)
    described = describe_dataset(
        session, dataset, split=wardrobe_split(session, dataset), settings=describe, missing_only=True
    )
    wardrobe, unread = open_wardrobe(session, dataset)
    compiled = session.inpainter.compile(paint) if settings.compile and not session.inpainter.compiled else 0.0
    total = photos * min(settings.variants, len(wardrobe.looks))
    tally = Tally(total, time.monotonic(), [*described.failures, *unread])
    batches = Batches(session.inpainter, paint)
    wishes = Wishes(session, dataset, wardrobe, settings, paint)
    paint_all(session, batches, groups(_work(session, wishes, tally), paint.batch), tally, on_progress)
    return Expanded(
        tally.made, tally.kept, tally.lost, tuple(tally.failures), time.monotonic() - start, tally.rate(), compiled,
        batches.settings.batch, choice.spread(sorted(tally.chosen), wardrobe.looks),
        sum(tally.looks) / max(1, len(tally.looks)),
    )  # fmt: skip


def _count(session: Session, dataset: str, settings: ExpandSettings) -> int:
    """How many photos there are to dress; UsageError if the split has none."""
    count = session.catalog.count_samples(dataset, split=settings.split)
    if not count:
        splits = ", ".join(session.catalog.facets(dataset).splits)
        raise UsageError(f"'{dataset}' has no photos in the split '{settings.split}'.", f"Its splits: {splits}.")
    return min(count, settings.limit or count)


def _work(session: Session, wishes: Wishes, tally: Tally) -> Iterator[Work]:
    """Everything to paint, photo by photo; each is encoded once."""
    from dlcr.inpaint.latents import Item

    for seen in ahead(wishes, AHEAD):
        tally.see(seen, wishes.wardrobe)
        if seen.scene is None:
            continue
        encoded = session.inpainter.encode(seen.scene.canvas, seen.scene.whole)
        for wish, file in seen.missing:
            yield Work(seen.scene, wish, file, Item(encoded, wish.read, wish.seed))


def groups(work: Iterable[Work], size: int) -> Iterator[list[Work]]:
    """`size` at a time; the last may be smaller."""
    group: list[Work] = []
    for one in work:
        group.append(one)
        if len(group) == size:
            yield group
            group = []
    if group:
        yield group


def paint_all(
    session: Session, batches: Any, grouped: Iterator[list[Work]], tally: Tally,
    on_progress: Callable[[Progress], None] | None,
) -> None:  # fmt: skip
    """Paint group by group; files by the pool, rows after their files, also when something stops the work."""
    facts = session.inpainter.facts()
    rows: list[NewVariant] = []
    with Writer[NewVariant](waiting=max(8, 4 * batches.settings.batch)) as writer:
        try:
            for group in grouped:
                for work, painted in zip(group, batches.paint([one.item for one in group]), strict=True):
                    rows += writer.submit(partial(_write, session.workspace.home, work, painted, facts))
                tally.made += len(group)
                session.catalog.put_variants(rows)
                rows = []
                if on_progress:
                    on_progress(tally.progress())
        finally:
            session.catalog.put_variants(rows + writer.drain())


def _write(home: Path, work: Work, painted: "Painted", facts: dict[str, Any]) -> NewVariant:
    """Paste, tell the lineage, write the PNG; its row."""
    scene, wish = work.scene, work.wish
    source: dict[str, Any] = {
        "dataset": scene.sample.dataset,
        "image": scene.sample.image.as_posix(),
        "outfit": wish.outfit,
    }
    if wish.attempt:
        source["attempt"] = wish.attempt
    told = lineage.describe(
        photo=scene.photo, mask=scene.mask, box=scene.canvas.box, prompt=wish.prompt, read=wish.read, seed=wish.seed,
        settings=painted.settings, engine=facts, source=source,
    )  # fmt: skip
    image = crop.from_canvas(scene.photo, scene.mask, painted.picture, scene.canvas.box)
    write_bytes(home / work.file, lineage.variant_png(Variant(image, wish.prompt, wish.seed, told)))
    short = told | {"mask": told["mask"]["digest"]}
    return NewVariant(scene.sample.id, scene.mask_id, work.file, wish.prompt, wish.seed, str(facts["model"]), short)
