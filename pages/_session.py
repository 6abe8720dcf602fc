"""The session that all pages share, and loading its models before they are asked for."""

from __future__ import annotations

import logging
import threading

from dlcr import stages
from dlcr.core.errors import DlcrError
from dlcr.stages import Session, open_session

__all__ = ["Session", "open_session", "warm"]

log = logging.getLogger(__name__)


def warm(session: stages.Session) -> threading.Thread:
    """Load parser, captioner and inpainter in the background; one that is missing says so when it is used."""

    def load() -> None:
        for step in ("parser", "captioner", "inpainter"):
            try:
                getattr(session, step)
            except DlcrError as error:
                log.warning("%s", error)

    thread = threading.Thread(target=load, daemon=True, name="warm")
    thread.start()
    return thread
