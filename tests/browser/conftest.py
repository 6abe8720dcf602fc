"""The real app, served once, and a page that lets nothing leave it and no error pass."""

import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from PIL import Image, ImageFilter
from playwright.sync_api import Browser, Page, expect

from dlcr.data import world_root
from tools.pictures import PATIENCE, Studio, chromium, serve

expect.set_options(timeout=PATIENCE)  # five seconds are little on a loaded machine

AWAITED = Path(__file__).with_name("awaited.js")
LOOK = "() => new Promise(done => setTimeout(() => done(awaited()), 50))"
"""Answers awaited, after a pause by the page's own clock, so that a busy page does what it has to do first."""


@pytest.fixture(scope="session")
def address(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    with serve(tmp_path_factory.mktemp("home")) as url:
        yield url


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    with chromium() as one:
        yield one


@pytest.fixture
def page(browser: Browser, address: str) -> Iterator[Page]:
    """A fresh page; the test fails if it asked another address, met an error page or wrote an error to the console."""
    wrong: list[str] = []
    page = browser.new_page(viewport={"width": 1440, "height": 900})
    page.set_default_timeout(PATIENCE)
    page.add_init_script(path=AWAITED)
    page.on("request", lambda one: None if one.url.startswith((address, "data:", "blob:")) else wrong.append(one.url))
    page.on("response", lambda one: wrong.append(f"{one.status} {one.url}") if one.status >= 400 else None)
    page.on("console", lambda one: wrong.append(one.text) if one.type == "error" else None)
    page.on("pageerror", lambda one: wrong.append(str(one)))
    yield page
    page.close()
    assert wrong == []


@pytest.fixture
def rest(page: Page) -> Callable[[], None]:
    """Waits until no answer is on its way; to be called before a page is left.

    Gradio's client breaks off the stream of answers when its page is left, and writes that as an error to the console.
    """

    def wait() -> None:
        end, quiet = time.monotonic() + PATIENCE / 1000, 0
        while quiet < 3:
            awaited: int = page.evaluate(LOOK)
            quiet = 0 if awaited else quiet + 1
            assert time.monotonic() < end, f"answers still awaited: {awaited}"

    return wait


@pytest.fixture
def studio(page: Page, address: str) -> Studio:
    return Studio(page, address)


@pytest.fixture(scope="session")
def street_photo(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A landscape photo with one person in it: an embedded crop, enlarged and blended into a wider view of its street."""
    crop = Image.open(sorted(world_root().rglob("*.jpg"))[0]).convert("RGB")
    person = crop.resize((270, 540), Image.Resampling.LANCZOS)
    street = crop.resize((900, 600)).filter(ImageFilter.GaussianBlur(60))
    edge = Image.new("L", person.size)
    edge.paste(255, (16, 16, 254, 524))
    street.paste(person, (330, 40), edge.filter(ImageFilter.GaussianBlur(8)))
    path = tmp_path_factory.mktemp("photos") / "street.jpg"
    street.save(path, quality=92)
    return path
