"""Unfriendly places for the tests: a folder that may not be written, a disk that is full."""

import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import cache, wraps
from pathlib import Path

NOBODY = 65534
ROOT = Path(__file__).resolve().parents[2]
NAMESPACE = ["unshare", "--user", "--map-root-user", "--mount"]


@contextmanager
def open_folder(mode: int) -> Iterator[Path]:
    """A folder of this mode where other users get to (pytest's own lies behind one that is closed to them)."""
    folder = Path(tempfile.mkdtemp(prefix="dlcr-test-"))
    folder.chmod(mode)
    try:
        yield folder
    finally:
        folder.chmod(0o755)
        shutil.rmtree(folder)


@contextmanager
def unprivileged() -> Iterator[None]:
    """As a user whom permissions bind: root becomes nobody for a while."""
    if os.geteuid() != 0:
        yield
        return
    os.seteuid(NOBODY)
    try:
        yield
    finally:
        os.seteuid(0)


@contextmanager
def small_disk(folder: Path, kilobytes: int) -> Iterator[Path]:
    """A disk of this size mounted at `folder`; for tests that `needs_disks` decorates."""
    folder.mkdir()
    subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={kilobytes}k", "tmpfs", str(folder)], check=True)
    try:
        yield folder
    finally:
        subprocess.run(["umount", "-l", str(folder)], check=True)


def write_protect(disk: Path) -> None:
    """Let nobody write to a small disk any more."""
    subprocess.run(["mount", "-o", "remount,ro", str(disk)], check=True)


def needs_disks(test: Callable[..., None]) -> Callable[..., None]:
    """Run a test where it may mount: here, or again alone in a user namespace, where ordinary users may. Else it fails."""

    @wraps(test)
    def run(*args: object, **fixtures: object) -> None:
        if may_mount():
            test(*args, **fixtures)
            return
        name = os.environ["PYTEST_CURRENT_TEST"].removesuffix(" (call)")
        with tempfile.TemporaryDirectory(prefix="dlcr-test-") as folder:
            command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", f"--basetemp={folder}/in", name]
            done = subprocess.run(NAMESPACE + command, cwd=ROOT, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stdout + done.stderr

    return run


@cache
def may_mount() -> bool:
    """Whether this process may mount a disk; the test fails with what to do if a namespace may not either."""
    with tempfile.TemporaryDirectory(prefix="dlcr-test-") as folder:
        there = ["sh", "-c", 'mount -t tmpfs -o size=64k tmpfs "$0" && umount "$0"', folder]
        if subprocess.run(there, capture_output=True, check=False).returncode == 0:
            return True
        done = subprocess.run(NAMESPACE + there, capture_output=True, text=True, check=False)
    assert done.returncode == 0, (
        f"this test fills a disk of its own and may not mount one: {done.stderr.strip()}. Allow user namespaces (Ubuntu: "
        "`sysctl kernel.apparmor_restrict_unprivileged_userns=0`; Docker: `--privileged`), or run the tests as "
        "root with CAP_SYS_ADMIN."
    )
    return False
