"""A disk of its own for the workspace: it can be made full and write-protected, and its files can be taken from a user."""

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

LARGE = "3g"
NAMESPACE = ["unshare", "--user", "--map-root-user", "--mount"]
INSIDE = "DLCR_TORTURE_INSIDE"
"""Set for the harness that was started again where it may mount."""


def seek_mounts() -> bool:
    """Whether this process may mount; where only a user namespace may, the harness is started again in one."""
    if _mounts([]):
        return True
    if INSIDE not in os.environ and shutil.which(NAMESPACE[0]) and _mounts(NAMESPACE):
        os.environ[INSIDE] = "1"
        os.execvp(NAMESPACE[0], [*NAMESPACE, sys.executable, "-m", "tools.torture", *sys.argv[1:]])
    return False


def _mounts(prefix: list[str]) -> bool:
    there = [
        "sh",
        "-c",
        'd=$(mktemp -d); mount -t tmpfs -o size=64k tmpfs "$d" && umount "$d"; e=$?; rmdir "$d"; exit $e',
    ]
    return subprocess.run(prefix + there, capture_output=True, check=False).returncode == 0


@contextmanager
def mounted(disk: Path, *, real: bool) -> Iterator[None]:
    """A disk mounted at `disk`, or only a folder where nothing may be mounted."""
    disk.mkdir(parents=True)
    if not real:
        yield
        return
    subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={LARGE},mode=0777", "tmpfs", str(disk)], check=True)
    try:
        yield
    finally:
        subprocess.run(["umount", "-l", str(disk)], check=True)


def remount(disk: Path, options: str) -> None:
    """`size=N`, `ro`, `rw`."""
    subprocess.run(["mount", "-o", f"remount,{options}", str(disk)], check=True)


def used(disk: Path) -> int:
    """Bytes on a disk."""
    told = os.statvfs(disk)
    return (told.f_blocks - told.f_bfree) * told.f_frsize


def own(folder: Path, user: int) -> None:
    """Give a folder and all in it to a user."""
    for path in [folder, *folder.rglob("*")]:
        os.chown(path, user, user)


def revoke(folder: Path) -> None:
    """Let nobody write in a folder any more."""
    for path in [*folder.rglob("*"), folder]:
        if path.exists():
            path.chmod(0o555 if path.is_dir() else 0o444)


def grant(folder: Path) -> None:
    """Let everybody write again."""
    for path in [folder, *folder.rglob("*")]:
        path.chmod(0o777 if path.is_dir() else 0o666)
