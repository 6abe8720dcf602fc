"""The Studio from opening the page to a kept variant, in a real browser on the real app."""

import time
from collections.abc import Callable
from pathlib import Path

import pytest
from PIL import Image
from playwright.sync_api import Route

from tools.pictures import Studio

RED = "red t-shirt | blue jeans | white shoes"


def outside(studio: Studio) -> list[str]:
    """What the cards say of pixels changed outside the mask."""
    return studio.page.locator("#cards dd:nth-of-type(1)").all_inner_texts()


def test_filters_narrow_the_gallery(studio: Studio) -> None:
    studio.open()
    everything = studio.page.locator(".turn span").inner_text()
    studio.choose("camera", "0")
    studio.page.wait_for_function("was => document.querySelector('.turn span').innerText !== was", arg=everything)
    studio.page.wait_for_url("**camid=0**")
    studio.page.locator("#words input, #words textarea").fill("no such outfit")
    studio.page.locator("#words input, #words textarea").press("Enter")
    studio.page.locator("#gallery .empty").wait_for()


def test_pages_turn_without_touching_the_photo_on_the_desk(studio: Studio) -> None:
    studio.open()
    studio.pick(2)
    facts = studio.facts
    first = studio.thumbs.first.get_attribute("data-id")
    turn = studio.page.locator("#gallery [data-act=turn]")
    turn.last.click()
    studio.page.wait_for_url("**after=**")
    assert studio.thumbs.first.get_attribute("data-id") != first
    turn.first.click()
    studio.page.wait_for_url("**before=**")
    studio.page.locator(f"#gallery [data-act=pick][data-id='{first}']").wait_for()
    assert studio.facts == facts


@pytest.mark.parametrize("key", ["Tab", "Escape"])
def test_menus_that_are_only_looked_at_change_nothing(studio: Studio, rest: Callable[[], None], key: str) -> None:
    studio.open()
    studio.choose("camera", "0")
    studio.page.wait_for_url("**camid=0**")
    studio.pick(3)
    studio.write(RED)
    rest()
    before = studio.page.url
    for menu in ("history", "others", "dataset", "camera"):
        studio.page.locator(f"#{menu} input").click()
        studio.page.keyboard.press(key)
        studio.page.locator("#prompt textarea").click()
        rest()
    assert studio.page.locator("#prompt textarea").input_value() == RED
    assert studio.page.url == before


def test_an_outfit_is_taken_from_a_menu_as_often_as_it_is_chosen(studio: Studio, rest: Callable[[], None]) -> None:
    studio.open()
    studio.pick(3)
    prompt = studio.page.locator("#prompt textarea")
    taken = set()
    for by_hand in (False, True):
        studio.write(RED)
        studio.page.locator("#others input").click()
        if by_hand:
            studio.page.keyboard.press("ArrowDown")
            studio.page.locator("#others [role=option].active:not([aria-selected=true])").wait_for()
            studio.page.keyboard.press("Enter")
            studio.page.locator("#others [role=option]").first.wait_for(state="detached")
            studio.page.keyboard.press("Tab")
        else:
            studio.page.locator("#others").get_by_role("option").first.click()
        studio.page.wait_for_function(f"document.querySelector('#prompt textarea').value !== '{RED}'")
        rest()
        taken.add(prompt.input_value())
    assert len(taken) == 2
    studio.write(RED)
    studio.page.locator("#others input").click()
    studio.page.locator("#others").get_by_role("option", selected=True).click()
    studio.page.wait_for_function(f"document.querySelector('#prompt textarea').value !== '{RED}'")
    assert prompt.input_value() in taken


def test_mask_is_corrected_by_class_brush_click_and_growth_and_kept(studio: Studio) -> None:
    studio.open()
    studio.pick(2)
    upper = studio.page.locator(".ed-classes input[value=upper]")
    studio.changes(upper.click)
    assert studio.added[1] > 0, "switching a class off removes pixels"
    studio.changes(upper.click)
    studio.changes(lambda: studio.drag((0.05, 0.05), (0.3, 0.05)))
    assert studio.added[0] > 0
    studio.changes(lambda: studio.page.keyboard.press("Control+z"))
    assert studio.added == (0, 0)
    studio.tool("remove")
    studio.changes(lambda: studio.drag((0.5, 0.35), (0.5, 0.35)))
    assert studio.added[1] > 0
    grow = studio.page.locator(".ed-grow")
    grow.focus()
    studio.changes(lambda: grow.press("ArrowRight"))
    assert "unsaved" in studio.facts
    studio.page.locator("[data-act=keep]").click()
    studio.page.locator("#versions tr.here", has_text="hand").wait_for()
    assert "unsaved" not in studio.facts
    for view in ("parsing", "diff", "alone", "photo", "mask"):
        studio.look(view)


def test_painting_comparing_accepting_and_coming_back(studio: Studio, rest: Callable[[], None]) -> None:
    studio.open()
    studio.pick(3)
    assert "red t-shirt" in studio.write(RED)
    studio.page.locator("#garments summary").click()
    rows = "[...document.querySelectorAll('.rows-row input')].map((row) => row.value).join(' | ')"
    studio.page.wait_for_function(f"prompt => {rows} === prompt", arg=RED)
    studio.order(2, 8)
    given = studio.cards.count()
    studio.page.locator("#paint").click()
    studio.cards.nth(given + 1).wait_for(timeout=180_000)
    studio.done()
    assert studio.cards.count() == given + 2
    assert outside(studio) == ["0", "0"]
    newest, second = (
        studio.cards.nth(0),
        studio.cards.nth(1),
    )  # those that came with the embedded world stand after them
    second.locator("[data-act=compare]").click()
    studio.page.locator(".card.here:nth-child(2)").wait_for()
    studio.page.locator("[data-edge]").fill("25")
    assert "25%" in (studio.page.locator(".cmp").get_attribute("style") or "")
    newest.locator("input").fill("<b>good</b>")
    newest.locator("[data-act=accept]").click()
    studio.page.locator(".card em.accepted").wait_for()
    assert "<b>good</b>" in newest.inner_text()
    facts, address = studio.facts, studio.page.url
    rest()
    studio.open(address.removeprefix(studio.url))
    studio.ready()
    assert studio.facts == facts
    assert studio.page.locator("#prompt textarea").input_value() == RED
    assert studio.cards.count() == given + 2


def test_previews_are_shown_and_cancel_stops(studio: Studio) -> None:
    studio.open()
    studio.pick(5)
    studio.write(RED)
    studio.order(4, 150)
    given = studio.cards.count()
    studio.page.locator("#paint").click()
    studio.page.locator(".previews img").first.wait_for(timeout=180_000)
    studio.page.keyboard.press("Escape")
    studio.page.locator("#progress", has_text="Stopped").wait_for(timeout=60_000)
    studio.done()
    assert studio.cards.count() == given


def test_an_own_photo_is_parsed_painted_and_left_alone_outside_the_mask(studio: Studio, street_photo: Path) -> None:
    studio.open()
    studio.upload(street_photo)
    studio.page.locator(".ed-photo[alt^='own photo']").wait_for()
    studio.ready()
    studio.write(RED)
    studio.order(1, 8)
    studio.paint()
    assert outside(studio) == ["0"]


@pytest.mark.parametrize(
    ("name", "content"), [("text.jpg", b"no picture"), ("half.jpg", b"\xff\xd8\xff\xe0\0\x10JFIF\0")]
)
def test_a_bad_upload_is_one_clear_line_and_the_page_goes_on(
    studio: Studio, tmp_path: Path, name: str, content: bytes
) -> None:
    (tmp_path / name).write_bytes(content)
    studio.open()
    studio.upload(tmp_path / name)
    line = studio.page.locator("#find-notice .alert")
    line.wait_for()
    assert name in line.inner_text()
    assert "Traceback" not in studio.page.content()
    studio.pick(0)
    assert not line.is_visible()


def test_a_photo_without_a_person_is_one_clear_line(studio: Studio, tmp_path: Path) -> None:
    Image.new("RGB", (200, 300), (120, 140, 160)).save(tmp_path / "wall.png")
    studio.open()
    studio.upload(tmp_path / "wall.png")
    studio.page.locator("#mask-notice .alert", has_text="no person").wait_for(timeout=60_000)
    studio.write(RED)
    studio.refused("no mask")
    assert (
        studio.page.locator("#prompt textarea").input_value() == RED
    )  # what comes of the outfit later does not replace it


def test_what_is_written_while_the_outfits_prompt_is_on_its_way_stays(studio: Studio, rest: Callable[[], None]) -> None:
    prompt, written = studio.page.locator("#prompt textarea"), []

    def held(request: Route) -> None:
        # from here on the outfit is described, and its prompt asked for
        if studio.page.locator("#captions .outfit").count() and not written:
            written.append(request.request.post_data)
            prompt.fill(RED)
        request.continue_()

    studio.open()
    studio.page.route("**/queue/join**", held)
    studio.pick(1)
    rest()
    assert written
    assert prompt.input_value() == RED
    assert "red t-shirt" in studio.page.locator("#understood p").inner_text()


def test_a_stream_that_is_left_open_awaits_no_answer(studio: Studio, address: str, rest: Callable[[], None]) -> None:
    late: list[Route] = []

    def held(request: Route) -> None:
        answer = request.fetch()
        if studio.page.locator("#captions .outfit").count() and not late:
            late.append(request)
            time.sleep(2)  # the number comes after its answer and after the stream's end: another stream is opened
        request.fulfill(response=answer)

    studio.open()
    studio.page.route("**/queue/join**", held)
    studio.pick(1)
    rest()
    assert late
    studio.page.unroute("**/queue/join**")
    studio.write(RED)
    rest()
    studio.page.goto(f"{address}models")


def test_an_empty_prompt_is_one_clear_line(studio: Studio) -> None:
    studio.open()
    studio.pick(1)
    studio.page.locator("#prompt textarea").fill("")
    studio.refused("empty")


def test_figure_1_shows_three_ways_side_by_side(studio: Studio) -> None:
    studio.open()
    studio.pick(6)
    studio.write(RED)
    studio.order(1, 4)
    studio.page.locator("#figure > button").click()
    studio.page.locator("#figure-draw").click()
    studio.page.locator(".ways figure").nth(2).wait_for(timeout=180_000)
    assert studio.page.locator(".ways dd:nth-of-type(1)").all_inner_texts()[2] == "0"
