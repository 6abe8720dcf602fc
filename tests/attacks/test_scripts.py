"""Scripts in every text that pages show: a workspace poisoned wherever words come from, every page of it in a real browser."""

import csv
import shutil
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import quote

import pytest
from playwright.sync_api import Browser, Page

from dlcr import stages
from dlcr.core.files import write_json
from dlcr.jobs.board import Board
from dlcr.jobs.command import LOG, PROGRESS
from dlcr.stages_embed import embed
from dlcr.stages_train import train
from tests.pages.looked import BRIEF
from tests.reid.people import draw_set
from tools.pictures import serve

MARK = "window.xss=1"
NAME = f"'\"><img src=x onerror={MARK}>`${{{MARK}}}"
"""In names of files, data sets and runs: no slash, no colon, no @."""
TEXT = f'</textarea></title></script><script>{MARK}</script><svg onload={MARK}>{NAME}<a href="javascript:{MARK}">x</a>{{{{7*7}}}}'
"""Wherever else words come from."""
INJECTED = """() => [...document.querySelectorAll('*')].filter(one =>
  [...one.attributes].some(a => /^on/i.test(a.name) && a.value.includes('xss')) || one.getAttribute('src') === 'x'
  || (one.tagName === 'SCRIPT' && one.text.trim() === 'window.xss=1')
  || (one.getAttribute('href') || '').startsWith('javascript:window')
).map(one => one.outerHTML.slice(0, 200))"""
OPENED = """() => { document.querySelectorAll('details').forEach(one => { one.open = true });
  document.querySelectorAll('button.label-wrap').forEach(one => one.click()) }"""
PATIENCE = 120_000


def relabelled(root: Path, drawn: Path) -> Path:
    """The drawn set under a manifest whose words, and some of whose file names, are scripts."""
    session_rows = []
    for place in sorted(one for one in drawn.rglob("*") if one.is_file()):
        parts = place.relative_to(drawn).parts
        test = parts[1] == "test"
        camera = parts[2] if test else place.name[0]
        split = parts[1] if not test else "gallery" if camera == "A" else "query"
        file = root / parts[-2] / f"{camera}{split}{NAME}{place.name}"
        file.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(place, file)
        outfit = f"{parts[-2]}{int(camera == 'C')}{TEXT}"
        session_rows.append([file.relative_to(root).as_posix(), split, int(parts[-2]), "ABC".index(camera), outfit])
    with (root / "manifest.csv").open("w", newline="") as out:
        csv.writer(out).writerows([["image", "split", "pid", "camid", "clothes_id"], *session_rows])
    return root


def poison(place: Path) -> dict[str, str]:
    """A workspace `place/home`; the views of its pages."""
    session = stages.open_session(place / "home")
    stages.index(session, relabelled(place / f"set{NAME}", draw_set(place / "drawn")), "manifest", NAME)
    sample = session.catalog.every_sample(NAME, "query")[0]
    for run in (NAME, f"b{NAME}"):
        train(session, NAME, run, BRIEF)
        embed(session, NAME, run)
    for outfit, dataset in ((sample.clothes_id, NAME), (session.catalog.sample(1).clothes_id, "world")):
        session.catalog.add_prompt(dataset, outfit, TEXT, "hand")
    for one in (sample.id, 1):
        session.catalog.put_caption(one, "demo", TEXT, TEXT)
        mask = stages.auto_mask(session, 1)[1] if one == 1 else None
        photo = stages.sample_photo(session, session.catalog.sample(one))
        kept = mask.id if mask else stages.keep_mask(session, one, photo[..., 0] > 0, TEXT[:40]).id
        file = Path(f"variants/{one}/9.png")
        shutil.copy(session.catalog.sample(one).path, _made(session.workspace.home / file))
        row = session.catalog.add_variant(one, kept, file, TEXT, 9, TEXT, {"prompt": TEXT, "engine": {"model": TEXT}})
        session.catalog.add_verdict(row.id, "rejected", TEXT)
    board = Board(session.workspace, session.catalog)
    job = board.submit(["train", f"--run={NAME}", "--", NAME], TEXT, dataset=NAME).row
    session.catalog.put_worker("w", "nowhere", 1)
    claimed = session.catalog.claim_job("w", lambda _: None)
    assert claimed
    session.catalog.end_job(claimed, "failed", {"error": TEXT, "what": TEXT, "remedy": TEXT})
    folder = board.folder(job.id)
    folder.mkdir(parents=True)
    (folder / LOG).write_text(f"{TEXT}\n{TEXT}\n")
    write_json(folder / PROGRESS, {"what": TEXT, "done": 1, "total": 2})
    board.catalog.move_job(board.submit(["expand", "--", NAME], TEXT, dataset=NAME).row.id, "paused", before=["queued"])
    name, runs = quote(NAME), f"run={quote(NAME)}&other={quote('b' + NAME)}"
    return {
        "": f"?dataset={name}&sample={sample.id}", "own words": f"?sample=1&words={quote(TEXT)}&split={name}&clothes_id={name}",
        "expand": f"expand?dataset={name}&split=train", "train": f"train?dataset={name}&run={quote(NAME)},{quote('b' + NAME)}",
        "space": f"space?dataset={name}&{runs}&method=pca&people=all",
        "retrieve": f"retrieve?dataset={name}&{runs}&sample={sample.id}",
        "data": f"data?dataset={name}", "jobs": f"jobs?job={job.id}&state={name}", "models": f"models?x={name}",
        "unknown": f"data?dataset={quote(TEXT)}",
    }  # fmt: skip


def _made(file: Path) -> Path:
    file.parent.mkdir(parents=True, exist_ok=True)
    return file


@pytest.fixture(scope="module")
def poisoned(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[str, dict[str, str]]]:
    place = tmp_path_factory.mktemp("poisoned")
    views = poison(place)
    with serve(place / "home") as url:
        yield url, views


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    """A page on which a dialog is an accident."""
    one = browser.new_page(viewport={"width": 1440, "height": 2000})
    one.set_default_timeout(PATIENCE)
    dialogs: list[str] = []
    one.on("dialog", lambda dialog: (dialogs.append(dialog.message), dialog.dismiss()))
    yield one
    one.close()
    assert dialogs == []


def settle(page: Page, seen: str) -> None:
    """Wait for the poisoned words on the page, then until nothing more comes."""
    page.wait_for_function("words => document.body.innerText.includes(words)", arg=seen, timeout=PATIENCE)
    page.wait_for_timeout(3000)


SEEN = {"own words": "DLCR Studio", "models": "DLCR Studio", "unknown": "DLCR Studio", "space": "DLCR Studio"}
"""Views that show none of the poisoned words as text; the others do."""
VIEWS = ("", "own words", "expand", "train", "space", "retrieve", "data", "jobs", "models", "unknown")


@pytest.mark.parametrize("view", VIEWS)
def test_words_stay_words(page: Page, poisoned: tuple[str, dict[str, str]], view: str) -> None:
    url, views = poisoned
    page.goto(url + views[view])
    settle(page, SEEN.get(view, "onerror="))
    page.evaluate(OPENED)
    page.wait_for_timeout(1000)
    assert page.evaluate(INJECTED) == []
    assert page.evaluate("window.xss") is None


@pytest.mark.parametrize(("route", "file"), [("figure/retrieve.svg", "figure.svg"), ("report/case.html", "case.html")])
def test_a_file_that_is_taken_along_carries_no_script(
    page: Page, poisoned: tuple[str, dict[str, str]], tmp_path: Path, route: str, file: str
) -> None:
    url, views = poisoned
    answer = page.request.get(f"{url}{route}?{views['retrieve'].partition('?')[2]}", timeout=PATIENCE)
    assert (answer.status, answer.headers["content-disposition"]) == (200, f'attachment; filename="{Path(route).name}"')
    (tmp_path / file).write_bytes(answer.body())
    page.goto(f"file://{tmp_path}/{file}")
    assert page.evaluate(INJECTED) == []
    assert page.evaluate("window.xss") is None
