"""A worker beside the app: its own process, started again if it dies, ending with the app however that ends."""

import logging
import os
import subprocess
import sys
import threading
import time
from pathlib import Path

from dlcr.jobs.command import ROOT
from dlcr.jobs.leash import LEASH

PAUSES = (1.0, 60.0)
"""Seconds before a worker that died is started again: at first, and at most."""

log = logging.getLogger(__name__)


class Keeper:
    """Keeps one worker of a workspace alive as long as this process lives."""

    def __init__(self, home: Path):
        self._home = home

    def start(self) -> threading.Thread:
        """Start it in the background."""
        thread = threading.Thread(target=self._keep, daemon=True, name="keeper")
        thread.start()
        return thread

    def _keep(self) -> None:
        pause, most = PAUSES
        while True:
            start = time.monotonic()
            code = self._run()
            pause = PAUSES[0] if time.monotonic() - start > most else min(2 * pause, most)
            log.warning("the worker ended with code %d; it is started again", code)
            time.sleep(pause)

    def _run(self) -> int:
        path = os.pathsep.join(filter(None, [str(ROOT), os.environ.get("PYTHONPATH")]))
        command = [sys.executable, "-m", "dlcr", "worker", "--home", str(self._home)]
        environment = os.environ | {LEASH: "stop", "PYTHONPATH": path}
        with subprocess.Popen(command, stdin=subprocess.PIPE, start_new_session=True, env=environment) as process:
            return process.wait()
