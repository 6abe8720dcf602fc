"""The real app, served once, and a page that lets nothing leave it and no error pass."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from PIL import Image, ImageFilter
from playwright.sync_api import Browser, Page

from dlcr.data import world_root
from tools.pictures import Studio, chromium, serve

LEFT = "AbortError: signal is aborted without reason"
"""What Gradio's own client throws when its page is left while an answer, such as a poll's, is on its way."""


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
    page.on("request", lambda one: None if one.url.startswith((address, "data:", "blob:")) else wrong.append(one.url))
    page.on("response", lambda one: wrong.append(f"{one.status} {one.url}") if one.status >= 400 else None)
    page.on("console", lambda one: wrong.append(one.text) if one.type == "error" else None)
    page.on("pageerror", lambda one: wrong.append(str(one)))
    yield page
    page.close()
    assert [one for one in wrong if not one.startswith(LEFT)] == []


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
