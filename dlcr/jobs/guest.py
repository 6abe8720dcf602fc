"""A guest: this program while it computes on a device itself, beside the workers, and holds the device's lease like one of them."""

import logging
import os
import threading
import uuid

from dlcr.catalog.jobs import GUEST
from dlcr.core.errors import DlcrError
from dlcr.jobs.board import Board, host

log = logging.getLogger(__name__)


class Guest:
    """Holds at most one device of a board. Its heartbeat tells others that it lives; if it dies, the device is free again."""

    def __init__(self, board: Board):
        self._board = board
        self._name = ""
        self._over = threading.Event()

    def take(self, lease: str) -> bool:
        """Hold the device, if nobody else does; True too if this guest holds it already."""
        catalog = self._board.catalog
        if self._name and catalog.leases().get(lease) == self._name:
            return True
        self._over.set()
        name = f"{GUEST}{host()} {os.getpid()} {uuid.uuid4().hex[:8]}"
        if not catalog.lend_device(lease, name, host(), os.getpid()):
            return False
        self._name, self._over = name, threading.Event()
        threading.Thread(target=self._beat, args=(name, self._over), daemon=True, name="guest").start()
        return True

    def release(self) -> None:
        """Give the device back, if one is held, and wake a worker."""
        name, self._name = self._name, ""
        self._over.set()
        if name:
            self._board.catalog.remove_worker(name)
            self._board.bell.ring()

    def _beat(self, name: str, over: threading.Event) -> None:
        while not over.wait(self._board.settings.heartbeat):
            try:
                if not self._board.catalog.beat(name):
                    return  # it was given up for dead, and is another one when it takes a device again
            except DlcrError as error:
                log.warning("heartbeat: %s", error)
