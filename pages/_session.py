"""The session that all pages share, and loading its models before they are asked for."""

from __future__ import annotations

import logging
import threading

from dlcr import stages
from dlcr.core.errors import DlcrError
from dlcr.core.profiles import PROFILES
from dlcr.core.reach import Reach
from dlcr.stages import Session, open_session

__all__ = ["Session", "open_session", "open_to_users", "warm"]

log = logging.getLogger(__name__)


EMBEDDED = ("demo", "vote", "grabcut")
"""Backends that come with the program."""


def open_to_users(session: stages.Session) -> stages.Session:
    """The session with the reach of people who sign in: the program's own models, the profiles', those in use."""
    models = {*EMBEDDED, *session.backends.model_dump(exclude={"device"}).values()}
    for profile in PROFILES.values():
        models |= set(profile.backends.values())
    session.reach = Reach.signed_in(session.workspace.exports, models)
    return session


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
