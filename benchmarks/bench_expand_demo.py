"""Expanding with the embedded inpainter on the CPU: ours against the plain released style, interleaved.

The peer does as DLCR's release: for every variant diffusers' own pipeline is called with one prompt, so the photo is encoded
again each time, the picture is pasted and saved as PNG in the loop. Weights, scheduler, steps, guidance, photos, masks and
prompts are the same. Ours is `dlcr expand` itself, catalog, lineage and forced writes included; photos are parsed before, for both.
They take turns over parts of the photos, on one thread; processor seconds count, so that a busy machine disturbs less. `floor`
is the UNet alone at our batch shape.

    python benchmarks/bench_expand_demo.py [--photos 64] [--variants 10] [--parts 4]

Prints one JSON object on one line.
"""

import argparse
import json
import os
import statistics
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import torch
from diffusers import StableDiffusionInpaintPipeline
from PIL import Image

from dlcr import stages
from dlcr.backend.device import choose_dtype
from dlcr.core.profiles import profile
from dlcr.core.settings import ExpandSettings, PaintSettings
from dlcr.core.workspace import Workspace
from dlcr.inpaint.diffusion import UNetSampler
from dlcr.inpaint.load import DEMO
from dlcr.inpaint.schedulers import make_scheduler
from dlcr.stages import record_mask
from dlcr.stages_expand import expand
from dlcr.stages_expansion import note
from dlcr.stages_wishes import Wishes, open_wardrobe, see

PAINT = PaintSettings(**profile("fast").paint)


@contextmanager
def counted(model: Any) -> Iterator[list[int]]:
    """How many pictures go through `model.encode`, as the one number of a list."""
    seen, encode = [0], model.encode

    def count(pictures: torch.Tensor, *args: Any, **kwargs: Any) -> Any:
        seen[0] += len(pictures)
        return encode(pictures, *args, **kwargs)

    model.encode = count
    try:
        yield seen
    finally:
        del model.encode


def parsed(session: stages.Session, photos: int, variants: int) -> list[tuple[Path, np.ndarray, list[str]]]:
    """Photo, mask and prompts of the first photos; each is parsed and its mask kept."""
    settings = ExpandSettings(variants=variants, limit=photos)
    model = session.inpainter.identity
    wardrobe, _ = open_wardrobe(session, "world", model)
    found = []
    for wanted in Wishes(session, "world", wardrobe, settings, PAINT, model):
        seen = see(session, wanted, PAINT)
        assert seen.scene is not None
        assert seen.scene.new is not None
        record_mask(session, seen.scene.new)
        found.append((seen.scene.sample.path, seen.scene.mask, [wish.read for wish, _ in seen.missing]))
    return found


class Released:
    """The peer: one prompt at a time through the stock pipeline."""

    def __init__(self, folder: Path):
        self.pipeline = StableDiffusionInpaintPipeline.from_pretrained(
            DEMO, safety_checker=None, dtype=choose_dtype("cpu")
        )
        self.pipeline.set_progress_bar_config(disable=True)
        self.pipeline.scheduler = make_scheduler(self.pipeline.scheduler, PAINT.scheduler)
        self.folder = folder

    def expand(self, work: list[tuple[Path, np.ndarray, list[str]]], height: int, width: int) -> None:
        for path, mask, prompts in work:
            for number, prompt in enumerate(prompts):
                photo = Image.open(path).convert("RGB")
                region = Image.fromarray(mask)
                made = self.pipeline(
                    prompt=prompt, image=photo.resize((width, height)), mask_image=region.resize((width, height)),
                    height=height, width=width, num_inference_steps=PAINT.steps, guidance_scale=PAINT.guidance,
                )  # fmt: skip
                picture = Image.composite(made.images[0].resize(photo.size), photo, region)
                picture.save(self.folder / f"{path.parent.name}_{path.stem}_{number}.png")


def floor(engine: Any, height: int, width: int, variants: int) -> float:
    """Seconds of the UNet's calls alone for so many variants; (height, width) of the latents."""
    unet, rows = engine.sampler.unet, 2 * PAINT.batch
    x = torch.rand(rows, unet.config.in_channels, height, width, dtype=engine.dtype)
    x = x.contiguous(memory_format=torch.channels_last)
    told = engine.sampler.prompts("red t-shirt").hidden.expand(rows, -1, -1)
    with torch.inference_mode():
        unet(x, 500, encoder_hidden_states=told)
        start = time.perf_counter()
        for _ in range(3):
            unet(x, 500, encoder_hidden_states=told)
    return (time.perf_counter() - start) / 3 * PAINT.steps * variants / PAINT.batch


def spent(work: Callable[[], object]) -> tuple[float, float]:
    """Seconds on the clock, and of this process's processors."""
    start, busy = time.perf_counter(), time.process_time()
    work()
    return time.perf_counter() - start, time.process_time() - busy


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--photos", type=int, default=64)
    parser.add_argument("--variants", type=int, default=10)
    parser.add_argument("--parts", type=int, default=4)
    given = parser.parse_args()
    torch.set_num_threads(1)
    times: dict[str, list[tuple[float, float]]] = {"ours": [], "peer": []}
    with tempfile.TemporaryDirectory() as folder:
        note(Workspace.open(Path(folder) / "home"), 0)  # nothing is painted yet
        session = stages.open_session(Path(folder) / "home")
        engine = session.inpainter
        work = parsed(session, given.photos, given.variants)
        peer = Released(Path(folder))
        size = -(-len(work) // given.parts)
        assert isinstance(engine.sampler, UNetSampler)
        with counted(engine.sampler.vae) as ours, counted(peer.pipeline.vae) as theirs:
            for end in range(size, len(work) + size, size):
                settings = ExpandSettings(variants=given.variants, limit=min(end, len(work)))
                times["ours"].append(spent(partial(expand, session, "world", settings, paint=PAINT)))
                part = work[end - size : end]
                times["peer"].append(spent(partial(peer.expand, part, engine.height, engine.width)))
        made = sum(len(prompts) for _, _, prompts in work)
        rows, columns = engine.latents([np.zeros((engine.height, engine.width, 3), np.uint8)]).shape[-2:]
        least = floor(engine, rows, columns, made)
        session.catalog.close()
    clock, busy = ({way: sum(one[kind] for one in found) for way, found in times.items()} for kind in (0, 1))
    result = {
        "name": "expand-demo", "ours": busy["ours"], "peer": busy["peer"], "peer_is": "DLCR's release style",
        "ratio": busy["peer"] / busy["ours"], "clock_ratio": clock["peer"] / clock["ours"], "floor": least, "wanted": 1.5,
        "variants": made, "variants_per_second": made / clock["ours"], "encodes": ours[0], "peer_encodes": theirs[0],
    }  # fmt: skip
    machine = {"cpus": len(os.sched_getaffinity(0)), "threads": torch.get_num_threads(), "torch": torch.__version__}
    parts = [peer[1] / mine[1] for mine, peer in zip(times["ours"], times["peer"], strict=True)]
    print(json.dumps({"results": [result], "ratios": parts, "median": statistics.median(parts), "machine": machine}))


if __name__ == "__main__":
    main()
