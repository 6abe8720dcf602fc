"""The login page and what it posts to: the app's own, for Gradio's guards nothing that is added beside it."""

from __future__ import annotations

import html
import math
import re
from urllib.parse import quote

from starlette.concurrency import run_in_threadpool
from starlette.requests import HTTPConnection, Request
from starlette.responses import HTMLResponse, JSONResponse, PlainTextResponse, RedirectResponse, Response
from starlette.routing import Route

from pages import _text as text
from pages._entry import HOURS, Entry
from pages._widgets import asset

LOGIN, LOGOUT = "/login", "/logout"
HEADERS = {
    "Cache-Control": "no-store",
    "Content-Security-Policy": "default-src 'none'; style-src 'unsafe-inline'; img-src data:; form-action 'self'; "
    "frame-ancestors 'none'; base-uri 'none'",
}
"""Of the login page: it needs its style and nothing else."""

HERE = re.compile(r"/(?!/)[!-\[\]-~]*")
"""A path of this app: printable ASCII without a backslash, which browsers take for a slash; two slashes begin a host."""

e = html.escape


def routes(entry: Entry) -> list[Route]:
    """`/login` and `/logout`."""

    async def login(request: Request) -> Response:
        if request.method != "POST":
            return _landed(request) if token_user(entry, request) else _page(request.query_params.get("next", ""))
        form = await request.form()
        name, password = (str(form.get(field, "")) for field in ("username", "password"))
        address = request.client.host if request.client else ""
        found = await run_in_threadpool(entry.sign_in, name, password, address)
        if isinstance(found, str):
            return _welcomed(entry, request, found, safe(str(form.get("next", ""))))
        return _refused(request, found, str(form.get("next", "")), name)

    async def logout(request: Request) -> Response:
        await run_in_threadpool(entry.sign_out, request.cookies.get(entry.cookie))
        response = RedirectResponse(LOGIN, 303)
        response.delete_cookie(entry.cookie, samesite="strict", httponly=True)
        return response

    async def not_so(request: Request) -> Response:
        return RedirectResponse("/", 303)

    return [
        Route(LOGIN, login, methods=["GET", "POST"]),
        Route(LOGOUT, logout, methods=["POST"]),
        Route(LOGOUT, not_so, methods=["GET"]),
    ]


def token_user(entry: Entry, connection: HTTPConnection) -> str | None:
    """Who asks, by the session's cookie; Gradio's `auth_dependency` and the guard of everything else ask this."""
    return entry.user(connection.cookies.get(entry.cookie))


def way_in(connection: HTTPConnection) -> str:
    """The login page, which leads back to where somebody wanted to go."""
    query = connection.scope["query_string"].decode("latin-1")
    wanted = connection.scope["path"] + (f"?{query}" if query else "")
    return LOGIN if wanted == "/" else f"{LOGIN}?next={quote(wanted, safe='')}"


def safe(wanted: str) -> str:
    """An address of this app that may be gone to after signing in; `/` for any other."""
    return wanted if HERE.fullmatch(wanted) else "/"


def by_browser(connection: HTTPConnection) -> bool:
    """Whether somebody looks at the answer: programs ask for no HTML."""
    return "text/html" in connection.headers.get("accept", "")


def _landed(request: Request) -> Response:
    return RedirectResponse(safe(request.query_params.get("next", "")), 303)


def _welcomed(entry: Entry, request: Request, token: str, wanted: str) -> Response:
    response: Response = RedirectResponse(wanted, 303) if by_browser(request) else JSONResponse({"success": True})
    response.set_cookie(
        entry.cookie,
        token,
        max_age=HOURS * 3600,
        httponly=True,
        samesite="strict",
        secure=request.scope["scheme"] == "https",
    )
    return response


def _refused(request: Request, wait: float, wanted: str, name: str) -> Response:
    said = text.TRY_AGAIN_LATER.format(minutes=math.ceil(wait / 60)) if wait else text.WRONG_PASSWORD
    status, headers = (429, {"Retry-After": str(math.ceil(wait))}) if wait else (401, {})
    if not by_browser(request):
        return PlainTextResponse(said, status, headers=headers)
    return _page(wanted, said, name, status, headers)


def _page(
    wanted: str, said: str = "", name: str = "", status: int = 200, more: dict[str, str] | None = None
) -> Response:
    alert = f'<p class="wrong" role="alert">{e(said)}</p>' if said else ""
    return HTMLResponse(
        f'<!doctype html><html lang="{text.LANG}"><head><meta charset="utf-8"><title>{e(text.SIGN_IN)} · {text.PRODUCT}</title>'
        f'<meta name="viewport" content="width=device-width, initial-scale=1"><link rel="icon" href="data:,">'
        f"<style>{asset('login.css')}</style></head><body><main><h1>{text.PRODUCT}</h1><p>{e(text.SIGN_IN_SAYS)}</p>{alert}"
        f'<form method="post" action="{LOGIN}"><input type="hidden" name="next" value="{e(safe(wanted))}">'
        f'<label for="username">{e(text.USER_NAME)}</label><input id="username" name="username" value="{e(name[:64])}" '
        f'autocomplete="username" maxlength="64" required autofocus>'
        f'<label for="password">{e(text.PASSWORD)}</label><input id="password" name="password" type="password" '
        f'autocomplete="current-password" maxlength="1024" required>'
        f'<button>{e(text.SIGN_IN)}</button></form></main></body></html>',
        status, headers=HEADERS | (more or {}),
    )  # fmt: skip
