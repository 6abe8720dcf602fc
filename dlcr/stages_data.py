"""Data sets into the catalog and out of it: indexing, opening every file once, the release format both ways.

Part of the stages; `dlcr.stages` gives these names too.
"""

import shutil
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, dataclass
from pathlib import Path

from dlcr import data
from dlcr.catalog import Checked, DatasetRow, FolderRows, Health, Summary
from dlcr.core.errors import UsageError
from dlcr.core.names import checked_name
from dlcr.data.ahead import ahead
from dlcr.data.examine import examine
from dlcr.data.walk import Listing
from dlcr.session import Session

Progress = Callable[[str, int, int], None]
"""(what, done, total) of work under way."""
CHECKERS = 4
"""Threads that decode pictures; decoding leaves Python's lock alone."""
CHECK_BATCH = 500
LAYOUTS = ("auto", *data.LAYOUTS)
"""Names of layouts; `auto` recognises them."""
KEPT = ("world", "uploads")
"""Data sets that every workspace has."""


@dataclass(frozen=True, slots=True)
class Index:
    """What `index` found: counts, splits (name -> images), unusable files as (path, reason), what changed, health.

    `why` says how the layout was recognised, empty if it was given. Sizes of `clothes` leave unknown outfits out.
    """

    layout: str
    why: str
    images: int
    pids: int
    clothes: int
    cameras: int
    splits: Mapping[str, int]
    bad: Sequence[tuple[str, str]]
    new: int
    changed: int
    gone: int
    health: Health
    seconds: float


def index(
    session: Session, root: Path | str, layout: str, name: str, *, check: bool = True, on_progress: Progress | None = None,
) -> Index:  # fmt: skip
    """Read a data set into the catalog, folder by folder, then open every file that was not opened since it changed.

    Nothing is written below `root`. Stopped anywhere, the same call goes on. With `check` off files stay unopened.
    LayoutError if the folder is of another layout, UsageError for an unknown one.
    """
    start = time.monotonic()
    _check_name(session, name, root)
    with data.scan(layout, Path(root).expanduser().resolve()) as scan:
        lost = [(one.path.as_posix(), one.reason) for one in scan.lost]
        if not lost and not any(labels.names or labels.bad for _, labels in scan.changed({})):
            raise scan.misfit()
        run = session.catalog.begin_index(name, scan.root, scan.layout, scan.rules)
        found = session.catalog.put_folders(run, ahead(_folders(scan, run.known, on_progress)))
        gone = found.gone + session.catalog.end_index(run, scan.listing.digests)
    if check:
        check_files(session, name, on_progress=on_progress)
    summary, health = session.catalog.summary(run.dataset.id), session.catalog.health(run.dataset.id)
    flawed = [(one.image, one.reason) for one in session.catalog.flawed(run.dataset.id)]
    return Index(
        scan.layout, scan.why, summary.images, summary.pids, summary.clothes, summary.cameras,
        {split: counts.images for split, counts in summary.splits.items()}, sorted(lost + flawed),
        found.new, found.changed, gone, health, time.monotonic() - start,
    )  # fmt: skip


def _check_name(session: Session, name: str, root: Path | str) -> None:
    """UsageError for a name that cannot be a data set's, or that belongs to a set of the program's own."""
    own = {"world": data.world_root(), "uploads": session.workspace.uploads}
    if checked_name(name, "a data set") in own and Path(root).expanduser().resolve() != own[name].resolve():
        raise UsageError(f"the data set '{name}' belongs to the program.", "Choose another name for yours.")


def stale(session: Session, name: str) -> bool:
    """Whether files of the data set changed, appeared or went away since it was indexed; files are not opened."""
    row = session.catalog.dataset(name)
    with Listing(row.root) as listing:
        return listing.digests != session.catalog.folder_digests(row.id)


def _folders(scan: data.Scan, known: Mapping[str, str], on_progress: Progress | None) -> Iterator[FolderRows]:
    """The changed folders as the catalog takes them."""
    done, total = 0, scan.listing.pictures
    for listed, labels in scan.changed(known):
        sizes, times = listed.sizes, listed.times
        if len(labels.names) != len(listed.names):
            places = {name: place for place, name in enumerate(listed.names)}
            chosen = [places[name] for name in labels.names]
            sizes, times = [sizes[place] for place in chosen], [times[place] for place in chosen]
        yield FolderRows(
            listed.folder, listed.digest, labels.names, labels.splits, labels.pids, labels.camids, labels.clothes_ids,
            labels.tracklets, sizes, times, labels.bad,
        )  # fmt: skip
        done += len(listed.names)
        if on_progress:
            on_progress("indexing", done, total)


def check_files(session: Session, name: str, *, on_progress: Progress | None = None) -> int:
    """Open every file of the data set that was not opened since it changed, and keep what is found; how many it were."""
    dataset = session.catalog.dataset(name)
    total = session.catalog.health(dataset.id).unchecked
    done = after = 0
    with ThreadPoolExecutor(CHECKERS) as pool:
        while total and (batch := session.catalog.unchecked(dataset.id, after, CHECK_BATCH)):
            told = pool.map(examine, [dataset.root / image for _, image in batch])
            found = [Checked(key, **asdict(one)) for (key, _), one in zip(batch, told, strict=True)]
            session.catalog.put_checked(dataset.id, found)
            done, after = done + len(batch), batch[-1][0]
            if on_progress:
                on_progress("opening", done, max(done, total))
    if done:
        session.catalog.put_checked(dataset.id, [], last=True)
    return done


@dataclass(frozen=True, slots=True)
class About:
    """A data set as a whole: where it lies, its sizes and health, the protocols it can be tested by."""

    row: DatasetRow
    summary: Summary
    health: Health
    protocols: tuple[str, ...]


def about(session: Session, name: str) -> About:
    """What is known of a data set; UsageError lists the known ones."""
    row = session.catalog.dataset(name)
    summary, health = session.catalog.summary(row.id), session.catalog.health(row.id)
    asked = {"query", "gallery"} <= set(summary.splits)
    return About(row, summary, health, data.protocols(row.layout) if asked else ())


def forget(session: Session, name: str) -> int:
    """Take a data set out of the catalog, never from disk; UsageError for those that every workspace has."""
    if name in KEPT:
        raise UsageError(f"the data set '{name}' belongs to the program.", "Choose one that you indexed.")
    return session.catalog.forget_dataset(name)


@dataclass(frozen=True, slots=True)
class Disk:
    """Bytes of the catalog's own file (0 if it is a server's), and free ones in the workspace."""

    catalog: int
    free: int


def disk_use(session: Session) -> Disk:
    """How much room the catalog takes, and how much is left."""
    home = session.workspace.home
    size = sum(file.stat().st_size for file in sorted(home.glob("catalog.sqlite*")))
    return Disk(size, shutil.disk_usage(home).free)
