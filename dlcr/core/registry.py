"""Backends by name: `kind` or `kind:argument`, resolved only when used, so that importing loads nothing heavy."""

import importlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from dlcr.core.errors import BackendError


@dataclass(frozen=True, slots=True)
class Spec:
    """`segformer:mattmdjaga/segformer_b2_clothes` -> kind `segformer`, argument the rest; no colon, no argument."""

    kind: str
    argument: str | None = None

    @classmethod
    def parse(cls, text: str) -> "Spec":
        kind, colon, argument = text.strip().partition(":")
        return cls(kind, argument if colon else None)

    def __str__(self) -> str:
        return self.kind if self.argument is None else f"{self.kind}:{self.argument}"


def resolve(step: str, table: Mapping[str, str], spec: str) -> tuple[Callable[..., Any], Spec]:
    """The factory that `table` (kind -> `module:attribute`) names for `spec`; BackendError lists what there is."""
    parsed = Spec.parse(spec)
    if parsed.kind not in table:
        known = ", ".join(sorted(table))
        raise BackendError(f"unknown {step} '{spec}'.", f"Choose one of: {known} (see `dlcr doctor`).")
    module, _, attribute = table[parsed.kind].partition(":")
    try:
        return getattr(importlib.import_module(module), attribute), parsed
    except ImportError as error:
        raise BackendError(
            f"the {step} '{spec}' needs {error.name}, which is not installed.", "Install it and try again."
        ) from error
