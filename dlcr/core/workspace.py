"""All paths of a workspace, and of the assets that come with the program. Data sets stay where they are."""

import os
from dataclasses import dataclass
from pathlib import Path

from dlcr.core.files import make_folder

ASSETS = Path(__file__).resolve().parents[2] / "assets"


@dataclass(frozen=True, slots=True)
class Workspace:
    """A folder with `catalog.sqlite`, `masks/`, `variants/`, `runs/`, `guidance/`, `features/`, `uploads/`, `replies/`, `jobs/`,
    `exports/`, `received/`, and `users.json` where people sign in.

    It is made on first use.
    """

    home: Path

    @classmethod
    def open(cls, home: Path | str | None = None) -> "Workspace":
        """The workspace at `home`, else `DLCR_HOME`, else `./workspace`; WorkspaceError if it cannot be made."""
        chosen = Path(home or os.environ.get("DLCR_HOME") or "workspace").expanduser().resolve()
        make_folder(chosen)
        return cls(chosen)

    @property
    def database_url(self) -> str:
        return os.environ.get("DLCR_DATABASE_URL") or f"sqlite:///{self.home / 'catalog.sqlite'}"

    @property
    def masks(self) -> Path:
        return self.home / "masks"

    @property
    def variants(self) -> Path:
        return self.home / "variants"

    @property
    def runs(self) -> Path:
        return self.home / "runs"

    @property
    def guidance(self) -> Path:
        return self.home / "guidance"

    @property
    def features(self) -> Path:
        return self.home / "features"

    @property
    def uploads(self) -> Path:
        return self.home / "uploads"

    @property
    def replies(self) -> Path:
        return self.home / "replies"

    @property
    def adopted(self) -> Path:
        """The note of what the workspace was given once: what is removed of it does not come back."""
        return self.home / "adopted.json"

    @property
    def jobs(self) -> Path:
        return self.home / "jobs"

    @property
    def exports(self) -> Path:
        return self.home / "exports"

    @property
    def users(self) -> Path:
        """Names and hashed passwords of who may sign in."""
        return self.home / "users.json"

    @property
    def received(self) -> Path:
        """Where files that browsers send lie until they are read, an hour at most."""
        return self.home / "received"
