"""What wakes a worker: a huey queue, in the workspace (SQLite) or on Redis (`DLCR_REDIS_URL`).

Only bare bytes go through it, never a pickled task: whoever may write to the queue can wake a worker and nothing else. A ring
that is lost costs a few seconds, because workers look at the catalog by themselves too.
"""

import hashlib
import logging
import os
import sqlite3
import time
from collections.abc import Callable
from contextlib import suppress
from typing import Any

from dlcr.core.errors import SettingError
from dlcr.core.workspace import Workspace

POLL = 0.25
"""Seconds between two looks at a queue that cannot wait by itself, and at whether to stop."""

log = logging.getLogger(__name__)


class Bell:
    """The bell of one catalog. A queue that fails is logged, never raised, for no job depends on it."""

    def __init__(self, workspace: Workspace):
        self._workspace = workspace
        self._opened: Any = None

    def check(self) -> None:
        """SettingError if `DLCR_REDIS_URL` can never work."""
        with suppress(sqlite3.Error):  # a queue that fails is told of when it is rung
            self._storage  # noqa: B018

    def ring(self) -> None:
        """Wake one worker."""
        try:
            self._storage.enqueue(b"wake")
        except SettingError:
            raise
        except Exception as error:  # the errors of the two kinds of queue have no common parent
            log.warning("the job queue cannot be reached, workers will look by themselves: %s", error)

    def listen(self, seconds: float, stopped: Callable[[], bool]) -> None:
        """Wait until the bell rings, `stopped` or the time is over."""
        end = time.monotonic() + seconds
        works = True
        while not stopped() and time.monotonic() < end:
            try:
                if works and self._storage.dequeue() is not None:
                    return
            except SettingError:
                raise
            except Exception as error:
                works = False
                log.warning("the job queue cannot be reached: %s", error)
            if not works or not self._storage.blocking:
                time.sleep(POLL)

    @property
    def _storage(self) -> Any:
        if self._opened is None:
            self._opened = _open(self._workspace)
        return self._opened


def _open(workspace: Workspace) -> Any:
    """huey's storage; the queue's name is the catalog's, so that several workspaces may share one Redis."""
    from huey import RedisHuey, SqliteHuey
    from huey.exceptions import ConfigurationError

    name = "dlcr" + hashlib.sha256(workspace.database_url.encode()).hexdigest()[:12]
    url = os.environ.get("DLCR_REDIS_URL")
    if not url:
        return SqliteHuey(name, filename=str(workspace.home / "queue.sqlite")).storage
    try:
        return RedisHuey(name, url=url).storage
    except ConfigurationError as error:
        raise SettingError("DLCR_REDIS_URL is set, but the package redis is missing.", "pip install redis") from error
    except ValueError as error:
        raise SettingError(f"DLCR_REDIS_URL is no address: {error}.", "Use redis://HOST:PORT/0.") from error
