"""Drive the real app in Chromium: `python -m tools.pictures` writes docs/pictures; the browser tests use the same driver."""

from __future__ import annotations

import os
import re
import socket
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from playwright.sync_api import Browser, Locator, Page, sync_playwright

ROOT = Path(__file__).resolve().parents[1]
PICTURES = ROOT / "docs" / "pictures"
COMMAND = (sys.executable, "app.py")
CHROMIUM = os.environ.get("CHROMIUM", "/usr/bin/chromium")
FLAGS = (
    "--no-sandbox --disable-gpu --disable-background-networking --disable-component-update --disable-sync "
    "--no-first-run --disable-quic"
).split()
PATIENCE = 180_000
"""Milliseconds to wait for a model on a busy machine."""


def free_port() -> int:
    """A port of this machine that nobody listens on."""
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return int(one.getsockname()[1])


@contextmanager
def serve(home: Path, *more: str) -> Iterator[str]:
    """The app in its own process on a free port, with `more` on its command line; gives its address, stops it at the end."""
    port = free_port()
    home.mkdir(parents=True, exist_ok=True)
    with (home / "app.log").open("w") as log:
        command = [*COMMAND, "--home", str(home), "--port", str(port), *more]
        process = subprocess.Popen(command, cwd=ROOT, stdout=log, stderr=subprocess.STDOUT)
    try:
        wait(f"http://127.0.0.1:{port}/", process, home / "app.log")
        yield f"http://127.0.0.1:{port}/"
    finally:
        process.terminate()
        try:
            process.wait(10)
        except subprocess.TimeoutExpired:
            process.kill()


def wait(url: str, process: subprocess.Popen[bytes], log: Path) -> None:
    """Wait until an app answers; RuntimeError with the end of its log if it does not."""
    end = time.monotonic() + 300
    while time.monotonic() < end and process.poll() is None:
        try:
            urllib.request.urlopen(url, timeout=5).close()
            return
        except urllib.error.HTTPError:  # it wants to know who asks
            return
        except (urllib.error.URLError, OSError):
            time.sleep(0.2)
    raise RuntimeError(f"the app did not start:\n{log.read_text()[-2000:]}")


@contextmanager
def chromium() -> Iterator[Browser]:
    """Debian's Chromium (or CHROMIUM), without its own network requests."""
    with sync_playwright() as player:
        browser = player.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        try:
            yield browser
        finally:
            browser.close()


@dataclass(frozen=True, slots=True)
class Studio:
    """The Studio page as a person uses it; every method waits until the page answered."""

    page: Page
    url: str

    def open(self, query: str = "") -> None:
        """Open the page and wait for thumbnails."""
        self.page.goto(self.url + query)
        self.thumbs.first.wait_for(timeout=PATIENCE)

    @property
    def thumbs(self) -> Locator:
        return self.page.locator("#gallery [data-act=pick]")

    @property
    def cards(self) -> Locator:
        return self.page.locator("#cards .card")

    @property
    def facts(self) -> str:
        """The line under the editor."""
        return self.page.locator(".ed-say").inner_text()

    @property
    def added(self) -> tuple[int, int]:
        """Pixels that the mask has more and fewer than the automatic one."""
        found = re.search(r"\+(\d+) −(\d+) px", self.facts)
        assert found, self.facts
        return int(found[1]), int(found[2])

    def choose(self, menu: str, option: str) -> None:
        """Choose an option of a drop-down by its label."""
        self.page.locator(f"#{menu} input").click()
        self.page.get_by_role("option", name=option, exact=True).click()

    def pick(self, index: int) -> None:
        """Open a thumbnail and wait for its mask."""
        self.thumbs.nth(index).click()
        self.page.locator(f"#gallery [data-act=pick]:nth-of-type({index + 1})[aria-pressed=true]").wait_for()
        self.ready()

    def ready(self) -> None:
        """Wait for the mask and the captions of the photo on the page."""
        self.page.locator(".ed-say", has_text="covers").wait_for(timeout=PATIENCE)
        self.page.locator("#captions .outfit").wait_for(timeout=PATIENCE)
        self.page.locator("#understood p").wait_for(timeout=PATIENCE)

    def upload(self, path: Path) -> None:
        """Give an own photo."""
        self.page.locator("#upload input[type=file]").set_input_files(path)

    def changes(self, act: Callable[[], None]) -> str:
        """Do something and wait until the line under the editor says something new."""
        before = self.facts
        act()
        self.page.wait_for_function(
            """before => { const now = document.querySelector('.ed-say').innerText;
            return now !== before && now.includes('covers') }""",
            arg=before, timeout=PATIENCE,
        )  # fmt: skip
        return self.facts

    def tool(self, name: str) -> None:
        self.page.locator(f"[data-tool={name}]").click()

    def look(self, name: str) -> None:
        self.page.locator(f"[data-view={name}]").click()

    def drag(self, start: tuple[float, float], end: tuple[float, float]) -> None:
        """Draw a line over the photo; places are shares of its width and height."""
        box = self.page.locator(".ed-frame").bounding_box()
        assert box
        places = [(box["x"] + x * box["width"], box["y"] + y * box["height"]) for x, y in (start, end)]
        self.page.mouse.move(*places[0])
        self.page.mouse.down()
        self.page.mouse.move(*places[1], steps=8)
        self.page.mouse.up()

    def write(self, prompt: str) -> str:
        """Write the prompt; gives what the model read of it. An outfit's newest prompt may stand there already."""
        box = self.page.locator("#prompt textarea")
        # the sentence alone: beside it Gradio counts the seconds of an answer on its way
        said = "(document.querySelector('#understood p')?.innerText ?? '')"
        before: str = self.page.evaluate(said)
        if box.input_value() == prompt:
            return before
        box.fill(prompt)
        self.page.wait_for_function(f"before => {said} !== before", arg=before, timeout=PATIENCE)
        return str(self.page.evaluate(said))

    def order(self, count: int, steps: int) -> None:
        """Set how many variants are painted and in how many steps."""
        self.page.locator("#count input").fill(str(count))
        if not self.page.locator("#steps input").is_visible():
            self.page.locator("#settings > button").click()
        self.page.locator("#steps input").fill(str(steps))
        self.page.locator("#steps input").blur()

    def paint(self) -> None:
        """Press Paint and wait for the end of it."""
        given = self.cards.count()
        self.page.locator("#paint").click()
        self.cards.nth(given).wait_for(timeout=PATIENCE)
        self.done()

    def refused(self, text: str) -> None:
        """Press Paint where it is refused at once, and wait for the line that says `text`."""
        self.page.locator("#paint").click()
        self.page.locator("#paint-notice", has_text=text).wait_for(timeout=PATIENCE)
        self.done()

    def done(self) -> None:
        """Wait until painting has ended."""
        self.page.locator("#paint:not([disabled])").wait_for(timeout=PATIENCE)


def draw(studio: Studio) -> None:
    """The pictures of the README and the guide."""
    studio.open()
    studio.page.locator(".tour-no").click()
    studio.pick(4)
    studio.write("red t-shirt | blue jeans | white shoes")
    studio.order(4, 20)
    studio.paint()
    studio.page.wait_for_timeout(1500)
    for scheme in ("light", "dark"):
        studio.page.emulate_media(color_scheme=scheme)
        studio.page.goto(f"{studio.page.url.split('&__theme')[0]}&__theme={scheme}")
        studio.ready()
        studio.cards.first.wait_for()
        studio.page.wait_for_timeout(1500)
        name = "studio.png" if scheme == "light" else f"studio-{scheme}.png"
        studio.page.screenshot(path=PICTURES / name, full_page=True)
    studio.look("parsing")
    studio.page.locator(".ed-frame").screenshot(path=PICTURES / "editor-parsing.png")
    studio.look("mask")
    studio.changes(studio.page.locator(".ed-classes input[value=lower]").click)
    studio.changes(lambda: studio.drag((0.15, 0.45), (0.3, 0.45)))
    studio.look("diff")
    studio.page.locator(".ed-frame").screenshot(path=PICTURES / "editor-difference.png")


def draw_looks(page: Page, url: str) -> None:
    """The embedded runs on the looking pages: the first query that the second run fixes, and the space of five people."""
    page.goto(f"{url}retrieve?dataset=world&protocol=cc&only=fixed")
    page.locator("#answers .tile").first.wait_for(timeout=PATIENCE)
    page.wait_for_timeout(3000)
    page.screenshot(path=PICTURES / "retrieve.png")
    draw_wardrobe(page)
    page.goto(f"{url}space?dataset=world")
    page.locator(".space[data-ready]").wait_for(timeout=PATIENCE)
    page.wait_for_timeout(3000)
    page.screenshot(path=PICTURES / "space.png")


def draw_wardrobe(page: Page) -> None:
    """The query of the Retrieve page in five outfits as unlike as can be, and where its person then stands in both runs."""
    page.locator("#worn .empty").wait_for(timeout=PATIENCE)
    page.locator("#wear-start").click()
    page.locator("#wear-stop:not([disabled])").wait_for()
    page.locator("#wear-start:not([disabled])").wait_for(timeout=3 * PATIENCE)  # five outfits, two runs
    page.wait_for_timeout(1500)
    page.locator("#wardrobe").screenshot(path=PICTURES / "wardrobe.png")


def main() -> None:
    """Write every picture."""
    PICTURES.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as home, serve(Path(home)) as url, chromium() as browser:
        draw(Studio(browser.new_page(viewport={"width": 1440, "height": 900}), url))
        draw_looks(browser.new_page(viewport={"width": 1440, "height": 900}), url)


if __name__ == "__main__":
    main()
