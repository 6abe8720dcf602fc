"""What `dlcr doctor` checks: device, models, assets, disk. Reads only, but for making the workspace."""

import shutil
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from dlcr.core.errors import DlcrError
from dlcr.core.registry import Spec
from dlcr.core.settings import Backends, checked
from dlcr.core.workspace import ASSETS, Workspace

EMBEDDED = {"parser": "parser-demo", "captioner": "captioner-demo", "inpainter": "inpainter-demo"}
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
    """The answer of `dlcr doctor`; `ok` if there are no problems."""

    ok: bool
    device: str
    models: Sequence[ModelReport]
    problems: Sequence[str]
    disk_free: int


def examine(home: Path | None, device: str | None) -> Report:
    """Look at everything once; what is wrong is listed with its remedy, never raised."""
    problems: list[str] = []
    backends = checked(Backends, device=device)
    models = [_model(step, getattr(backends, step)) for step in ("parser", "captioner", "summariser", "inpainter")]
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
        name = _device(backends.device)
    except DlcrError as error:
        name = "none"
        problems.append(str(error))
    return Report(not problems, name, models, problems, free)


def _open_catalog(workspace: Workspace) -> None:
    from dlcr.catalog import Catalog

    Catalog.open(workspace.database_url).close()


def _model(step: str, spec: str) -> ModelReport:
    parsed = Spec.parse(spec)
    if parsed.kind == "vote":
        return ModelReport(step, spec, True, 0, "built in")
    if parsed.kind == "demo":
        folder = ASSETS / "models" / EMBEDDED[step]
        size = sum(path.stat().st_size for path in sorted(folder.rglob("*.safetensors")))
        note = f"embedded, {size / 1e6:.1f} MB" if size else f"weights missing in {folder}: check out assets/ again."
        return ModelReport(step, spec, size > 0, size, note)
    here = Path(parsed.argument or "").expanduser().exists()
    return ModelReport(step, spec, True, 0, "a file here" if here else "from the hub on first use")


def _device(device: str) -> str:
    import torch

    from dlcr.backend.device import choose_device, choose_dtype

    chosen = choose_device(device)
    name = (
        torch.cuda.get_device_name(chosen) if chosen.startswith("cuda") else f"CPU, {torch.get_num_threads()} threads"
    )
    return f"{chosen} ({name}, {str(choose_dtype(chosen)).removeprefix('torch.')})"
