"""Painting what photos lack: scenes encoded once, batches over photos, files by a pool of threads. Part of the stages.

`expand` uses it in its own process and by workers, the quality gate to paint again. Nothing here knows the catalog's rows but to
say which ones the files need.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from dlcr.catalog import NewMask, NewVariant
from dlcr.core.ahead import ahead
from dlcr.core.files import write_bytes
from dlcr.core.settings import PaintSettings
from dlcr.core.values import Variant
from dlcr.inpaint import crop, lineage
from dlcr.inpaint.identity import Identity
from dlcr.inpaint.writer import Writer
from dlcr.session import Session
from dlcr.stages_describe import Failure
from dlcr.stages_guide import guiding
from dlcr.stages_wishes import Scene, Seen, Wanted, Wish, see

if TYPE_CHECKING:
    from dlcr.inpaint.batches import Batches, Painted
    from dlcr.inpaint.latents import Item

AHEAD = 4
"""Photos that are read and parsed while others are painted."""

Keep = Callable[[Sequence[NewVariant]], None]
"""What becomes of the rows of files that are written."""


def identity(session: Session) -> Identity:
    """What tells the session's inpainter from others."""
    return session.inpainter.identity


@dataclass(frozen=True, slots=True)
class Plan:
    """How everything is painted; `compile` the model first."""

    paint: PaintSettings
    compile: bool


def compiled_for(session: Session, plan: Plan) -> float:
    """Compile the inpainter if the plan says so and it is not yet; the seconds it took."""
    wanted = plan.compile and not session.inpainter.compiled
    return session.inpainter.compile(plan.paint) if wanted else 0.0


def batches_of(session: Session, paint: PaintSettings) -> "Batches":
    """What paints: kept while the models are, so that memory runs short once."""
    from dlcr.inpaint.batches import Batches

    batches: Batches = session.model(f"batches {paint!r}", lambda: Batches(session.inpainter, paint))
    return batches


@dataclass(frozen=True, slots=True, eq=False)
class Work:
    """One variant on its way: from which scene, what is wished, where it goes, what the engine gets."""

    scene: Scene
    wish: Wish
    file: Path
    item: "Item"


def works(session: Session, photos: Iterable[Seen], fail: Callable[[Wanted, Failure], None]) -> Iterator[Work]:
    """Everything to paint, photo by photo; each is encoded once."""
    from dlcr.inpaint.latents import Item

    for seen in photos:
        if seen.failure:
            fail(seen.wanted, seen.failure)
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
    session: Session, batches: "Batches", grouped: Iterator[list[Work]], keep: Keep,
    tell: Callable[[int], None] | None = None,
) -> None:  # fmt: skip
    """Paint group by group; files by the pool, rows to `keep` after their files, also when something stops the work.

    `tell` gets how many were painted, after each group.
    """
    facts = session.inpainter.facts()
    rows: list[NewVariant] = []
    with Writer[NewVariant](waiting=max(8, 4 * batches.settings.batch)) as writer:
        try:
            for group in grouped:
                for work, painted in zip(group, batches.paint([one.item for one in group]), strict=True):
                    rows += writer.submit(partial(_write, session.workspace.home, work, painted, facts))
                keep(rows)
                rows = []
                if tell:
                    tell(len(group))
        finally:
            keep(rows + writer.drain())


def _write(home: Path, work: Work, painted: "Painted", facts: dict[str, Any]) -> NewVariant:
    """Paste, tell the lineage, write the PNG; its row."""
    scene, wish = work.scene, work.wish
    source: dict[str, Any] = {
        "dataset": scene.sample.dataset,
        "image": scene.sample.image.as_posix(),
        "outfit": wish.outfit,
    }
    if wish.place is not None:
        source["place"] = wish.place
    if wish.attempt:
        source["attempt"] = wish.attempt
    told = lineage.describe(
        photo=scene.photo, mask=scene.mask, box=scene.canvas.box, prompt=wish.prompt, read=wish.read, seed=wish.seed,
        settings=painted.settings, engine=facts, source=source,
    )  # fmt: skip
    image = crop.from_canvas(scene.photo, scene.mask, painted.picture, scene.canvas.box)
    variant = Variant(image, wish.prompt, wish.seed, told)
    write_bytes(home / work.file, lineage.variant_png(variant))
    return NewVariant.of(scene.sample.id, scene.mask_id, work.file, variant)


# --- as a worker's task ----------------------------------------------------------------------------------------------


@dataclass(slots=True, eq=False)
class Done:
    """What a worker did: rows of files that are written (variants of a mask in `masks` carry no mask id yet), what failed."""

    batch: int
    compile_seconds: float
    variants: list[NewVariant] = field(default_factory=list)
    masks: list[NewMask] = field(default_factory=list)
    failed: list[tuple[Wanted, Failure]] = field(default_factory=list)


def paint_photos(session: Session, photos: Sequence[Wanted], plan: Plan) -> Done:
    """Paint what photos lack and write the files, as `expand` does in one process."""
    paint = guiding(session, plan.paint)
    compiled = compiled_for(session, plan)
    batches = batches_of(session, paint)
    done = Done(batches.settings.batch, compiled)

    def seen() -> Iterator[Seen]:
        for one in photos:
            found = see(session, one, paint)
            if found.scene and found.scene.new:
                done.masks.append(found.scene.new)
            yield found

    work = works(session, ahead(seen(), AHEAD), lambda one, failure: done.failed.append((one, failure)))
    paint_all(session, batches, groups(work, paint.batch), done.variants.extend)
    done.batch = batches.settings.batch
    return done
