"""What stands before every route, Gradio's and the app's own: who may ask, from where, how much and how often."""

from __future__ import annotations

import json
import re
import time
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, Protocol
from urllib.parse import urlsplit

import gradio as gr
from starlette.datastructures import MutableHeaders
from starlette.requests import HTTPConnection
from starlette.responses import PlainTextResponse, RedirectResponse, Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from pages import _text as text
from pages._entry import Entry
from pages._login import LOGIN, LOGOUT, by_browser, token_user, way_in
from pages._widgets import DEVICE, PROGRAMS

API = "/gradio_api"
OPEN = (LOGIN, f"{API}/startup-events")
"""What is answered to who has not signed in; the second tells nothing, Gradio asks itself for it when it starts."""
UNUSED = tuple(
    f"{prefix}/{name}" for prefix in ("", API) for name in (
        "proxy=", "file=http:", "file=https:", "file/http:", "file/https:", "vibe-", "undo-vibe-edit", "process_recording",
        "monitoring", "dev/", "deep_link", "run-history", "runs", "profiling", "component_server", "token", "stream",
    )
)  # fmt: skip
"""Beginnings of Gradio's routes that no page needs; some fetch addresses, some write files or change the program."""
CALLS = tuple(f"{API}/{name}" for name in ("queue/join", "run/", "call/", "api/"))
CANCEL, UPLOAD = f"{API}/cancel", f"{API}/upload"
LARGEST_CALL, LARGEST_UPLOAD = 4 * 10**6, 101 * 10**6
"""Bytes: of a call (a long stroke of the brush has some thousands), of a photo with what wraps it."""
HOST = re.compile(r"[A-Za-z0-9._-]+(:\d{1,5})?|\[[0-9A-Fa-f:.]+\](:\d{1,5})?")
"""What a Host header may look like; Starlette would take more of it into a request's address."""
LOOPBACK = frozenset({"127.0.0.1", "localhost", "::1"})
SAFE = ("GET", "HEAD", "OPTIONS")
BURST, RATE = 300.0, 30.0
"""Requests that change something: so many at once, then so many a second. A drawing hand makes five."""
WAITING, ON_DEVICE = 64, 8
"""Calls of one user that may wait or run: all, and those for the device."""
COMPUTING = frozenset({DEVICE["concurrency_id"], PROGRAMS["concurrency_id"]})
"""What Gradio's queue holds back for the device; who paints in the pages waits in their own line."""
TABS = 10_000
"""Tabs whose users are remembered; the oldest are let go."""
HEADERS = {
    "X-Content-Type-Options": "nosniff", "X-Frame-Options": "SAMEORIGIN", "Referrer-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Content-Security-Policy": "default-src 'self' data: blob:; script-src 'self' blob: 'unsafe-inline' 'unsafe-eval'; "
    "style-src 'self' 'unsafe-inline'; object-src 'none'; base-uri 'self'; form-action 'self'; frame-ancestors 'self'",
}  # fmt: skip
"""Sent with every answer that does not say them itself. Gradio runs scripts of its page and those made by `js_on_load`."""


class Calls(Protocol):
    """What the guard asks about calls of the pages' handlers."""

    def waiting(self, user: str) -> tuple[int, int]:
        """How many calls of a user wait or run: all, and those for the device."""
        ...

    def known(self, number: int) -> bool:
        """Whether there is a handler of this number."""
        ...


@dataclass(frozen=True, slots=True)
class Queue:
    """The calls of an app as Gradio's queue has them."""

    app: gr.Blocks

    def waiting(self, user: str) -> tuple[int, int]:
        calls = [call for call in list(self.app._queue.event_ids_to_events.values()) if call.username == user]
        return len(calls), sum(call.concurrency_id in COMPUTING for call in calls)

    def known(self, number: int) -> bool:
        return number in self.app.fns


@dataclass(slots=True)
class Pace:
    """A bucket for each user: full with BURST requests, filled with RATE a second."""

    clock: Callable[[], float] = time.monotonic
    _left: dict[str, tuple[float, float]] = field(default_factory=dict)

    def allows(self, user: str) -> bool:
        """Whether one more request may come now."""
        now = self.clock()
        left, last = self._left.get(user, (BURST, now))
        left = min(BURST, left + (now - last) * RATE)
        self._left[user] = (max(0.0, left - 1), now)
        return left >= 1


class Guard:
    """ASGI middleware. Without an `entry` nobody signs in, and only this machine's own names reach the app."""

    def __init__(self, app: ASGIApp, entry: Entry | None, calls: Calls, hosts: Iterable[str] = ()):
        self.app = app
        self.entry = entry
        self.calls = calls
        self.hosts = LOOPBACK | set(hosts)
        self.pace = Pace()
        self.tabs: dict[str, str] = {}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] not in ("http", "websocket"):
            await self.app(scope, receive, send)
            return
        connection = HTTPConnection(scope)
        refusal = self.refusal(connection)
        if refusal is None and self._is_call(connection):
            refusal, receive = await self._read(connection, receive)
        if refusal is None:
            await self.app(scope, _counted(connection, receive), _headed(send))
        elif scope["type"] == "websocket":
            await send({"type": "websocket.close", "code": 1008})
        else:
            await refusal(scope, receive, _headed(send))

    def refusal(self, connection: HTTPConnection) -> Response | None:
        """The answer to a request that is turned away by what its head says; None lets it in."""
        path, host = connection.scope["path"], connection.headers.get("host", "")
        if not HOST.fullmatch(host) or (self.entry is None and _name(host) not in self.hosts):
            own = "127.0.0.1:{1}".format(*connection.scope.get("server") or ("", ""))
            return PlainTextResponse(text.OTHER_HOST.format(host=host[:100], own=own), 421)
        if _foreign(connection):
            return PlainTextResponse(text.OTHER_SITE, 403)
        user = token_user(self.entry, connection) if self.entry else ""
        if user is None and path not in OPEN:
            return _turned_away(connection)
        if path.lower().startswith(UNUSED):
            return PlainTextResponse(text.CLOSED, 404)
        if _length(connection) > _most(path):
            return PlainTextResponse(text.TOO_LARGE.format(most=_most(path) // 10**6), 413)
        if user and not self._owns(user, _tab(connection)):
            return PlainTextResponse(text.OTHER_TAB, 403)
        if user and connection.scope["type"] == "http" and connection.scope["method"] not in SAFE and path != LOGOUT:
            return self._flood(user, path)
        return None

    def _owns(self, user: str, tab: str, *, takes: bool = False) -> bool:
        """Whether a tab (Gradio's session hash) is this user's or nobody's; who calls from it first `takes` it."""
        owner = self.tabs.get(tab, user)
        if takes and tab:
            self.tabs[tab] = owner
            while len(self.tabs) > TABS:
                self.tabs.pop(next(iter(self.tabs)))
        return owner == user

    def _flood(self, user: str, path: str) -> Response | None:
        if not self.pace.allows(user):
            return PlainTextResponse(text.TOO_FAST, 429, headers={"Retry-After": "5"})
        waiting, on_device = self.calls.waiting(user)
        if path.startswith(CALLS) and (waiting >= WAITING or on_device >= ON_DEVICE):
            said = text.TOO_MANY_WAIT.format(count=max(on_device, waiting))
            return PlainTextResponse(said, 429, headers={"Retry-After": "10"})
        return None

    def _is_call(self, connection: HTTPConnection) -> bool:
        return (
            connection.scope["type"] == "http"
            and connection.scope["method"] == "POST"
            and connection.scope["path"].startswith((*CALLS, CANCEL))
        )

    async def _read(self, connection: HTTPConnection, receive: Receive) -> tuple[Response | None, Receive]:
        """The body of a call, read once and given on. Refused: a file that is an address (nothing is fetched), another's tab."""
        body, more = b"", True
        while more and len(body) <= LARGEST_CALL:
            message = await receive()
            body, more = body + message.get("body", b""), message.get("more_body", False)
        if len(body) > LARGEST_CALL:
            return PlainTextResponse(text.TOO_LARGE.format(most=LARGEST_CALL // 10**6), 413), receive
        return self._refused(connection, body), _again(body, receive)

    def _refused(self, connection: HTTPConnection, body: bytes) -> Response | None:
        try:
            told = json.loads(body)
            if names_address(told):
                return PlainTextResponse(text.NO_ADDRESSES, 400)
        except (ValueError, RecursionError):
            return PlainTextResponse(text.NO_JSON, 400)
        number = told.get("fn_index") if isinstance(told, dict) else -1
        if not isinstance(told, dict) or not (number is None or (isinstance(number, int) and self.calls.known(number))):
            return PlainTextResponse(text.NO_JSON, 400)
        user, tab = token_user(self.entry, connection) if self.entry else None, told.get("session_hash")
        if user and isinstance(tab, str) and not self._owns(user, tab, takes=True):
            return PlainTextResponse(text.OTHER_TAB, 403)
        return None


def names_address(value: Any) -> bool:
    """Whether a file in what a call says is given by an address; Gradio would fetch it."""
    if isinstance(value, Mapping):
        path = value.get("path")
        return (isinstance(path, str) and "://" in path) or any(map(names_address, value.values()))
    return isinstance(value, list) and any(map(names_address, value))


def _turned_away(connection: HTTPConnection) -> Response:
    if connection.scope["type"] == "http" and connection.scope["method"] == "GET" and by_browser(connection):
        return RedirectResponse(way_in(connection), 303)
    return PlainTextResponse(text.NOT_SIGNED_IN, 401)


def _tab(connection: HTTPConnection) -> str:
    """The tab that a request without a body is about."""
    _, about, tab = connection.scope["path"].partition(f"{API}/heartbeat/")
    return tab if about else connection.query_params.get("session_hash", "")


def _foreign(connection: HTTPConnection) -> bool:
    """Whether a browser says that another site's page asks; following a link to a page of this app is no asking."""
    headers = connection.headers
    changes = connection.scope["type"] == "websocket" or connection.scope["method"] not in SAFE
    origin = headers.get("origin")
    if origin is not None and _place(origin) != headers.get("host", "").lower():
        return True
    elsewhere = headers.get("sec-fetch-site") in ("cross-site", "same-site")
    return elsewhere and (changes or headers.get("sec-fetch-mode") != "navigate")


def _place(origin: str) -> str:
    """`https://name:port` -> `name:port`, as the Host header says it; empty for what is no origin."""
    try:
        return urlsplit(origin).netloc.lower()
    except ValueError:
        return ""


def _name(host: str) -> str:
    """A Host header without its port, brackets and case."""
    return re.sub(r":\d+$", "", host).strip("[]").lower()


def _length(connection: HTTPConnection) -> int:
    told = connection.headers.get("content-length", "0")
    return int(told) if told.isascii() and told.isdigit() else 0


def _most(path: str) -> int:
    return LARGEST_UPLOAD if path.startswith(UPLOAD) else LARGEST_CALL


def _again(body: bytes, receive: Receive) -> Receive:
    """`receive` with a body that was read already."""
    told = False

    async def once() -> Message:
        nonlocal told
        if told:
            return await receive()
        told = True
        return {"type": "http.request", "body": body, "more_body": False}

    return once


def _counted(connection: HTTPConnection, receive: Receive) -> Receive:
    """`receive` that ends a body without an announced length when it grows too large."""
    most, seen = _most(connection.scope["path"]), 0

    async def count() -> Message:
        nonlocal seen
        message = await receive()
        seen += len(message.get("body", b""))
        return {"type": "http.disconnect"} if seen > most else message

    return count


def _headed(send: Send) -> Send:
    """`send` with HEADERS."""

    async def head(message: Message) -> None:
        if message["type"] == "http.response.start":
            headers = MutableHeaders(scope=message)
            for name, value in HEADERS.items():
                headers.setdefault(name, value)
        await send(message)

    return head
