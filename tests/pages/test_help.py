"""The head of each page: the keys it has, the tour's steps in both languages."""

import re

import pytest

from pages import _help
from pages import _text as text
from pages._widgets import asset

SCRIPTS = {"studio": ("shortcuts.js", "mask_editor.js"), "retrieve": ("retrieve.js", "shortcuts.js")}
"""Where the keys of a page are heard."""


def test_each_page_lists_its_own_keys_and_those_of_every_page() -> None:
    for page in ("studio", "retrieve", "jobs", ""):
        told = _help.head(page)
        says = [*text.SHORTCUTS.get(page, {}).values(), *text.SHORTCUTS["everywhere"].values()]
        assert re.findall(r"<td>(.*?)</td>", told) == says


@pytest.mark.parametrize("page", SCRIPTS)
def test_every_key_listed_is_heard_by_a_script_of_the_page(page: str) -> None:
    heard = "".join(asset(name) for name in SCRIPTS[page]).replace("Escape", "Esc")
    for key in text.SHORTCUTS[page]:
        last = key.rpartition("+")[2]
        name = last.lower() if len(last) == 1 else last
        assert re.search(rf"'{re.escape(name)}'|\b{re.escape(name)}: ", heard), key


def test_keys_that_are_pressed_together_are_told_apart() -> None:
    told = _help.head("studio")
    assert "<kbd>Ctrl</kbd>+<kbd>Shift</kbd>+<kbd>Z</kbd>" in told
    assert '<th scope="row"><kbd>←</kbd> <kbd>→</kbd></th>' in told


def test_the_tour_is_on_the_studio_page_and_others_lead_to_it() -> None:
    here, elsewhere = _help.head("studio"), _help.head("data")
    assert re.findall(r'data-at="(.*?)"', here) == list(_help.TOUR)
    assert 'href="/?tour=1"' in elsewhere
    assert "data-at" not in elsewhere


@pytest.mark.parametrize("code", text.LANGUAGES)
def test_the_tour_has_six_steps_in_every_language(code: str) -> None:
    steps = text.words(code)["TOUR_STEPS"]
    assert len(steps) == len(_help.TOUR) == 6
    assert all(title and says for title, says in steps)
