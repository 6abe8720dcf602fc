"""Painting variants from the Expand page and training a run on the Train page, in a real browser on the real app."""

import re
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from dlcr import stages
from dlcr.core.settings import PaintSettings
from tests.painted import paint_small
from tests.reid.people import draw_set
from tools.pictures import serve

PATIENCE = 180_000


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A workspace with nine photos whose first has a variant, the tiny inpainter of it, and a drawn set to learn from."""
    place = tmp_path_factory.mktemp("work")
    session = paint_small(place, PaintSettings(steps=2, batch=2, scheduler="unipc"), variants=1, limit=1)
    stages.index(session, draw_set(place / "drawn"), "prcc", "drawn")
    session.catalog.close()
    return place


@pytest.fixture(scope="module")
def address(place: Path) -> Iterator[str]:
    with serve(place / "home") as url:
        yield url


def fill(page: Page, name: str, value: object) -> None:
    page.locator(f"#{name} :is(input, textarea)").first.fill(str(value))


def test_variants_are_painted_and_seen_and_counted(page: Page, address: str, place: Path) -> None:
    page.goto(f"{address}expand?dataset=small")
    expect(page.locator("#sheet .pair")).to_have_count(1)
    page.locator("#expand-settings button").first.click()
    fill(page, "expand-variants", 1)
    fill(page, "expand-limit", 3)
    fill(page, "expand-steps", 2)
    fill(page, "expand-inpainter", f"sd:{place / 'sd'}")
    page.locator("#expand-inpainter :is(input, textarea)").blur()
    expect(page.locator("#estimate")).to_contain_text("3 photos × 1 variants = 3 images.")
    page.locator("#expand-start").click()
    expect(page.locator("#expand-work .work")).to_contain_text("2 made, 1 kept, 0 failed")
    expect(page.locator("#sheet .pair")).to_have_count(3)
    expect(page.locator("#coverage tr", has_text="Photos").first).to_contain_text(re.compile(r"9\s*3\s*12"))
    expect(page.locator("#estimate")).to_contain_text("2 images at")
    sizes = page.locator("#sheet img").evaluate_all("all => all.map(one => one.naturalWidth)")
    assert len(sizes) == 6
    assert min(sizes) > 0
    assert page.url.endswith("/expand?dataset=small&split=train")


def test_a_run_is_trained_and_its_curve_and_numbers_are_shown(
    page: Page, address: str, rest: Callable[[], None]
) -> None:
    page.goto(f"{address}train?dataset=drawn")
    expect(page.locator("#train-meaning")).to_contain_text("8 people with 4 photos")
    page.locator("#train-settings button").first.click()
    rate, seed = page.locator("#train-learning-rate input"), page.locator("#train-seed input")
    seed.fill("3")
    for backbone, published in (("timm:resnet18", "0.00035"), ("", "0.001")):
        fill(page, "backbone", backbone)
        expect(rate).to_have_value(published)
    expect(seed).to_have_value("3")
    fill(page, "train-epochs", 0)
    expect(page.locator("#train-notice [role=alert]")).to_contain_text("epochs")
    fill(page, "train-epochs", 1)
    fill(page, "train-photos-per-person", 8)
    expect(page.locator("#train-notice [role=alert]")).to_have_count(0)
    fill(page, "run-name", "first")
    page.locator("#run-name :is(input, textarea)").blur()
    page.locator("#train-start").click()
    expect(page.locator("#train-work .work")).to_contain_text("1 epochs in")
    expect(page.locator("#train-log .log")).to_contain_text("exit code 0")
    expect(page.locator("#curves .scatterlayer .trace")).to_have_count(1)
    expect(page.locator("#curve-numbers td", has_text="first").locator("..")).to_contain_text(
        re.compile(r"first\s*1\s*\d")
    )
    expect(page.locator("#runs tr", has_text="first")).to_contain_text("1 / 1")
    expect(page.locator("#compared th", has_text="first")).to_have_count(1)
    rest()
    page.reload()
    page.locator("#curves .scatterlayer .trace").wait_for(timeout=PATIENCE)
    assert "run=first" in page.url
