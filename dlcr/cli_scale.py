"""Options of the verbs that may run over a Ray cluster. Part of `cli.py`."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Annotated, Any

import typer

from dlcr.core.errors import UsageError
from dlcr.core.settings import ScaleSettings, checked

ENGINES = ("local", "ray")
EngineName = Annotated[str, typer.Option("--engine", help="local, or ray: workers on a Ray cluster (see --address).")]
Address = Annotated[
    str | None,
    typer.Option(help="With --engine ray: auto, HOST:PORT or ray://HOST:PORT. Else a Ray is started on this machine."),
]
Workers = Annotated[
    int | None, typer.Option(help="With --engine ray: how many. Default: as many as there is room for.")
]
GpusPerWorker = Annotated[
    float | None,
    typer.Option(help="With --engine ray: part of a GPU for each worker. Default: 1 where there are GPUs."),
]


@contextmanager
def executor(
    session: Any, dataset: str, engine: str, address: str | None, workers: int | None, gpus_per_worker: float | None
) -> Iterator[Any]:
    """What computes the batches of a stage: None for this process, else the workers of a cluster."""
    if engine not in ENGINES:
        raise UsageError(f"unknown engine '{engine}'.", f"Choose one of: {', '.join(ENGINES)}.")
    settings = checked(ScaleSettings, address=address, workers=workers, gpus_per_worker=gpus_per_worker)
    if engine == "local":
        if settings != ScaleSettings():
            raise UsageError("--address, --workers and --gpus-per-worker say how Ray is used.", "Add --engine ray.")
        yield None
        return
    from dlcr import scale

    root = session.catalog.dataset(dataset).root
    with scale.ray_executor(session, settings, [root]) as actors:
        yield actors
