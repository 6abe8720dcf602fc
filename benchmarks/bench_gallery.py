"""The first page of a 100,000-image data set in the browser, against all of its paths passed to a gr.Gallery.

Ours is the real app on a workspace that the real command indexed; the peer is a plain Gradio app with one gallery that is
given every path when the page loads. Time runs in the page itself, from the start of navigation until the pictures in view
are drawn; `mounted` of it is Gradio's own start (its files are in the browser's cache, ours and the peer's alike), and counts
for both. The peer draws every thumbnail of the set at once, so it is measured with fewer pictures too; where it does not end
within --patience seconds, that is its time: the ratio is then a lower bound, and `capped` says so.

    python benchmarks/bench_gallery.py [--images 100000] [--repeats 3] [--patience 120]

Prints one JSON object on one line.
"""

import argparse
import json
import os
import platform
import shutil
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import gradio
from playwright.sync_api import Browser, Page
from playwright.sync_api import TimeoutError as Late

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

from tools.pictures import chromium, free_port, serve, wait  # noqa: E402

A_FOLDER = 100
DISTINCT = 300
"""Photos of the embedded world that are linked again and again."""
FEWER = (100, 1000)
"""Pictures of the peer's shorter measurements."""

WATCH = """([pictures, least]) => {
  const all = [...document.querySelectorAll(pictures)]
  if (all.length && !window.mountedAt) window.mountedAt = performance.now()
  const seen = all.filter(one => { const b = one.getBoundingClientRect(); return b.height && b.top < innerHeight && b.bottom > 0 })
  return all.length >= least && seen.length > 0 && seen.every(one => one.complete && one.naturalWidth) && performance.now()
}"""
MOUNTED = """element => new Promise(tell => {
  const look = () => document.querySelector(element) ? tell(performance.now()) : requestAnimationFrame(look)
  look()
})"""

PEER = """
import sys, pathlib, gradio as gr
root, count, port = pathlib.Path(sys.argv[1]), int(sys.argv[2]), int(sys.argv[3])
paths = [str(path) for path in sorted(root.rglob("*.jpg"))[:count]]
with gr.Blocks(analytics_enabled=False) as demo:
    gallery = gr.Gallery(columns=8, elem_id="gallery")
    demo.load(lambda: paths, None, gallery)
demo.launch(server_name="127.0.0.1", server_port=port, allowed_paths=[str(root)], quiet=True, ssr_mode=False)
"""


def lay(root: Path, images: int) -> Path:
    """A set in PRCC's layout: names of its own, bytes shared by hard links."""
    photos = sorted((ROOT / "assets" / "world" / "rgb").rglob("*.jpg"))[:DISTINCT]
    (root / "distinct").mkdir(parents=True)
    sources = [Path(shutil.copy(photo, root / "distinct" / f"{n}.jpg")) for n, photo in enumerate(photos)]
    for person in range(images // A_FOLDER):
        folder = root / "set" / "rgb" / "train" / f"{person:05}"
        folder.mkdir(parents=True)
        for frame in range(A_FOLDER):
            name = folder / f"{'ABC'[frame % 3]}_cropped_rgb{frame:04}.jpg"
            os.link(sources[(person * A_FOLDER + frame) % len(sources)], name)
    return root / "set"


def index(root: Path, home: Path) -> None:
    command = [sys.executable, "-m", "dlcr", "index", str(root), "--name", "large", "--layout", "prcc"]
    subprocess.run([*command, "--no-check", "--home", str(home), "--json"], cwd=ROOT, check=True, capture_output=True)


def opened(page: Page, url: str, pictures: str, least: int, patience: float) -> dict[str, float]:
    """Seconds from the start of navigation: until Gradio stands, until the pictures in view are drawn."""
    page.goto(url, wait_until="commit")
    mounted = page.evaluate(MOUNTED, "#gallery")
    drawn = page.wait_for_function(WATCH, arg=[pictures, least], timeout=patience * 1000, polling="raf").json_value()
    return {"mounted": mounted / 1000, "drawn": drawn / 1000}


def times(browser: Browser, url: str, pictures: str, least: int, repeats: int, patience: float) -> dict[str, Any]:
    """Medians of several openings after a first one that fills the browser's cache; None where patience ended."""
    context = browser.new_context(viewport={"width": 1440, "height": 900})
    page = context.new_page()
    page.set_default_timeout(patience * 1000)
    try:
        first = opened(page, url, pictures, least, patience)
        found = [opened(page, url, pictures, least, patience) for _ in range(repeats)]
        middle = {name: round(statistics.median(one[name] for one in found), 3) for name in first}
        return middle | {"cold": round(first["drawn"], 3)}
    except Late:
        return {"mounted": None, "drawn": None, "cold": None}
    finally:
        context.close()


@contextmanager
def peer(root: Path, count: int) -> Iterator[str]:
    """The plain app with `count` pictures."""
    port = free_port()
    with tempfile.TemporaryDirectory(prefix="dlcr-bench-") as cache:
        environment = os.environ | {"GRADIO_TEMP_DIR": cache, "GRADIO_ANALYTICS_ENABLED": "False"}
        command = [sys.executable, "-c", PEER, str(root), str(count), str(port)]
        log = Path(cache) / "log"
        with log.open("w") as file:
            process = subprocess.Popen(command, env=environment, stdout=file, stderr=subprocess.STDOUT)
        try:
            wait(f"http://127.0.0.1:{port}/", process, log)
            yield f"http://127.0.0.1:{port}/"
        finally:
            process.kill()
            process.wait()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--images", type=int, default=100_000)
    parser.add_argument("--repeats", type=int, default=3)
    parser.add_argument("--patience", type=float, default=120)
    given = parser.parse_args()
    found: dict[str, Any] = {"peer": {}}
    with tempfile.TemporaryDirectory(prefix="dlcr-bench-", dir=room()) as folder, chromium() as browser:
        root, home = lay(Path(folder), given.images), Path(folder) / "home"
        index(root, home)
        ours = "#gallery [data-act=pick] img"
        with serve(home) as url:
            for name, query in (("world", ""), ("large", "?dataset=large")):
                found[name] = times(browser, url + query, ours, 60, given.repeats, given.patience)
        for count in (*FEWER, given.images):
            with peer(root, count) as url:
                told = times(browser, url, "#gallery img", min(count, 8), 1, given.patience)
                found["peer"][count] = told
    large, whole = found["large"], found["peer"][given.images]
    seconds = whole["drawn"] or given.patience
    result = {
        "name": "gallery", "ours": large["drawn"], "peer": seconds, "peer_is": "every path passed to gr.Gallery",
        "ratio": seconds / large["drawn"], "floor": large["mounted"], "wanted": 10, "wanted_seconds": 1.0,
        "capped": whole["drawn"] is None, "times": found,
    }  # fmt: skip
    print(json.dumps({"results": [result], "machine": machine(given.images)}))


def machine(images: int) -> dict[str, Any]:
    """Facts of the machine and of the set."""
    return {
        "cpus": len(os.sched_getaffinity(0)), "load": os.getloadavg()[0], "python": platform.python_version(),
        "gradio": gradio.__version__, "images": images,
    }  # fmt: skip


def room() -> str | None:
    """Memory for the links where there is some."""
    return "/dev/shm" if os.access("/dev/shm", os.W_OK) else None


if __name__ == "__main__":
    main()
