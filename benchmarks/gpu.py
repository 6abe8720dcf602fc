"""expand-gpu-exact and expand-gpu-fast: the full SD 1.5 inpainting architecture with random weights, against diffusers eager.

The configuration is written by hand: nothing is downloaded, and speed does not depend on what the weights are. The peer is
StableDiffusionInpaintPipeline in the same number type at batch 5, 768x256, 50 PNDM steps, guidance 7.5, the photo encoded for
each call. `exact` does the same arithmetic; `fast` is the profile of that name. Both are compiled, and the compile time is told.
The floor is the count of floating-point operations at the rate of a large matrix product measured here.

    python benchmarks/gpu.py [--photos 8] [--variants 10] [--batch 10] [--tiny] [--no-compile]

`--tiny` runs the same script with a few thousand weights on any machine. Prints one JSON object on one line.
"""

import argparse
import json
import statistics
import time
from collections.abc import Callable
from functools import partial
from typing import Any

import numpy as np
import torch
from diffusers import AutoencoderKL, PNDMScheduler, StableDiffusionInpaintPipeline, UNet2DConditionModel
from PIL import Image
from tokenizers import Tokenizer, models, pre_tokenizers
from transformers import CLIPTextConfig, CLIPTextModel, PreTrainedTokenizerFast

from dlcr.core.profiles import PROFILES
from dlcr.core.settings import PaintSettings
from dlcr.core.values import Box
from dlcr.inpaint.batches import Batches
from dlcr.inpaint.crop import Canvas
from dlcr.inpaint.diffusion import UNetSampler
from dlcr.inpaint.engine import Engine
from dlcr.inpaint.latents import Item
from dlcr.inpaint.text import sd_prompts

TERAFLOP = {"unet": 0.580, "decode": 1.88, "encode": 0.83}
"""One call at 768x256 of SD 1.5's parts."""
EXACT = PaintSettings(**PROFILES["paper"].paint)


def pipeline(tiny: bool, device: str, dtype: torch.dtype) -> StableDiffusionInpaintPipeline:
    """SD 1.5 inpainting's configuration (or a tiny one) with random weights."""
    torch.manual_seed(0)
    channels, width, text_width = ((16, 32), 16, 16) if tiny else ((320, 640, 1280, 1280), 768, 768)
    down = ("CrossAttnDownBlock2D",) * (len(channels) - 1) + ("DownBlock2D",)
    up = ("UpBlock2D",) + ("CrossAttnUpBlock2D",) * (len(channels) - 1)
    unet = UNet2DConditionModel(
        sample_size=64, in_channels=9, block_out_channels=channels, down_block_types=down, up_block_types=up,
        cross_attention_dim=width, attention_head_dim=8, layers_per_block=2, norm_num_groups=8 if tiny else 32,
    )  # fmt: skip
    coder = (8, 16, 16, 16) if tiny else (128, 256, 512, 512)
    vae = AutoencoderKL(
        block_out_channels=coder, down_block_types=("DownEncoderBlock2D",) * 4, up_block_types=("UpDecoderBlock2D",) * 4,
        latent_channels=4, layers_per_block=2, norm_num_groups=8 if tiny else 32, scaling_factor=0.18215,
    )  # fmt: skip
    text = CLIPTextModel(
        CLIPTextConfig(
            vocab_size=49408, hidden_size=text_width, intermediate_size=4 * text_width, num_attention_heads=2 if tiny else 12,
            num_hidden_layers=1 if tiny else 12, max_position_embeddings=77,
        )
    )  # fmt: skip
    words = Tokenizer(models.WordLevel({"<unk>": 0, "<pad>": 1, "red": 2, "dress": 3}, unk_token="<unk>"))
    words.pre_tokenizer = pre_tokenizers.WhitespaceSplit()
    tokenizer = PreTrainedTokenizerFast(
        tokenizer_object=words, unk_token="<unk>", pad_token="<pad>", model_max_length=77
    )
    scheduler = PNDMScheduler(
        beta_start=0.00085, beta_end=0.012, beta_schedule="scaled_linear", skip_prk_steps=True, steps_offset=1
    )
    made = StableDiffusionInpaintPipeline(
        vae=vae, text_encoder=text, tokenizer=tokenizer, unet=unet, scheduler=scheduler, safety_checker=None,
        feature_extractor=None, requires_safety_checker=False,
    )  # fmt: skip
    made.set_progress_bar_config(disable=True)
    return made.to(device, dtype)


def engine_of(made: StableDiffusionInpaintPipeline, device: str) -> Engine:
    """Our engine around the same weights."""
    made.unet.to(memory_format=torch.channels_last)
    prompts = sd_prompts(made, torch.device(device), made.unet.dtype)
    sampler = UNetSampler(made, prompts, name="random", device=device)
    return Engine(sampler, name="random", digest="0" * 16, height=768, width=256)


def timed(work: Callable[[], Any], device: str) -> float:
    start = time.perf_counter()
    work()
    if device != "cpu":
        torch.cuda.synchronize()
    return time.perf_counter() - start


def paint(engine: Engine, photos: list[Canvas], variants: int, how: PaintSettings) -> None:
    items = []
    for number, canvas in enumerate(photos):
        encoded = engine.encode(canvas)
        items += [Item(encoded, "red dress", 100 * number + index) for index in range(variants)]
    Batches(engine, how).paint(items)


def stock(made: Any, photos: list[Canvas], variants: int) -> None:
    for canvas in photos:
        picture, mask = Image.fromarray(canvas.photo), Image.fromarray(canvas.mask.astype(np.uint8) * 255)
        for start in range(0, variants, EXACT.batch):
            count = min(EXACT.batch, variants - start)
            made(
                prompt=["red dress"] * count, image=picture, mask_image=mask, height=768, width=256,
                num_inference_steps=EXACT.steps, guidance_scale=EXACT.guidance,
            )  # fmt: skip


def floor(device: str, dtype: torch.dtype, images: int, photos: int) -> float:
    """Seconds that the arithmetic of `exact` takes at the rate of a large matrix product measured now."""
    a = torch.randn(8192, 8192, device=device, dtype=dtype)
    a @ a
    seconds = min(timed(lambda: a @ a, device) for _ in range(3))
    rate = 2 * 8192**3 / seconds / 1e12
    return (images * (2 * 51 * TERAFLOP["unet"] + TERAFLOP["decode"]) + photos * TERAFLOP["encode"]) / rate


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    for name, default in (("photos", 8), ("variants", 10), ("batch", 10), ("repeats", 3)):
        parser.add_argument(f"--{name}", type=int, default=default)
    parser.add_argument("--tiny", action="store_true")
    parser.add_argument("--no-compile", action="store_true")
    given = parser.parse_args()
    device = "cuda" if torch.cuda.is_available() else "cpu"
    dtype = torch.float16 if device == "cuda" else torch.float32
    grey = np.full((768, 256, 3), 127, np.uint8)
    mask = np.zeros((768, 256), bool)
    mask[200:700, 40:220] = True
    photos = [Canvas(grey, mask, Box(0, 0, 256, 768))] * given.photos
    images = given.photos * given.variants
    made = pipeline(given.tiny, device, dtype)
    stock(made, photos[:1], given.variants)
    peer = statistics.median(timed(lambda: stock(made, photos, given.variants), device) for _ in range(given.repeats))
    results = []
    for name, profile in (("exact", "paper"), ("fast", "fast")):
        how = PaintSettings(**PROFILES[profile].paint).model_copy(update={"batch": given.batch})
        engine = engine_of(made, device)
        compiling = 0.0 if given.no_compile else engine.compile(how)
        work = partial(paint, engine, photos, given.variants, how)
        work()
        mine = statistics.median(timed(work, device) for _ in range(given.repeats))
        results.append(
            {
                "name": f"expand-gpu-{name}", "ours": mine, "peer": peer, "ratio": peer / mine,
                "floor": None if given.tiny else floor(device, dtype, images, given.photos),
                "images_per_second": images / mine, "compile_seconds": compiling,
            }
        )  # fmt: skip
    name = torch.cuda.get_device_name() if device == "cuda" else "CPU"
    print(json.dumps({"results": results, "machine": {"device": name, "dtype": str(dtype), "tiny": given.tiny}}))


if __name__ == "__main__":
    main()
