"""Faults of real processes: commands, workers, jobs, the app, Ray's actors, a model server; and a clock that is moved."""

import os
import signal
import subprocess
import time
from collections.abc import Callable
from contextlib import suppress
from functools import partial
from pathlib import Path

import numpy as np

from tools.torture.bench import Bench
from tools.torture.child import ROOT, ask, children, finish, kill_group, spawn, spawn_verb, start, until, wait
from tools.torture.faults import Fault, Hit, Strike
from tools.torture.server import free_port, port_of, serve
from tools.torture.verbs import Place

FAKETIME = Path("/usr/lib/x86_64-linux-gnu/faketime/libfaketime.so.1")
SHIFTS = ("-400d", "+3650d", "-2h", "+1d")
"""Where the clock goes."""


def real_command_killed(bench: Bench, fault: Fault, rng: np.random.Generator) -> Hit:
    """A command as a user starts it, killed with kill -9."""
    after = 1.0 + float(rng.random()) * (8.0 + bench.ended[fault.verb].seconds)
    process = spawn_verb(bench.place, bench.words[fault.verb])
    with suppress(subprocess.TimeoutExpired):
        process.wait(after)
    happened = process.poll() is None
    kill_group(process)
    return Hit(happened, f"after {after:.1f} s")


# --- jobs -------------------------------------------------------------------------------------------------------------


def _submit(place: Place, words: list[str]) -> int:
    from dlcr.jobs.board import Board

    board = Board.open(place.home)
    return board.submit(words, words[0], dataset="small").row.id


def _job(place: Place, job_id: int, *, sweep: bool = False) -> tuple[str, list[int]]:
    """A job's state, and the living workers' process ids; with `sweep` dead workers are noticed first."""
    from dlcr.core.files import alive
    from dlcr.jobs.board import Board

    board = Board.open(place.home)
    if sweep:
        board.sweep()
    return board.catalog.job(job_id).state, [one.pid for one in board.catalog.workers() if alive(one.pid)]


def _command_of(worker: int) -> int | None:
    """The process of a worker's job once it is at work."""
    for child in children(worker):
        with suppress(OSError):
            if b"dlcr" in Path(f"/proc/{child}/cmdline").read_bytes():
                return child
    return None


def finish_job(bench: Bench, job_id: int) -> list[str]:
    """Let a worker do what waits; what is wrong if the job is not done then."""
    state, _ = ask(bench.place, partial(_job, bench.place, job_id, sweep=True))
    if state in ("interrupted", "failed"):
        bench.run(["job", "retry", str(job_id)])
    done = bench.run(["worker", "--once"])
    state, _ = ask(bench.place, partial(_job, bench.place, job_id))
    return [] if (done.code, state) == (0, "done") else [f"the job is {state} after the worker ended with {done.code}"]


def worker_killed(bench: Bench, fault: Fault, rng: np.random.Generator) -> Hit:
    """The worker dies while its job runs; the job's process goes with it."""
    return _in_a_job(bench, fault, rng, lambda worker, command: worker)


def job_killed(bench: Bench, fault: Fault, rng: np.random.Generator) -> Hit:
    """The job's process dies; its worker lives."""
    return _in_a_job(bench, fault, rng, lambda worker, command: command)


def _in_a_job(bench: Bench, fault: Fault, rng: np.random.Generator, who: Callable[[int, int], int]) -> Hit:
    job_id = ask(bench.place, partial(_submit, bench.place, bench.words[fault.verb]))
    began = time.monotonic()
    worker = start(bench.place, ["worker", "--once"])
    command = until(lambda: _command_of(worker), "the job's process is there")
    after = 1.0 + float(rng.random()) * (8.0 + bench.ended[fault.verb].seconds)
    time.sleep(after)
    victim = who(worker, command)
    with suppress(ProcessLookupError):
        os.kill(victim, signal.SIGKILL)
    wait(bench.place, worker, began)
    until(lambda: not _runs(command), "the job's process ends")
    state, _ = ask(bench.place, partial(_job, bench.place, job_id))
    return Hit(state != "done", f"after {after:.1f} s; the job was {state}", resume=[[f"job {job_id}"]])


def app_killed(bench: Bench, fault: Fault, rng: np.random.Generator) -> Hit:
    """The app dies while its worker runs a job; both go with it."""
    job_id = ask(bench.place, partial(_submit, bench.place, bench.words[fault.verb]))
    app = spawn(bench.place, [str(ROOT / "app.py"), "--home", str(bench.place.home), "--port", str(free_port())])
    try:
        look = partial(_job, bench.place, job_id)
        until(lambda: ask(bench.place, look)[0] != "queued" or app.poll() is not None, "the app's worker begins")
        after = float(rng.random()) * (8.0 + bench.ended[fault.verb].seconds)
        time.sleep(after)
        state, workers = ask(bench.place, look)
    finally:
        app.kill()
        app.wait()
    until(lambda: not any(map(_runs, workers)), "the worker ends with the app")
    return Hit(state == "running", f"after {after:.1f} s; the job was {state}", resume=[[f"job {job_id}"]])


# --- Ray --------------------------------------------------------------------------------------------------------------

RAY = ["--engine", "ray", "--workers", "1", "--device", "cpu"]


def actor_killed(bench: Bench, fault: Fault, rng: np.random.Generator) -> Hit:
    """A Ray actor dies; another takes its place, and the command ends well by itself."""
    began = time.monotonic()
    driver = spawn_verb(bench.place, bench.words[fault.verb] + RAY, RAY_USAGE_STATS_ENABLED="0")
    actor = until(lambda: _actor(driver.pid) or driver.poll() is not None, "an actor is there")
    after = float(rng.random()) * 6.0
    time.sleep(after)
    happened = actor is not True and Path(f"/proc/{actor}").exists()
    if happened:
        os.kill(actor, signal.SIGKILL)
    done = finish(bench.place, driver, began)
    wrong = [] if done.code == 0 else [f"the command ended with {done.code}: {dict(done.answer)}"]
    return Hit(happened, f"{after:.1f} s after it began", wrong)


def driver_killed(bench: Bench, fault: Fault, rng: np.random.Generator) -> Hit:
    """The command that started Ray dies; Ray goes with it."""
    driver = spawn_verb(bench.place, bench.words[fault.verb] + RAY, RAY_USAGE_STATS_ENABLED="0")
    until(lambda: _actor(driver.pid) or driver.poll() is not None, "an actor is there")
    after = float(rng.random()) * 6.0
    time.sleep(after)
    happened, family = driver.poll() is None, _below(driver.pid)
    driver.kill()
    driver.wait()
    with suppress(TimeoutError):
        until(lambda: not any(_runs(pid) for pid in family), "Ray ends")
    left = [pid for pid in family if _runs(pid)]
    for pid in left:
        os.kill(pid, signal.SIGKILL)
    return Hit(
        happened, f"{after:.1f} s after an actor began", [f"{len(left)} processes of Ray lived on"] if left else []
    )


def _below(pid: int) -> list[int]:
    """All processes that came of one."""
    own = children(pid)
    return own + [one for child in own for one in _below(child)]


def _actor(pid: int) -> int | None:
    return next((one for one in _below(pid) if b"ray::Worker" in _called(one)), None)


def _called(pid: int) -> bytes:
    try:
        return Path(f"/proc/{pid}/cmdline").read_bytes()
    except OSError:
        return b""


def _runs(pid: int) -> bool:
    try:
        return b"\nState:\tZ" not in Path(f"/proc/{pid}/status").read_bytes()
    except OSError:
        return False


# --- clock and server -------------------------------------------------------------------------------------------------


def clock_moved(bench: Bench, fault: Fault, rng: np.random.Generator) -> Hit:
    """The clock is moved while the command works; it is killed in half of the cases."""
    clock, shift = bench.place.root / "clock", str(rng.choice(SHIFTS))
    clock.write_text("+0")
    began = time.monotonic()
    process = spawn_verb(
        bench.place, bench.words[fault.verb], LD_PRELOAD=str(FAKETIME), FAKETIME_TIMESTAMP_FILE=str(clock), FAKETIME_NO_CACHE="1",
        FAKETIME_DONT_FAKE_MONOTONIC="1",
    )  # fmt: skip
    after = float(rng.random()) * (6.0 + bench.ended[fault.verb].seconds)
    with suppress(subprocess.TimeoutExpired):
        process.wait(after)
    happened = process.poll() is None
    clock.write_text(shift)
    if rng.random() < 0.5:
        with suppress(subprocess.TimeoutExpired):
            process.wait(2.0)
        kill_group(process)
        return Hit(happened, f"by {shift} after {after:.1f} s, then killed")
    done = finish(bench.place, process, began)
    wrong = [] if done.code == 0 else [f"the command ended with {done.code}: {dict(done.answer)}"]
    return Hit(happened, f"by {shift} after {after:.1f} s", wrong)


def server_cut(bench: Bench, fault: Fault, rng: np.random.Generator) -> Hit:
    """The model server dies in the middle of a request and is started again for the rest."""
    words, place = bench.words[fault.verb], bench.place
    server = serve(place, port_of(words))
    began = time.monotonic()
    pid = start(place, words)
    after = float(rng.random()) * bench.ended[fault.verb].seconds
    time.sleep(after)
    kill_group(server)
    done = wait(place, pid, began)
    clear = done.code in (0, 1) and (done.code == 0 or "server" in str(done.answer.get("what")))
    return Hit(done.code != 0, f"after {after:.2f} s", [] if clear else [f"unclear: {done.code} {dict(done.answer)}"])


SERVICES: dict[str, Strike] = {
    "real command killed": real_command_killed,
    "worker killed": worker_killed,
    "job killed": job_killed,
    "app killed": app_killed,
    "actor killed": actor_killed,
    "driver killed": driver_killed,
    "clock moved": clock_moved,
    "server cut": server_cut,
}
