"""Actors at work: tasks handed out, answers taken once, what a dead actor left done by another."""

import time
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any

from dlcr import __version__
from dlcr.core.errors import ClusterError
from dlcr.scale.actor import Answer, Begun
from dlcr.session import Result, Session, Task

IN_FLIGHT = 2
"""Tasks an actor has at once: one under way, one waiting, so that it never waits for the driver."""
TRIES = 4
"""A task that so many actors died over ends the work; so do so many actors in a row that do not start."""
START_SECONDS = 300.0
"""How long to wait for the first actor: a cluster may have to start a machine for it."""
GRACE_SECONDS = 20.0
"""How long tasks under way may take to end when the work is stopped; what they would have made is made the next time."""


@dataclass(slots=True, eq=False)
class Flight:
    """A task on its way; `tries` counts the actors that died over it."""

    task: Any
    tries: int = 0


@dataclass(slots=True, eq=False)
class Actor:
    """`beginning` until it has begun; `flights` by the reference of their answer, the one under way first."""

    handle: Any
    beginning: Any
    flights: dict[Any, Flight] = field(default_factory=dict)


def _answer(session: Session, work: Callable[[Session], Any]) -> Any:
    return work(session)


class Actors:
    """An `Executor` (see `dlcr.session`) over Ray actors; from one thread."""

    def __init__(self, ray: Any, make: Callable[[], Actor], count: int):
        self._ray, self._make, self._count = ray, make, count
        self._actors: list[Actor] = []
        self._unstarted = 0
        self._alone = time.monotonic()
        self._fill()

    def ask(self, work: Callable[[Session], Result]) -> Result:
        answers: list[Result] = []
        self.each(_answer, [work], lambda _, answer: answers.append(answer), lambda: None)
        return answers[0]

    def each(
        self, work: Callable[[Session, Task], Result], tasks: Iterable[Task], keep: Callable[[Task, Result], None],
        tell: Callable[[], None],
    ) -> None:  # fmt: skip
        source, waiting = iter(tasks), deque[Flight]()
        try:
            while self._launch(work, source, waiting):
                for flight, result in self._landed(waiting):
                    keep(flight.task, result)
                    tell()
        except BaseException:
            self._drain(keep)
            raise

    def wait(self) -> int:
        """Until every actor has begun; how many that are."""
        self._alone = time.monotonic()
        while any(one.beginning is not None for one in self._actors):
            list(self._landed(deque()))
        return len(self._actors)

    def close(self) -> None:
        """End the actors."""
        for actor in self._actors:
            self._kill(actor)
        self._actors = []

    def _fill(self) -> None:
        while len(self._actors) < self._count:
            self._actors.append(self._make())

    def _begun(self) -> list[Actor]:
        return [one for one in self._actors if one.beginning is None]

    def _launch(self, work: Callable[[Session, Any], Any], source: Iterator[Any], waiting: deque[Flight]) -> bool:
        """Give every actor that has begun enough to do; whether there is anything left to wait for."""
        for depth in range(IN_FLIGHT):
            for actor in self._begun():
                if len(actor.flights) == depth and (flight := _next(source, waiting)):
                    actor.flights[actor.handle.work.remote(work, flight.task)] = flight
        if any(one.flights for one in self._actors):
            return True
        flight = _next(source, waiting)
        if flight is None:
            return False
        waiting.appendleft(flight)  # nobody is there to take it
        return True

    def _landed(self, waiting: deque[Flight]) -> Iterator[tuple[Flight, Any]]:
        """Wait for something to happen, and give the results that have come."""
        refs = {ref: one for one in self._actors for ref in (*one.flights, *([one.beginning] if one.beginning else []))}
        ready, _ = self._ray.wait(list(refs), num_returns=1, timeout=1.0)
        for ref in ready:
            actor = refs[ref]
            if ref == actor.beginning:
                self._start(actor)
                continue
            flight = actor.flights[ref]
            try:
                answer: Answer = self._ray.get(ref)
            except self._ray.exceptions.RayTaskError as error:  # a bug in the task, as it would be here
                raise (error.cause or error) from error
            except self._ray.exceptions.RayError as error:
                self._lose(actor, waiting, error)
                continue
            del actor.flights[ref]
            if answer.error is not None:
                raise answer.error
            yield flight, answer.value
        self._check_alone()

    def _start(self, actor: Actor) -> None:
        """See what an actor that has begun says of itself; ClusterError if it cannot work with this driver."""
        try:
            begun: Begun = self._ray.get(actor.beginning)
        except self._ray.exceptions.RayError as error:
            self._unstarted += 1
            if self._unstarted >= TRIES:
                raise ClusterError(
                    f"workers do not start: {reason(error)}", "Install the same version of this program on every node."
                ) from error
            self._actors.remove(actor)
            self._fill()
            return
        if begun.version != __version__:
            raise ClusterError(
                f"the node {begun.node} has version {begun.version} of this program, here it is {__version__}.",
                "Install the same version on every node.",
            )
        if begun.lacks:
            raise ClusterError(
                f"the node {begun.node} does not see {', '.join(begun.lacks)}.",
                "Put the workspace (--home) and the data set into folders that every node has under the same path.",
            )
        actor.beginning, self._unstarted = None, 0

    def _lose(self, actor: Actor, waiting: deque[Flight], error: Exception) -> None:
        """Put the tasks of an actor that died back, and ask for another actor."""
        flights = list(actor.flights.values())
        flights[0].tries += 1
        if flights[0].tries >= TRIES:
            raise ClusterError(
                f"{TRIES} workers died over the same task: {reason(error)}",
                "Give them more memory, or fewer at once (--workers); the same command goes on.",
            ) from error
        waiting.extend(flights)
        self._kill(actor)
        self._actors.remove(actor)
        self._fill()

    def _check_alone(self) -> None:
        """ClusterError if no actor has begun for too long."""
        if self._begun():
            self._alone = time.monotonic()
        elif time.monotonic() - self._alone > START_SECONDS:
            raise ClusterError(
                f"no worker could be started within {START_SECONDS:.0f} s: the cluster has no room.",
                "Wait for others to finish, or add nodes; the same command goes on.",
            )

    def _drain(self, keep: Callable[[Any, Any], None]) -> None:
        """Keep what is under way as far as it ends soon; forget the rest."""
        refs = {ref: actor for actor in self._actors for ref in actor.flights}
        done = self._ray.wait(list(refs), num_returns=len(refs), timeout=GRACE_SECONDS)[0] if refs else []
        for ref in done:
            flight = refs[ref].flights.pop(ref)
            with suppress(self._ray.exceptions.RayError):
                answer: Answer = self._ray.get(ref)
                if answer.error is None:
                    keep(flight.task, answer.value)
        for actor in [one for one in self._actors if one.flights]:
            self._kill(actor)
            self._actors.remove(actor)
        self._fill()

    def _kill(self, actor: Actor) -> None:
        with suppress(self._ray.exceptions.RayError):
            self._ray.kill(actor.handle)


def _next(source: Iterator[Any], waiting: deque[Flight]) -> Flight | None:
    """A task that must be done again, else a new one, None if there is none."""
    if waiting:
        return waiting.popleft()
    for task in source:
        return Flight(task)
    return None


def reason(error: BaseException) -> str:
    """The last line of what Ray says, which names the cause."""
    return ([line.strip() for line in str(error).splitlines() if line.strip()] or [type(error).__name__])[-1]
