"""Whole-or-absent writes: temporary file beside the target, fsync, rename. The one way this package writes a file."""

import errno
import hashlib
import json
import os
import platform
import re
import tempfile
from contextlib import suppress
from pathlib import Path
from typing import Any

from dlcr.core.errors import WorkspaceError

_UMASK = os.umask(0o077)
os.umask(_UMASK)

_HOST = re.sub(r"[^A-Za-z0-9]", "-", platform.node())[:30] or "host"
"""Partial files are named after machine and process, so that those of writers that died can be told from those being written."""

_REMEDIES = {
    errno.ENOSPC: "Free some space there, or choose another folder with --home or DLCR_HOME.",
    errno.EDQUOT: "The disk quota is used up: free some space, or choose another folder with --home or DLCR_HOME.",
    errno.EACCES: "Make it writable, or choose another folder with --home or DLCR_HOME.",
    errno.EPERM: "Make it writable, or choose another folder with --home or DLCR_HOME.",
    errno.EROFS: "It is read-only: choose another folder with --home or DLCR_HOME.",
    errno.ENOTDIR: "A file stands where a folder is needed: choose another folder.",
    errno.EEXIST: "A file stands where a folder is needed: choose another folder.",
}


def write_error(path: Path, error: OSError) -> WorkspaceError:
    """The WorkspaceError that names the path, the reason and the remedy of a failed write."""
    reason = (error.strerror or str(error)).lower()
    return WorkspaceError(f"cannot write {path}: {reason}.", _REMEDIES.get(error.errno or 0, "Check the disk."))


def make_folder(path: Path) -> Path:
    """Create `path` with its parents; WorkspaceError if that cannot be."""
    try:
        path.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise write_error(path, error) from error
    return path


def write_bytes(path: Path, data: bytes, *, private: bool = False) -> Path:
    """Write `data` to `path` whole or not at all; the parent folder is made. WorkspaceError names path and remedy.

    A `private` file is for this account's eyes alone (0600).
    """
    make_folder(path.parent)
    partial = None
    try:
        handle, partial = tempfile.mkstemp(
            prefix=f".{path.name[:40]}.{_HOST}~{os.getpid()}~", suffix=".part", dir=path.parent
        )
        with os.fdopen(handle, "wb") as stream:
            os.fchmod(stream.fileno(), 0o600 if private else 0o666 & ~_UMASK)
            stream.write(data)
            stream.flush()
            os.fsync(stream.fileno())
        os.replace(partial, path)
    except OSError as error:
        if partial:
            with suppress(OSError):  # where nothing may be removed either, the next writer that may sweeps it
                os.unlink(partial)
        raise write_error(path, error) from error
    return path


def write_json(path: Path, value: Any, *, private: bool = False) -> Path:
    """Write `value` as indented UTF-8 JSON, whole or not at all."""
    text = json.dumps(value, indent=2, ensure_ascii=False, sort_keys=True) + "\n"
    return write_bytes(path, text.encode(), private=private)


def file_digest(path: Path) -> str:
    """First 16 hex digits of the SHA-256 of a file."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()[:16]


def partials(folder: Path, below: bool = False) -> list[Path]:
    """The partial files in `folder` (and `below` it) whose writer, a process of this machine, was killed."""
    left = []
    for path in sorted(folder.rglob(".*.part") if below else folder.glob(".*.part")):
        head, _, pid = path.name.rpartition("~")[0].rpartition("~")
        if head.endswith(f".{_HOST}") and pid.isdecimal() and not alive(int(pid)):
            left.append(path)
    return left


def sweep(folder: Path, below: bool = False) -> int:
    """Remove the partial files in `folder` (and `below` it) whose writer, a process of this machine, was killed; how many."""
    left = partials(folder, below)
    for path in left:
        try:
            path.unlink(missing_ok=True)
        except OSError as error:
            raise write_error(path, error) from error
    return len(left)


def mark(folder: Path, name: str) -> Path:
    """A file in `folder` that says no more than that it is there; it counts as partial once its writer is dead."""
    path = folder / f".{name}.{_HOST}~{os.getpid()}~{os.urandom(8).hex()}.part"
    try:
        path.touch()
    except OSError as error:
        raise write_error(path, error) from error
    return path


def alive(pid: int) -> bool:
    """Whether a process of this machine runs; one that ended and whose parent has not asked how (a zombie) does not."""
    try:
        os.kill(pid, 0)
    except (ProcessLookupError, OverflowError):  # no process has a number that large
        return False
    except PermissionError:
        return True
    try:
        return b"\nState:\tZ" not in Path(f"/proc/{pid}/status").read_bytes()
    except OSError:  # it ended meanwhile, or this system has no /proc
        return not Path("/proc/self/status").exists()
