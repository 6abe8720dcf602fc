"""How long the pages let somebody wait: opening each, a filter, a page turned, a point looked at and chosen, points lassoed.

The real app and browser on a workspace with a data set of 100,000 photos, half of them query and gallery: 50,000 points in each of
two planes of the Space page, placed by PCA from made-up features of two embedded runs (50 numbers of each person plus noise). Times
run in the page itself, from the press of a button or the move of the pointer until what was asked for is drawn; medians and worst.

    python benchmarks/bench_pages.py [--images 100000] [--repeats 9]

Prints one JSON object on one line.
"""

import argparse
import json
import statistics
import sys
import tempfile
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
from playwright.sync_api import Browser, Page

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

from bench_gallery import A_FOLDER, index, lay, machine, room  # noqa: E402

from dlcr import stages  # noqa: E402
from dlcr.embed.store import Features, write_features  # noqa: E402
from dlcr.reid.features import dense  # noqa: E402
from dlcr.stages_embed import features_file, source_of  # noqa: E402
from tools.pictures import chromium, serve  # noqa: E402

RUNS = ("world-cal", "world-dlcr")
WIDTH = 50
SET = "large"
PAGES = {
    "": "#gallery img", "data": "#data *", "expand": "#expand-work *", "train": "#curves .js-plotly-plot",
    "retrieve": "#answers .tile img", "space": ".space[data-ready]", "jobs": "#jobs-head *", "models": "#models-used table",
}  # fmt: skip
"""Path of a page, and what is there once it shows something of the workspace."""
BEGIN = """kind => {
  window.began = 0
  const note = event => { window.began ||= event.timeStamp }
  document.addEventListener(kind, note, { capture: true, once: true })
}"""
SEEN = """[...document.querySelectorAll(pictures)].filter(one => {
    const box = one.getBoundingClientRect(); return box.height && box.top < innerHeight && box.bottom > 0 })"""
DRAWN = f"""([pictures, before]) => {{
  const all = {SEEN}
  return all.length && all.map(one => one.src).join() !== before && all.every(one => one.complete && one.naturalWidth)
    && performance.now() - (window.began || 0)
}}"""
NAMES = f"pictures => {SEEN}.map(one => one.src).join()"
PLACE = """([plane, at]) => {
  const box = document.querySelectorAll('.plane')[plane], full = box._fullLayout, data = box.data[0], at_ = at % data.x.length
  const here = box.getBoundingClientRect()
  return [here.left + full.xaxis._offset + full.xaxis.l2p(data.x[at_]), here.top + full.yaxis._offset + full.yaxis.l2p(data.y[at_])]
}"""


def features(home: Path) -> int:
    """Features of every photo by both runs, as `dlcr embed` would have left them; how many points the Space page then shows."""
    session = stages.open_session(home)
    samples = session.catalog.every_sample(SET)
    pid, outfit = np.array([one.pid for one in samples]), dense([one.clothes_id for one in samples])
    ids = np.array([one.id for one in samples], np.int64)
    for number, run in enumerate(RUNS):
        rng = np.random.default_rng(number)
        people, outfits = rng.standard_normal((pid.max() + 1, WIDTH)), rng.standard_normal((outfit.max() + 1, WIDTH))
        vectors = people[pid] + (1 - number) * outfits[outfit] + rng.standard_normal((len(pid), WIDTH))
        vectors = (vectors / np.linalg.norm(vectors, axis=1, keepdims=True)).astype(np.float32)
        source = f"{source_of(session, run)} {samples.fingerprint}"
        write_features(features_file(session, SET, run), Features(ids, vectors, source))
    return sum(one.split in ("query", "gallery") for one in samples)


def spread(root: Path) -> None:
    """Give half of the people to the test folders, whose letters are gallery and query."""
    people = sorted((root / "rgb" / "train").iterdir())
    for person in people[len(people) // 2 :]:
        for photo in person.iterdir():
            folder = root / "rgb" / "test" / photo.name[0] / person.name
            folder.mkdir(parents=True, exist_ok=True)
            photo.rename(folder / photo.name)
        person.rmdir()


def told(seconds: list[float]) -> dict[str, float]:
    return {"median": round(statistics.median(seconds), 3), "worst": round(max(seconds), 3)}


def waited(page: Page, kind: str, pictures: str, act: Callable[[], Any]) -> float:
    """Seconds from the first event of `kind` that `act` makes until other pictures than before are drawn."""
    before = page.evaluate(NAMES, pictures)
    page.evaluate(BEGIN, kind)
    act()
    return float(page.wait_for_function(DRAWN, arg=[pictures, before], polling="raf").json_value()) / 1000


def opened(browser: Browser, url: str, repeats: int) -> dict[str, Any]:
    """Seconds from the start of navigation until each page shows something of the workspace, the browser's cache filled."""
    found = {}
    for path, there in PAGES.items():
        page = browser.new_page(viewport={"width": 1440, "height": 900})
        page.set_default_timeout(60_000)
        query = f"?dataset={SET}" if path != "space" else f"?dataset={SET}&run={RUNS[0]}&other={RUNS[1]}"
        times = []
        for _ in range(repeats + 1):
            print(path, query, file=sys.stderr, flush=True)
            page.goto(f"{url}{path}{query}", wait_until="commit")
            look = "one => { const it = document.querySelector(one); return it && it.textContent !== null && performance.now() }"
            times.append(float(page.wait_for_function(look, arg=there, polling="raf").json_value()) / 1000)
        found[path or "studio"] = told(times[1:]) | {"first": round(times[0], 3)}
        page.close()
    return found


def browsed(browser: Browser, url: str, repeats: int) -> dict[str, Any]:
    """Filters and pages of the Studio's gallery."""
    page = browser.new_page(viewport={"width": 1440, "height": 900})
    page.set_default_timeout(60_000)
    page.goto(f"{url}?dataset={SET}")
    shown = "#gallery [data-act=pick] img"
    page.wait_for_function(DRAWN, arg=[shown, ""], polling="raf")
    turns, filters = [], []
    for _ in range(repeats):
        turns.append(waited(page, "click", shown, page.locator("#gallery [data-act=turn][data-after]").click))
    for number in range(repeats):
        page.locator("#split input").click()
        choice = page.get_by_role("option", name=("query", "gallery", "train")[number % 3], exact=True)
        filters.append(waited(page, "mousedown", shown, choice.click))
    page.close()
    return {"turn": told(turns), "filter": told(filters)}


def pointed(browser: Browser, url: str, repeats: int) -> dict[str, Any]:
    """Points of the Space page: drawn at all, looked at, chosen, lassoed."""
    page = browser.new_page(viewport={"width": 1600, "height": 900})
    page.set_default_timeout(60_000)
    start = time.perf_counter()
    page.goto(f"{url}space?dataset={SET}&run={RUNS[0]}&other={RUNS[1]}&method=pca&people=all")
    page.locator(".space[data-ready]").wait_for()
    ready = time.perf_counter() - start
    rng, hovers, clicks, lassos = np.random.default_rng(0), [], [], []
    for number in range(repeats):
        x, y = page.evaluate(PLACE, [number % 2, int(rng.integers(1_000_000))])
        page.mouse.move(x + 30, y + 30)
        page.wait_for_timeout(200)
        hovers.append(waited(page, "mousemove", ".tip:not([hidden]) img", partial(page.mouse.move, x, y)))
        page.wait_for_timeout(200)
        clicks.append(waited(page, "mousedown", "#space-side img", partial(page.mouse.click, x, y)))
    for number in range(max(1, repeats // 3)):
        left, top = page.evaluate(PLACE, [number % 2, int(rng.integers(1_000_000))])

        def lasso(left: float = left, top: float = top) -> None:
            page.mouse.move(left - 25, top - 25)
            page.mouse.down()
            for x, y in ((25, -25), (25, 25), (-25, 25), (-25, -20)):
                page.mouse.move(left + x, top + y, steps=5)
            page.mouse.up()

        lassos.append(waited(page, "mousedown", "#space-lasso img", lasso))
    page.close()
    return {"ready": round(ready, 3), "hover": told(hovers), "click": told(clicks), "lasso": told(lassos)}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--images", type=int, default=100_000)
    parser.add_argument("--repeats", type=int, default=9)
    given = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="dlcr-bench-", dir=room()) as folder, chromium() as browser:
        root, home = lay(Path(folder), given.images // A_FOLDER * A_FOLDER), Path(folder) / "home"
        spread(root)
        index(root, home)
        points = features(home)
        with serve(home) as url:
            result = {
                "name": "pages", "points": points, "pages": opened(browser, url, given.repeats),
                **browsed(browser, url, given.repeats), **pointed(browser, url, given.repeats),
                "wanted": {"pages": 2, "turn": 0.3, "filter": 0.3, "hover": 0.3, "click": 0.3},
            }  # fmt: skip
    print(json.dumps({"results": [result], "machine": machine(given.images)}))


if __name__ == "__main__":
    main()
