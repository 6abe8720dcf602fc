"""Jobs: commands that wait, run or ran; the workers that run them; the devices that they hold.

Every change of a state is a compare-and-set: of two workers that want one job, one gets it.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import (
    JSON,
    Column,
    Connection,
    Float,
    Index,
    Integer,
    Row,
    String,
    Table,
    Text,
    case,
    delete,
    func,
    insert,
    select,
    update,
)
from sqlalchemy.dialects import postgresql, sqlite

from dlcr.catalog.store import Store, put
from dlcr.catalog.tables import Moment, metadata, now
from dlcr.core.errors import CatalogError, UsageError

QUEUED, RUNNING, PAUSED = "queued", "running", "paused"
DONE, FAILED, CANCELLED, INTERRUPTED = "done", "failed", "cancelled", "interrupted"
JOB_STATES = (QUEUED, RUNNING, PAUSED, DONE, FAILED, CANCELLED, INTERRUPTED)
WISHES = {"cancel": CANCELLED, "pause": PAUSED}
"""What a running job may be asked, and the state it ends in."""
YIELD, GO_ON = "yield", "go on"
"""What its worker takes note of and forgets: to leave the device to somebody for a while between batches, and to go on at once."""
GUEST = "guest "
"""How names of those begin who hold a device without running jobs: a program in which people paint."""

jobs = Table(
    "jobs",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("args", JSON, nullable=False),
    Column("what", Text, nullable=False),
    Column("dataset", String(200)),  # by name: indexing makes it
    Column("device", String(50), nullable=False),
    Column("state", String(20), nullable=False),
    Column("wish", String(20)),
    Column("priority", Integer, nullable=False),
    Column("attempts", Integer, nullable=False),
    Column("worker", String(200)),
    Column("error", JSON(none_as_null=True)),
    Column("created", Moment, nullable=False),
    Column("started", Moment),
    Column("ended", Moment),
    Column("seconds", Float, nullable=False),
    Index(None, "state", "priority", "id"),
    sqlite_autoincrement=True,  # a link to a job that was deleted must not show another one
)

workers = Table(
    "workers",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("name", String(200), nullable=False, unique=True),
    Column("host", String(200), nullable=False),
    Column("pid", Integer, nullable=False),
    Column("heartbeat", Moment, nullable=False),
)

leases = Table(
    "leases",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("device", String(300), nullable=False, unique=True),
    Column("worker", String(200), nullable=False),
)


@dataclass(frozen=True, slots=True)
class JobRow:
    """A command of this program: `args` after `dlcr`, `what` it does in words, the `dataset` it is about.

    `state` is one of JOB_STATES, `wish` what a running one is asked (WISHES), `error` has error, what and remedy of the last
    attempt. Higher `priority` first. `seconds` over all attempts, the running one not counted.
    """

    id: int
    args: tuple[str, ...]
    what: str
    dataset: str | None
    device: str
    state: str
    wish: str | None
    priority: int
    attempts: int
    worker: str | None
    error: Mapping[str, str] | None
    created: datetime
    started: datetime | None
    ended: datetime | None
    seconds: float


@dataclass(frozen=True, slots=True)
class WorkerRow:
    """A worker, or a guest on a device: its process and when it was last heard of."""

    name: str
    host: str
    pid: int
    heartbeat: datetime

    @property
    def guest(self) -> bool:
        """Whether it runs no jobs."""
        return self.name.startswith(GUEST)


_JOBS = select(*[jobs.c[name] for name in JobRow.__dataclass_fields__])


def _job(row: Row[Any]) -> JobRow:
    values = row._asdict()
    return JobRow(**values | {"args": tuple(values["args"])})


class Jobs(Store):
    """The catalog's jobs, workers and leases."""

    def add_job(
        self, args: Sequence[str], what: str, *, dataset: str | None = None, device: str = "cpu", priority: int = 0
    ) -> JobRow:
        """Queue a command."""
        values = {
            "args": list(args), "what": what, "dataset": dataset, "device": device, "state": QUEUED, "priority": priority,
            "attempts": 0, "created": now(), "seconds": 0.0,
        }  # fmt: skip
        with self._writing() as connection:
            key = connection.execute(insert(jobs).values(**values)).inserted_primary_key
            assert key is not None
            return _job(connection.execute(_JOBS.where(jobs.c.id == key[0])).one())

    def job(self, job_id: int) -> JobRow:
        """One job; UsageError if it is not there."""
        with self._reading() as connection:
            row = connection.execute(_JOBS.where(jobs.c.id == job_id)).first()
        if row is None:
            raise UsageError(f"there is no job {job_id}.", "`dlcr job list` shows all of them.")
        return _job(row)

    def jobs(
        self, states: Iterable[str] | None = None, dataset: str | None = None, limit: int | None = None
    ) -> list[JobRow]:
        """Jobs in one of `states` or all, on one data set or all; what runs or waits first, then the newest."""
        order = case((jobs.c.state == RUNNING, 0), (jobs.c.state == QUEUED, 1), else_=2)
        waiting = case((jobs.c.state == QUEUED, -jobs.c.priority), else_=0)
        turn = case((jobs.c.state == QUEUED, jobs.c.id), else_=-jobs.c.id)
        query = _JOBS.order_by(order, waiting, turn).limit(limit)
        if states is not None:
            query = query.where(jobs.c.state.in_(list(states)))
        if dataset is not None:
            query = query.where(jobs.c.dataset == dataset)
        with self._reading() as connection:
            return [_job(row) for row in connection.execute(query)]

    def count_jobs(self) -> dict[str, int]:
        """How many jobs are in each state; states without a job are left out."""
        with self._reading() as connection:
            rows = connection.execute(select(jobs.c.state, func.count()).group_by(jobs.c.state)).all()
        return {row[0]: row[1] for row in rows}

    def claim_job(self, worker: str, lease_of: Callable[[str], str | None]) -> JobRow | None:
        """Make the first queued job whose device is free the worker's own, running; None if there is none.

        `lease_of` names the lease that a job's device needs, None for one that several jobs may share.
        """
        with self._reading() as connection:  # an idle worker must not hold up writers
            if connection.execute(select(jobs.c.id).where(jobs.c.state == QUEUED).limit(1)).first() is None:
                return None
        with self._writing() as connection:
            taken: set[str | None] = set(connection.execute(select(leases.c.device)).scalars())
            waiting = select(jobs.c.id, jobs.c.device).where(jobs.c.state == QUEUED)
            for row in connection.execute(waiting.order_by(jobs.c.priority.desc(), jobs.c.id)).all():
                device = lease_of(row.device)
                if device in taken or (device is not None and not _leased(connection, device, worker)):
                    taken.add(device)
                    continue
                if _claimed(connection, row.id, worker):
                    return _job(connection.execute(_JOBS.where(jobs.c.id == row.id)).one())
                connection.execute(delete(leases).where(leases.c.worker == worker))
        return None

    def end_job(self, job: JobRow, state: str, error: Mapping[str, str] | None = None) -> bool:
        """Put a job that this worker ran into `state` and give its device back; False if it was taken from the worker."""
        if state not in JOB_STATES:
            raise UsageError(f"a job is {', '.join(JOB_STATES)}, got '{state}'.", "Choose one of them.")
        mine = (jobs.c.id == job.id) & (jobs.c.state == RUNNING) & (jobs.c.worker == job.worker)
        with self._writing() as connection:
            connection.execute(delete(leases).where(leases.c.worker == job.worker))
            return end_jobs(connection, mine, state, error) == 1

    def move_job(self, job_id: int, state: str, *, before: Iterable[str], priority: int | None = None) -> bool:
        """Put a job that no worker has from one of the states `before` into `state`; False if it was in none of them."""
        values: dict[str, Any] = {"state": state, "wish": None, "ended": None if state == QUEUED else now()}
        if state == QUEUED:
            values["error"] = None
        if priority is not None:
            values["priority"] = priority
        here = (jobs.c.id == job_id) & jobs.c.state.in_(set(before) - {RUNNING})
        with self._writing() as connection:
            return connection.execute(update(jobs).where(here).values(**values)).rowcount == 1

    def wish_job(self, job_id: int, wish: str) -> bool:
        """Ask a running job to end (WISHES); its worker sees to it. False if it does not run."""
        if wish not in WISHES:
            raise UsageError(f"a job is asked to {' or '.join(WISHES)}, got '{wish}'.", "Choose one of them.")
        here = (jobs.c.id == job_id) & (jobs.c.state == RUNNING)
        with self._writing() as connection:
            return connection.execute(update(jobs).where(here).values(wish=wish)).rowcount == 1

    def ask_job(self, job_id: int, request: str) -> bool:
        """Ask a running job to YIELD or GO_ON; False if it does not run, or was asked to end."""
        if request not in (YIELD, GO_ON):
            raise UsageError(f"a job is asked to {YIELD} or {GO_ON}, got '{request}'.", "Choose one of them.")
        free = jobs.c.wish.is_(None) | jobs.c.wish.in_((YIELD, GO_ON))
        here = (jobs.c.id == job_id) & (jobs.c.state == RUNNING) & free
        with self._writing() as connection:
            return connection.execute(update(jobs).where(here).values(wish=request)).rowcount == 1

    def take_request(self, job_id: int) -> str | None:
        """What a running job was asked with `ask_job`, once: its worker has it now. None if it was asked nothing."""
        with self._reading() as connection:
            wish = connection.execute(select(jobs.c.wish).where(jobs.c.id == job_id)).scalar()
        if wish not in (YIELD, GO_ON):
            return None
        here = (jobs.c.id == job_id) & (jobs.c.wish == wish)
        with self._writing() as connection:
            taken = connection.execute(update(jobs).where(here).values(wish=None)).rowcount == 1
        return str(wish) if taken else None

    def delete_job(self, job_id: int) -> None:
        """Forget a job that neither waits nor runs; CatalogError if it does. Its folder is the caller's."""
        with self._writing() as connection:
            ended = (jobs.c.id == job_id) & jobs.c.state.not_in((QUEUED, RUNNING))
            if not connection.execute(delete(jobs).where(ended)).rowcount:
                raise CatalogError(f"job {job_id} waits or runs, or is not there.", "Cancel it first.")

    def put_worker(self, name: str, host: str, pid: int) -> None:
        """Say that a worker lives."""
        with self._writing() as connection:
            _put_worker(connection, name, host, pid)

    def lend_device(self, device: str, name: str, host: str, pid: int) -> bool:
        """Give a device that nobody holds to a guest, who then beats like a worker; False if somebody holds it."""
        if device in self.leases():  # who waits must not hold up writers
            return False
        with self._writing() as connection:
            if not _leased(connection, device, name):
                return False
            _put_worker(connection, name, host, pid)
        return True

    def beat(self, name: str) -> bool:
        """The worker's heartbeat; False if it was given up for dead: then its job is no longer its own."""
        with self._writing() as connection:
            mine = workers.c.name == name
            return connection.execute(update(workers).where(mine).values(heartbeat=now())).rowcount == 1

    def workers(self) -> list[WorkerRow]:
        """Every worker and guest that was not given up for dead, by name."""
        with self._reading() as connection:
            rows = connection.execute(select(workers).order_by(workers.c.name)).all()
        return [WorkerRow(row.name, row.host, row.pid, row.heartbeat) for row in rows]

    def bury_worker(self, worker: WorkerRow) -> bool:
        """Give up a worker that was not heard of since: its job becomes interrupted (or what it was asked to), its device free."""
        mine = (workers.c.name == worker.name) & (workers.c.heartbeat == worker.heartbeat)
        with self._writing() as connection:
            if not connection.execute(delete(workers).where(mine)).rowcount:
                return False
            own = (jobs.c.state == RUNNING) & (jobs.c.worker == worker.name)
            state = case(*[(jobs.c.wish == wish, end) for wish, end in WISHES.items()], else_=INTERRUPTED)
            end_jobs(connection, own, state)
            connection.execute(delete(leases).where(leases.c.worker == worker.name))
        return True

    def remove_worker(self, name: str) -> None:
        """A worker says goodbye; a job whose end it could not write is interrupted."""
        with self._writing() as connection:
            end_jobs(connection, (jobs.c.state == RUNNING) & (jobs.c.worker == name), INTERRUPTED)
            connection.execute(delete(leases).where(leases.c.worker == name))
            connection.execute(delete(workers).where(workers.c.name == name))

    def leases(self) -> dict[str, str]:
        """Which worker or guest holds which device."""
        with self._reading() as connection:
            return {row.device: row.worker for row in connection.execute(select(leases).order_by(leases.c.device))}


def _put_worker(connection: Connection, name: str, host: str, pid: int) -> None:
    put(connection, workers, [{"name": name, "host": host, "pid": pid, "heartbeat": now()}], ("name",))


def _leased(connection: Connection, device: str, worker: str) -> bool:
    """Take a device; of two workers that try at once the second waits for the first, and does not get it."""
    kind = postgresql if connection.dialect.name == "postgresql" else sqlite
    statement = kind.insert(leases).values(device=device, worker=worker).on_conflict_do_nothing()
    return connection.execute(statement.returning(leases.c.id)).first() is not None


def _claimed(connection: Connection, job_id: int, worker: str) -> bool:
    values = {
        "state": RUNNING, "wish": None, "worker": worker, "attempts": jobs.c.attempts + 1, "error": None, "started": now(),
        "ended": None,
    }  # fmt: skip
    here = (jobs.c.id == job_id) & (jobs.c.state == QUEUED)
    return connection.execute(update(jobs).where(here).values(**values)).rowcount == 1


def end_jobs(connection: Connection, which: Any, state: Any, error: Mapping[str, str] | None = None) -> int:
    """End the attempts of running jobs; their seconds are added up, those of a clock that was put back as none."""
    count = 0
    for row in connection.execute(select(jobs.c.id, jobs.c.started, jobs.c.seconds).where(which)).all():
        ended = now()
        values = {
            "state": state, "wish": None, "ended": ended, "seconds": row.seconds + max(0.0, (ended - row.started).total_seconds()),
            "error": None if error is None else dict(error),
        }  # fmt: skip
        count += connection.execute(update(jobs).where(which, jobs.c.id == row.id).values(**values)).rowcount
    return count


def forget_jobs(connection: Connection, dataset: str) -> None:
    """Forget the jobs of a data set; UsageError if one of them runs."""
    here = jobs.c.dataset == dataset
    running = connection.execute(select(jobs.c.id).where(here, jobs.c.state == RUNNING)).scalars().first()
    if running is not None:
        raise UsageError(f"job {running} is working on '{dataset}'.", "Cancel it first, or wait for its end.")
    connection.execute(delete(jobs).where(here))
