"""The arrows between folders, as docs and design draw them, and that importing the program stays light."""

import ast
import importlib.util
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
FEATURES = {"data", "parsing", "language", "inpaint", "reid", "embed"}
# who may import whom; everyone may import itself and core
ARROWS = {
    "app": {"pages", "jobs"},
    "pages": {"stages", "jobs", "catalog"},
    "cli": {"stages", "jobs", "scale", "integrity"},
    "integrity": FEATURES | {"stages", "jobs", "catalog"},
    "scale": {"stages"},
    "stages": FEATURES | {"catalog", "backend"},
    "jobs": {"catalog"},
    "catalog": set(),
    "core": set(),
    "backend": set(),
} | {feature: {"backend"} for feature in FEATURES}
CORE_NEEDS = {"numpy", "PIL", "pydantic", "pydantic_settings"}
# files that belong to a place of another name
PARTS = {
    "session": "stages",
    "stages_data": "stages",
    "stages_release": "stages",
    "stages_describe": "stages",
    "stages_paint": "stages",
    "stages_expand": "stages",
    "stages_painting": "stages",
    "stages_parse": "stages",
    "stages_wishes": "stages",
    "stages_embed": "stages",
    "stages_embedded": "stages",
    "stages_expansion": "stages",
    "stages_masks": "stages",
    "stages_train": "stages",
    "stages_evaluate": "stages",
    "stages_retrieve": "stages",
    "stages_look": "stages",
    "stages_figures": "stages",
    "stages_first": "stages",
    "stages_trial": "stages",
    "stages_wear": "stages",
    "stages_saliency": "stages",
    "stages_privacy": "stages",
    "stages_check": "stages",
    "stages_gate": "stages",
    "stages_guide": "stages",
    "stages_ablation": "stages",
    "stages_runs": "stages",
    "doctor": "stages",
    "__main__": "cli",
    "cli_app": "cli",
    "cli_bars": "cli",
    "cli_data": "cli",
    "cli_look": "cli",
    "cli_paint": "cli",
    "cli_quality": "cli",
    "cli_reid": "cli",
    "cli_scale": "cli",
    "cli_jobs": "cli",
    "cli_users": "cli",
}
HEAVY = ("torch", "torchvision", "diffusers", "transformers", "timm", "accelerate")


def place(module: str) -> str:
    """`dlcr.inpaint.engine` -> `inpaint`, `pages.studio` -> `pages`, `dlcr.session` -> `stages`, `dlcr` -> ``."""
    head, _, rest = module.partition(".")
    name = rest.partition(".")[0] if head == "dlcr" else head
    return PARTS.get(name, name)


def sources() -> Iterator[tuple[str, Path]]:
    """Every module of the program with its file."""
    for path in sorted([*ROOT.glob("app.py"), *ROOT.glob("dlcr/**/*.py"), *ROOT.glob("pages/**/*.py")]):
        module = ".".join(path.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__")
        yield module, path


def imports(module: str, path: Path) -> Iterator[str]:
    """Every module that `path` imports anywhere in it, `from dlcr import data` as `dlcr.data`."""
    package = module if path.name == "__init__.py" else module.rpartition(".")[0]
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from (name.name for name in node.names)
        elif isinstance(node, ast.ImportFrom):
            base = importlib.util.resolve_name("." * node.level + (node.module or ""), package)
            yield from (f"{base}.{name.name}" for name in node.names)


def ours(imported: str) -> bool:
    return imported.split(".")[0] in ("dlcr", "pages", "app")


def test_every_import_follows_an_arrow() -> None:
    wrong = []
    for module, path in sources():
        here = place(module)
        allowed = ARROWS.get(here, set()) | {here, "core", "__version__", ""}
        wrong += [f"{module} -> {name}" for name in imports(module, path) if ours(name) and place(name) not in allowed]
    assert "\n".join(wrong) == ""


def test_every_module_has_its_place_in_the_drawing() -> None:
    assert [module for module, _ in sources() if place(module) not in {*ARROWS, ""}] == []


def test_core_needs_little() -> None:
    wanted = {"dlcr", *CORE_NEEDS, *sys.stdlib_module_names}
    wrong = [
        f"{module} -> {name}"
        for module, path in sources()
        if place(module) == "core"
        for name in imports(module, path)
        if name.split(".")[0] not in wanted
    ]
    assert wrong == []


def test_the_library_never_imports_gradio() -> None:
    told = [(module, name) for module, path in sources() for name in imports(module, path)]
    assert [module for module, name in told if module.startswith("dlcr") and name.split(".")[0] == "gradio"] == []


def test_the_test_sees_imports_inside_functions_and_relative_ones(tmp_path: Path) -> None:
    path = tmp_path / "x.py"
    path.write_text("def f():\n    from dlcr import data\n    from ..core import images\n    import torch.nn\n")
    assert list(imports("dlcr.parsing.x", path)) == ["dlcr.data", "dlcr.core.images", "torch.nn"]


def test_importing_loads_no_model_library() -> None:
    modules = "dlcr, dlcr.stages, dlcr.cli" + (", app" if (ROOT / "app.py").exists() else "")
    program = f"import sys, {modules}; print([name for name in {HEAVY} if name in sys.modules])"
    done = subprocess.run([sys.executable, "-c", program], cwd=ROOT, capture_output=True, text=True, check=False)
    assert (done.stdout.strip(), done.stderr) == ("[]", "")
