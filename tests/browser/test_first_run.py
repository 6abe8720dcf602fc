"""The first minutes of a newcomer, in a real browser on a fresh workspace: what is there, the keys, the tour."""

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, Route, expect

from pages import _text as text
from pages._help import TOUR
from tests.browser.test_access import PAGES, faults

PATIENCE = 120_000
CHOSEN = "#gallery [data-act=pick][aria-pressed=true]"


def at_home(page: Page, address: str) -> None:
    """The Studio with its thumbnails."""
    page.goto(address)
    page.locator("#gallery img").first.wait_for(timeout=PATIENCE)


def inside(page: Page, outer: str, inner: str) -> bool:
    """Whether one element lies within another, by the rectangles that are seen."""
    boxes = [page.locator(one).first.bounding_box() for one in (outer, inner)]
    (a, b) = [box or {"x": 0, "y": 0, "width": 0, "height": 0} for box in boxes]
    return a["x"] <= b["x"] and a["y"] <= b["y"] and a["x"] + a["width"] >= b["x"] + b["width"] > 0


def test_a_fresh_workspace_shows_variants_and_how_far_they_cover(page: Page, address: str) -> None:
    page.goto(f"{address}expand")
    expect(page.locator("#sheet .pair")).to_have_count(12)
    expect(page.locator("#coverage tr", has_text=text.IMAGES).first).to_contain_text("780")
    expect(page.locator("#estimate")).to_contain_text("60 variants already")
    sizes = page.locator("#sheet img").evaluate_all("all => all.map(one => one.naturalWidth)")
    assert min(sizes) > 0


def test_a_query_is_refined_by_its_variants(page: Page, address: str) -> None:
    page.goto(f"{address}retrieve?run=world-cal&refine=1")
    expect(page.locator("#answers .voters img")).to_have_count(4)


@pytest.mark.parametrize("name", PAGES)
def test_what_is_awaited_has_its_place_until_it_comes(
    page: Page, address: str, rest: Callable[[], None], name: str
) -> None:
    held: list[Route] = []
    page.route("**/queue/join**", lambda route: held.append(route))
    page.goto(f"{address}{name}")
    places = page.locator(".comes .html-container > div:empty")
    expect(places).not_to_have_count(0)
    assert all(box["height"] > 100 for box in (one.bounding_box() or {"height": 0.0} for one in places.all()))
    for one in held:
        one.continue_()
    page.unroute("**/queue/join**")
    page.locator(PAGES[name]).first.wait_for(state="attached", timeout=PATIENCE)
    expect(places).to_have_count(0)
    rest()


@pytest.mark.parametrize("name", ["space", "retrieve"])
def test_nothing_is_awaited_where_there_is_nothing_to_show(
    page: Page, address: str, rest: Callable[[], None], name: str
) -> None:
    page.goto(f"{address}{name}?dataset=uploads")
    rest()
    expect(page.locator(".comes .html-container > div:empty:visible")).to_have_count(0)


@pytest.mark.parametrize("name", ["", "jobs"])
def test_the_keys_are_shown_and_left_without_losing_the_place(page: Page, address: str, name: str) -> None:
    page.goto(f"{address}{name}")
    page.locator(PAGES[name]).first.wait_for(state="attached", timeout=PATIENCE)
    button, dialog = page.locator(".help-open"), page.locator("dialog.help")
    expect(dialog).to_be_hidden()
    button.focus()
    page.keyboard.press("?")
    expect(dialog).to_be_visible()
    listed = dialog.locator("td").all_inner_texts()
    own = text.SHORTCUTS["studio"].values() if not name else ()
    assert listed == [*own, *text.SHORTCUTS["everywhere"].values()]
    assert faults(page) == []
    page.keyboard.press("Escape")
    expect(dialog).to_be_hidden()
    expect(button).to_be_focused()
    page.keyboard.press("Enter")
    expect(dialog).to_be_visible()
    page.keyboard.press("?")
    expect(dialog).to_be_hidden()
    expect(button).to_be_focused()


def test_a_photo_is_chosen_and_its_variants_are_judged_by_keys(page: Page, address: str) -> None:
    at_home(page, address)
    page.keyboard.press("n")
    expect(page.locator("#cards .card")).to_have_count(3)
    first = page.locator(CHOSEN).get_attribute("data-id")
    page.keyboard.press("v")
    expect(page.locator("#cards .card.here")).to_have_count(1)
    page.keyboard.press("y")
    expect(page.locator("#cards .card.here em.accepted")).to_have_count(1)
    page.keyboard.press("v")
    expect(page.locator("#cards .card.here em")).to_have_count(0)
    page.keyboard.press("x")
    expect(page.locator("#cards .card.here em.rejected")).to_have_count(1)
    page.keyboard.press("?")
    page.keyboard.press("n")  # the dialog has the keys now
    page.keyboard.press("Escape")
    words = page.locator("#words :is(input, textarea)")
    words.focus()
    page.keyboard.type("nip?")
    expect(words).to_have_value("nip?")
    expect(page.locator("dialog.help")).to_be_hidden()
    words.fill("")
    page.locator(CHOSEN).focus()
    assert page.locator(CHOSEN).get_attribute("data-id") == first
    page.keyboard.press("n")
    page.locator("#gallery [data-act=pick]:nth-of-type(2)[aria-pressed=true]").wait_for(timeout=PATIENCE)
    page.keyboard.press("p")
    page.locator(f"#gallery [data-id='{first}'][aria-pressed=true]").wait_for(timeout=PATIENCE)


def test_the_tour_is_offered_once_points_at_what_it_says_and_can_be_left(
    page: Page, address: str, rest: Callable[[], None]
) -> None:
    at_home(page, address)
    offer, tour = page.locator(".tour-offer"), page.locator("dialog.tour")
    expect(offer).to_be_visible()
    expect(tour).to_be_hidden()
    offer.locator(".tour-start").click()
    for place, (title, _) in zip(TOUR, text.TOUR_STEPS, strict=True):
        expect(tour.get_by_role("heading", name=title)).to_be_visible()
        expect(page.locator(place).first).to_be_in_viewport()
        assert inside(page, ".tour-ring", place), place
        page.keyboard.press("ArrowRight")
    expect(tour).to_be_hidden()
    start = page.locator(".head .tour-start")
    expect(start).to_be_focused()
    rest()
    page.reload()
    start.wait_for(timeout=PATIENCE)
    expect(offer).to_be_hidden()
    start.click()
    page.keyboard.press("Enter")
    page.keyboard.press("ArrowLeft")
    expect(tour.locator(".tour-count")).to_have_text("1 / 6")
    tour.locator(".tour-next").click()
    expect(tour.locator(".tour-count")).to_have_text("2 / 6")
    assert faults(page) == []
    page.keyboard.press("Escape")
    expect(tour).to_be_hidden()
    expect(page.locator(".tour-ring")).to_be_hidden()
    expect(start).to_be_focused()


def test_an_offer_that_is_declined_is_not_made_again_and_other_pages_lead_to_the_tour(
    page: Page, address: str, rest: Callable[[], None]
) -> None:
    at_home(page, address)
    page.locator(".tour-no").click()
    expect(page.locator(".tour-offer")).to_be_hidden()
    rest()
    page.goto(f"{address}models")
    page.locator("#models-used table").wait_for(timeout=PATIENCE)
    rest()
    page.locator(".head a.button").click()
    expect(page.locator("dialog.tour")).to_be_visible()
    expect(page.locator(".tour-offer")).to_be_hidden()
    page.locator(".tour-leave").click()
    expect(page.locator("dialog.tour")).to_be_hidden()
