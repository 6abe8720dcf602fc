"""The catalog's own health: its pages, rows that point at nothing, counts, jobs without a worker."""

from collections.abc import Iterator
from functools import partial

from dlcr import stages
from dlcr.catalog import Dangling
from dlcr.core.settings import Backends
from dlcr.integrity.ward import Damage, Ward
from dlcr.jobs.board import Board
from dlcr.session import Session
from dlcr.stages_data import index


def pages(ward: Ward) -> Iterator[Damage]:
    """Pages and indexes of the database."""
    told = ward.catalog.damage(ward.deep)
    if told:

        def mend() -> str:
            ward.catalog.reindex()
            left = ward.catalog.damage(ward.deep)
            return "Its indexes were made anew." if not left else f"It is still damaged: {left[0]}."

        yield Damage(f"the catalog is damaged: {told[0]}.", "Its indexes can be made anew.", mend)


def dangling(ward: Ward) -> Iterator[Damage]:
    """Rows that point at rows that are not there."""

    def mend(one: Dangling) -> str:
        ward.catalog.let_go(one, ward.keep_rows)
        return "It points at nothing now." if one.free else "It was taken out and is kept in lost+found/rows.jsonl."

    for one in ward.catalog.dangling():
        what = f"row {one.id} of {one.table} points at a {one.column.removesuffix('_id')} that is not there."
        yield Damage(what, "It can be freed or taken out.", partial(mend, one))


def counts(ward: Ward) -> Iterator[Damage]:
    """Data sets whose samples were changed behind the catalog's back."""

    def mend(name: str) -> str:
        ward.catalog.unread(name)
        row = ward.catalog.dataset(name)
        if not row.root.is_dir() or name == stages.UPLOADS:
            return f"It will be read anew by `dlcr index {row.root} --name {name}`."
        index(Session(ward.workspace, ward.catalog, Backends()), row.root, row.layout, name)
        return f"It was read anew from {row.root}."

    for name in ward.catalog.miscounted():
        what = f"the counts of the data set '{name}' are not those of its rows."
        yield Damage(what, "Its folder can be read anew.", partial(mend, name))


def jobs(ward: Ward) -> Iterator[Damage]:
    """Jobs that run without a worker, devices that are held for nobody."""
    board = Board(ward.workspace, ward.catalog)
    dead = [worker for worker in ward.catalog.workers() if board.is_dead(worker)]
    names = {worker.name for worker in dead}
    mine = [row.id for row in ward.catalog.jobs(["running"]) if row.worker in names]

    def mend(job_id: int) -> str:
        for worker in dead:
            ward.catalog.bury_worker(worker)
        ward.catalog.free_job(job_id)
        return "It is queued again."

    for job_id in sorted({*mine, *ward.catalog.abandoned_jobs()}):
        yield Damage(f"job {job_id} runs, but no worker has it.", "It can be queued again.", partial(mend, job_id))
    for worker in dead:

        def bury() -> str:
            board.sweep()
            return "It was given up."

        if not mine:
            yield Damage(f"the worker {worker.pid} is known, but does not live.", "It can be given up.", bury)

    def free(device: str) -> str:
        ward.catalog.free_device(device)
        return "It is free."

    for device in ward.catalog.abandoned_leases():
        yield Damage(
            f"the device {device} is held for a worker that is not there.", "It can be freed.", partial(free, device)
        )
