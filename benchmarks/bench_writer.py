"""2,000 variants of 768x256 written while the next ones are painted: how long the painter waits, against saving in the loop.

The painter is a clock: a batch of eight comes every 8 / `rate` seconds, as a GPU would give it. Ours is the part of `dlcr expand`
after the engine: paste, lineage, PNG, forced write, catalog row. The peer pastes and saves each PNG with Pillow in the loop
(DLCR's release). Stalled is the share of the time in which the painter does not paint. The floor is the clock alone.

    python benchmarks/bench_writer.py [--variants 2000] [--rate 25]

Prints one JSON object on one line.
"""

import argparse
import json
import os
import tempfile
import time
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
from PIL import Image

from dlcr import stages
from dlcr.core.images import resize
from dlcr.core.settings import ExpandSettings, PaintSettings
from dlcr.core.values import Box
from dlcr.core.workspace import Workspace
from dlcr.inpaint.batches import Painted
from dlcr.inpaint.latents import Item
from dlcr.stages import record_mask
from dlcr.stages_expansion import note
from dlcr.stages_painting import Work, groups, paint_all
from dlcr.stages_wishes import Scene, Wishes, open_wardrobe, see

HEIGHT, WIDTH, A_PHOTO = 768, 256, 40
PAINT = PaintSettings(batch=8)


class Clock:
    """Gives a batch of pictures when its time has passed; `painted` is the sum of these times in seconds."""

    def __init__(self, rate: float, pictures: Sequence[np.ndarray]):
        self.rate, self.pictures, self.settings, self.painted = rate, pictures, PAINT, 0.0

    def paint(self, items: Sequence[Item]) -> list[Painted]:
        start = time.perf_counter()
        time.sleep(len(items) / self.rate)
        self.painted += time.perf_counter() - start
        return [Painted(self.pictures[number % len(self.pictures)], PAINT) for number, _ in enumerate(items)]


def large(scene: Scene) -> Scene:
    """The same scene at 768x256, painted whole."""
    photo = resize(scene.photo, WIDTH, HEIGHT)
    mask = resize(scene.mask.astype(np.uint8) * 255, WIDTH, HEIGHT) > 127
    return replace(
        scene,
        photo=photo,
        mask=mask,
        canvas=replace(scene.canvas, photo=photo, mask=mask, box=Box(0, 0, WIDTH, HEIGHT)),
    )


def work_of(session: stages.Session, variants: int) -> list[Work]:
    """What is to be painted: photos of the embedded world in this size, many outfits each."""
    settings = ExpandSettings(variants=A_PHOTO, limit=-(-variants // A_PHOTO))
    model = session.inpainter.identity
    wardrobe, _ = open_wardrobe(session, "world", model)
    work: list[Work] = []
    for wanted in Wishes(session, "world", wardrobe, settings, PAINT, model):
        seen = see(session, wanted, PAINT)
        if seen.scene and seen.scene.new:
            scene = replace(large(seen.scene), mask_id=record_mask(session, seen.scene.new).id, new=None)
            encoded = session.inpainter.encode(seen.scene.canvas)
            work += [Work(scene, wish, file, Item(encoded, wish.read, wish.seed)) for wish, file in seen.missing]
    return work[:variants]


def ours(session: stages.Session, work: list[Work], clock: Clock) -> float:
    """Seconds for all, the rows included."""
    start = time.perf_counter()
    paint_all(session, clock, groups(work, PAINT.batch), session.catalog.put_variants)  # type: ignore[arg-type]
    return time.perf_counter() - start


def released(folder: Path, work: list[Work], clock: Clock) -> float:
    """The same, saved in the loop."""
    start = time.perf_counter()
    for group in groups(work, PAINT.batch):
        for one, made in zip(group, clock.paint([one.item for one in group]), strict=True):
            region = Image.fromarray(one.scene.mask)
            picture = Image.composite(Image.fromarray(made.picture), Image.fromarray(one.scene.photo), region)
            picture.save(folder / one.file.name)
    return time.perf_counter() - start


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--variants", type=int, default=2000)
    parser.add_argument("--rate", type=float, default=25.0, help="variants a second that the painter gives")
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        note(Workspace.open(Path(folder) / "home"), 0)  # nothing is painted yet
        session = stages.open_session(Path(folder) / "home")
        work = work_of(session, given.variants)
        pictures = [one.scene.photo[:, ::-1].copy() for one in work[::A_PHOTO]]
        clocks = Clock(given.rate, pictures), Clock(given.rate, pictures)
        seconds = ours(session, work, clocks[0]), released(Path(folder), work, clocks[1])
        session.catalog.close()
    stalled, peer = (1 - clock.painted / spent for clock, spent in zip(clocks, seconds, strict=True))
    result = {
        "name": "writer", "ours": seconds[0], "peer": seconds[1], "peer_is": "PNG saved in the loop, DLCR's release",
        "ratio": seconds[1] / seconds[0], "floor": clocks[0].painted, "stalled": stalled, "peer_stalled": peer,
        "wanted_stalled": 0.05, "variants": len(work), "rate": given.rate,
    }  # fmt: skip
    print(json.dumps({"results": [result], "machine": {"cpus": len(os.sched_getaffinity(0))}}))


if __name__ == "__main__":
    main()
