"""What people at the pages may name: folders and models. Who started the app may name all; who signed in, what that one allows."""

from __future__ import annotations

import os
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from dlcr.core.errors import UsageError

FOLDERS, MODELS = "DLCR_OPEN_FOLDERS", "DLCR_OPEN_MODELS"
"""Environment variables: folders, separated as in PATH; specs of models, separated by commas."""


@dataclass(frozen=True, slots=True)
class Reach:
    """`folders` and `models` that may be named; None is no limit (docs/decisions/023)."""

    folders: tuple[Path, ...] | None = None
    models: frozenset[str] | None = None

    @classmethod
    def signed_in(cls, exports: Path, models: Iterable[str]) -> Reach:
        """The reach of users: the workspace's `exports`, these models, and what FOLDERS and MODELS add."""
        folders = [Path(one).expanduser() for one in os.environ.get(FOLDERS, "").split(os.pathsep) if one]
        added = {one.strip() for one in os.environ.get(MODELS, "").split(",")} - {""}
        return cls(tuple(one.resolve() for one in (exports, *folders)), frozenset({*models, *added}))

    def folder(self, told: str) -> Path:
        """The folder, absolute and without links; UsageError if it may not be named or no file system has such a name."""
        try:
            path = Path(told).expanduser().resolve()
        except (OSError, ValueError, RuntimeError) as error:
            raise UsageError(f"'{told[:200]}' is no folder's name.", "Write its path on this machine.") from error
        if self.folders is not None and not any(path.is_relative_to(one) for one in self.folders):
            known = ", ".join(map(str, self.folders))
            raise UsageError(
                f"the folder {path} is not open to the pages.", f"Open are: {known} ({FOLDERS} adds others)."
            )
        return path

    def model(self, told: str) -> str:
        """The spec, stripped; empty stays empty. UsageError if it may not be named."""
        spec = told.strip()
        if spec and self.models is not None and spec not in self.models:
            known = ", ".join(sorted(self.models))
            raise UsageError(
                f"the model '{spec}' is not open to the pages.", f"Open are: {known} ({MODELS} adds others)."
            )
        return spec
