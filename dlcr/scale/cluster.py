"""Finding a cluster, or starting a Ray on this machine, and actors on it."""

import os
import socket
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from dlcr.core.errors import ClusterError, UsageError
from dlcr.core.files import mark
from dlcr.core.settings import ScaleSettings
from dlcr.core.threads import cores
from dlcr.core.workspace import Workspace
from dlcr.scale.actor import Worker
from dlcr.scale.pool import Actor, Actors, reason
from dlcr.session import Session

REACH_SECONDS = 5.0
OBJECT_STORE = 200 * 2**20
"""Bytes, of a Ray started here: what travels is small."""
FORWARDED = ("DLCR_DTYPE", "DLCR_OFFLOAD", "HF_HUB_OFFLINE", "TRANSFORMERS_OFFLINE")
"""Variables of the driver's environment that actors get: what their results depend on, no secrets."""


@contextmanager
def ray_executor(session: Session, settings: ScaleSettings, folders: Sequence[Path] = ()) -> Iterator[Actors]:
    """Actors on a cluster, or on a Ray started here, with the session's backends; ended afterwards.

    `folders` (the data set's) and the workspace must be seen by every node. ClusterError says why there is no cluster.
    """
    ray = _ray()
    with _connected(ray, settings), _marked(session.workspace) as seen:
        share = _gpu_share(ray, settings, session.backends.device)
        device = ("cuda" if session.backends.device.startswith("cuda") else "auto") if share else "cpu"
        backends = session.backends.model_copy(update={"device": device})
        environment = {name: os.environ[name] for name in FORWARDED if name in os.environ}
        kind = ray.remote(Worker).options(num_cpus=1, num_gpus=share, scheduling_strategy="SPREAD")

        def make() -> Actor:
            handle = kind.remote(session.workspace.home, backends, environment)
            return Actor(handle, handle.begin.remote([seen, *folders]))

        actors = Actors(ray, make, settings.workers or _room(ray, share))
        try:
            yield actors
        finally:
            actors.close()


def _ray() -> Any:
    os.environ.setdefault("RAY_USAGE_STATS_ENABLED", "0")  # nothing is sent anywhere
    try:
        import ray
    except ImportError as error:
        raise ClusterError(f"--engine ray needs Ray: {error}.", "Install it: pip install 'ray>=2.50'") from error
    return ray


@contextmanager
def _connected(ray: Any, settings: ScaleSettings) -> Iterator[None]:
    """Connected to the cluster; a program that is already stays so."""
    if ray.is_initialized():
        yield
        return
    quiet: dict[str, Any] = {"log_to_driver": False, "logging_level": "ERROR"}
    try:
        if settings.address is None:
            own = {
                "num_cpus": settings.workers or cores(),
                "include_dashboard": False,
                "object_store_memory": OBJECT_STORE,
            }
            ray.init(address="local", **own, **quiet)
        else:
            _reach(settings.address)
            ray.init(address=settings.address, **quiet)
    except (Exception, SystemExit) as error:  # Ray raises bare Exceptions too: a node that does not start in time
        raise ClusterError(
            f"cannot use Ray: {reason(error)}", "Start a cluster (ray start --head), or check --address."
        ) from error
    try:
        yield
    finally:
        ray.shutdown()


def _reach(address: str) -> None:
    """ClusterError unless something listens there: Ray itself would wait for minutes."""
    if address == "auto":
        return
    host, _, port = address.removeprefix("ray://").rpartition(":")
    try:
        socket.create_connection((host, int(port)), timeout=REACH_SECONDS).close()
    except (OSError, ValueError, OverflowError) as error:
        raise ClusterError(
            f"no Ray cluster answers at '{address}': {error}.",
            "Give auto, HOST:PORT or ray://HOST:PORT of one that runs (ray start --head).",
        ) from error


def _gpu_share(ray: Any, settings: ScaleSettings, device: str) -> float:
    """The part of a GPU that an actor gets; 0 on the CPU. UsageError if a GPU is asked for that the cluster lacks."""
    if device == "cpu":
        return 0.0
    there = ray.cluster_resources().get("GPU", 0) > 0
    share = settings.gpus_per_worker if settings.gpus_per_worker is not None else float(there)
    if (share and not there) or (device != "auto" and not share):
        raise UsageError(
            "the workers have no GPU.", "Use --device cpu, a cluster with GPUs, or more --gpus-per-worker."
        )
    return share


def _room(ray: Any, share: float) -> int:
    """How many actors the nodes can hold; ClusterError if none."""
    nodes = [node["Resources"] for node in ray.nodes() if node["Alive"]]
    held = [
        min(int(one.get("CPU", 0)), int(one.get("GPU", 0) / share)) if share else int(one.get("CPU", 0))
        for one in nodes
    ]
    if not sum(held):
        wanted = f"a CPU and {share:g} GPUs" if share else "a CPU"
        raise ClusterError(f"no node of the cluster has {wanted} for a worker.", "Give the nodes more (ray start).")
    return sum(held)


@contextmanager
def _marked(workspace: Workspace) -> Iterator[Path]:
    """A file that only a node with the very same workspace sees."""
    there = mark(workspace.home, "seen")
    try:
        yield there
    finally:
        there.unlink(missing_ok=True)
