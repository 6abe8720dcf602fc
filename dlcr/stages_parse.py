"""Parse whole data sets: one mask for every photo. Part of the stages.

The catalog says what is there: a photo is done if its newest mask is this parser's, made in the same way, and has its file. One
that a person made stays the newest. What fails is listed and does not stop the rest.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import partial

from dlcr.catalog import MaskRow, NewMask, SampleRow
from dlcr.core.errors import MaskError, PhotoError
from dlcr.core.files import sweep
from dlcr.core.images import read_photo
from dlcr.core.settings import CLOTHES_ONLY, MaskSettings
from dlcr.session import Executor, Here, Session
from dlcr.stages import BY_PARSER, parse_photo, parser_source, record_mask, record_once, write_parsed
from dlcr.stages_describe import PAGE, Failure

BATCH = 8
"""Photos a task."""


@dataclass(slots=True, eq=False)
class Parsed:
    """Masks `made` now and `kept` from before, the mean share of the pixels they cover, and what failed."""

    made: int = 0
    kept: int = 0
    coverage: float = 0.0
    failures: list[Failure] = field(default_factory=list)

    def add(self, share: float) -> None:
        """Count one mask's share into the mean."""
        self.coverage += (share - self.coverage) / (self.made + self.kept)


def parse_dataset(
    session: Session, dataset: str, *, executor: Executor | None = None,
    how: MaskSettings = CLOTHES_ONLY, on_mask: Callable[[SampleRow, MaskRow], None] | None = None,
    on_progress: Callable[[int, int], None] | None = None,
) -> Parsed:  # fmt: skip
    """Give every photo of a data set the parser's mask, made as `how` says; `expand` paints through the newest.

    `on_mask` gets each photo with its mask, new or kept; `on_progress` gets (photos done, photos) and may raise Cancelled.
    """
    found, total = Parsed(), session.catalog.count_samples(dataset)

    def here(sample: SampleRow, row: MaskRow) -> None:
        found.add(row.coverage)
        if on_mask:
            on_mask(sample, row)

    def tasks() -> Iterator[list[SampleRow]]:
        part: list[SampleRow] = []
        for sample, row in _with_masks(session, dataset, how):
            if row is not None:
                found.kept += 1
                here(sample, row)
                continue
            part.append(sample)
            if len(part) == BATCH:
                yield part
                part = []
        if part:
            yield part

    def keep(part: Sequence[SampleRow], made: Sequence[NewMask | Failure]) -> None:
        for sample, one in zip(part, made, strict=True):
            if isinstance(one, Failure):
                found.failures.append(one)
            else:
                found.made += 1
                here(sample, _record(session, one))

    def tell() -> None:
        if on_progress:
            on_progress(found.made + found.kept + len(found.failures), total)

    (executor or Here(session)).each(partial(parse_samples, how=how), tasks(), keep, tell)
    found.failures.sort(key=lambda one: one.name)
    return found


def _record(session: Session, new: NewMask) -> MaskRow:
    """The row of a parser's mask: the newest one, unless a person made that."""
    rows = session.catalog.masks(new.sample_id)
    by_hand = bool(rows) and not rows[-1].source.startswith(BY_PARSER)
    return record_once(session, new) if by_hand else record_mask(session, new)


def _with_masks(session: Session, dataset: str, how: MaskSettings) -> Iterator[tuple[SampleRow, MaskRow | None]]:
    """Every sample with the mask that it needs no parser for: this one's, made in this way, if that has its file.

    It must be newer than other parsers' and other ways'; where a person made the newest and there is none of this parser, theirs.
    """
    after, home, source = 0, session.workspace.home, parser_source(session, how)
    while page := session.catalog.find_samples(dataset, after=after, limit=PAGE):
        ids = [sample.id for sample in page]
        newest, own = session.catalog.newest_masks(ids), session.catalog.newest_masks(ids, source)
        for sample in page:
            row = newest.get(sample.id)
            if row is not None:
                by_hand = not row.source.startswith(BY_PARSER)
                row = own.get(sample.id, row) if by_hand else row if row.source == source else None
            yield sample, row if row is not None and (home / row.file).exists() else None
        after = page[-1].id


def parse_samples(
    session: Session, samples: Sequence[SampleRow], how: MaskSettings = CLOTHES_ONLY
) -> list[NewMask | Failure]:
    """Parse photos and write their masks' files: the row of each, or why there is none."""
    found: list[NewMask | Failure] = []
    for sample in samples:
        sweep(session.workspace.masks / str(sample.id))
        try:
            found.append(write_parsed(session, sample.id, parse_photo(session, read_photo(sample.path)), how))
        except (PhotoError, MaskError) as error:
            found.append(Failure(sample.image.as_posix(), str(error)))
    return found
