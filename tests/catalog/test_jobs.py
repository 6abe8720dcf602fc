import threading

import pytest

from dlcr.catalog import Catalog, JobRow
from dlcr.core.errors import CatalogError, UsageError


def shared(device: str) -> None:
    """Every job may run beside others."""


def add(catalog: Catalog, what: str = "index", **more: object) -> JobRow:
    return catalog.add_job(["index", "/data"], what, **more)


def claimed(catalog: Catalog, worker: str = "w") -> JobRow:
    catalog.put_worker(worker, "here", 1)
    job = catalog.claim_job(worker, shared)
    assert job is not None
    return job


def test_jobs_are_claimed_by_priority_then_in_turn_and_end_once(catalog: Catalog):
    ids = [add(catalog, priority=priority).id for priority in (0, 1, 0, 1)]
    order = [claimed(catalog) for _ in ids]
    assert [job.id for job in order] == [ids[1], ids[3], ids[0], ids[2]]
    assert {(job.state, job.attempts, job.args) for job in order} == {("running", 1, ("index", "/data"))}
    assert catalog.claim_job("w", shared) is None
    assert catalog.end_job(order[0], "done")
    assert not catalog.end_job(order[0], "failed", {"what": "x"})
    assert catalog.job(ids[1]).state == "done"
    assert catalog.count_jobs() == {"done": 1, "running": 3}


def test_workers_racing_never_get_the_same_job(catalog: Catalog):
    ids = {add(catalog).id for _ in range(20)}
    got: list[tuple[str, int]] = []
    failures: list[Exception] = []

    def work(name: str) -> None:
        try:
            while job := catalog.claim_job(name, shared):
                got.append((name, job.id))
        except Exception as error:  # a thread's error must fail the test
            failures.append(error)

    threads = [threading.Thread(target=work, args=(f"w{n}",)) for n in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failures == []
    assert sorted(job_id for _, job_id in got) == sorted(ids)
    assert all(catalog.job(job_id).worker == name for name, job_id in got)


def test_workers_racing_for_one_device_get_it_one_at_a_time(catalog: Catalog):
    for _ in range(8):
        add(catalog, device="cuda")
    got: list[JobRow | None] = []
    gate = threading.Barrier(4)

    def work(name: str) -> None:
        gate.wait()
        got.append(catalog.claim_job(name, lambda device: f"here/{device}"))

    threads = [threading.Thread(target=work, args=(f"w{n}",)) for n in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    (job,) = filter(None, got)
    assert catalog.leases() == {"here/cuda": job.worker}
    assert catalog.claim_job("w9", lambda device: f"here/{device}") is None
    add(catalog, "cpu work")
    other = catalog.claim_job("w9", lambda device: None if device == "cpu" else f"here/{device}")
    assert other is not None
    assert other.what == "cpu work"
    catalog.end_job(job, "done")
    assert catalog.leases() == {}
    assert catalog.claim_job("w8", lambda device: f"here/{device}") is not None


def test_a_dead_workers_job_is_interrupted_its_device_free_and_its_word_void(catalog: Catalog):
    add(catalog, device="cuda")
    catalog.put_worker("w", "here", 1)
    job = catalog.claim_job("w", lambda device: device)
    assert job is not None
    (seen,) = catalog.workers()
    assert catalog.beat("w")
    assert not catalog.bury_worker(seen), "it was heard of since"
    (seen,) = catalog.workers()
    assert catalog.bury_worker(seen)
    assert (catalog.job(job.id).state, catalog.leases(), catalog.workers()) == ("interrupted", {}, [])
    assert not catalog.beat("w")
    assert not catalog.end_job(job, "done")
    assert catalog.job(job.id).state == "interrupted"


@pytest.mark.parametrize(("wish", "end"), [("cancel", "cancelled"), ("pause", "paused")])
def test_what_a_dead_worker_was_asked_still_holds(catalog: Catalog, wish: str, end: str):
    add(catalog)
    job = claimed(catalog)
    assert catalog.wish_job(job.id, wish)
    assert catalog.bury_worker(catalog.workers()[0])
    assert catalog.job(job.id).state == end


def test_a_worker_that_leaves_gives_back_what_it_could_not_end(catalog: Catalog):
    add(catalog, device="cuda")
    catalog.put_worker("w", "here", 1)
    job = catalog.claim_job("w", lambda device: device)
    assert job is not None
    catalog.remove_worker("w")
    assert (catalog.job(job.id).state, catalog.leases(), catalog.workers()) == ("interrupted", {}, [])


def test_a_running_job_is_moved_by_its_worker_only(catalog: Catalog):
    add(catalog)
    job = claimed(catalog)
    assert not catalog.move_job(job.id, "queued", before=["running", "failed"])
    with pytest.raises(CatalogError, match="Cancel it first"):
        catalog.delete_job(job.id)
    catalog.end_job(job, "failed", {"error": "E", "what": "w", "remedy": "r"})
    assert catalog.job(job.id).error == {"error": "E", "what": "w", "remedy": "r"}
    assert not catalog.wish_job(job.id, "cancel")
    assert catalog.move_job(job.id, "queued", before=["failed"])
    assert catalog.job(job.id).error is None
    assert claimed(catalog).attempts == 2


def test_unknown_states_wishes_and_jobs_are_named(catalog: Catalog):
    job = add(catalog)
    with pytest.raises(UsageError, match="sleeping"):
        catalog.end_job(job, "sleeping")
    with pytest.raises(UsageError, match="hurry"):
        catalog.wish_job(job.id, "hurry")
    with pytest.raises(UsageError, match="no job 99"):
        catalog.job(99)


def test_forgetting_a_data_set_takes_runs_evaluations_and_jobs_along(catalog: Catalog, world):
    other = catalog.put_dataset("other", "/data/other", "prcc")
    for name in ("world", "other"):
        catalog.put_run(f"on-{name}", name, {}, {})
    for run, dataset in (("on-world", "world"), ("on-world", "other"), ("on-other", "world"), ("on-other", "other")):
        catalog.put_evaluation(run, dataset, "cc", 0, {}, "runs/x")
    kept, gone = add(catalog, dataset="other"), add(catalog, dataset="world", priority=1)
    job = claimed(catalog)
    assert job.id == gone.id
    with pytest.raises(UsageError, match=f"job {gone.id} is working on 'world'"):
        catalog.forget_dataset("world")
    catalog.end_job(job, "done")
    assert catalog.forget_dataset("world") == 6
    assert [run.name for run in catalog.runs()] == ["on-other"]
    assert [(row.run, row.dataset) for row in catalog.evaluations()] == [("on-other", "other")]
    assert [row.id for row in catalog.jobs()] == [kept.id]
    assert catalog.datasets() == [other]
