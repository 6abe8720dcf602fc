"""What the Data page does, as plain functions; `data.py` connects them to widgets."""

from __future__ import annotations

import queue
import threading
from collections.abc import Callable, Generator, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qsl, urlencode

from dlcr import stages
from dlcr.core.errors import Cancelled, UsageError
from pages import _data_view as view
from pages import _text as text
from pages._widgets import say

Report = Callable[[str, int, int], None]


@dataclass(slots=True, eq=False)
class Desk:
    """One tab: the data set it shows, whose removal it asks about, and the way to stop its work."""

    dataset: str = stages.WORLD
    sure: str = ""
    stop: threading.Event = field(default_factory=threading.Event)


def start(session: stages.Session, query: str) -> Desk:
    """A new desk with the data set of the address; one that is not known is left out."""
    wanted = dict(parse_qsl(query.lstrip("?"))).get("dataset", stages.WORLD)
    return Desk(wanted if wanted in names(session) else stages.WORLD)


def names(session: stages.Session) -> list[str]:
    """Every data set, by name."""
    return [row.name for row in session.catalog.datasets()]


def shown(session: stages.Session, desk: Desk) -> tuple[str, str, str, str]:
    """The table of data sets, the chosen one, disk use, the address of this view."""
    sets = [stages.about(session, name) for name in names(session)]
    if desk.dataset not in {one.row.name for one in sets}:
        desk.dataset = stages.WORLD
    chosen = next(one for one in sets if one.row.name == desk.dataset)
    disk = stages.disk_use(session)
    line = text.DISK.format(
        pictures=view.size(sum(one.summary.bytes for one in sets)), catalog=view.size(disk.catalog),
        free=view.size(disk.free), home=session.workspace.home,
    )  # fmt: skip
    address = urlencode({"dataset": desk.dataset})
    about = view.about(chosen, session.catalog.spread(desk.dataset))
    return view.datasets(sets, desk.dataset, desk.sure), about, say(line), address


def act(session: stages.Session, desk: Desk, event: Mapping[str, Any]) -> None:
    """A button of the table: show a data set, ask about its removal, remove it."""
    kind, name = str(event["act"]), str(event["name"])
    if kind == "sure" and name == desk.sure:
        stages.forget(session, name)
    desk.sure = name if kind == "remove" else ""
    if kind == "show":
        desk.dataset = stages.about(session, name).row.name


def index(session: stages.Session, desk: Desk, root: str, name: str, layout: str, check: bool) -> Iterator[str]:
    """Index a folder; yields progress, at last what was found. Stopped, what was done stays."""
    folder = _folder(root)
    if not name.strip():
        raise UsageError(text.NEEDS_NAME, text.NEEDS_NAME_REMEDY)
    work = _work(
        lambda report: stages.index(session, folder, layout, name.strip(), check=check, on_progress=report), desk
    )
    found = yield from work
    if found is not None:
        desk.dataset = name.strip()
        line = text.INDEX_DONE.format(
            name=name.strip(), images=f"{found.images:,}", new=f"{found.new:,}", changed=f"{found.changed:,}",
            gone=f"{found.gone:,}", bad=len(found.bad), layout=found.layout, why=found.why,
        )  # fmt: skip
        yield say(line) + view.bad(found.bad)


def import_release(session: stages.Session, desk: Desk, root: str) -> Iterator[str]:
    """Take in a release as variants of the data set shown; yields progress, at last what came in."""
    folder = _folder(root)
    found = yield from _work(lambda report: stages.import_release(session, folder, desk.dataset, report), desk)
    yield from _moved(found)


def export_release(session: stages.Session, desk: Desk, out: str, accepted: bool) -> Iterator[str]:
    """Write the variants of the data set shown as a release; yields progress, at last what went out."""
    folder, name = _folder(out), desk.dataset
    work = _work(
        lambda report: stages.export_release(session, name, folder, accepted=accepted, on_progress=report), desk
    )
    found = yield from work
    yield from _moved(found)


def cancel(desk: Desk) -> None:
    """Stop the work of this tab at its next report."""
    desk.stop.set()


def _folder(path: str) -> str:
    if not path.strip():
        raise UsageError(text.NEEDS_FOLDER, text.NEEDS_FOLDER_REMEDY)
    return path.strip()


def _moved(found: Any) -> Iterator[str]:
    if found is not None:
        told = {"dataset": found.dataset, "variants": found.variants, "images": found.images, "bad": len(found.bad)}
        yield say(text.MOVED_DONE.format(**told)) + view.bad(found.bad)


def _work(work: Callable[[Report], Any], desk: Desk) -> Generator[str, None, Any]:
    """Do `work` in a thread and yield its latest report as HTML; gives its result, None if it was stopped."""
    reports: queue.Queue[tuple[str, int, int] | None] = queue.Queue()
    done: list[Any] = []
    failed: list[BaseException] = []
    desk.stop.clear()

    def report(*told: Any) -> None:
        if desk.stop.is_set():
            raise Cancelled
        reports.put(told)

    def run() -> None:
        try:
            done.append(work(report))
        except BaseException as error:
            failed.append(error)
        finally:
            reports.put(None)

    threading.Thread(target=run, daemon=True).start()
    yield say(text.WAITING_TO_START)
    try:
        while (told := reports.get()) is not None:
            if reports.empty():
                yield view.progress(*told)
    except GeneratorExit:
        desk.stop.set()
        raise
    if failed and isinstance(failed[0], Cancelled):
        yield say(text.STOPPED_WORK)
        return None
    if failed:
        raise failed[0]
    return done[0]
