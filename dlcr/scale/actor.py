"""What lives on a node: a process of its own with one thread, whose models stay between tasks."""

import os
import platform
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from dlcr import __version__
from dlcr.core.errors import CatalogError, DlcrError
from dlcr.core.settings import Backends
from dlcr.core.workspace import Workspace
from dlcr.session import Session


@dataclass(frozen=True, slots=True)
class Begun:
    """What an actor says of itself: the program's version, its node's name, the files and folders it does not see."""

    version: str
    node: str
    lacks: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Answer:
    """What a task came to, or the error it ended with."""

    value: Any = None
    error: DlcrError | None = None


class _NoCatalog:
    def __getattr__(self, name: str) -> Any:
        raise CatalogError(f"a worker asked the catalog for '{name}'.", "Only the driver does: this is a bug.")


class Worker:
    """The actor's class: a session without a catalog."""

    def __init__(self, home: Path, backends: Backends, environment: Mapping[str, str]):
        os.environ.update(environment)
        catalog: Any = _NoCatalog()
        self._session = Session(Workspace(home), catalog, backends)

    def begin(self, needs: Sequence[Path]) -> Begun:
        """Ready to work; `needs` is what it must see."""
        lacks = tuple(str(path) for path in needs if not path.exists())
        if not lacks:
            import torch

            torch.set_num_threads(1)
        return Begun(__version__, platform.node(), lacks)

    def work(self, work: Callable[[Session, Any], Any], task: Any) -> Answer:
        """Do a task."""
        try:
            return Answer(work(self._session, task))
        except DlcrError as error:
            return Answer(error=error)
