"""Every trainer starts, stops at its time, goes on where it stopped, and writes what the product loads."""

import json
import shutil
import sys
from pathlib import Path

import numpy as np
import pytest
import torch
from diffusers import AutoencoderTiny, StableDiffusionInpaintPipeline, UNet2DConditionModel
from safetensors.torch import load_file

from dlcr.core.errors import SettingError
from dlcr.core.settings import PaintSettings
from dlcr.core.values import Box, Labels
from dlcr.inpaint.crop import Canvas
from dlcr.inpaint.load import load_folder
from dlcr.language.captioner import ENCODER, Captioner
from dlcr.language.garments import read_garment
from dlcr.language.regions import LEVELS, told
from dlcr.parsing.segmenter import load_demo
from tests.tools.corpus import ALIKE, TEXTS, write_corpus, write_weights
from tools import train_autoencoder, train_captioner, train_inpainter, train_parser

TINY = {"encoder_block_out_channels": (4,) * 4, "decoder_block_out_channels": (4,) * 4}


@pytest.fixture(scope="module")
def corpus(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_corpus(tmp_path_factory.mktemp("tools") / "corpus")


@pytest.fixture(scope="module")
def weights(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_weights(tmp_path_factory.mktemp("weights") / "lite0.pth")


def run(module, monkeypatch: pytest.MonkeyPatch, *flags: object) -> None:
    monkeypatch.setattr(sys, "argv", [module.__name__, *map(str, flags), "--device", "cpu"])
    module.main()


def test_the_autoencoder_trains_goes_on_and_is_diffusers_own(corpus, weights, tmp_path, monkeypatch, capsys):
    AutoencoderTiny(**{**train_autoencoder.PLAN, **TINY}).save_pretrained(tmp_path / "tiny")
    flags = (
        "--corpus",
        corpus,
        "--weights",
        weights,
        "--start",
        tmp_path / "tiny",
        "--out",
        tmp_path / "ae",
        "--batch",
        2,
    )
    run(train_autoencoder, monkeypatch, *flags, "--minutes", 0.01)
    run(train_autoencoder, monkeypatch, *flags, "--minutes", 0.02)
    assert "resumed at step" in capsys.readouterr().out
    model = AutoencoderTiny.from_pretrained(tmp_path / "ae")
    assert model.config.scaling_factor != 1
    assert "PSNR" in (tmp_path / "ae" / "README.md").read_text()


def test_a_decoder_learns_alone_and_latents_stay(corpus, weights, tmp_path, monkeypatch):
    before = AutoencoderTiny(**{**train_autoencoder.PLAN, **TINY}, scaling_factor=0.7)
    before.save_pretrained(tmp_path / "tiny")
    flags = ("--corpus", corpus, "--weights", weights, "--out", tmp_path / "ae", "--batch", 2, "--keep-encoder")
    run(train_autoencoder, monkeypatch, *flags, "--start", tmp_path / "tiny", "--minutes", 0.01)
    after = AutoencoderTiny.from_pretrained(tmp_path / "ae")
    assert all(torch.equal(a, b) for a, b in zip(after.encoder.parameters(), before.encoder.parameters(), strict=True))
    assert any(
        not torch.equal(a, b) for a, b in zip(after.decoder.parameters(), before.decoder.parameters(), strict=True)
    )
    assert after.config.scaling_factor == 0.7
    with pytest.raises(SystemExit):
        run(train_autoencoder, monkeypatch, *flags)


def test_the_inpainter_trains_goes_on_and_paints(corpus, tmp_path, monkeypatch, capsys):
    AutoencoderTiny(**{**train_autoencoder.PLAN, **TINY}).save_pretrained(tmp_path / "ae")
    flags = ("--corpus", corpus, "--autoencoder", tmp_path / "ae", "--batch", 2)
    run(train_inpainter, monkeypatch, *flags, "--out", tmp_path / "one", "--minutes", 0.02)
    run(train_inpainter, monkeypatch, *flags, "--out", tmp_path / "one", "--minutes", 0.04)
    assert "resumed at step" in capsys.readouterr().out
    state = state_of(tmp_path / "one")
    state["average"][0].fill_(2)  # the UNet's first parameter
    torch.save(state, tmp_path / "one" / "state.pt")
    run(train_inpainter, monkeypatch, *flags, "--out", tmp_path / "one", "--minutes", 0)
    unet = UNet2DConditionModel.from_pretrained(tmp_path / "one" / "pipeline" / "unet")
    assert (next(unet.parameters()) == 2).all()
    assert torch.equal(state_of(tmp_path / "one")["params"][0], state["params"][0])
    engine = load_folder(tmp_path / "one" / "pipeline", "one", "cpu")
    canvas = Canvas(np.zeros((256, 128, 3), np.uint8), np.ones((256, 128), bool), Box(0, 0, 128, 256))
    picture = engine.paint(engine.encode(canvas), ["pink coat"], [1], PaintSettings(steps=1, batch=1))[0]
    assert picture.shape == (256, 128, 3)
    assert {"pink", "coat", "jeans"} <= engine.vocabulary
    assert StableDiffusionInpaintPipeline.from_pretrained(tmp_path / "one" / "pipeline").unet.config.in_channels == 9


def test_the_inpainter_learns_from_photos_as_they_are_and_in_the_other_clothes_of_their_shot(corpus):
    meta, rng = json.loads((corpus / "meta.json").read_text()), np.random.default_rng(0)
    examples = train_inpainter.draw_examples(meta, 2, rng)
    own = [row for row in range(len(meta["text"])) if not meta["held_out"][row]]
    assert examples[: 2 * len(own), :2].tolist() == [[row, row] for row in own for _ in range(2)]
    assert set(examples[:, 2]) <= set(own)
    changed = examples[2 * len(own) :]
    assert sorted(map(tuple, changed[:, :2])) == [(a, b) for a in ALIKE for b in ALIKE if a != b]
    assert (changed[:, 2] == changed[:, 1]).all()
    with pytest.raises(SettingError, match="share a shot"):
        train_inpainter.draw_examples({"held_out": [False]}, 1, rng)
    encoder = train_inpainter.Encoder(corpus, AutoencoderTiny(**{**train_autoencoder.PLAN, **TINY}), "cpu")
    photos = np.load(corpus / "photos.npy")
    for row, other, shape in examples[:: len(examples) // 8]:
        goal, rest, mask = encoder.example((row, other, shape), rng)
        where = np.broadcast_to(mask, goal.shape)
        assert 0 < mask.mean() < 1
        assert np.allclose(goal[where], photos[other][where] / 127.5 - 1, atol=1e-6)
        assert np.allclose(goal[~where], photos[row][~where] / 127.5 - 1, atol=1e-6)
        assert not rest[where].any()
        assert (rest[~where] == goal[~where]).all()


def test_half_of_what_the_inpainter_sees_wears_other_clothes():
    changed, row = np.array([False, False, False, True, True]), np.array([0, 0, 1, 0, 2])
    latents = train_inpainter.Latents(*[torch.zeros(5)] * 3, row=row, changed=changed)
    chance = train_inpainter.chances(latents, real=np.array([False, True, False]))
    assert np.allclose(chance, [0.5 / 4.5, 0.5 / 4.5, 0.5 * 2.5 / 4.5, 0.25, 0.25])
    latents = train_inpainter.Latents(*[torch.zeros(5)] * 3, row=row, changed=np.zeros(5, bool))
    assert train_inpainter.chances(latents, real=np.zeros(3, bool)).tolist() == [0.2] * 5


def test_an_inpainter_starts_from_another_by_word(corpus, tmp_path):
    texts = ["red coat", "blue coat shirt"]
    before, after = train_inpainter.make_tokenizer(texts), train_inpainter.make_tokenizer([*texts, "a pink coat"])
    unet, text = train_inpainter.make_models(len(before))
    vae = AutoencoderTiny(**{**train_autoencoder.PLAN, **TINY})
    train_inpainter.save_pipeline(tmp_path / "old", vae, text, before, unet, torch.float32)
    young, words = train_inpainter.make_models(len(after))
    train_inpainter.begin_from(tmp_path / "old", young, words, after)
    table, old = words.get_input_embeddings().weight, text.get_input_embeddings().weight
    for word in ("red", "blue", "coat", "shirt"):
        assert torch.equal(table[after.get_vocab()[word]], old[before.get_vocab()[word]])
    assert torch.equal(young.conv_in.weight, unet.conv_in.weight)


def test_the_captioner_trains_goes_on_and_names_garments(corpus, tmp_path, monkeypatch, capsys):
    monkeypatch.setattr(train_captioner, "BATCH", 4)
    flags = ("--corpus", corpus, "--work", tmp_path / "work", "--out", tmp_path / "captioner", "--ema", 0.5)
    run(train_captioner, monkeypatch, *flags, "--minutes", 0.01)
    read = {file.name: file.stat().st_mtime_ns for file in (tmp_path / "work" / "found").iterdir()}
    run(train_captioner, monkeypatch, *flags, "--minutes", 0.02)
    assert "resumed at step" in capsys.readouterr().out
    assert read == {file.name: file.stat().st_mtime_ns for file in (tmp_path / "work" / "found").iterdir()}
    photos, drawn = (np.load(corpus / f"{name}.npy") for name in ("photos", "labels"))
    measured = json.loads((tmp_path / "captioner" / "config.json").read_text())["held_out"]
    captioner, parser = Captioner(ENCODER, tmp_path / "captioner" / "model.safetensors", "cpu"), load_demo(device="cpu")
    right = {(slot, what): [] for slot in ("upper", "lower") for what in ("colour", "garment")}
    for photo in photos[3::4]:  # the held-out ones as the product reads them
        said = {one.slot: one for one in map(read_garment, captioner.caption(photo, parser.parse(photo)).outfit.items)}
        for asked in map(read_garment, TEXTS[1].split(" | ")[:2]):
            for what in ("colour", "garment"):
                seen = said.get(asked.slot)
                right[asked.slot, what].append(seen is not None and getattr(seen, what) == getattr(asked, what))
    for (slot, what), hits in right.items():
        assert measured[f"ccp {slot}"][what] == np.mean(hits)
    worn = captioner.caption(photos[0], Labels(drawn[0], train_captioner.CLASSES, ("upper",))).outfit
    assert [read_garment(item).slot for item in worn.items] == ["upper", "lower", "shoes"]


def test_a_captioner_starts_from_another(corpus, tmp_path, monkeypatch):
    monkeypatch.setattr(train_captioner, "BATCH", 4)
    shipped_file = ENCODER.parents[1] / "captioner-demo" / "model.safetensors"
    flags = ("--corpus", corpus, "--work", tmp_path / "work", "--out", tmp_path / "captioner")
    run(train_captioner, monkeypatch, *flags, "--start", shipped_file, "--minutes", 0)
    before, after = load_file(shipped_file), load_file(tmp_path / "captioner" / "model.safetensors")
    assert all(torch.equal(value, before[name]) for name, value in after.items())
    assert "an earlier captioner" in (tmp_path / "captioner" / "README.md").read_text()


def test_a_mirrored_crop_is_told_as_the_mirror_of_its_numbers():
    rng = np.random.default_rng(0)
    photo, mask, skin = (
        rng.integers(0, 256, (256, 128, 3), np.uint8),
        np.zeros((256, 128), bool),
        np.zeros((256, 128), bool),
    )
    mask[40:120, 20:70], skin[10:40, 50:90] = True, True
    levels = [rng.random((wide, 128 >> i, 64 >> i), np.float32) for i, wide in enumerate(LEVELS)]
    one = told(photo, levels, [("upper", mask)], skin)[0]
    flipped = told(
        photo[:, ::-1].copy(), [level[:, :, ::-1] for level in levels], [("upper", mask[:, ::-1])], skin[:, ::-1]
    )[0]
    assert np.allclose(flipped, one[train_captioner.mirrored().numpy()], atol=1e-3)
    assert not np.allclose(flipped, one, atol=1e-3)


def shipped(folder: Path) -> dict[str, torch.Tensor]:
    return {name: value.float() for name, value in load_file(folder / "model.safetensors").items()}


def state_of(folder: Path) -> dict:
    return torch.load(folder / "state.pt", weights_only=True)


@pytest.fixture(scope="module")
def parser_once(corpus, weights, tmp_path_factory) -> Path:
    """A folder with `work` and `parser` of a training that began with ImageNet weights."""
    folder = tmp_path_factory.mktemp("parser")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(train_parser, "BATCH", 2)
        flags = ("--corpus", corpus, "--weights", weights, "--work", folder / "work", "--out", folder / "parser")
        run(train_parser, patch, *flags, "--minutes", 0.02)
    return folder


@pytest.fixture
def parser_flags(corpus, weights, tmp_path, monkeypatch) -> tuple:
    monkeypatch.setattr(train_parser, "BATCH", 2)
    return ("--corpus", corpus, "--weights", weights, "--work", tmp_path / "work", "--out", tmp_path / "parser")


def test_the_parser_trains_goes_on_and_measures_itself(parser_once, parser_flags, tmp_path, monkeypatch, capsys):
    assert {file.name for file in (parser_once / "parser").iterdir()} == {
        "model.safetensors",
        "config.json",
        "README.md",
    }
    shutil.copytree(parser_once / "work", tmp_path / "work")
    before = state_of(tmp_path / "work")
    run(train_parser, monkeypatch, *parser_flags, "--minutes", before["minutes"] + 0.01)
    after = state_of(tmp_path / "work")
    assert f"resumed at step {before['step']}" in capsys.readouterr().out
    assert after["step"] > before["step"]
    assert after["minutes"] >= before["minutes"] + 0.01
    assert after["optimiser"]["state"][0]["step"] == after["step"]


def test_the_parser_ships_its_average_or_without_one_itself(parser_once, parser_flags, tmp_path, monkeypatch):
    shutil.copytree(parser_once / "work", tmp_path / "work")
    state = state_of(tmp_path / "work")
    names = [name for name, value in state["network"].items() if value.is_floating_point()]
    for average in state["average"]:
        average += 0.5
    torch.save(state, tmp_path / "work" / "state.pt")
    run(train_parser, monkeypatch, *parser_flags, "--minutes", 0)
    whole, kept = shipped(tmp_path / "parser"), state_of(tmp_path / "work")
    for name, average in zip(names, state["average"], strict=True):
        assert torch.equal(whole[name], average.half().float())
        assert torch.equal(kept["network"][name], state["network"][name])
    run(train_parser, monkeypatch, *parser_flags, "--minutes", 0, "--ema", 0)
    whole, kept = shipped(tmp_path / "parser"), state_of(tmp_path / "work")
    assert "average" not in kept
    assert all(torch.equal(whole[name], state["network"][name].half().float()) for name in names)


def test_a_parser_goes_on_from_a_state_without_average(parser_once, parser_flags, tmp_path, monkeypatch):
    (tmp_path / "work").mkdir()
    old = {key: value for key, value in state_of(parser_once / "work").items() if key != "average"}
    old["optimiser"]["param_groups"] = [group | {"top": 1.0} for group in old["optimiser"]["param_groups"]]
    torch.save(old, tmp_path / "work" / "state.pt")
    run(train_parser, monkeypatch, *parser_flags, "--minutes", old["minutes"] + 0.01)
    new = state_of(tmp_path / "work")
    assert new["step"] > old["step"]
    assert len(new["average"]) == sum(value.is_floating_point() for value in new["network"].values())


def test_a_parser_starts_from_another_unless_it_has_begun(parser_once, parser_flags, tmp_path, monkeypatch):
    start, whole = ("--start", parser_once / "parser"), shipped(parser_once / "parser")
    run(train_parser, monkeypatch, *parser_flags, *start, "--minutes", 0)
    begun = state_of(tmp_path / "work")["network"]
    assert all(torch.equal(begun[name], value) for name, value in whole.items())
    assert all(torch.equal(value, whole[name]) for name, value in shipped(tmp_path / "parser").items())
    assert "earlier parser" in (tmp_path / "parser" / "README.md").read_text()
    state = state_of(tmp_path / "work")
    state["network"]["head.bias"] += 1
    torch.save(state, tmp_path / "work" / "state.pt")
    run(train_parser, monkeypatch, *parser_flags, *start, "--minutes", 0)
    assert torch.equal(shipped(tmp_path / "parser")["head.bias"], state["network"]["head.bias"].half().float())


def test_a_parser_that_keeps_its_encoder_learns_in_the_decoder_alone(parser_once, parser_flags, tmp_path, monkeypatch):
    start, before = ("--start", parser_once / "parser"), shipped(parser_once / "parser")
    run(train_parser, monkeypatch, *parser_flags, *start, "--keep-encoder", "--minutes", 0.02, "--ema", 0)
    after = shipped(tmp_path / "parser")
    same = {name for name, value in after.items() if torch.equal(value, before[name])}
    assert {name for name in after if name.startswith("encoder.")} <= same
    assert {"head.weight", "decoder.blocks.0.conv1.0.weight"} & same == set()


def test_the_parsers_loss_minds_most_whether_it_is_clothes():
    """A shirt taken for trousers costs less than one taken for background; the sums are written out."""
    target = torch.zeros((1, 4, 4), dtype=torch.long)
    target[:, :2] = 4

    def lost(named: int) -> float:
        logits = torch.zeros((1, 9, 4, 4))
        logits[:, named, :2] = logits[:, 0, 2:] = 9
        return float(train_parser.loss_of(logits, target))

    shares = {True: float(np.exp(9) / (np.exp(9) + 8)), False: float(1 / (np.exp(9) + 8))}
    wrong, right = shares[False], shares[True]
    entropy = -(np.log(wrong) + np.log(right)) / 2
    background = 1 - (2 * 8 * right + 1) / (8 * (right + wrong) + 8 + 1)
    upper = 1 - (2 * 8 * wrong + 1) / (16 * wrong + 8 + 1)
    clothes = 1 - (2 * 8 * (right + 3 * wrong) + 1) / (8 * (right + 3 * wrong) + 8 * 4 * wrong + 8 + 1)
    assert lost(5) == pytest.approx(entropy + (background + upper) / 2 + clothes, rel=1e-4)
    assert lost(4) < lost(5) < lost(0)


def test_a_network_that_looks_closer_answers_in_the_photo_s_own_size():
    """It names whatever is brighter than grey, and keeps the sizes it was shown."""
    shown = []

    def network(x: torch.Tensor) -> torch.Tensor:
        shown.append(tuple(x.shape[2:]))
        return torch.cat([-x[:, :1], x[:, :1]], 1)

    x = torch.full((1, 3, 64, 32), -1.0)
    x[:, :, 20:, 9:] = 1
    for zoom in (1.0, 1.5):
        labels = train_parser.zoomed(network, x, zoom).argmax(1)[0]
        assert torch.equal(labels.bool(), x[0, 0] > 0)
    assert shown == [(64, 32), (96, 48)]


def test_a_parser_of_other_classes_is_no_start(parser_once, parser_flags, tmp_path, monkeypatch):
    shutil.copytree(parser_once / "parser", tmp_path / "other")
    config = json.loads((tmp_path / "other" / "config.json").read_text())
    config["classes"] = [*config["classes"][:-1], "umbrella"]
    (tmp_path / "other" / "config.json").write_text(json.dumps(config))
    with pytest.raises(SettingError, match="umbrella"):
        run(train_parser, monkeypatch, *parser_flags, "--start", tmp_path / "other", "--minutes", 0)


def test_a_pattern_covers_part_of_the_cloth_and_a_colour_is_met():
    rng = np.random.default_rng(0)
    shares = [train_autoencoder.pattern((64, 64), rng).mean() for _ in range(40)]
    assert min(shares) > 0.05
    assert max(shares) < 0.75
    photo, mask = rng.integers(90, 150, (32, 32, 3)).astype(np.uint8), np.ones((32, 32), bool)
    painted = train_autoencoder.recoloured(photo, mask, (0.93, 0.65, 0.72), 0.2)
    assert np.abs(painted.mean((0, 1)) / 255 - [0.93, 0.65, 0.72]).max() < 0.05
