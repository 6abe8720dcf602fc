"""Adapters (LoRA) by name: the weights are the ones that diffusers itself computes with."""

import numpy as np
import pytest
import torch
from diffusers import StableDiffusionInpaintPipeline, StableDiffusionXLInpaintPipeline
from peft import LoraConfig, get_peft_model_state_dict

from dlcr.core.errors import BackendError
from dlcr.core.settings import PaintSettings
from dlcr.core.values import Box
from dlcr.inpaint import load_inpainter
from dlcr.inpaint.crop import Canvas
from tests.inpaint.conftest import save_tiny, save_tiny_sdxl
from tests.inpaint.test_engine import stock as stock_sd

SETTINGS = PaintSettings(steps=4, guidance=1.5, scheduler="lcm", batch=1)
KINDS = {"sd": (save_tiny, StableDiffusionInpaintPipeline), "sdxl": (save_tiny_sdxl, StableDiffusionXLInpaintPipeline)}


@pytest.fixture(scope="module")
def scene():
    mask = np.zeros((32, 16), bool)
    mask[8:24, 4:12] = True
    return np.random.default_rng(0).integers(0, 255, (32, 16, 3), np.uint8), mask


def save_adapter(kind, model, folder):
    """A random adapter on the attention of the UNet, as diffusers' training scripts save theirs."""
    torch.manual_seed(1)
    pipeline = KINDS[kind][1].from_pretrained(model)
    places = ["to_q", "to_k", "to_v", "to_out.0"]
    pipeline.unet.add_adapter(LoraConfig(r=2, lora_alpha=4, init_lora_weights=False, target_modules=places))
    KINDS[kind][1].save_lora_weights(folder, unet_lora_layers=get_peft_model_state_dict(pipeline.unet))
    return folder


@pytest.fixture(params=["sd", "sdxl"])
def adapted(request, tmp_path):
    model = KINDS[request.param][0](tmp_path / "model")
    return request.param, model, save_adapter(request.param, model, tmp_path / "lora")


def painted(spec, scene):
    engine = load_inpainter(spec, "cpu")
    canvas = Canvas(*scene, Box(0, 0, 16, 32))
    return engine, engine.paint(engine.encode(canvas), ["red t-shirt"], [3], SETTINGS)[0]


def test_the_denoisers_weights_are_those_of_diffusers_with_the_adapter(adapted, scene):
    kind, model, lora = adapted
    engine, picture = painted(f"{kind}:{model}@{lora}", scene)
    plain, without = painted(f"{kind}:{model}", scene)
    with_it = KINDS[kind][1].from_pretrained(model)
    with_it.load_lora_weights(lora)
    hidden = 16 if kind == "sd" else 32
    x, text = torch.rand(2, 9, 16, 8), torch.rand(2, 3, hidden)
    added = {"text_embeds": torch.rand(2, 16), "time_ids": torch.rand(2, 6)} if kind == "sdxl" else None
    with torch.inference_mode():
        mine, theirs, bare = (
            unet(x, 500, encoder_hidden_states=text, added_cond_kwargs=added).sample
            for unet in (engine.sampler.unet, with_it.unet, plain.sampler.unet)
        )
    assert (mine - theirs).abs().max() < 1e-4  # theirs adds the adapter's output, ours its weights: other roundings
    assert (mine - bare).abs().max() > 1e-2
    assert engine.digest != plain.digest  # the lineage tells them apart
    assert not np.array_equal(picture, without)


def test_paints_as_the_stock_pipeline_with_the_adapter(tmp_path, scene, monkeypatch):
    model = save_tiny(tmp_path / "model")
    lora = save_adapter("sd", model, tmp_path / "lora")
    _, picture = painted(f"sd:{model}@{lora / 'pytorch_lora_weights.safetensors'}", scene)
    plain = StableDiffusionInpaintPipeline.from_pretrained

    def adapted(*args, **kwargs):
        pipeline = plain(*args, **kwargs)
        pipeline.load_lora_weights(lora)
        return pipeline

    monkeypatch.setattr(StableDiffusionInpaintPipeline, "from_pretrained", adapted)
    expected = stock_sd(model, *scene, "red t-shirt", 3, SETTINGS)
    assert np.abs(picture / 255 - expected).max() < 0.5 / 255 + 1e-4


def test_what_is_no_adapter_is_told(tmp_path):
    model = save_tiny(tmp_path / "model")
    other = save_adapter("sdxl", save_tiny_sdxl(tmp_path / "xl"), tmp_path / "lora")
    with pytest.raises(BackendError, match="neither a folder nor"):
        load_inpainter(f"sd:{model}@nobody/no-such-adapter")
    with pytest.raises(BackendError, match="holds no"):
        load_inpainter(f"sd:{model}@{tmp_path}")
    (tmp_path / "bad.safetensors").write_bytes(b"nonsense")
    with pytest.raises(BackendError, match="could not be loaded"):
        load_inpainter(f"sd:{model}@{tmp_path / 'bad.safetensors'}")
    with pytest.raises(BackendError, match="could not be loaded"):
        load_inpainter(f"sd:{model}@{other}")


def test_an_at_sign_in_a_folders_name_is_part_of_it(tmp_path, scene):
    model = save_tiny(tmp_path / "model@home")
    assert painted(f"sd:{model}", scene)[1].shape == (32, 16, 3)
