"""The engine computes what diffusers' own pipeline computes, once per photo instead of once per variant."""

import numpy as np
import pytest
import torch
from diffusers import StableDiffusionInpaintPipeline
from PIL import Image

from dlcr.core.errors import BackendError, Cancelled, SettingError
from dlcr.core.settings import PaintSettings
from dlcr.core.values import Box
from dlcr.inpaint import load_inpainter
from dlcr.inpaint.crop import Canvas
from dlcr.inpaint.load import load_folder
from dlcr.inpaint.schedulers import SCHEDULERS, make_scheduler
from tests.inpaint.conftest import save_tiny

PROMPTS = ["red t-shirt blue jeans", "green dress", "white t-shirt black shoes"]
SEEDS = [7, 8, 9]


@pytest.fixture
def scene():
    rng = np.random.default_rng(0)
    photo = rng.integers(0, 255, (32, 16, 3), np.uint8)
    mask = np.zeros((32, 16), bool)
    mask[8:24, 4:12] = True
    return photo, mask


def stock(folder, photo, mask, prompt, seed, settings):
    """diffusers' pipeline, one prompt at a time."""
    pipe = StableDiffusionInpaintPipeline.from_pretrained(folder, safety_checker=None)
    pipe.set_progress_bar_config(disable=True)
    pipe.scheduler = make_scheduler(pipe.scheduler, settings.scheduler)
    out = pipe(
        prompt=prompt, negative_prompt=settings.negative_prompt, image=Image.fromarray(photo),
        mask_image=Image.fromarray(mask.astype(np.uint8) * 255), height=32, width=16,
        num_inference_steps=settings.steps, guidance_scale=settings.guidance, strength=settings.strength,
        generator=torch.Generator().manual_seed(seed), output_type="np",
    )  # fmt: skip
    return out.images[0]


def ours(folder, photo, mask, settings, prompts=PROMPTS, seeds=SEEDS, on_step=None):
    engine = load_folder(folder, "tiny", "cpu")
    encoded = engine.encode(Canvas(photo, mask, Box(0, 0, 16, 32)), photo if settings.strength < 1 else None)
    return engine.paint(encoded, prompts, seeds, settings, on_step)


@pytest.mark.parametrize("scheduler", ["model", "ddim", "unipc", "dpm++", "euler", "euler-a"])
def test_equals_diffusers_one_prompt_at_a_time(tiny, scene, scheduler):
    settings = PaintSettings(steps=5, guidance=7.5, scheduler=scheduler, batch=3)
    for image, prompt, seed in zip(ours(tiny, *scene, settings), PROMPTS, SEEDS, strict=True):
        expected = stock(tiny, *scene, prompt, seed, settings)
        assert np.abs(image / 255 - expected).max() < 0.5 / 255 + 1e-4  # half a grey level: ours is rounded to uint8


def test_equals_diffusers_to_1e_5_before_rounding(tiny, scene, monkeypatch):
    settings = PaintSettings(steps=4, guidance=5.0, batch=3)
    kept = []
    decode = torch.Tensor.clamp

    def spy(self, *args, **kwargs):
        out = decode(self, *args, **kwargs)
        if args == (0, 1) and out.ndim == 4:
            kept.append(out.permute(0, 2, 3, 1).numpy())
        return out

    monkeypatch.setattr(torch.Tensor, "clamp", spy)
    ours(tiny, *scene, settings)
    monkeypatch.undo()
    for image, prompt, seed in zip(kept[-1], PROMPTS, SEEDS, strict=True):
        assert np.abs(image - stock(tiny, *scene, prompt, seed, settings)).max() < 1e-5


@pytest.mark.parametrize("change", [{"guidance": 1.0}, {"strength": 0.6}, {"negative_prompt": "black shoes"}])
def test_settings_mean_what_they_mean_in_diffusers(kl, scene, change):
    settings = PaintSettings(**{"steps": 6, "guidance": 4.0, "batch": 3} | change)
    for image, prompt, seed in zip(ours(kl, *scene, settings), PROMPTS, SEEDS, strict=True):
        assert np.abs(image / 255 - stock(kl, *scene, prompt, seed, settings)).max() < 0.5 / 255 + 1e-4


def test_a_variant_depends_on_its_own_seed_and_prompt_alone(kl, scene):
    settings = PaintSettings(steps=3, batch=4)
    together = ours(kl, *scene, settings)
    alone = [ours(kl, *scene, settings, [p], [s])[0] for p, s in zip(PROMPTS, SEEDS, strict=True)]
    assert all(np.array_equal(a, b) for a, b in zip(together, alone, strict=True))
    assert not np.array_equal(together[0], ours(kl, *scene, settings, PROMPTS[:1], [70])[0])


def test_previews_approach_the_result_and_every_step_is_told(kl, scene):
    told = []
    final = ours(
        kl,
        *scene,
        PaintSettings(steps=4, scheduler="ddim", batch=3),
        on_step=lambda i, n, show: told.append((i, n, show())),
    )
    assert [(i, n) for i, n, _ in told] == [(1, 4), (2, 4), (3, 4), (4, 4)]
    assert np.abs(told[-1][2].astype(int) - np.stack(final)).max() <= 8


def test_cancelling_stops_between_steps(kl, scene):
    steps = []

    def stop(index, total, previews):
        steps.append(index)
        if index == 2:
            raise Cancelled

    with pytest.raises(Cancelled):
        ours(kl, *scene, PaintSettings(steps=9, batch=3), on_step=stop)
    assert steps == [1, 2]


def test_every_named_scheduler_paints(kl, scene):
    for name in SCHEDULERS:
        assert ours(kl, *scene, PaintSettings(steps=3, scheduler=name, batch=3))[0].shape == (32, 16, 3)


def test_wrong_models_say_what_is_wrong(tmp_path, kl):
    with pytest.raises(BackendError, match="takes 4 channels"):
        load_folder(save_tiny(tmp_path / "four", in_channels=4), "four", "cpu")
    with pytest.raises(BackendError, match="model_index.json"):
        load_folder(tmp_path, "empty", "cpu")
    with pytest.raises(BackendError, match="neither a folder nor"):
        load_inpainter("sd:nobody/no-such-model")
    with pytest.raises(BackendError, match="unknown inpainter"):
        load_inpainter("paintbrush")
    with pytest.raises(BackendError, match="no GPU|unknown device"):
        load_folder(kl, "kl", "cuda:7" if not torch.cuda.is_available() else "warp")


def test_a_damaged_model_is_a_clear_error(tmp_path):
    folder = save_tiny(tmp_path / "cut")
    weights = folder / "unet" / "diffusion_pytorch_model.safetensors"
    weights.write_bytes(weights.read_bytes()[:1000])
    with pytest.raises(BackendError, match="could not be loaded"):
        load_folder(folder, "cut", "cpu")


def test_half_precision_reaches_the_unet(kl, scene, monkeypatch):
    monkeypatch.setenv("DLCR_DTYPE", "bfloat16")
    engine = load_folder(kl, "kl", "cpu")
    assert engine.dtype == torch.bfloat16
    assert engine.sampler.vae.dtype == torch.float32
    assert engine.facts()["dtype"] == "bfloat16"


def test_counts_must_fit_the_batch(kl, scene):
    with pytest.raises(SettingError, match="3 prompts"):
        ours(kl, *scene, PaintSettings(steps=2, batch=2))
