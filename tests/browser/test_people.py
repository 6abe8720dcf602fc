"""Several people on one server: each in a browser of their own, none sees the others' unsaved work."""

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager

from playwright.sync_api import Browser

from tools.pictures import PATIENCE, Studio

PEOPLE = 5
"""Ten were tried too: they take minutes to draw without a GPU."""


@contextmanager
def person(browser: Browser, address: str) -> Iterator[Studio]:
    """Somebody with a browser of their own: no cookies, no storage in common with anybody."""
    context = browser.new_context(viewport={"width": 1440, "height": 900})
    context.set_default_timeout(PATIENCE)
    try:
        yield Studio(context.new_page(), address)
    finally:
        context.close()


def test_people_on_one_photo_do_not_see_each_others_unsaved_edits(browser: Browser, address: str) -> None:
    with ExitStack() as stack:
        people = [stack.enter_context(person(browser, address)) for _ in range(PEOPLE)]
        for studio in people:
            studio.open()
            studio.pick(2)
        facts = []
        for number, studio in enumerate(people):
            studio.page.locator("#prompt textarea").fill(f"red t-shirt | draft {number}")
            end = 0.05 + 0.09 * number
            facts.append(studio.changes(lambda studio=studio, end=end: studio.drag((0.03, 0.04), (end, 0.04))))
            assert "unsaved" in facts[-1]
        assert len(set(facts)) == PEOPLE, "everybody's stroke has its own length"
        for number, studio in enumerate(people):
            assert studio.page.locator("#prompt textarea").input_value() == f"red t-shirt | draft {number}"
            assert studio.facts == facts[number]
            assert studio.page.locator("#versions").inner_text().count("hand") == 0
    with person(browser, address) as newcomer:
        newcomer.open()
        newcomer.pick(2)
        assert "unsaved" not in newcomer.facts
        assert newcomer.added == (0, 0)
        assert "draft" not in newcomer.page.locator("#prompt textarea").input_value()
