"""Lists that come with a data set: text files beside the pictures, read once and remembered by their bytes."""

import hashlib
from collections.abc import Sequence
from pathlib import Path

from dlcr.core.errors import LayoutError


def read_list(path: Path) -> list[str]:
    """The lines of a list without their line ends; LayoutError if it cannot be read as UTF-8 text."""
    try:
        return path.read_text(encoding="utf-8-sig").splitlines()
    except OSError as error:
        raise LayoutError(
            f"cannot read {path}: {(error.strerror or str(error)).lower()}.", "Check the file."
        ) from error
    except UnicodeDecodeError as error:
        raise LayoutError(f"{path} is no text.", "Get the data set's own list again.") from error


def digest_of(files: Sequence[Path]) -> str:
    """A digest of the bytes of those files; one that is not there counts as empty."""
    found = hashlib.blake2b(digest_size=12)
    for path in files:
        data = path.read_bytes() if path.is_file() else b""
        found.update(len(data).to_bytes(8, "little") + data)
    return found.hexdigest()
