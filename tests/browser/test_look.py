"""Space and Retrieve in a real browser: points under the pointer, lasso, queries that the second run fixes."""

from collections.abc import Callable, Iterator

import pytest
from playwright.sync_api import Page, expect

from tests.pages.looked import look_at
from tools.pictures import serve

PATIENCE = 120_000
PLACE = """([plane, at]) => {
  const gd = document.querySelectorAll('.plane')[plane], box = gd.getBoundingClientRect();
  const { xaxis, yaxis } = gd._fullLayout, data = gd.data[0];
  return [box.left + xaxis._offset + xaxis.l2p(data.x[at]), box.top + yaxis._offset + yaxis.l2p(data.y[at])];
}"""


@pytest.fixture(scope="session")
def address(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The app over a small set with two runs, in place of the usual one."""
    place = tmp_path_factory.mktemp("look")
    look_at(place)
    with serve(place / "home") as url:
        yield url


def test_a_point_shows_its_photo_and_a_lasso_its_neighbours(page: Page, address: str, rest: Callable[[], None]) -> None:
    page.goto(f"{address}space?dataset=small&run=a&other=b&method=pca&people=all")
    page.locator(".space[data-ready]").wait_for(timeout=PATIENCE)
    x, y = page.evaluate(PLACE, [1, 5])
    page.mouse.move(x - 2, y - 2)
    page.mouse.move(x, y)
    expect(page.locator(".tip img")).to_have_attribute(
        "src", f"/picture/sample/{page.locator('.tip').get_attribute('data-id')}/thumb"
    )
    assert page.locator(".ring.over:not([hidden])").count() == 2  # the same photo in the other plane too
    page.mouse.click(x, y)
    page.locator("#space-side [data-sample]").wait_for(timeout=PATIENCE)
    shown = page.locator("#space-side [data-sample]").get_attribute("data-sample")
    page.wait_for_url(f"**sample={shown}**")
    box = page.locator(".plane").first.bounding_box()
    assert box
    left, top, right, low = box["x"] + 8, box["y"] + 48, box["x"] + box["width"] - 8, box["y"] + box["height"] - 8
    page.mouse.move(left, top)
    page.mouse.down()
    for corner in ((right, top), (right, low), (left, low), (left, top)):
        page.mouse.move(*corner, steps=6)
    page.mouse.up()
    expect(page.locator("#space-lasso .say")).to_contain_text("48 pictures of 4 people")
    assert page.locator("#space-lasso img").count() == 48
    faded = "[...document.querySelectorAll('.plane')].map(one => one.data[0].selectedpoints?.length)"
    assert page.evaluate(faded) == [48, 48]
    page.mouse.dblclick(left, top)
    page.locator("#space-lasso .empty").wait_for(timeout=PATIENCE)
    assert page.evaluate(faded) == [None, None]
    rest()
    page.locator("#space-side a", has_text="Retrieve").click()
    page.locator(f"#answers [data-sample='{shown}']").wait_for(timeout=PATIENCE)


def test_the_list_of_fixed_queries_is_gone_through_and_a_link_brings_it_back(
    page: Page, address: str, rest: Callable[[], None]
) -> None:
    page.goto(f"{address}retrieve?dataset=small&run=a&other=b&protocol=cc")
    page.locator("#answers .tile").first.wait_for(timeout=PATIENCE)
    wanted = {"fixed": ("✗", "✓ 1"), "broken": ("✓ 1", "✗")}
    for only, (first, second) in wanted.items():
        page.locator(f"#queries [data-value={only}]").click()
        page.locator(f"#queries [data-value={only}][aria-pressed=true]").wait_for(timeout=PATIENCE)
        count = int(page.locator(f"#queries [data-value={only}]").inner_text().split()[-1])
        rows = page.locator("#queries tbody tr")
        assert rows.count() == min(count, 40)
        for row in rows.all():
            cells = row.locator("td").all_inner_texts()
            assert cells[2].startswith(first)
            assert cells[4].startswith(second)
    page.locator("#queries [data-value='']").click()
    page.locator("#queries [data-value=''][aria-pressed=true]").wait_for(timeout=PATIENCE)
    start = page.locator("#answers [data-sample]").get_attribute("data-sample")
    page.keyboard.press("n")
    expect(page.locator("#answers .query")).to_contain_text("2 of 16")
    now = page.locator("#answers [data-sample]").get_attribute("data-sample")
    assert now != start
    expect(page.locator(f"#queries [data-id='{now}']")).to_have_attribute("aria-current", "true")
    answer = page.locator("#answers .tile button").nth(2)
    asked = answer.get_attribute("data-id")
    answer.click()
    page.wait_for_url(f"**sample={asked}**", timeout=PATIENCE)
    rest()
    page.reload()
    page.locator(f"#answers [data-sample='{asked}']").wait_for(timeout=PATIENCE)
    assert page.locator(f"#answers .tile [data-id='{asked}']").count() == 0
