"""What the library offers, read from its sources without importing them: one section a module. Part of `reference.py`."""

from __future__ import annotations

import ast
import re
import textwrap
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
WIDTH = 110
STAGES = ("dlcr/session.py", "dlcr/stages.py")
"""Where to start; the other stages follow by name."""
VALUES = (
    "dlcr/core/values.py",
    "dlcr/core/settings.py",
    "dlcr/core/training.py",
    "dlcr/core/profiles.py",
    "dlcr/catalog/rows.py",
)
TEXT_IN_CODE = re.compile(r"(`[^`]*`)")
HEAD = """# The library

Made from the code by `python -m tools.reference`: do not edit it by hand.

Open a session once, then call stage functions: one for every arrow of the data flow. Photos are (H, W, 3) uint8 RGB, masks
(H, W) bool with True where clothes are repainted. Long functions take `on_progress` or `on_step`; it may raise `Cancelled`, and
what was done is kept. Importing any of these modules loads no model library. An example: [README](../README.md#as-a-library).
"""


def reference() -> str:
    """docs/reference.md."""
    others = sorted(path for path in (ROOT / "dlcr").glob("stages_*.py"))
    parts = [HEAD.rstrip(), "# Stages"]
    parts += [_module(path) for path in [*(ROOT / name for name in STAGES), *others]]
    parts += ["# Values and settings", *(_module(ROOT / name) for name in VALUES)]
    parts += ["# Protocols of the backends", *_protocols()]
    errors = _docstring(_parsed(ROOT / "dlcr/core/errors.py"))
    parts += ["# Errors", f"```text\n{errors}\n```"]
    return "\n\n".join(part for part in parts if part) + "\n"


def _parsed(path: Path) -> ast.Module:
    return ast.parse(path.read_text(encoding="utf-8"))


def _name(path: Path) -> str:
    return ".".join(path.relative_to(ROOT).with_suffix("").parts)


def _docstring(node: ast.Module | ast.ClassDef | ast.FunctionDef) -> str:
    return ast.get_docstring(node) or ""


def _module(path: Path) -> str:
    """A module's own words, then its public functions and classes; empty if it has none."""
    tree = _parsed(path)
    found = [_entry(node) for node in tree.body if isinstance(node, ast.FunctionDef | ast.ClassDef)]
    found = [entry for entry in found if entry]
    return "\n\n".join([f"## {_name(path)}", _prose(_docstring(tree)), *found]) if found else ""


def _entry(node: ast.FunctionDef | ast.ClassDef) -> str:
    """A public, documented function or class; empty for others."""
    told = _docstring(node)
    if node.name.startswith("_") or not told:
        return ""
    code = _signature(node) if isinstance(node, ast.FunctionDef) else _class(node)
    return f"### {node.name}\n\n```python\n{code}\n```\n\n{_prose(told)}"


def _prose(text: str) -> str:
    """A docstring as Markdown: indented parts as code, `<` escaped outside of code."""
    blocks = []
    for block in text.split("\n\n"):
        if all(line.startswith("    ") for line in block.splitlines()):
            blocks.append(f"```text\n{textwrap.dedent(block)}\n```")
        else:
            pieces = TEXT_IN_CODE.split(block)
            blocks.append(
                "".join(one if one.startswith("`") else one.replace("<", "&lt;").replace("*", "\\*") for one in pieces)
            )
    return "\n\n".join(blocks)


def _signature(node: ast.FunctionDef, indent: str = "") -> str:
    """`def name(...) -> ...: ...`, wrapped between arguments."""
    given = list(_arguments(node.args))
    gives = f" -> {ast.unparse(node.returns)}" if node.returns else ""
    line = f"{indent}def {node.name}({', '.join(given)}){gives}: ..."
    if len(line) <= WIDTH:
        return line
    lines = [f"{indent}   "]
    for one in given:
        if len(lines[-1]) + len(one) + 2 > WIDTH:
            lines.append(f"{indent}   ")
        lines[-1] += f" {one},"
    return "\n".join([f"{indent}def {node.name}(", *lines, f"{indent}){gives}: ..."])


def _arguments(args: ast.arguments) -> Iterator[str]:
    """Every argument as one would write it."""
    places = [*args.posonlyargs, *args.args]
    values: list[ast.expr | None] = [*[None] * (len(places) - len(args.defaults)), *args.defaults]
    yield from map(_argument, places, values)
    if args.vararg:
        yield f"*{_argument(args.vararg, None)}"
    elif args.kwonlyargs:
        yield "*"
    yield from map(_argument, args.kwonlyargs, args.kw_defaults)
    if args.kwarg:
        yield f"**{_argument(args.kwarg, None)}"


def _argument(one: ast.arg, value: ast.expr | None) -> str:
    kind = f": {ast.unparse(one.annotation)}" if one.annotation else ""
    equals = " = " if kind else "="
    return f"{one.arg}{kind}" + ("" if value is None else f"{equals}{ast.unparse(value)}")


def _class(node: ast.ClassDef) -> str:
    """The head of a class, its fields, the signatures of its public methods."""
    bases = ", ".join(ast.unparse(base) for base in node.bases)
    lines = [f"class {node.name}({bases}):" if bases else f"class {node.name}:"]
    for one in node.body:
        if isinstance(one, ast.AnnAssign) and not ast.unparse(one.target).startswith("_"):
            lines += textwrap.wrap(f"    {ast.unparse(one)}", WIDTH, subsequent_indent=" " * 8, break_on_hyphens=False)
        elif isinstance(one, ast.FunctionDef) and (one.name == "__call__" or not one.name.startswith("_")):
            lines += [f"    @{ast.unparse(mark)}" for mark in one.decorator_list]
            lines.append(_signature(one, "    "))
    return "\n".join(lines if len(lines) > 1 else [*lines, "    ..."])


def _protocols() -> Iterator[str]:
    """Every class of the library that is a Protocol, below its module; its methods' words beside it."""
    for path in sorted((ROOT / "dlcr").rglob("*.py")):
        for node in _parsed(path).body:
            if isinstance(node, ast.ClassDef) and any(ast.unparse(base) == "Protocol" for base in node.bases):
                methods = [one for one in node.body if isinstance(one, ast.FunctionDef)]
                said = [_prose(_docstring(node))]
                said += [f"- `{one.name}`: {_prose(_docstring(one))}" for one in methods if _docstring(one)]
                code = f"```python\n{_class(node)}\n```"
                yield "\n\n".join(part for part in [f"## {_name(path)}.{node.name}", code, *said] if part)
