"""DLCR Studio in the browser: `python app.py [--home DIR] [--port 7860] [--language en] [--auth [--host ADDRESS]]`.

Only this machine can reach it, unless people sign in (docs/decisions/023).
"""

from __future__ import annotations

import argparse
import ipaddress
import json
import os
import sys
from importlib import import_module
from types import ModuleType

os.environ["GRADIO_ANALYTICS_ENABLED"] = "False"

import gradio as gr
from starlette.middleware import Middleware
from starlette.routing import Route

from dlcr.core.accounts import Accounts
from dlcr.core.errors import DlcrError, SettingError
from dlcr.core.files import make_folder
from dlcr.jobs.keeper import Keeper
from pages import _api, _figures, _login, _pictures, _report, _run_files, _space_points
from pages import _text as text
from pages._entry import Entry
from pages._guard import Guard, Queue
from pages._session import Session, open_session, open_to_users, warm
from pages._widgets import FONT, MAX_FILE, MONO, asset

PAGES = ("studio", "expand", "train", "space", "retrieve", "data", "jobs", "models")


def pages() -> list[ModuleType]:
    """The pages, imported no earlier than here: they take their titles from the language, which the command line may name."""
    return [import_module(f"pages.{name}") for name in PAGES]


READABLE = {
    "color_accent": "*primary_600", "button_primary_background_fill": "*primary_600",
    "button_primary_background_fill_dark": "*primary_600", "button_primary_background_fill_hover": "*primary_700",
    "button_primary_background_fill_hover_dark": "*primary_700", "input_placeholder_color": "*neutral_600",
    "input_placeholder_color_dark": "*neutral_400", "body_text_color_subdued": "*neutral_600",
}  # fmt: skip
"""Colours of the theme whose contrast is 4.5 or more, where its own is less."""


def make(session: Session) -> gr.Blocks:
    """The app: one route per page, the first at `/`."""
    first, *others = pages()
    demo = gr.Blocks(title="DLCR Studio", analytics_enabled=False, fill_width=True, delete_cache=(3600, 3600))
    with demo:
        gr.Navbar(main_page_name=first.TITLE)
        first.build(session)
        _api.build(session)
    for page in others:
        with demo.route(page.TITLE, page.PATH):
            gr.Navbar(main_page_name=first.TITLE)
            page.build(session)
    return demo


def routes(session: Session, entry: Entry | None) -> list[Route]:
    """Pictures, points and runs, by id, key and name; signing in where that is asked for."""
    own = [] if entry is None else _login.routes(entry)
    return own + [
        route
        for module in (_pictures, _space_points, _run_files, _figures, _report)
        for route in module.routes(session)
    ]


def launch(session: Session, host: str, port: int, entry: Entry | None) -> None:
    """Serve the app on this machine until it is stopped; nothing of it asks another one.

    `entry` is who may sign in, None that nobody has to.
    """
    os.environ["GRADIO_TEMP_DIR"] = str(make_folder(session.workspace.received))
    theme = gr.themes.Base(
        primary_hue="blue", text_size="sm", spacing_size="sm", radius_size="sm", font=FONT, font_mono=MONO
    ).set(**READABLE)
    sheets = ("studio.css", "data.css", "jobs.css", "work.css", "retrieve.css", "saliency.css", "space.css", "help.css")
    css = "".join(map(asset, sheets))
    css += f"#upload .wrap::before {{ content: {json.dumps(text.DROP_HERE, ensure_ascii=False)}; }}"
    demo = make(session)
    guard = Middleware(Guard, entry=entry, calls=Queue(demo), hosts=(host,))
    demo.launch(
        server_name=host, server_port=port, share=False, allowed_paths=[], strict_cors=True, run_history=False,
        ssr_mode=False, enable_monitoring=False, max_file_size=MAX_FILE, footer_links=[], quiet=True,
        app_kwargs={"routes": routes(session, entry), "middleware": [guard]}, css=css, js=asset("shortcuts.js"),
        theme=theme, prevent_thread_lock=True,
        auth_dependency=None if entry is None else lambda request: _login.token_user(entry, request),
    )  # fmt: skip
    print(f"DLCR Studio: {demo.local_url}", flush=True)
    Keeper(session.workspace.home).start()
    warm(session)
    demo.block_thread()


def who_may_enter(session: Session, host: str, auth: bool) -> Entry | None:
    """Who signs in, None if nobody has to; SettingError if the app would be open to others, or closed to everybody."""
    if not auth:
        if not is_loopback(host):
            raise SettingError(
                f"{host} can be reached from other machines, and nobody would have to sign in.",
                "Add a user (dlcr user add NAME) and start with --auth, or leave --host out.",
            )
        return None
    accounts = Accounts(session.workspace.users)
    if not accounts.names():
        raise SettingError(
            "--auth needs a user, and there is none.", f"Add one: dlcr user add NAME --home {session.workspace.home}"
        )
    return Entry(session.workspace.home, accounts)


def is_loopback(host: str) -> bool:
    """Whether only this machine reaches an address; a name other than localhost may mean any."""
    try:
        return ipaddress.ip_address(host.strip("[]")).is_loopback
    except ValueError:
        return host == "localhost"


def main() -> int:
    """Read the command line and serve.

    1 with one clear line if the workspace cannot be opened, the port is taken or the language is unknown, 2 if the app may not be
    started so.
    """
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--home", help="workspace folder; else DLCR_HOME, else ./workspace")
    parser.add_argument("--port", type=int, default=7860)
    parser.add_argument("--auth", action="store_true", help="people sign in: users are added with `dlcr user add NAME`")
    parser.add_argument(
        "--host", default="127.0.0.1", help="address to serve at; any but this machine's own needs --auth"
    )
    parser.add_argument(
        "--language",
        help=f"of the pages: {' or '.join(text.LANGUAGES)}; else {text.VARIABLE}, else {text.LANGUAGES[0]}",
    )
    parser.add_argument("--privacy", action="store_true", help="blur faces in every picture shown; else DLCR_PRIVACY")
    given = parser.parse_args()
    if given.privacy:
        os.environ["DLCR_PRIVACY"] = "1"
    if given.language:
        os.environ[text.VARIABLE] = given.language
    try:
        text.language()
        session = open_session(given.home)
        entry = who_may_enter(session, given.host, given.auth)
        launch(open_to_users(session) if entry else session, given.host, given.port, entry)
    except SettingError as error:
        print(f"error: {error}", file=sys.stderr)
        return error.exit_code
    except (DlcrError, OSError) as error:
        print(f"error: {error}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
