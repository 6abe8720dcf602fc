"""What `dlcr doctor` checks: device, models, assets, disk. Reads only, but for making the workspace."""

import importlib.metadata
import shutil
import socket
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

from dlcr.backend.hub import parted
from dlcr.core.errors import DlcrError
from dlcr.core.registry import Spec
from dlcr.core.settings import Backends, checked
from dlcr.core.workspace import ASSETS, Workspace

EMBEDDED = {"parser": "parser-demo", "captioner": "captioner-demo", "inpainter": "inpainter-demo"}
STEPS = ("parser", "captioner", "summariser", "inpainter")
LOW_DISK = 1_000_000_000


@dataclass(frozen=True, slots=True)
class ModelReport:
    """One step's backend: its spec, whether its weights are here, their size in bytes, a note for people."""

    step: str
    spec: str
    present: bool
    bytes: int
    note: str


@dataclass(frozen=True, slots=True)
class Report:
    """The answer of `dlcr doctor`; `ok` if there are no problems. `ray` is its version, or how to get it."""

    ok: bool
    device: str
    models: Sequence[ModelReport]
    problems: Sequence[str]
    disk_free: int
    ray: str


def examine(home: Path | None, device: str | None) -> Report:
    """Look at everything once; what is wrong is listed with its remedy, never raised."""
    problems: list[str] = []
    backends = checked(Backends, device=device)
    models = models_of(backends)
    problems += [f"{m.step} {m.spec}: {m.note}" for m in models if not m.present]
    free = 0
    try:
        workspace = Workspace.open(home)
        free = shutil.disk_usage(workspace.home).free
        if free < LOW_DISK:
            problems.append(
                f"only {free / 1e9:.1f} GB free in {workspace.home}. Free some space, or choose another --home."
            )
        _open_catalog(workspace)
    except DlcrError as error:
        problems.append(str(error))
    try:
        name = device_name(backends.device)
    except DlcrError as error:
        name = "none"
        problems.append(str(error))
    return Report(not problems, name, models, problems, free, _ray())


def models_of(backends: Backends) -> list[ModelReport]:
    """What is known of each step's backend; nothing is loaded."""
    return [_model(step, getattr(backends, step), backends.device) for step in STEPS]


def _ray() -> str:
    try:
        return importlib.metadata.version("ray")
    except importlib.metadata.PackageNotFoundError:
        return "not installed; --engine ray needs it: pip install 'ray>=2.50'"


def _open_catalog(workspace: Workspace) -> None:
    from dlcr.catalog import Catalog

    Catalog.open(workspace.database_url).close()


def _model(step: str, spec: str, device: str) -> ModelReport:
    parsed = Spec.parse(spec)
    if parsed.kind == "vote":
        return ModelReport(step, spec, True, 0, "built in")
    if parsed.kind == "demo":
        folder = ASSETS / "models" / EMBEDDED[step]
        size = sum(path.stat().st_size for path in sorted(folder.rglob("*.safetensors")))
        note = f"embedded, {size / 1e6:.1f} MB" if size else f"weights missing in {folder}: check out assets/ again."
        return ModelReport(step, spec, size > 0, size, note)
    if parsed.kind == "openai":
        return _server(step, spec, parsed.argument or "")
    argument, adapter = parted((parsed.argument or "").partition("#")[0])
    present, note = _place(argument)
    if adapter and present:
        present, where = _place(adapter)
        note = f"{note}, its adapter {where}" if present else where
    runs = "float32" if parsed.kind in ("schp", "sam", "sam2") else _dtype(step, device)
    return ModelReport(step, spec, present, 0, f"{note}, {runs}" if present else note)


def _place(argument: str) -> tuple[bool, str]:
    """Whether a model can be had, and where it is: a path here, fetched before, or on the hub."""
    from huggingface_hub import constants, scan_cache_dir

    from dlcr.backend.hub import SIZES

    path = Path(argument).expanduser()
    if argument and path.exists():
        return True, "a folder here" if path.is_dir() else "a file here"
    if argument.startswith((".", "/", "~")) or argument.count("/") != 1:
        return False, f"there is no {argument or 'model named'}. Give a hub id (owner/name) or a path."
    size = f", about {SIZES[argument]}" if argument in SIZES else ""
    cache = Path(constants.HF_HUB_CACHE)
    if cache.is_dir() and any(repo.repo_id == argument for repo in scan_cache_dir(cache).repos):
        return True, "fetched before"
    return True, f"from the hub on first use{size}"


def _dtype(step: str, device: str) -> str:
    """The number type that a step's real models run in on the device; nothing where the device is not there."""
    import torch

    from dlcr.backend.device import choose_device, choose_dtype

    try:
        chosen = choose_device(device)
        kind = choose_dtype(chosen, torch.bfloat16 if step in ("captioner", "summariser") else torch.float16)
    except DlcrError:
        return "no device"
    return f"{str(kind).removeprefix('torch.')} on {chosen}"


def _server(step: str, spec: str, argument: str) -> ModelReport:
    """Whether something listens where an openai: backend points; nothing is asked of it."""
    parts = urlsplit(argument.partition("#")[0])
    try:
        port = parts.port or (443 if parts.scheme == "https" else 80)
        socket.create_connection((parts.hostname or "", port), timeout=2).close()
    except (OSError, ValueError):
        return ModelReport(step, spec, False, 0, f"no server answers at {parts.geturl() or 'no address'}. Start it.")
    return ModelReport(step, spec, True, 0, "a server listens there")


def device_name(device: str) -> str:
    """The device that `auto` or a name stands for, what it is and its number type; BackendError if it is not there."""
    import torch

    from dlcr.backend.device import choose_device, choose_dtype

    chosen = choose_device(device)
    name = (
        torch.cuda.get_device_name(chosen) if chosen.startswith("cuda") else f"CPU, {torch.get_num_threads()} threads"
    )
    return f"{chosen} ({name}, {str(choose_dtype(chosen)).removeprefix('torch.')})"
