"""Stable Diffusion XL and Flux Fill compute what diffusers' own pipelines compute; what every family's engine can do."""

import numpy as np
import pytest
import torch
from diffusers import FluxFillPipeline, StableDiffusionXLInpaintPipeline
from PIL import Image

from dlcr.core.errors import BackendError, SettingError
from dlcr.core.settings import PaintSettings
from dlcr.core.values import Box
from dlcr.inpaint import load_inpainter
from dlcr.inpaint.crop import Canvas
from dlcr.inpaint.latents import Item
from dlcr.inpaint.load import load_folder
from tests.inpaint.conftest import save_tiny, save_tiny_flux, save_tiny_sdxl

PROMPTS = ["red t-shirt blue jeans", "green dress", "white t-shirt black shoes"]
SEEDS = [7, 8, 9]
SETTINGS = PaintSettings(steps=4, guidance=5.0, batch=3)


@pytest.fixture(scope="module")
def scene():
    rng = np.random.default_rng(0)
    mask = np.zeros((32, 16), bool)
    mask[8:24, 4:12] = True
    return rng.integers(0, 255, (32, 16, 3), np.uint8), mask


@pytest.fixture(scope="module", params=["sdxl", "flux-fill"])
def family(request, tmp_path_factory):
    save = {"sdxl": save_tiny_sdxl, "flux-fill": save_tiny_flux}[request.param]
    return request.param, save(tmp_path_factory.mktemp(request.param))


def stock(family, photo, mask, prompt, seed, settings):
    """diffusers' pipeline, one prompt at a time, float in [0, 1]."""
    kind, folder = family
    pipeline = {"sdxl": StableDiffusionXLInpaintPipeline, "flux-fill": FluxFillPipeline}[kind].from_pretrained(folder)
    pipeline.set_progress_bar_config(disable=True)
    extra = {"max_sequence_length": 12}
    if kind == "sdxl":
        extra = {"negative_prompt": settings.negative_prompt or None}
    return pipeline(
        prompt=prompt, image=Image.fromarray(photo), mask_image=Image.fromarray(mask.astype(np.uint8) * 255), height=32,
        width=16, num_inference_steps=settings.steps, guidance_scale=settings.guidance, strength=settings.strength,
        generator=torch.Generator().manual_seed(seed), output_type="np", **extra,
    ).images[0]  # fmt: skip


def before_rounding(engine, photo, mask, settings):
    """What our sampler decodes, float in [0, 1]."""
    canvas = Canvas(photo, mask, Box(0, 0, 16, 32))
    encoded = engine.encode(canvas, photo if settings.strength < 1 else None)
    kept = []
    decode, engine.sampler.vae.decode = (
        engine.sampler.vae.decode,
        lambda *a, **k: kept.append(decode(*a, **k)) or kept[-1],
    )
    engine.paint_items([Item(encoded, p, s) for p, s in zip(PROMPTS, SEEDS, strict=True)], settings)
    return (kept[-1][0] / 2 + 0.5).clamp(0, 1).permute(0, 2, 3, 1).numpy()


@pytest.mark.parametrize("strength", [1.0, 0.6])
def test_equals_diffusers_to_1e_5_before_rounding(family, scene, strength):
    settings = PaintSettings(steps=6, guidance=5.0, batch=3, strength=strength)
    ours = before_rounding(load_inpainter(":".join(map(str, family)), "cpu"), *scene, settings)
    for image, prompt, seed in zip(ours, PROMPTS, SEEDS, strict=True):
        assert np.abs(image - stock(family, *scene, prompt, seed, settings)).max() < 1e-5


def test_sdxl_knows_negative_prompts_and_flux_refuses_what_it_lacks(family, scene):
    settings = SETTINGS.model_copy(update={"negative_prompt": "black shoes"})
    engine = load_inpainter(":".join(map(str, family)), "cpu")
    if family[0] == "sdxl":
        ours = before_rounding(engine, *scene, settings)
        assert np.abs(ours[0] - stock(family, *scene, PROMPTS[0], SEEDS[0], settings)).max() < 1e-5
    else:
        with pytest.raises(SettingError, match="negative prompt"):
            before_rounding(engine, *scene, settings)


def test_previews_approach_the_result(family, scene):
    engine, told = load_inpainter(":".join(map(str, family)), "cpu"), []
    canvas = Canvas(*scene, Box(0, 0, 16, 32))
    final = engine.paint(
        engine.encode(canvas), PROMPTS[:2], SEEDS[:2], SETTINGS, lambda i, n, show: told.append((i, n, show()))
    )
    assert [(i, n) for i, n, _ in told] == [(1, 4), (2, 4), (3, 4), (4, 4)]
    assert told[-1][2].shape == (2, 32, 16, 3)
    assert np.abs(told[-1][2].astype(int) - np.stack(final)).max() <= 8


def test_one_batch_may_hold_variants_of_several_photos(kl, scene):
    engine, (photo, mask) = load_folder(kl, "tiny", "cpu"), scene
    encoded = [engine.encode(Canvas(one, mask, Box(0, 0, 16, 32))) for one in (photo, photo[::-1].copy())]
    mixed = engine.paint_items([Item(encoded[i % 2], PROMPTS[i], SEEDS[i]) for i in range(3)], SETTINGS)
    for i in range(3):
        alone = engine.paint(encoded[i % 2], [PROMPTS[i]], [SEEDS[i]], SETTINGS)[0]
        assert np.array_equal(mixed[i], alone)


def test_guidance_off_for_the_last_part_halves_the_calls_there(kl, scene):
    engine = load_folder(kl, "tiny", "cpu")
    sizes, unet = [], engine.sampler.unet.forward
    engine.sampler.unet.forward = lambda sample, *a, **k: sizes.append(len(sample)) or unet(sample, *a, **k)
    encoded = engine.encode(Canvas(*scene, Box(0, 0, 16, 32)))

    def paint(**change):
        sizes.clear()
        settings = PaintSettings(steps=4, scheduler="ddim", batch=3, **change)
        return engine.paint(encoded, PROMPTS, SEEDS, settings)[0]

    half = paint(guided=0.5)
    assert sizes == [6, 6, 3, 3]
    assert not np.array_equal(half, paint(guided=1.0))
    assert np.array_equal(paint(guided=0.0), paint(guidance=1.0))
    assert sizes == [3, 3, 3, 3]


def test_a_compiled_model_paints_the_same_and_says_that_it_is_compiled(kl, scene):
    engine = load_folder(kl, "tiny", "cpu")
    encoded = engine.encode(Canvas(*scene, Box(0, 0, 16, 32)))
    plain = engine.paint(encoded, PROMPTS, SEEDS, SETTINGS)
    assert "compiled" not in engine.facts()
    assert engine.compile(SETTINGS, backend="eager") > 0
    assert engine.facts()["compiled"] == "eager"
    again = engine.paint(encoded, PROMPTS, SEEDS, SETTINGS)
    assert all(np.array_equal(a, b) for a, b in zip(plain, again, strict=True))


@pytest.mark.parametrize("spec", ["sd", "sdxl", "flux-fill"])
def test_parts_that_wait_in_main_memory_paint_the_same(spec, scene, tmp_path, monkeypatch):
    folder = {"sd": save_tiny, "sdxl": save_tiny_sdxl, "flux-fill": save_tiny_flux}[spec](tmp_path)
    canvas, pictures = Canvas(*scene, Box(0, 0, 16, 32)), []
    for offload in ("0", "1"):
        monkeypatch.setenv("DLCR_OFFLOAD", offload)
        engine = load_inpainter(f"{spec}:{folder}", "cpu")
        assert hasattr(engine.sampler.vae, "_hf_hook") == (offload == "1")
        pictures.append(engine.paint(engine.encode(canvas), PROMPTS, SEEDS, SETTINGS)[0])
    assert np.array_equal(*pictures)


def test_models_of_the_wrong_kind_say_so(tmp_path):
    with pytest.raises(BackendError, match="takes 4 channels"):
        load_inpainter(f"sdxl:{save_tiny_sdxl(tmp_path / 'four', 4)}", "cpu")
    with pytest.raises(BackendError, match=r"no Flux Fill.*takes 16 channels, not 48"):
        load_inpainter(f"flux-fill:{save_tiny_flux(tmp_path / 'plain', 16)}", "cpu")
    with pytest.raises(BackendError, match=r"could not be loaded.*StableDiffusionXLInpaintPipeline"):
        load_inpainter(f"sdxl:{save_tiny(tmp_path / 'sd')}", "cpu")
    for spec in ("sdxl", "flux-fill"):
        with pytest.raises(BackendError, match="needs a model"):
            load_inpainter(spec)
    with pytest.raises(BackendError, match="about 34 GB"):
        load_inpainter("flux-fill:black-forest-labs/FLUX.1-Fill-dev", "cpu")
