"""expand-demo and writer: painting a data set's photos, against one prompt at a time as the field's released code does it.

expand-demo: N photos x V variants with the embedded inpainter; the peer calls diffusers' own pipeline for one prompt at a time,
which encodes the photo each time, and saves the PNG in the loop. Both paint the same masks, prompts, steps and sampler; runs
are interleaved. The floor is the UNet alone: its calls at our batch shape, nothing else.
writer: 768x256 variants written by the pool while a stand-in for the painter waits as long as painting takes; the share of the
time that it is stalled, beside saving in the loop.

    python benchmarks/bench_expand.py [--photos 64] [--variants 10] [--steps 20] [--repeats 3] [--files 2000]

Prints one JSON object on one line.
"""

import argparse
import json
import platform
import statistics
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import torch
from diffusers import StableDiffusionInpaintPipeline
from PIL import Image

from dlcr import stages
from dlcr.core.files import write_bytes
from dlcr.core.images import png_bytes
from dlcr.core.settings import PaintSettings
from dlcr.inpaint import crop
from dlcr.inpaint.batches import Batches
from dlcr.inpaint.latents import Item
from dlcr.inpaint.load import DEMO, load_demo
from dlcr.inpaint.writer import Writer

PROMPTS = (
    "red t-shirt blue jeans white shoes", "black coat grey trousers black boots", "green dress white shoes",
    "white shirt black skirt brown shoes", "blue hoodie black track pants red shoes", "yellow top light blue shorts",
    "pink sweater beige trousers", "purple jacket black leggings black boots", "brown coat navy jeans", "teal dress black shoes",
)  # fmt: skip


def scenes(session: Any, photos: int) -> list[tuple[np.ndarray, np.ndarray]]:
    """Photos and masks of the embedded world."""
    found = []
    for sample in session.catalog.find_samples("world", split="train", limit=photos):
        photo = stages.sample_photo(session, sample)
        found.append((photo, stages.parse_photo(session, photo).mask))
    return found


def ours(
    engine: Any, work: Sequence[tuple[np.ndarray, np.ndarray]], variants: int, how: PaintSettings, out: Path
) -> float:
    """Encode once, paint in batches over photos, write by the pool; the seconds it took."""
    start, batches, queue = time.perf_counter(), Batches(engine, how), []

    def flush(count: int, writer: Writer[Path]) -> None:
        while len(queue) >= count and queue:
            part, queue[:] = queue[: how.batch], queue[how.batch :]
            for (photo, mask, canvas, name, _), painted in zip(
                part, batches.paint([one[4] for one in part]), strict=True
            ):
                image = crop.from_canvas(photo, mask, painted.picture, canvas.box)
                writer.submit(lambda image=image, name=name: write_bytes(out / name, png_bytes(image)))

    with Writer[Path]() as writer:
        for number, (photo, mask) in enumerate(work):
            box = crop.work_box(crop.mask_box(mask), mask, engine.height / engine.width)
            canvas = crop.to_canvas(photo, mask, box, engine.width, engine.height)
            encoded = engine.encode(canvas)
            for index in range(variants):
                item = Item(encoded, PROMPTS[index % len(PROMPTS)], 1000 * number + index)
                queue.append((photo, mask, canvas, f"{number}-{index}.png", item))
            flush(how.batch, writer)
        flush(1, writer)
        writer.drain()
    return time.perf_counter() - start


def peer(
    pipeline: Any, work: Sequence[tuple[np.ndarray, np.ndarray]], variants: int, how: PaintSettings, out: Path
) -> float:
    """diffusers' pipeline, one prompt at a time, pasted and saved in the loop; the seconds it took."""
    start = time.perf_counter()
    for number, (photo, mask) in enumerate(work):
        for index in range(variants):
            made = pipeline(
                prompt=PROMPTS[index % len(PROMPTS)], image=Image.fromarray(photo), mask_image=Image.fromarray(mask),
                height=256, width=128, num_inference_steps=how.steps, guidance_scale=how.guidance,
                generator=torch.Generator().manual_seed(1000 * number + index),
            ).images[0].resize(photo.shape[1::-1])  # fmt: skip
            Image.fromarray(crop.paste(photo, np.asarray(made), mask)).save(out / f"{number}-{index}-peer.png")
    return time.perf_counter() - start


def floor(engine: Any, calls: int, batch: int) -> float:
    """The UNet's own time for `calls` calls, each with `batch` variants and guidance."""
    shape = (2 * batch, 9, engine.height // 8, engine.width // 8)
    sample = torch.randn(shape).to(engine.dtype).contiguous(memory_format=torch.channels_last)
    context = engine.sampler.prompts(PROMPTS[0]).hidden.expand(2 * batch, -1, -1)
    with torch.inference_mode():
        engine.sampler.unet(sample, 500, encoder_hidden_states=context)
        start = time.perf_counter()
        for _ in range(3):
            engine.sampler.unet(sample, 500, encoder_hidden_states=context)
    return (time.perf_counter() - start) / 3 * calls


def bench_demo(photos: int, variants: int, steps: int, repeats: int) -> dict[str, Any]:
    how = PaintSettings(steps=steps, batch=8)
    engine = load_demo(device="cpu")
    pipeline = StableDiffusionInpaintPipeline.from_pretrained(DEMO, torch_dtype=engine.dtype, safety_checker=None)
    pipeline.set_progress_bar_config(disable=True)
    times: dict[str, list[float]] = {"ours": [], "peer": []}
    with tempfile.TemporaryDirectory() as folder:
        work = scenes(stages.open_session(Path(folder) / "home"), photos)
        for _ in range(repeats):
            times["ours"].append(ours(engine, work, variants, how, Path(folder)))
            times["peer"].append(peer(pipeline, work, variants, how, Path(folder)))
    mine, theirs = (statistics.median(times[name]) for name in ("ours", "peer"))
    calls = -(-photos * variants // how.batch) * steps
    return {
        "name": "expand-demo", "ours": mine, "peer": theirs, "ratio": theirs / mine, "floor": floor(engine, calls, how.batch),
        "encodes": [photos, photos * variants], "images_per_second": photos * variants / mine,
    }  # fmt: skip


def bench_writer(files: int, painting: float = 0.02) -> dict[str, Any]:
    """Batches of five; `painting` seconds a picture is what a fast GPU takes."""
    rng = np.random.default_rng(0)
    smooth = rng.integers(0, 256, (48, 16, 3), np.uint8)
    picture = np.asarray(Image.fromarray(smooth).resize((256, 768), Image.Resampling.BICUBIC))
    with tempfile.TemporaryDirectory() as folder:
        start, stalled = time.perf_counter(), 0.0
        with Writer[Path](threads=2) as writer:
            for index in range(files):
                time.sleep(painting)
                before = time.perf_counter()
                writer.submit(lambda index=index: write_bytes(Path(folder) / f"{index}.png", png_bytes(picture)))
                stalled += time.perf_counter() - before
            writer.drain()
        mine = time.perf_counter() - start
        start = time.perf_counter()
        for index in range(files):
            time.sleep(painting)
            Image.fromarray(picture).save(Path(folder) / f"{index}-peer.png")
        theirs = time.perf_counter() - start
    return {
        "name": "writer", "ours": mine, "peer": theirs, "ratio": theirs / mine, "floor": files * painting,
        "stalled": stalled / mine,
    }  # fmt: skip


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    for name, default in (("photos", 64), ("variants", 10), ("steps", 20), ("repeats", 3), ("files", 2000)):
        parser.add_argument(f"--{name}", type=int, default=default)
    given = parser.parse_args()
    results = [bench_demo(given.photos, given.variants, given.steps, given.repeats), bench_writer(given.files)]
    machine = {"processor": platform.processor() or platform.machine(), "threads": torch.get_num_threads()}
    print(json.dumps({"results": results, "machine": machine}))


if __name__ == "__main__":
    main()
