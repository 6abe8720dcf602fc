"""Painting with the full Stable Diffusion 1.5 inpainting architecture: ours against diffusers' pipeline as the release calls it.

Weights are random, as speed does not depend on them; configuration and tokens are written here, so nothing is fetched. The peer is
diffusers' pipeline, eager, in the same type, batches of five prompts, 50 PNDM steps, guidance 7.5, the photo encoded each time.
`expand-gpu-exact` is ours with the same steps, eager and compiled; `expand-gpu-fast` the profile `fast` (8 UniPC steps). The floor
is the arithmetic of a variant (61.9 TFLOP at 50 steps) at the rate of a large matrix product measured in the same run.

    make bench-gpu                                    all of it, on the GPU; writes benchmarks/results/expand-gpu.json
    python benchmarks/gpu/expand.py --tiny            the same code with a tiny configuration, on a CPU too

Prints one JSON object on one line.
"""

import argparse
import json
import statistics
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import torch
from diffusers import AutoencoderKL, PNDMScheduler, StableDiffusionInpaintPipeline, UNet2DConditionModel
from PIL import Image
from tokenizers import Tokenizer, models, pre_tokenizers, processors
from transformers import CLIPTextConfig, CLIPTextModel, PreTrainedTokenizerFast

from dlcr.backend.device import choose_device
from dlcr.core.files import write_json
from dlcr.core.profiles import profile
from dlcr.core.settings import PaintSettings
from dlcr.core.values import Box
from dlcr.inpaint.batches import Batches
from dlcr.inpaint.crop import Canvas
from dlcr.inpaint.latents import Item
from dlcr.inpaint.load import load_folder

PEER_BATCH, A_PHOTO = 5, 10
PAPER = PaintSettings(**profile("paper").paint)
TFLOP = {"unet": 0.580, "decode": 1.88, "encode": 0.83, "text": 0.013}
"""One call at 768x256, batch 1."""
WORDS = "red blue green white black grey t-shirt shirt jeans trousers shoes dress coat and with".split()
RESULT = Path(__file__).resolve().parents[1] / "results" / "expand-gpu.json"


def tokens() -> PreTrainedTokenizerFast:
    """CLIP's 77 tokens of a few words."""
    known = {word: place for place, word in enumerate(["<pad>", "<unk>", "<s>", "</s>", *WORDS])}
    inner = Tokenizer(models.WordLevel(known, unk_token="<unk>"))
    inner.pre_tokenizer = pre_tokenizers.WhitespaceSplit()
    inner.post_processor = processors.TemplateProcessing(single="<s> $A </s>", special_tokens=[("<s>", 2), ("</s>", 3)])
    return PreTrainedTokenizerFast(
        tokenizer_object=inner,
        pad_token="<pad>",
        unk_token="<unk>",
        bos_token="<s>",
        eos_token="</s>",
        model_max_length=77,
    )


def save(folder: Path, tiny: bool) -> Path:
    """The architecture with random weights, in float16 as published; `tiny` has the same blocks, narrow."""
    torch.manual_seed(0)
    widths = (32, 64, 64, 64) if tiny else (320, 640, 1280, 1280)
    text = {"hidden_size": 64, "intermediate_size": 64, "num_hidden_layers": 1} if tiny else {"num_hidden_layers": 12}
    text = {"hidden_size": 768, "intermediate_size": 3072} | text
    unet = UNet2DConditionModel(
        sample_size=64, in_channels=9, out_channels=4, block_out_channels=widths, cross_attention_dim=text["hidden_size"],
        attention_head_dim=8, layers_per_block=2,
    )  # fmt: skip
    vae = AutoencoderKL(
        block_out_channels=(32,) * 4 if tiny else (128, 256, 512, 512), layers_per_block=2, latent_channels=4,
        down_block_types=("DownEncoderBlock2D",) * 4, up_block_types=("UpDecoderBlock2D",) * 4, sample_size=512,
    )  # fmt: skip
    encoder = CLIPTextModel(CLIPTextConfig(vocab_size=49408, num_attention_heads=4 if tiny else 12, **text))
    scheduler = PNDMScheduler(
        beta_start=0.00085, beta_end=0.012, beta_schedule="scaled_linear", skip_prk_steps=True, steps_offset=1
    )
    pipeline = StableDiffusionInpaintPipeline(
        vae=vae, text_encoder=encoder, tokenizer=tokens(), unet=unet, scheduler=scheduler, safety_checker=None,
        feature_extractor=None, requires_safety_checker=False,
    )  # fmt: skip
    pipeline.to(dtype=torch.float16).save_pretrained(folder)
    (folder / "dlcr.json").write_text('{"height": 64, "width": 32}' if tiny else '{"height": 768, "width": 256}')
    return folder


def timed(work: Callable[[], object], repeats: int) -> list[float]:
    """Seconds of each repeat, after one that does not count."""
    work()
    found = []
    for _ in range(repeats):
        if torch.cuda.is_available():
            torch.cuda.synchronize()
        start = time.perf_counter()
        work()
        if torch.cuda.is_available():
            torch.cuda.synchronize()
        found.append(time.perf_counter() - start)
    return found


def scene(height: int, width: int) -> tuple[np.ndarray, np.ndarray, list[str]]:
    """A photo, a mask in its middle, ten prompts."""
    photo = np.random.default_rng(0).integers(0, 255, (height, width, 3), np.uint8)
    mask = np.zeros((height, width), bool)
    mask[height // 4 : -height // 4, width // 4 : -width // 4] = True
    return photo, mask, [f"{WORDS[number % 6]} {WORDS[6 + number % 7]} and shoes" for number in range(A_PHOTO)]


def released(folder: Path, device: str, steps: int, photo: np.ndarray, mask: np.ndarray, prompts: list[str]) -> Any:
    """The peer for one photo: its prompts in batches of five."""
    dtype = torch.float16 if device.startswith("cuda") else torch.float32
    pipeline = StableDiffusionInpaintPipeline.from_pretrained(folder, safety_checker=None, dtype=dtype).to(device)
    pipeline.set_progress_bar_config(disable=True)
    image, region = Image.fromarray(photo), Image.fromarray(mask.astype(np.uint8) * 255)

    def paint() -> None:
        for start in range(0, len(prompts), PEER_BATCH):
            pipeline(
                prompt=prompts[start : start + PEER_BATCH], image=image, mask_image=region, height=photo.shape[0],
                width=photo.shape[1], num_inference_steps=steps, guidance_scale=PAPER.guidance,
            )  # fmt: skip

    return paint


def ours(engine: Any, settings: PaintSettings, photo: np.ndarray, mask: np.ndarray, prompts: list[str]) -> Any:
    """Ours for as many photos as fill whole batches, each encoded once; the number of photos beside it."""
    photos = max(1, settings.batch // len(prompts))
    canvas = Canvas(photo, mask, Box(0, 0, photo.shape[1], photo.shape[0]))

    def paint() -> None:
        items: list[Item] = []
        for number in range(photos):
            encoded = engine.encode(canvas)
            items += [Item(encoded, prompt, number * 100 + seed) for seed, prompt in enumerate(prompts)]
        Batches(engine, settings).paint(items)

    return paint, photos * len(prompts)


def rate(device: str, tiny: bool) -> float:
    """TFLOP/s of a matrix product in the type that is painted in."""
    size, dtype = (512, torch.float32) if tiny else (8192, torch.float16)
    a = torch.rand(size, size, device=device, dtype=dtype)
    return 2 * size**3 / statistics.median(timed(lambda: a @ a, 5)) / 1e12


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--tiny", action="store_true", help="a tiny configuration, for a CPU")
    parser.add_argument("--device", default="auto")
    parser.add_argument("--batch", type=int, default=20)
    parser.add_argument("--repeats", type=int, default=3)
    parser.add_argument("--backend", default="inductor", help="compiler; `none` leaves it out")
    given = parser.parse_args()
    device = choose_device(given.device)
    if device == "cpu" and not given.tiny:
        parser.error("there is no GPU here: give --tiny to run the same code small")
    steps = 3 if given.tiny else PAPER.steps
    with tempfile.TemporaryDirectory() as place:
        folder = save(Path(place), given.tiny)
        engine = load_folder(folder, "sd:random", device)
        view = scene(engine.height, engine.width)
        peer = statistics.median(timed(released(folder, device, steps, *view), given.repeats)) / A_PHOTO
        ways = {
            "eager": PAPER.model_copy(update={"steps": steps, "batch": given.batch}),
            "compiled": PAPER.model_copy(update={"steps": steps, "batch": given.batch}),
            "fast": PAPER.model_copy(update=dict(profile("fast").paint) | {"batch": given.batch}),
        }
        found, compiling = {}, 0.0
        for way, settings in ways.items():
            if way == "compiled" and given.backend != "none":
                compiling = engine.compile(settings, given.backend)
            paint, count = ours(engine, settings, *view)
            found[way] = statistics.median(timed(paint, given.repeats)) / count
            print(f"{way}: {1 / found[way]:.2f}/s, peer {1 / peer:.2f}/s", flush=True)
    calls = 2 * (steps + 1) * TFLOP["unet"] + TFLOP["decode"] + TFLOP["encode"] / A_PHOTO + TFLOP["text"]
    product = rate(device, given.tiny)
    result = [
        {"name": name, "ours": found[way], "peer": peer, "peer_is": "diffusers, eager, batch 5", "ratio": peer / found[way],
         "wanted": wanted, "images_per_second": 1 / found[way]}
        for name, way, wanted in (
            ("expand-gpu-exact, eager", "eager", 1.5), ("expand-gpu-exact", "compiled", 1.5), ("expand-gpu-fast", "fast", 5.0),
        )
    ]  # fmt: skip
    told = {
        "results": result, "floor": None if given.tiny else calls / product, "matrix_tflops": product, "tiny": given.tiny,
        "compile_seconds": compiling, "batch": given.batch,
        "machine": {"device": torch.cuda.get_device_name() if device != "cpu" else "cpu", "torch": torch.__version__},
    }  # fmt: skip
    if not given.tiny:
        write_json(RESULT, told)
    print(json.dumps(told))


if __name__ == "__main__":
    main()
