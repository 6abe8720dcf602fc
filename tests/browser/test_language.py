"""The app in Chinese, in a real browser on the real app."""

from pathlib import Path

import pytest
from playwright.sync_api import Browser, expect

from pages import _text as text
from tools.pictures import PATIENCE, serve


def test_the_pages_speak_chinese_where_the_environment_says_so(
    browser: Browser, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    said = text.words("zh")
    monkeypatch.setenv(text.VARIABLE, "zh")
    with serve(tmp_path) as address:
        page = browser.new_page()
        page.set_default_timeout(PATIENCE)
        page.goto(f"{address}jobs")
        expect(page.locator("#jobs h2").first).to_have_text(said["JOBS"])
        expect(page.locator("#jobs-table")).to_contain_text(said["NO_JOBS"])
        expect(page.locator("html")).to_have_attribute("lang", said["LANG"])
        expect(page.get_by_role("link", name=said["DATA"], exact=True).first).to_be_visible()
        page.goto(address)
        expect(page.locator("#editor button[data-tool=brush]")).to_have_text(said["EDITOR"]["brush"])
        expect(page.locator("#paint")).to_have_text(said["PAINT"])
        page.keyboard.press("?")
        expect(page.locator("dialog.help h2")).to_have_text(said["HELP_TITLE"])
        expect(page.locator("dialog.help td").first).to_have_text(said["SHORTCUTS"]["studio"]["N"])
        page.keyboard.press("Escape")
        page.locator(".tour-offer .tour-start").click()
        expect(page.locator("dialog.tour h2").first).to_have_text(said["TOUR_STEPS"][0][0])
        page.close()
