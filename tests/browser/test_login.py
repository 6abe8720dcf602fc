"""The login page in a browser: clean for screen readers in light and dark, in and out again, in both languages."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from dlcr.core.accounts import Accounts
from pages import _text as text
from tests.browser.test_access import faults
from tools.pictures import PATIENCE, serve

PASSWORD = "correct horse"


@pytest.fixture(scope="module", params=text.LANGUAGES)
def locked(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[str, dict]]:
    """An app with one user, and its language's words."""
    home: Path = tmp_path_factory.mktemp("locked")
    Accounts(home / "users.json").add("ann", PASSWORD)
    with serve(home, "--auth", f"--language={request.param}") as url:
        yield url, text.words(request.param)


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    context = browser.new_context()
    context.set_default_timeout(PATIENCE)
    yield context.new_page()
    context.close()


def fill(page: Page, password: str) -> None:
    page.locator("#username").fill("ann")
    page.locator("#password").fill(password)
    page.locator("button").click()


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_nothing_serious_with_and_without_an_error(browser: Browser, locked: tuple[str, dict], theme: str) -> None:
    page = browser.new_page(color_scheme=theme, viewport={"width": 390, "height": 844})  # type: ignore[arg-type]
    page.goto(locked[0])
    assert page.evaluate("getComputedStyle(document.body).backgroundColor") == {
        "light": "rgb(255, 255, 255)", "dark": "rgb(13, 17, 23)"}[theme]  # fmt: skip
    assert faults(page) == []
    fill(page, "a wrong one")
    expect(page.locator("[role=alert]")).to_have_text(locked[1]["WRONG_PASSWORD"])
    assert page.locator("#username").input_value() == "ann"
    assert faults(page) == []
    page.close()


def test_in_to_the_page_that_was_wanted_and_out_again(page: Page, locked: tuple[str, dict]) -> None:
    url, words = locked
    wrong: list[str] = []
    page.on("request", lambda one: None if one.url.startswith((url, "data:", "blob:")) else wrong.append(one.url))
    page.on("response", lambda one: wrong.append(f"{one.status} {one.url}") if one.status >= 400 else None)
    page.on("console", lambda one: wrong.append(one.text) if one.type == "error" else None)
    page.goto(f"{url}jobs?state=done")
    assert page.title().startswith(words["SIGN_IN"])
    fill(page, PASSWORD)
    expect(page).to_have_url(f"{url}jobs?state=done")
    expect(page.locator(".account")).to_contain_text(f"{words['SIGNED_IN_AS']} ann")
    expect(page.locator("#jobs-table")).to_contain_text(words["NO_JOBS"])
    assert page.evaluate("document.cookie") == ""
    assert faults(page) == []
    assert wrong == []
    page.locator("#sign-out").click()
    expect(page).to_have_url(f"{url}login")
    page.goto(f"{url}jobs")
    expect(page).to_have_url(f"{url}login?next=%2Fjobs")
