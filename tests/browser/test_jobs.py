"""Indexing a folder from the Data page and watching it on the Jobs page, in a real browser on the real app."""

from collections.abc import Callable
from pathlib import Path

from playwright.sync_api import Page, expect

from tests.small import save_small

PATIENCE = 180_000


def submit(page: Page, address: str, root: Path, name: str) -> None:
    page.goto(f"{address}data")
    page.locator("#sets table").wait_for(timeout=PATIENCE)
    page.locator("#root :is(input, textarea)").fill(str(root))
    page.locator("#name :is(input, textarea)").fill(name)
    page.locator("#index").click()
    page.locator("#work a").wait_for(timeout=PATIENCE)


def test_a_folder_is_indexed_as_a_job_and_watched(
    page: Page, address: str, rest: Callable[[], None], tmp_path: Path
) -> None:
    submit(page, address, save_small(tmp_path), "from <b>here")
    expect(page.locator("#work")).to_contain_text("12 photos (12 new")
    expect(page.locator("#sets tr.here")).to_contain_text("from <b>here")
    rest()
    page.locator("#work a").click()
    page.locator("#job .state.done").wait_for(timeout=PATIENCE)
    assert "/jobs?job=" in page.url
    assert "index '--name=from <b>here'" in page.locator("#job .command").inner_text()
    expect(page.locator("#job-log .log")).to_contain_text("exit code 0")
    expect(page.locator("#job-facts")).to_contain_text("images")
    assert page.locator("#jobs-table tr.here").count() == 1
    page.locator("#jobs-head [data-state=done]").click()
    page.wait_for_url("**state=done**")
    rest()
    page.reload()
    page.locator("#jobs-head [data-state=done][aria-pressed=true]").wait_for(timeout=PATIENCE)
    page.locator("#job .state.done").wait_for(timeout=PATIENCE)


def test_a_failed_job_is_told_tried_again_and_deleted(
    page: Page, address: str, rest: Callable[[], None], tmp_path: Path
) -> None:
    submit(page, address, tmp_path / "set", "failed")
    expect(page.locator("#work [role=alert]")).to_contain_text("there is no folder")
    rest()
    page.locator("#work a").click()
    page.locator("#job .state.failed").wait_for(timeout=PATIENCE)
    assert str(tmp_path / "set") in page.locator("#job .alert").inner_text()
    save_small(tmp_path / "set")
    page.locator("#job [data-act=retry]").click()
    page.locator("#job .state.done").wait_for(timeout=PATIENCE)
    job = page.locator("#jobs-table tr.here td").first.inner_text()
    page.locator("#job [data-act=delete]").click()
    page.locator("#job [data-act=sure]").click()
    page.locator(f"#jobs-table [data-job='{job}']").wait_for(state="detached", timeout=PATIENCE)
