"""Every page through axe-core, in light and dark: nothing serious, at the usual size, on a narrow screen and at 200 %."""

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page

PAGES = {
    "": "#gallery img",
    "expand": "#expand-work *",
    "train": "#curves .js-plotly-plot",
    "space?run=world-cal&other=world-dlcr": ".space[data-ready]",
    "retrieve?run=world-cal&other=world-dlcr": "#answers .tile",
    "data": "#data *",
    "jobs": "#jobs-head *",
    "models": "#models-used table",
}
"""What has to be there before a page is looked at."""
PATIENCE = 120_000


def faults(page: Page) -> list[str]:
    """Serious and critical ones, each with the rule and the first places."""
    found = Axe().run(page).response["violations"]
    return [
        f"{one['id']}: {one['help']}: {[node['html'][:120] for node in one['nodes'][:3]]}"
        for one in found
        if one["impact"] in ("serious", "critical")
    ]


@pytest.mark.parametrize("name", PAGES)
def test_nothing_serious(browser: Browser, address: str, name: str) -> None:
    page = browser.new_page(viewport={"width": 1440, "height": 900})
    for theme in ("light", "dark"):
        page.goto(f"{address}{name}{'&' if '?' in name else '?'}__theme={theme}")
        page.locator(PAGES[name]).first.wait_for(state="attached", timeout=PATIENCE)
        page.wait_for_timeout(500)
        assert faults(page) == [], theme
    page.close()


@pytest.mark.parametrize("name", PAGES)
def test_a_narrow_screen_and_twice_the_size_need_no_sideways_scrolling(
    browser: Browser, address: str, name: str
) -> None:
    for width, height, scale in ((390, 844, 1), (720, 450, 2)):
        page = browser.new_page(viewport={"width": width, "height": height}, device_scale_factor=scale)
        page.goto(f"{address}{name}")
        page.locator(PAGES[name]).first.wait_for(state="attached", timeout=PATIENCE)
        page.wait_for_timeout(300)
        assert page.evaluate("document.documentElement.scrollWidth") <= width
        page.close()
