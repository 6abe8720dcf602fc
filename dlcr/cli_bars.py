"""Progress bars of the command line; silent where standard error is no terminal, a small file in a job's folder instead."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from rich.console import Console
from rich.progress import Progress

from dlcr.jobs.progress import Writer


@contextmanager
def bar(what: str) -> Iterator[Callable[[int, int], None]]:
    """One bar, told (done, total)."""
    with bars() as report:
        yield lambda done, total: report(what, done, total)


@contextmanager
def bars() -> Iterator[Callable[[str, int, int], None]]:
    """A bar for each kind of work, told (what, done, total)."""
    console, writer = Console(stderr=True), Writer.from_environment()
    with Progress(console=console, disable=not console.is_terminal) as progress:
        tasks: dict[str, Any] = {}

        def report(what: str, done: int, total: int) -> None:
            if what not in tasks:
                tasks[what] = progress.add_task(what)
            progress.update(tasks[what], completed=done, total=total)
            if writer is not None:
                writer.tell(what, done, total)

        yield report
