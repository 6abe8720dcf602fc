"""A session: one workspace, its catalog, and the models in use. Part of the stages; nothing else imports features."""

import threading
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Protocol, TypeVar

import numpy as np

from dlcr import language, parsing
from dlcr.catalog import Catalog
from dlcr.core.images import digest
from dlcr.core.reach import Reach
from dlcr.core.settings import Backends
from dlcr.core.values import Box, Labels
from dlcr.core.workspace import Workspace
from dlcr.inpaint import load_inpainter

if TYPE_CHECKING:
    from dlcr.inpaint.engine import Engine

Task = TypeVar("Task")
Result = TypeVar("Result")


@dataclass(frozen=True, slots=True, eq=False)
class Parsing:
    """What the parser saw: `labels` in the photo's own size, `box` of the largest person, `mask` (H, W) bool of its clothes."""

    labels: Labels
    box: Box
    mask: np.ndarray


@dataclass(slots=True, eq=False)
class Session:
    """A workspace, its catalog and the models in use; `reach` is what people at its pages may name.

    With `privacy` faces are blurred wherever pictures are shown.
    """

    workspace: Workspace
    catalog: Catalog
    backends: Backends
    held: Any = None
    """What keeps the workspace in use (`dlcr.core.claim`)."""

    reach: Reach = field(default_factory=Reach)
    privacy: bool = False
    _models: dict[str, Any] = field(default_factory=dict)
    _parsings: dict[str, Parsing] = field(default_factory=dict)
    _lock: threading.RLock = field(default_factory=threading.RLock)
    _loading: dict[str, threading.RLock] = field(default_factory=dict)
    _seeing: threading.RLock = field(default_factory=threading.RLock)

    def model(self, step: str, load: Callable[[], Any]) -> Any:
        """The loaded model of a step; `load` runs once, and loading one model keeps nobody from using another."""
        with self._lock:
            loading = self._loading.setdefault(step, threading.RLock())
        with loading:
            if step not in self._models:
                self._models[step] = load()
            return self._models[step]

    @property
    def parser(self) -> Any:
        return self.model("parser", lambda: parsing.load_parser(self.backends.parser, self.backends.device))

    @property
    def captioner(self) -> Any:
        return self.model("captioner", lambda: language.load_captioner(self.backends.captioner, self.backends.device))

    @property
    def summariser(self) -> Any:
        return self.model(
            "summariser", lambda: language.load_summariser(self.backends.summariser, self.backends.device)
        )

    @property
    def inpainter(self) -> "Engine":
        engine: Engine = self.model("inpainter", lambda: load_inpainter(self.backends.inpainter, self.backends.device))
        return engine

    @property
    def clicker(self) -> Any:
        return self.model("clicker", lambda: parsing.load_clicker(self.backends.clicker, self.backends.device))

    def remember(self, photo: np.ndarray, parse: Callable[[], Parsing]) -> Parsing:
        """The parsing of a photo, kept for the sixteen photos last seen."""
        key = f"{self.backends.parser}:{digest(photo)}"
        with self._seeing:
            found = self._parsings.pop(key, None) or parse()
            self._parsings[key] = found
            while len(self._parsings) > 16:
                self._parsings.pop(next(iter(self._parsings)))
            return found


class Executor(Protocol):
    """Where the batches of a stage are computed: in this process (`Here`) or by workers of a cluster (`dlcr.scale`).

    `work` gets a session with models and a workspace but without a catalog: it reads and writes files and says what rows they
    need. Workers get it by reference, so it is a function of a module, or a `partial` of one.
    """

    def ask(self, work: Callable[[Session], Result]) -> Result:
        """What one of the workers answers."""
        ...

    def each(
        self, work: Callable[[Session, Task], Result], tasks: Iterable[Task], keep: Callable[[Task, Result], None],
        tell: Callable[[], None],
    ) -> None:  # fmt: skip
        """Do every task; `keep` and `tell` are called here, after each, in any order, once a task.

        What `tell` raises (Cancelled) ends the work; what was in flight is still kept.
        """
        ...


@dataclass(frozen=True, slots=True, eq=False)
class Here:
    """One task after the other, in this process."""

    session: Session

    def ask(self, work: Callable[[Session], Result]) -> Result:
        return work(self.session)

    def each(
        self, work: Callable[[Session, Task], Result], tasks: Iterable[Task], keep: Callable[[Task, Result], None],
        tell: Callable[[], None],
    ) -> None:  # fmt: skip
        for task in tasks:
            keep(task, work(self.session, task))
            tell()
