"""The app as people who sign in use it: in this process for its routes, in a process of its own for browsers and floods."""

from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
from gradio.routes import App
from playwright.sync_api import Browser
from starlette.middleware import Middleware
from starlette.testclient import TestClient

import app
from dlcr import stages
from dlcr.core.accounts import Accounts
from pages._entry import Entry
from pages._guard import Guard, Queue
from pages._login import token_user
from pages._session import open_to_users
from tools.pictures import chromium, serve

PASSWORDS = {"ann": "correct horse", "bob": "battery staple", "eve": "eavesdropping"}


def add_users(home: Path) -> None:
    for name, password in PASSWORDS.items():
        Accounts(home / "users.json").add(name, password)


def signed_in(address: str, name: str = "ann") -> httpx.Client:
    """A program of this user."""
    client = httpx.Client(base_url=address, timeout=120)
    assert client.post("/login", data={"username": name, "password": PASSWORDS[name]}).json() == {"success": True}
    return client


@pytest.fixture(scope="session")
def locked_home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The workspace of `locked`."""
    return tmp_path_factory.mktemp("locked")


@pytest.fixture(scope="session")
def locked(locked_home: Path) -> Iterator[str]:
    """The address of an app with two users."""
    add_users(locked_home)
    with serve(locked_home, "--auth") as url:
        yield url


@pytest.fixture(scope="session")
def ann(locked: str) -> Iterator[httpx.Client]:
    client = signed_in(locked, "ann")
    yield client
    client.close()


@pytest.fixture(scope="session")
def bob(locked: str) -> Iterator[httpx.Client]:
    client = signed_in(locked, "bob")
    yield client
    client.close()


@pytest.fixture(scope="session")
def session(tmp_path_factory: pytest.TempPathFactory) -> stages.Session:
    return open_to_users(stages.open_session(tmp_path_factory.mktemp("home")))


@pytest.fixture(scope="session")
def entry(session: stages.Session) -> Entry:
    add_users(session.workspace.home)
    return Entry(session.workspace.home, Accounts(session.workspace.users))


@pytest.fixture(scope="session")
def inside(session: stages.Session, entry: Entry) -> TestClient:
    """The whole app in this process, nobody signed in."""
    demo = app.make(session)
    guard = Middleware(Guard, entry=entry, calls=Queue(demo))
    kwargs = {"routes": app.routes(session, entry), "middleware": [guard]}
    whole = App.create_app(demo, app_kwargs=kwargs, auth_dependency=lambda asked: token_user(entry, asked))
    return TestClient(whole, base_url="http://studio.test", follow_redirects=False)


@pytest.fixture(scope="session")
def member(inside: TestClient, entry: Entry) -> TestClient:
    """The app in this process, ann signed in."""
    token = entry.sign_in("ann", PASSWORDS["ann"], "10.0.0.1")
    assert isinstance(token, str)
    return TestClient(
        inside.app, base_url="http://studio.test", cookies={entry.cookie: token}, raise_server_exceptions=False
    )


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    with chromium() as one:
        yield one
