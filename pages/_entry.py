"""Signing in: passwords asked for at a measured pace, sessions as signed cookies that end with the password or the sign-out."""

from __future__ import annotations

import base64
import hashlib
import hmac
import ipaddress
import json
import os
import secrets
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from dlcr.core.accounts import Accounts
from dlcr.core.files import write_bytes, write_json

VARIABLE = "DLCR_SESSION_SECRET"
"""The environment variable with the secret that signs sessions; without it one is made and kept in the workspace."""
SECRET, ENDED = "session.key", "sessions-ended.json"
"""Files of the workspace: the secret, and the sessions that were ended before their time."""
HOURS = 12
"""How long a session lasts."""
PER_USER, PER_ADDRESS, WINDOW = 10, 30, 600.0
"""Wrong passwords within so many seconds after which the next try waits."""
REMEMBERED = 10_000
"""Addresses and names whose wrong tries are remembered; the oldest are let go."""


def secret_of(home: Path) -> bytes:
    """The secret of the environment, else the workspace's own, made on first use and readable by its owner alone."""
    if told := os.environ.get(VARIABLE):
        return hashlib.sha256(told.encode()).digest()
    file = home / SECRET
    if not file.exists():
        write_bytes(file, secrets.token_bytes(32), private=True)
    return file.read_bytes()


@dataclass(slots=True)
class Throttle:
    """Wrong passwords by address and by name; who has given too many waits, whatever comes next."""

    clock: Callable[[], float] = time.monotonic
    _wrong: dict[str, list[float]] = field(default_factory=dict)
    _friends: set[tuple[str, str]] = field(default_factory=set)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def wait(self, address: str, name: str) -> float:
        """Seconds until this address may try this name; 0 is now.

        A name that others guess at stays open to an address that has signed in with it before.
        """
        with self._lock:
            waits = [self._left(f"address {network(address)}", PER_ADDRESS)]
            if (network(address), name) not in self._friends:
                waits.append(self._left(f"user {name}", PER_USER))
            return max(waits)

    def tell(self, address: str, name: str, right: bool) -> None:
        """A try was right or wrong."""
        place = network(address)
        with self._lock:
            if right:
                self._friends.add((place, name))
                return
            now = self.clock()
            for key in (f"address {place}", f"user {name}"):
                self._wrong[key] = [*self._wrong.pop(key, []), now][-PER_ADDRESS:]
            while len(self._wrong) > REMEMBERED:
                self._wrong.pop(next(iter(self._wrong)))

    def _left(self, key: str, most: int) -> float:
        since = self.clock() - WINDOW
        recent = [when for when in self._wrong.get(key, []) if when > since]
        return recent[-most] - since if len(recent) >= most else 0.0


def network(address: str) -> str:
    """What counts as one address: of IPv6 the first 64 bits, for that is what one household gets."""
    try:
        found = ipaddress.ip_address(address)
    except ValueError:
        return address
    return str(found) if found.version == 4 else str(ipaddress.ip_network((found, 64), strict=False))


class Entry:
    """Who comes in: sessions of the users in `accounts`, signed with the workspace's secret."""

    def __init__(self, home: Path, accounts: Accounts, clock: Callable[[], float] = time.time):
        self.accounts = accounts
        self.throttle = Throttle()
        self._key = secret_of(home)
        self._file = home / ENDED
        self._clock = clock
        self._lock = threading.Lock()
        self._ended = self._kept()
        self.cookie = f"dlcr_{hashlib.sha256(self._key).hexdigest()[:8]}"

    def sign_in(self, name: str, password: str, address: str) -> str | float:
        """The token of a new session; else the seconds to wait, 0 if the password was wrong."""
        if wait := self.throttle.wait(address, name):
            return wait
        right = self.accounts.right(name, password)
        self.throttle.tell(address, name, right)
        return self._token(name) if right else 0.0

    def user(self, token: str | None) -> str | None:
        """Whose session this is; None if it is none, has run out, was ended, or its user has another password now."""
        told = self._read(token or "")
        return str(told["user"]) if told else None

    def sign_out(self, token: str | None) -> None:
        """End a session before its time, here and after a restart."""
        if told := self._read(token or ""):
            with self._lock:
                self._ended = {one: end for one, end in self._ended.items() if end > self._clock()}
                self._ended[told["id"]] = told["end"]
                write_json(self._file, self._ended, private=True)

    def _token(self, name: str) -> str:
        told = {
            "user": name, "id": secrets.token_hex(8), "end": self._clock() + HOURS * 3600, "stamp": self.accounts.stamp(name),
        }  # fmt: skip
        body = base64.urlsafe_b64encode(json.dumps(told).encode()).decode().rstrip("=")
        return f"{body}.{self._sign(body)}"

    def _read(self, token: str) -> dict | None:
        body, _, sign = token.partition(".")
        if not hmac.compare_digest(self._sign(body).encode(), sign.encode(errors="replace")):
            return None
        told: dict = json.loads(base64.urlsafe_b64decode(body + "=" * (-len(body) % 4)))
        alive = told["end"] > self._clock() and told["id"] not in self._ended
        return told if alive and told["stamp"] == self.accounts.stamp(told["user"]) else None

    def _sign(self, body: str) -> str:
        return hmac.new(self._key, body.encode(errors="replace"), hashlib.sha256).hexdigest()

    def _kept(self) -> dict[str, float]:
        try:
            return dict(json.loads(self._file.read_text(encoding="utf-8")))
        except (OSError, ValueError):
            return {}
