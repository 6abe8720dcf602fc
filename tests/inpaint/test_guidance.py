"""Discriminator guidance: the shift is the formula's, only in the mask, only late enough; without it nothing changes."""

import math

import numpy as np
import pytest
import torch

from dlcr.core.errors import BackendError
from dlcr.core.settings import PaintSettings
from dlcr.core.values import Box
from dlcr.inpaint.crop import Canvas
from dlcr.inpaint.discriminator import Discriminator, Network, Shape, keep, read
from dlcr.inpaint.guidance import Guide, Level, gradient, in_window, level_of, shift
from dlcr.inpaint.load import load_flux, load_folder, load_sdxl
from dlcr.inpaint.schedulers import SCHEDULERS, make_scheduler
from tests.inpaint.conftest import save_tiny, save_tiny_flux, save_tiny_sdxl

SHAPE = Shape((4, 16, 8), 1000, 8, 2)
PROMPTS = ["red t-shirt blue jeans", "green dress"]
PLAIN = PaintSettings(steps=6, guidance=4.0, batch=2)


def network(shape=SHAPE, scale=20.0):
    """A random discriminator with slopes that one can see."""
    torch.manual_seed(3)
    made = Network(shape).eval().requires_grad_(False)
    made.head[-1].weight.mul_(scale)
    return made


@pytest.fixture(scope="module")
def scene():
    rng = np.random.default_rng(0)
    mask = np.zeros((32, 16), bool)
    mask[8:24, 4:12] = True
    return rng.integers(0, 255, (32, 16, 3), np.uint8), mask


def guided(engine, shape=SHAPE, scale=20.0):
    """The engine with a random discriminator of its own, and settings that name it."""
    engine.add_discriminator(Discriminator(network(shape, scale), shape, engine.digest, "ab" * 8, {}))
    return PLAIN.model_copy(update={"discriminator": "ab" * 8, "discriminator_weight": 2.0})


def paint(engine, scene, settings, prompts=PROMPTS):
    photo, mask = scene
    encoded = engine.encode(Canvas(photo, mask, Box(0, 0, 16, 32)), photo if settings.strength < 1 else None)
    return engine.paint(encoded, prompts, [7, 8][: len(prompts)], settings)


def test_the_gradient_is_that_of_the_papers_formula():
    made, x, t = network(), torch.randn(3, 4, 16, 8), torch.tensor([900.0, 500.0, 250.0])
    asked = x.clone().requires_grad_(True)
    d = torch.sigmoid(made(asked, t).double()).clip(1e-5, 1 - 1e-5)
    (expected,) = torch.autograd.grad(torch.log(d / (1 - d)).sum(), asked)
    assert expected.abs().max() > 0.01
    torch.testing.assert_close(gradient(made, x, t), expected, rtol=1e-3, atol=1e-6)
    with torch.inference_mode():
        torch.testing.assert_close(gradient(made, x, t), expected, rtol=1e-3, atol=1e-6)


def test_a_discriminator_that_is_certain_pushes_nowhere():
    made = network(scale=1e5)
    assert not gradient(made, torch.randn(2, 4, 16, 8), torch.tensor([500.0, 500.0])).any()


@pytest.mark.parametrize("kind", ["epsilon", "v_prediction", "sample"])
def test_every_kind_of_prediction_tells_the_same_shifted_noise(kind):
    alpha, w = 0.37, 1.5
    level, slope = Level(math.sqrt(alpha), math.sqrt(1 - alpha)), torch.randn(2, 4, 3, 3)
    picture, noise = torch.randn(2, 4, 3, 3), torch.randn(2, 4, 3, 3)
    x = level.signal * picture + level.noise * noise
    told = {"epsilon": noise, "v_prediction": level.signal * noise - level.noise * picture, "sample": picture}[kind]
    told = told + shift(slope, level, kind, w)
    back = {
        "epsilon": told, "v_prediction": level.noise * x + level.signal * told, "sample": (x - level.signal * told) / level.noise,
    }[kind]  # fmt: skip
    torch.testing.assert_close(back, noise - w * math.sqrt(1 - alpha) * slope)


def test_a_flows_velocity_tells_the_same_shifted_noise():
    level, slope = Level(0.3, 0.7), torch.randn(1, 4, 3, 3)
    picture, noise = torch.randn(1, 4, 3, 3), torch.randn(1, 4, 3, 3)
    velocity = noise - picture + shift(slope, level, "flow", 2.0)
    x = level.signal * picture + level.noise * noise
    torch.testing.assert_close(x + level.signal * velocity, noise - 2.0 * level.noise * slope)


def test_only_steps_above_a_fifth_of_the_schedule_with_some_picture_left_are_guided():
    guide, mask = Guide(network(), 1000, 1.0), torch.ones(1, 1, 16, 8)
    x, some = torch.randn(1, 4, 16, 8), Level(0.6, 0.8)
    assert guide(x, torch.tensor(200), some, "epsilon", mask) == 0.0
    assert torch.is_tensor(guide(x, torch.tensor(201), some, "epsilon", mask))
    assert guide(x, torch.tensor(999), Level(2**-12, 1.0), "v_prediction", mask) == 0.0
    assert in_window(0.999, Level(math.sqrt(0.0047), math.sqrt(1 - 0.0047)))  # SD 1.5's last step is guided


@pytest.mark.parametrize("name", ["model", *SCHEDULERS])
def test_the_level_is_what_the_schedulers_own_noising_makes(kl, name):
    """`add_noise` and `scale_model_input` of the scheduler itself, on latents and noise of one."""
    scheduler = make_scheduler(load_folder(kl, "kl", "cpu").sampler.scheduler, name)
    scheduler.set_timesteps(7)
    one, nought = torch.ones(1, 1, 1, 1), torch.zeros(1, 1, 1, 1)
    t = scheduler.timesteps[2]
    if hasattr(scheduler, "set_begin_index"):
        scheduler.set_begin_index(2)
    told = level_of(scheduler, t) if not hasattr(scheduler, "is_scale_input_called") else None
    scaled = [
        scheduler.scale_model_input(scheduler.add_noise(a, b, t[None]), t) for a, b in ((one, nought), (nought, one))
    ]
    told = told or level_of(scheduler, t)
    assert [told.signal, told.noise] == pytest.approx([float(part) for part in scaled], abs=1e-5)


def oracle(engine, scene, made, weight, prediction):
    """DDIM with classifier-free and discriminator guidance, written out for one variant."""
    photo, mask = scene
    sampler = engine.sampler
    scheduler = make_scheduler(sampler.scheduler, "ddim")
    scheduler.set_timesteps(PLAIN.steps)
    encoded = engine.encode(Canvas(photo, mask, Box(0, 0, 16, 32)))
    generator = torch.Generator().manual_seed(7)
    x = torch.randn(1, 4, 16, 8, generator=generator)
    masked = encoded.masked.draw(generator) * sampler.vae.config.scaling_factor
    small = encoded.mask.clone()
    words = torch.cat([sampler.prompts("", negative=True).hidden, sampler.prompts(PROMPTS[0]).hidden]).clone()
    for t in scheduler.timesteps:
        alpha = scheduler.alphas_cumprod[t]
        seen = torch.cat([x, small, masked.clone()], 1)
        with torch.no_grad():
            empty, asked = sampler.unet(torch.cat([seen, seen]), t, encoder_hidden_states=words).sample.chunk(2)
        out = empty + PLAIN.guidance * (asked - empty)
        if t > 200:
            at = x.clone().requires_grad_(True)
            d = torch.sigmoid(made(at, t.float()[None])).clip(1e-5, 1 - 1e-5)
            (slope,) = torch.autograd.grad(torch.log(d / (1 - d)).sum(), at)
            delta = -weight * (1 - alpha).sqrt() * slope
            out = out + small * (delta if prediction == "epsilon" else delta / alpha.sqrt())
        x = scheduler.step(out, t, x, eta=0.0).prev_sample
    return x


@pytest.mark.parametrize("prediction", ["epsilon", "v_prediction"])
def test_a_guided_variant_is_the_one_of_the_loop_written_out(tmp_path, scene, prediction):
    engine = load_folder(save_tiny(tmp_path / "sd", prediction=prediction), "tiny", "cpu")
    settings = guided(engine).model_copy(update={"scheduler": "ddim", "batch": 1})
    kept = []
    decode, engine.sampler.decode = engine.sampler.decode, lambda latents: kept.append(latents) or decode(latents)
    paint(engine, scene, settings, PROMPTS[:1])
    expected = oracle(engine, scene, network(), 2.0, prediction)
    torch.testing.assert_close(kept[0].clone(), expected, rtol=1e-3, atol=1e-3)
    paint(engine, scene, settings.model_copy(update={"discriminator_weight": 0.0}), PROMPTS[:1])
    assert (kept[1] - kept[0]).abs().max() > 0.01


@pytest.mark.parametrize("scheduler", ["model", *SCHEDULERS])
def test_weight_nought_paints_the_unguided_bytes_and_a_weight_others(kl, scene, scheduler):
    engine = load_folder(kl, "kl", "cpu")
    plain = paint(engine, scene, PLAIN.model_copy(update={"scheduler": scheduler}))
    settings = guided(engine).model_copy(update={"scheduler": scheduler})
    same = paint(engine, scene, settings.model_copy(update={"discriminator_weight": 0.0}))
    other, again = paint(engine, scene, settings), paint(engine, scene, settings)
    assert all(np.array_equal(a, b) for a, b in zip(plain, same, strict=True))
    assert any(not np.array_equal(a, b) for a, b in zip(plain, other, strict=True))
    assert all(np.array_equal(a, b) for a, b in zip(other, again, strict=True))


def test_a_guided_variant_depends_on_its_own_seed_and_prompt_alone(kl, scene):
    engine = load_folder(kl, "kl", "cpu")
    settings = guided(engine).model_copy(update={"batch": 3})
    together, alone = paint(engine, scene, settings), paint(engine, scene, settings, PROMPTS[:1])
    assert np.array_equal(together[0], alone[0])


@pytest.mark.parametrize("family", ["sdxl", "flux"])
def test_the_other_families_are_guided_too(tmp_path, scene, family):
    save, load = {"sdxl": (save_tiny_sdxl, load_sdxl), "flux": (save_tiny_flux, load_flux)}[family]
    engine = load(str(save(tmp_path / family)), "cpu")
    plain = paint(engine, scene, PLAIN)
    settings = guided(engine)
    assert any(not np.array_equal(a, b) for a, b in zip(plain, paint(engine, scene, settings), strict=True))
    same = paint(engine, scene, settings.model_copy(update={"discriminator_weight": 0.0}))
    assert all(np.array_equal(a, b) for a, b in zip(plain, same, strict=True))


def test_nothing_is_shifted_where_the_photo_is_kept():
    guide, mask = Guide(network(), 1000, 1.0), torch.zeros(1, 1, 16, 8)
    mask[..., 4:12, 2:6] = 1
    told = guide(torch.randn(1, 4, 16, 8), torch.tensor(500), Level(0.6, 0.8), "epsilon", mask)
    assert not told[(mask == 0).expand_as(told)].any()
    assert told[(mask == 1).expand_as(told)].all()


def test_a_discriminator_of_another_model_or_size_is_refused(kl, tmp_path, scene):
    engine = load_folder(kl, "kl", "cpu")
    digest, folder = keep(tmp_path, network(), SHAPE, "0" * 16, {})
    with pytest.raises(BackendError, match=rf"{digest} knows the pictures of the model 0{{16}}, not of kl.*dlcr guide"):
        engine.add_discriminator(read(folder))
    other = Shape((4, 8, 8), 1000, 8, 2)
    with pytest.raises(BackendError, match=r"knows latents of \(4, 8, 8\), not of \(4, 16, 8\)"):
        paint(engine, scene, guided(engine, other))
    with pytest.raises(BackendError, match="'cdcdcdcdcdcdcdcd' is not loaded"):
        paint(engine, scene, PLAIN.model_copy(update={"discriminator": "cd" * 8, "discriminator_weight": 1.0}))


def test_a_kept_discriminator_comes_back_the_same_and_damage_is_seen(tmp_path):
    made = network()
    digest, folder = keep(tmp_path, made, SHAPE, "0" * 16, {"accuracy": 0.7})
    found, x, t = read(folder), torch.randn(2, 4, 16, 8), torch.tensor([300.0, 600.0])
    assert (found.digest, folder.name, found.facts["accuracy"]) == (digest, digest, 0.7)
    assert torch.equal(found.network(x, t), made(x, t))
    weights = folder / "model.safetensors"
    whole = bytearray(weights.read_bytes())
    whole[-1] ^= 1
    weights.write_bytes(whole)
    with pytest.raises(BackendError, match="its digest does not match"):
        read(folder)
    weights.write_bytes(whole[:300])
    with pytest.raises(BackendError, match="cannot be loaded"):
        read(folder)
    with pytest.raises(BackendError, match="there is no discriminator"):
        read(tmp_path / "nothing")


def test_settings_without_guidance_are_told_as_before():
    named = PaintSettings(discriminator="ab" * 8)
    assert "discriminator" not in named.model_dump()
    assert "discriminator_weight" not in PaintSettings().model_dump(exclude={"batch"})
    told = PaintSettings(discriminator="ab" * 8, discriminator_weight=1.0).model_dump()
    assert (told["discriminator"], told["discriminator_weight"]) == ("ab" * 8, 1.0)
    assert PaintSettings(**told).model_dump() == told
