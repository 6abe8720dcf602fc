"""Who may sign in: a file of names with hashed passwords (scrypt), for this account's eyes alone. No password is kept or logged."""

from __future__ import annotations

import hashlib
import hmac
import json
import os
import re
import threading
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from dlcr.core.errors import UsageError, WorkspaceError
from dlcr.core.files import write_json

COST, BLOCK, PARALLEL = 2**15, 8, 3
"""scrypt's N, r and p (OWASP, Password Storage Cheat Sheet): 32 MiB and some tenths of a second a try."""
MEMORY = 2 * 128 * COST * BLOCK
LENGTH = 32
NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._@-]{0,63}")
SHORTEST, LONGEST = 8, 1024
"""Characters of a password."""

_NOBODY = f"scrypt${COST}${BLOCK}${PARALLEL}${'00' * 16}${'00' * LENGTH}"
"""Compared where there is no such user, so that the answer takes as long."""
_ONE_AT_A_TIME = threading.Lock()
"""Trying passwords takes no more than one core and one share of memory."""


@dataclass(frozen=True, slots=True)
class Accounts:
    """The users of a file; what `dlcr user` changes holds at once, for the file is read whenever somebody asks."""

    file: Path

    def names(self) -> list[str]:
        """Every user, sorted; none if there is no file. WorkspaceError if it cannot be read."""
        return sorted(self._read())

    def add(self, name: str, password: str) -> None:
        """Add a user, or give one another password. UsageError for a name or a password that is not allowed."""
        if not NAME.fullmatch(name):
            raise UsageError(
                f"'{name}' is no name of a user.", "Use 1 to 64 of A-Z a-z 0-9 . _ @ -, a letter or digit first."
            )
        if not SHORTEST <= len(password) <= LONGEST:
            raise UsageError(
                f"a password has {SHORTEST} to {LONGEST} characters, this one has {len(password)}.",
                "Choose another one.",
            )
        write_json(self.file, {**self._read(), name: hashed(password)}, private=True)

    def remove(self, name: str) -> None:
        """Take a user out; UsageError if there is none of this name."""
        users = dict(self._read())
        if users.pop(name, None) is None:
            raise UsageError(f"there is no user '{name}'.", f"Known: {', '.join(sorted(users)) or 'none'}.")
        write_json(self.file, users, private=True)

    def right(self, name: str, password: str) -> bool:
        """Whether this is the user's password; an unknown user takes as long as a known one."""
        kept = self._read().get(name)
        return matches(password[: LONGEST + 1], kept or _NOBODY) and kept is not None

    def stamp(self, name: str) -> str | None:
        """What changes with the user's password, None if there is no such user."""
        kept = self._read().get(name)
        return None if kept is None else hashlib.sha256(kept.encode()).hexdigest()[:16]

    def _read(self) -> Mapping[str, str]:
        try:
            told = json.loads(self.file.read_text(encoding="utf-8"))
        except FileNotFoundError:
            return {}
        except (OSError, ValueError) as error:
            raise WorkspaceError(
                f"the users in {self.file} cannot be read: {error}.",
                "Restore the file, or remove it and add the users again.",
            ) from error
        if not isinstance(told, dict) or not all(isinstance(kept, str) for kept in told.values()):
            raise WorkspaceError(
                f"{self.file} holds no users.", "Remove it and add the users again: dlcr user add NAME."
            )
        return told


def hashed(password: str) -> str:
    """`scrypt$N$r$p$salt$hash`, with a salt of its own."""
    salt = os.urandom(16)
    return f"scrypt${COST}${BLOCK}${PARALLEL}${salt.hex()}${_scrypt(password, salt, COST, BLOCK, PARALLEL).hex()}"


def matches(password: str, kept: str) -> bool:
    """Whether a password gives this hash; compared in constant time. A damaged hash matches nothing."""
    try:
        kind, cost, block, parallel, salt, wanted = kept.split("$")
        found = _scrypt(password, bytes.fromhex(salt), int(cost), int(block), int(parallel))
        return kind == "scrypt" and hmac.compare_digest(found, bytes.fromhex(wanted))
    except (ValueError, OverflowError, MemoryError):
        return False


def _scrypt(password: str, salt: bytes, cost: int, block: int, parallel: int) -> bytes:
    with _ONE_AT_A_TIME:
        return hashlib.scrypt(
            password.encode(errors="surrogatepass"), salt=salt, n=cost, r=block, p=parallel, maxmem=MEMORY, dklen=LENGTH
        )
