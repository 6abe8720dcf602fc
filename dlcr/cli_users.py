"""The verbs of users: user add, list, remove. Part of `cli.py`."""

import sys
from typing import TYPE_CHECKING, Annotated

import typer

from dlcr.cli_app import Home, Json, app, say

if TYPE_CHECKING:
    from dlcr.core.accounts import Accounts

user_app = typer.Typer(no_args_is_help=True, help="Who may sign in to an app started with --auth: add, list, remove.")
app.add_typer(user_app, name="user")
Name = Annotated[str, typer.Argument(help="1 to 64 of A-Z a-z 0-9 . _ @ -")]


@user_app.command()
def add(name: Name, as_json: Json = False, home: Home = None) -> None:
    """Add a user or change the password, which is asked for; without a terminal it is the first line of the input."""
    if sys.stdin.isatty():
        password = typer.prompt("Password", hide_input=True, confirmation_prompt=True, err=True)
    else:
        password = sys.stdin.readline().rstrip("\r\n")
    users = _accounts(home)
    users.add(name, password)
    _tell(as_json, users)


@user_app.command("list")
def list_(as_json: Json = False, home: Home = None) -> None:
    """Every user."""
    _tell(as_json, _accounts(home))


@user_app.command()
def remove(name: Name, as_json: Json = False, home: Home = None) -> None:
    """Take a user out, whose sessions end at once."""
    users = _accounts(home)
    users.remove(name)
    _tell(as_json, users)


def _accounts(home: Home) -> "Accounts":
    from dlcr.core.accounts import Accounts
    from dlcr.core.workspace import Workspace

    return Accounts(Workspace.open(home).users)


def _tell(as_json: bool, users: "Accounts") -> None:
    names = users.names()
    say(as_json, {"users": names}, "\n".join(names) or "no users")
