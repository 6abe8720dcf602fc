"""The DLCR release format into the catalog and out of it. Part of the stages; `dlcr.stages` gives these names too."""

import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from pathlib import Path

import numpy as np

from dlcr.catalog import NewVariant, SampleRow
from dlcr.core.errors import PhotoError, UsageError
from dlcr.core.files import sweep, write_bytes
from dlcr.core.images import digest, photo_size, read_photo, write_png
from dlcr.data import release
from dlcr.data.labels import BadPicture
from dlcr.session import Session

Progress = Callable[[str, int, int], None]
Change = Callable[[np.ndarray], np.ndarray]
RELEASE = "release"
"""The model of variants that came as a release: who painted them, it does not say."""
BATCH = 30
GUESSED_FROM = 200
"""Strips looked at to tell which data set a release belongs to."""


@dataclass(frozen=True, slots=True)
class Moved:
    """What import or export did: photos, variants (`new` ones of them to the catalog), and (path, reason) of what was left."""

    dataset: str
    path: str
    images: int
    variants: int
    new: int
    bad: Sequence[tuple[str, str]]
    seconds: float


def import_release(
    session: Session, root: Path | str, dataset: str | None = None, on_progress: Progress | None = None
) -> Moved:
    """Take in the strips of a release as variants of the data set's photos (`dataset` None: the one that they fit best).

    Nothing is written below `root`; doing it twice changes nothing. Strips of a wrong width, without a photo, or whose
    prompts are too few or too many are told in `bad`; the rest is imported. UsageError if the release fits no data set.
    """
    start, root, bad = time.monotonic(), Path(root).expanduser().resolve(), list[BadPicture]()
    name = session.catalog.dataset(dataset).name if dataset else _guess(session, root)
    images = variants = new = 0
    for batch in _batches(release.strips(root, bad)):
        photos = session.catalog.by_stem(name, [strip.stem for strip in batch])
        for strip in batch:
            try:
                sample = _one(name, strip, photos.get(strip.stem, ()))
                found = _cut(session, root, strip, sample)
                new += session.catalog.put_variants(found)
                images, variants = images + 1, variants + len(found)
            except PhotoError as error:
                bad.append(BadPicture(strip.path, str(error)))
        if on_progress:
            on_progress("importing", images + len(bad), 0)
    left = sorted((one.path.as_posix(), one.reason) for one in bad)
    return Moved(name, str(root), images, variants, new, left, time.monotonic() - start)


def _batches(strips: Iterator[release.Strip]) -> Iterator[list[release.Strip]]:
    while batch := list(islice(strips, BATCH)):
        yield batch


def _guess(session: Session, root: Path) -> str:
    """The data set that most of the first strips have photos in."""
    stems = [strip.stem for strip in islice(release.strips(root, []), GUESSED_FROM)]
    fits = {row.name: len(session.catalog.by_stem(row.name, stems)) for row in session.catalog.datasets()}
    best = max(fits, key=lambda name: fits[name])
    if equal := [name for name in sorted(fits) if fits[name] == fits[best] and name != best and fits[best]]:
        raise UsageError(f"the strips in {root} fit {', '.join([best, *equal])} equally.", "Say which with --dataset.")
    if not fits[best]:
        known = ", ".join(sorted(fits))
        raise UsageError(f"no photo of a known data set ({known}) has a strip in {root}.", "Index the photos first.")
    return best


def _one(dataset: str, strip: release.Strip, photos: Sequence[SampleRow]) -> SampleRow:
    if len(photos) == 1:
        return photos[0]
    if not photos:
        raise PhotoError(f"the data set '{dataset}' has no photo {strip.stem}.*.", "Index the photos it was made from.")
    names = ", ".join(photo.image.name for photo in photos)
    raise PhotoError(f"it may belong to any of {names}.", "Give the photos different names.")


def _cut(session: Session, root: Path, strip: release.Strip, sample: SampleRow) -> list[NewVariant]:
    """Write a strip's variants as files of the workspace."""
    pieces = release.cut(read_photo(root / strip.path), *photo_size(sample.path), len(strip.prompts))
    found = []
    for index, (piece, prompt) in enumerate(zip(pieces, strip.prompts, strict=True)):
        file = session.workspace.variants / str(sample.id) / f"release-{index:03}-{digest(piece)}.png"
        if not file.exists():
            write_png(file, piece)
        lineage = {"release": {"strip": strip.path.as_posix(), "index": index}, "prompt": prompt}
        found.append(NewVariant(sample.id, None, file.relative_to(session.workspace.home), prompt, 0, RELEASE, lineage))
    return found


def export_release(
    session: Session, dataset: str, out: Path | str, *, accepted: bool = False, change: Change | None = None,
    on_progress: Progress | None = None,
) -> Moved:  # fmt: skip
    """Write a data set's variants (`accepted`: only those) below `out` in the release format, as they were chosen.

    `change` is made to each picture on its way out, such as blurring faces.
    UsageError if `out` lies in the data set's own folder. What cannot be joined is told in `bad`; the rest is written.
    """
    start, out = time.monotonic(), Path(out).expanduser().resolve()
    row = session.catalog.dataset(dataset)
    if out.is_relative_to(row.root):
        raise UsageError(
            f"{out} lies in the data set's own folder, which is never written to.", "Choose another folder."
        )
    sweep(out, below=True)
    written, bad = set[Path](), list[tuple[str, str]]()
    images = variants = after = 0
    while page := session.catalog.painted(dataset, after):
        for sample in page:
            kept = [
                one for one in session.catalog.variants_of([sample.id]) if not accepted or one.verdict == "accepted"
            ]
            try:
                if kept:
                    pictures = [read_photo(session.workspace.home / one.file) for one in kept]
                    prompts = [one.prompt for one in kept]
                    _write(out, sample, [change(one) for one in pictures] if change else pictures, prompts, written)
                    images, variants = images + 1, variants + len(kept)
            except PhotoError as error:
                bad.append((sample.image.as_posix(), str(error)))
        after = page[-1].id
        if on_progress:
            on_progress("exporting", images, 0)
    return Moved(dataset, str(out), images, variants, 0, bad, time.monotonic() - start)


def _write(
    out: Path, sample: SampleRow, pictures: Sequence[np.ndarray], prompts: Sequence[str], written: set[Path]
) -> None:
    """One strip and its prompts."""
    file = out / release.strip_path(sample.image)
    if file in written:
        raise PhotoError(f"{file.name} already holds another photo's strip.", "Give the photos different names.")
    strip = release.join(pictures)
    write_bytes(file.with_suffix(".txt"), release.prompts_text(prompts).encode())
    write_png(file, strip)
    written.add(file)
