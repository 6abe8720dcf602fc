"""The quality gate: measure every variant of a data set, reject what falls short, paint it again. Part of the stages.

Everything follows from the catalog and the files: what is measured is kept with its variant, the gate's verdicts follow from that
and the thresholds, and what is painted again from the verdicts. So a stop anywhere loses a batch, and the same call ends the same.
"""

import itertools
import json
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from dlcr import language
from dlcr.catalog import NewVariant, SampleRow, VariantRow
from dlcr.core.ahead import ahead
from dlcr.core.errors import MaskError, PhotoError, UsageError
from dlcr.core.images import read_mask, read_photo, resize
from dlcr.core.settings import DescribeSettings, GateSettings, PaintSettings
from dlcr.core.values import Box, Caption
from dlcr.inpaint import choice, crop
from dlcr.session import Session
from dlcr.stages import parse_photo
from dlcr.stages_check import Checks, Drift, Look, as_row, checked_by, imagenet, look_at
from dlcr.stages_describe import PAGE, Failure, say
from dlcr.stages_guide import guiding
from dlcr.stages_painting import Work, groups, paint_all
from dlcr.stages_wishes import Scene, Wish, variant_file

if TYPE_CHECKING:
    from dlcr.inpaint.latents import Encoded

MEASURES = {
    "outside_changed": ("max_outside", "pixels changed outside the mask"),
    "drift": ("max_drift", "identity drift"),
    "head_drift": ("max_head_drift", "identity drift of the head"),
    "agreement": ("min_agreement", "prompt agreement"),
    "seam": ("max_seam", "seam"),
}
"""What is measured, the threshold's name, what it is called."""
QUANTILES = {"least": 0.0, "q05": 0.05, "q25": 0.25, "median": 0.5, "q75": 0.75, "q95": 0.95, "most": 1.0}

OnProgress = Callable[[str, int, int], None]
"""Called after every batch with (checking or painting, done, total); may raise Cancelled."""


@dataclass(frozen=True, slots=True)
class Gated:
    """What the gate found: variants `checked` now and `kept` from before; those that fall short nowhere (`passed`), that the gate
    `rejected`, that people `judged`; `repainted` now, and rejected ones that are not to be painted again (`stuck`: no attempt left,
    another inpainter's, no mask). `measures` have quantiles and how many fail; `failures` could not be looked at."""

    checked: int
    kept: int
    passed: int
    rejected: int
    judged: int
    repainted: int
    stuck: int
    measures: Mapping[str, Mapping[str, float]]
    failures: tuple[Failure, ...]
    seconds: float
    checks_per_second: float


@dataclass(slots=True, eq=False)
class Count:
    """Counts while the work goes on."""

    checked: int = 0
    kept: int = 0
    repainted: int = 0
    seconds: float = 0.0
    failures: dict[str, Failure] = field(default_factory=dict)


def gate_dataset(
    session: Session, dataset: str, settings: GateSettings | None = None, *, describe: DescribeSettings | None = None,
    on_progress: OnProgress | None = None,
) -> Gated:  # fmt: skip
    """Measure the variants of a data set (or split) that are not yet, and judge all of them by the thresholds.

    `keep` leaves verdicts as they are, `flag` rejects what fails and takes back the gate's own rejection of what passes, `repaint`
    also paints what it rejected again, up to `attempts` times. A person's verdict stands. UsageError if there are no variants.
    """
    settings, start, count = settings or GateSettings(), time.monotonic(), Count()
    drift = drift_of(session, settings.run)
    by = checked_by(session, drift.name)
    report = on_progress or (lambda what, done, total: None)
    found = [_by(row) == by for _, row in all_variants(session, dataset, settings.split)]
    if not found:
        raise UsageError(f"'{dataset}' has no variants to check.", f"Make some: dlcr expand {dataset}")
    count.kept = sum(found)
    while True:
        _measure(session, dataset, settings, drift, describe or DescribeSettings(), count, report)
        if settings.gate != "keep":
            _judge(session, dataset, settings, by)
        todo = _again(session, dataset, settings, by) if settings.gate == "repaint" else []
        if not todo:
            break
        made = _repaint(session, todo, count, report)
        if not made:
            break
    return _summary(session, dataset, settings, by, count, time.monotonic() - start)


def drift_of(session: Session, run: str | None) -> Drift:
    """What drift is measured with: the embedded ImageNet trunk, or a re-ID run or backbone by name."""
    if run is None:
        return imagenet(session)
    from dlcr.stages_embed import network_of, vectors_of_pictures

    network, source = network_of(session, run)
    return Drift(f"{run} {source}", partial(vectors_of_pictures, network))


def all_variants(session: Session, dataset: str, split: str | None) -> Iterator[tuple[SampleRow, VariantRow]]:
    """Every variant of a data set or split with its photo, by photo."""
    after = 0
    while page := session.catalog.painted(dataset, after, PAGE):
        samples = {one.id: one for one in page if split is None or one.split == split}
        yield from ((samples[row.sample_id], row) for row in session.catalog.variants_of(list(samples)))
        after = page[-1].id


def falls_short(checks: Mapping[str, Any], settings: GateSettings) -> list[str]:
    """The measures in which a variant fails, each with its value and the threshold; what could not be measured does not count."""
    found = []
    for name, (threshold, said) in MEASURES.items():
        value, limit = checks[name], getattr(settings, threshold)
        if value is None:
            continue
        if value < limit if threshold.startswith("min") else value > limit:
            sign = "<" if threshold.startswith("min") else ">"
            found.append(f"{said} {value:.3g} {sign} {limit:.3g}")
    return found


# --- measure ------------------------------------------------------------------------------------------------------------


def _by(row: VariantRow) -> Any:
    """What a variant was checked by; None if it was not."""
    return (row.checks or {}).get("by")


def _measure(
    session: Session, dataset: str, settings: GateSettings, drift: Drift, describe: DescribeSettings, count: Count,
    report: OnProgress,
) -> None:  # fmt: skip
    """Check every variant that is not checked by these models, batch by batch, rows after each."""
    by = checked_by(session, drift.name)

    def missing() -> Iterator[tuple[SampleRow, VariantRow]]:
        for sample, row in all_variants(session, dataset, settings.split):
            if _by(row) != by and str(row.file) not in count.failures:
                yield sample, row

    total, start, done = sum(1 for _ in missing()), time.monotonic(), 0
    for group in ahead(_looks(session, missing(), settings.batch, count), 2):
        found = _check(session, [look for _, look in group], settings.batch, drift, describe)
        rows = {row.id: as_row(one, by) for (row, _), one in zip(group, found, strict=True) if one is not None}
        count.failures |= {
            str(row.file): Failure(str(row.file), "the captioner gave no usable reply.")
            for (row, _), one in zip(group, found, strict=True)
            if one is None
        }
        session.catalog.put_checks(rows)
        count.checked += len(rows)
        done += len(group)
        report("checking", done, total)
    count.seconds += time.monotonic() - start


def _check(
    session: Session, looks: Sequence[Look], size: int, drift: Drift, describe: DescribeSettings
) -> list[Checks | None]:
    """Checks of a batch; None where a captioner that is asked in words says nothing usable."""
    if not isinstance(session.captioner, language.Asked):
        return [*look_at(session, looks, size=size, drift=drift)]
    said = say(session, [look.image for look in looks], describe)
    heard = [(look, one) for look, one in zip(looks, said, strict=True) if isinstance(one, Caption)]
    if not heard:
        return [None] * len(looks)
    found = iter(look_at(session, [look for look, _ in heard], size=size, drift=drift, said=[one for _, one in heard]))
    return [next(found) if isinstance(one, Caption) else None for one in said]


def _looks(
    session: Session, pairs: Iterable[tuple[SampleRow, VariantRow]], size: int, count: Count
) -> Iterator[list[tuple[VariantRow, Look]]]:
    """Variants ready to be looked at, `size` at a time; what cannot be read is a failure."""
    group: list[tuple[VariantRow, Look]] = []
    for sample, row in pairs:
        try:
            group.append((row, _look(session, sample, row)))
        except (PhotoError, MaskError) as error:
            count.failures[str(row.file)] = Failure(str(row.file), str(error))
        if len(group) == size:
            yield group
            group = []
    if group:
        yield group


def _look(session: Session, sample: SampleRow, row: VariantRow) -> Look:
    photo, image = read_photo(sample.path), read_photo(session.workspace.home / row.file)
    if image.shape != photo.shape:
        raise PhotoError(f"{row.file} has another size than its photo.", "Paint it again.")
    mask = np.ones(photo.shape[:2], bool)
    if row.mask_id is not None:
        mask = read_mask(session.workspace.home / session.catalog.mask(row.mask_id).file, photo.shape[:2])
    try:
        parsed = parse_photo(session, photo)
        if row.mask_id is None:
            mask = parsed.mask
    except PhotoError:
        parsed = None
    return Look(photo, image, mask, row.prompt, parsed)


# --- judge --------------------------------------------------------------------------------------------------------------


def _judge(session: Session, dataset: str, settings: GateSettings, by: Mapping[str, str]) -> None:
    """Let the gate's verdicts say what the thresholds say now."""
    rows = (row for _, row in all_variants(session, dataset, settings.split) if _by(row) == by)
    while page := [*itertools.islice(rows, PAGE)]:
        short = {row.id: falls_short(row.checks or {}, settings) for row in page}
        rejected = {key: "; ".join(reasons) for key, reasons in short.items() if reasons}
        session.catalog.put_gate(rejected, [key for key, reasons in short.items() if not reasons])


# --- paint again --------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Again:
    """One variant to paint again: its photo, the rejected one, the wish with the next seed, where it goes."""

    sample: SampleRow
    row: VariantRow
    wish: Wish
    file: Path


def _again(session: Session, dataset: str, settings: GateSettings, by: Mapping[str, str]) -> list[Again]:
    """What the gate rejected and may try again, without those that were tried again before."""
    home, found = session.workspace.home, []
    pairs = all_variants(session, dataset, settings.split)
    for _, group in itertools.groupby(pairs, key=lambda pair: pair[0].id):
        same = [*group]
        there = {row.file for _, row in same}
        for sample, row in same:
            wish = _next(session, sample, row, settings.attempts) if _is_rejected(row, by) else None
            if wish is None:
                continue
            paint = PaintSettings(**row.lineage["settings"])
            file = variant_file(session, sample.id, row.lineage["mask"], wish, paint, session.inpainter.identity)
            if file not in there or not (home / file).exists():
                found.append(Again(sample, row, wish, file))
    return found


def _is_rejected(row: VariantRow, by: Mapping[str, str]) -> bool:
    """Whether the gate, not a person, rejected it, by these models."""
    return (row.judge, row.verdict) == ("gate", "rejected") and _by(row) == by


def _next(session: Session, sample: SampleRow, row: VariantRow, attempts: int) -> Wish | None:
    """The next attempt at a rejected variant: its seed follows from the one before. None if there is none."""
    told, engine = row.lineage, session.inpainter
    source = told.get("source", {})
    attempt = int(source.get("attempt", 0)) + 1
    painter = told.get("engine", {})
    if attempt > attempts or row.mask_id is None or "read" not in told:
        return None
    if (painter.get("model"), painter.get("digest")) != (engine.name, engine.digest):
        return None
    outfit = str(source.get("outfit", ""))
    seed = choice.variant_seed(sample.image.as_posix(), outfit, row.seed)
    return Wish(outfit, row.prompt, told["read"], seed, source.get("place"), attempt)


def _repaint(session: Session, todo: Sequence[Again], count: Count, report: OnProgress) -> int:
    """Paint them, those of the same settings together; how many were made."""
    from dlcr.inpaint.batches import Batches

    by_settings: dict[str, list[Again]] = {}
    for one in todo:
        by_settings.setdefault(json.dumps(one.row.lineage["settings"], sort_keys=True), []).append(one)
    made = 0

    def keep(rows: Sequence[NewVariant]) -> None:
        session.catalog.put_variants(rows)

    def tell(painted: int) -> None:
        nonlocal made
        made += painted
        report("painting", made, len(todo))

    for told, part in sorted(by_settings.items()):
        paint = guiding(session, PaintSettings(**json.loads(told)))
        batches = Batches(session.inpainter, paint)
        work = _work(session, part, paint, count)
        paint_all(session, batches, groups(work, paint.batch), keep, tell)
    count.repainted += made
    return made


def _work(session: Session, todo: Sequence[Again], paint: PaintSettings, count: Count) -> Iterator[Work]:
    """Each with its photo as it was shown to the model, encoded once for variants that follow each other."""
    from dlcr.inpaint.latents import Item

    engine, last = session.inpainter, (-1, -1, (0, 0, 0, 0))
    scene: Scene | None = None
    encoded: Encoded | None = None
    for one in todo:
        box = Box(*one.row.lineage["box"])
        mask_id = one.row.mask_id or 0
        key = (one.sample.id, mask_id, (box.x0, box.y0, box.x1, box.y1))
        if key != last or scene is None or encoded is None:
            try:
                photo = read_photo(one.sample.path)
                mask = read_mask(session.workspace.home / session.catalog.mask(mask_id).file, photo.shape[:2])
            except (PhotoError, MaskError) as error:
                count.failures[str(one.file)] = Failure(str(one.file), str(error))
                continue
            canvas = crop.to_canvas(photo, mask, box, engine.width, engine.height)
            whole = resize(crop.cut(photo, box), engine.width, engine.height) if paint.strength < 1 else None
            scene, last = Scene(one.sample, photo, mask, mask_id, canvas, whole), key
            encoded = engine.encode(canvas, whole)
        yield Work(scene, one.wish, one.file, Item(encoded, one.wish.read, one.wish.seed))


# --- tell ---------------------------------------------------------------------------------------------------------------


def _summary(
    session: Session, dataset: str, settings: GateSettings, by: Mapping[str, str], count: Count, seconds: float
) -> Gated:
    checks, rejected, judged, stuck = [], 0, 0, 0
    for sample, row in all_variants(session, dataset, settings.split):
        if row.checks and _by(row) == by:
            checks.append(row.checks)
            judged += row.judge == "user"
            if _is_rejected(row, by):
                rejected += 1
                stuck += _next(session, sample, row, settings.attempts) is None if settings.gate == "repaint" else 0
    return Gated(
        checked=count.checked, kept=count.kept, passed=sum(not falls_short(one, settings) for one in checks),
        rejected=rejected, judged=judged, repainted=count.repainted, stuck=stuck,
        measures={name: _spread(name, checks, settings) for name in MEASURES},
        failures=tuple(count.failures[name] for name in sorted(count.failures)), seconds=seconds,
        checks_per_second=count.checked / max(1e-9, count.seconds),
    )  # fmt: skip


def _spread(name: str, checks: Sequence[Mapping[str, Any]], settings: GateSettings) -> dict[str, float]:
    """Quantiles of one measure, how many were measured, how many fail, and the threshold."""
    threshold = MEASURES[name][0]
    limit = float(getattr(settings, threshold))
    values = np.array([one[name] for one in checks if one[name] is not None], float)
    failing = int((values < limit).sum() if threshold.startswith("min") else (values > limit).sum())
    told = {"count": len(values), "failing": failing, threshold: limit}
    if len(values):
        told |= {key: float(np.quantile(values, share)) for key, share in QUANTILES.items()}
    return told
