"""Nobody runs on alone: a process ends when the one that started it does, however that one ended.

The starter keeps the writing end of a pipe that is the process's standard input. When the starter dies, even by kill -9, the
system closes that end and the pipe says so. No process ids are compared, so none can be mistaken.

Through the same pipe the starter may ask the process to hold between two batches, and to go on.
"""

import os
import signal
import threading

LEASH = "DLCR_LEASH"
"""The environment variable of a process on a leash: `kill` ends its whole group at once, `stop` lets it end by itself."""

HOLD, GO = b"h", b"g"
going = threading.Event()
"""Set while the process may go on; who works in batches waits for it between them."""
going.set()


def obey() -> None:
    """Called at the start of a process; does nothing unless it is on a leash."""
    kind = os.environ.pop(LEASH, None)
    if kind:
        threading.Thread(target=_wait, args=(kind,), daemon=True, name="leash").start()


def _wait(kind: str) -> None:
    while said := os.read(0, 4096):
        (going.clear if said.endswith(HOLD) else going.set)()
    if kind == "kill":
        os.killpg(0, signal.SIGKILL)  # files are whole or absent, and rows come after files: nothing is half done
    os.kill(os.getpid(), signal.SIGTERM)
