"""Every trainer starts, stops at its time, goes on where it stopped, and writes what the product loads."""

import sys
from pathlib import Path

import numpy as np
import pytest
import torch
from diffusers import AutoencoderTiny, StableDiffusionInpaintPipeline

from dlcr.core.settings import PaintSettings
from dlcr.core.values import Box
from dlcr.inpaint.crop import Canvas
from dlcr.inpaint.load import load_folder
from tests.tools.corpus import write_corpus, write_weights
from tools import train_autoencoder, train_inpainter, train_parser

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


def test_the_inpainter_trains_goes_on_and_paints(corpus, tmp_path, monkeypatch, capsys):
    AutoencoderTiny(**{**train_autoencoder.PLAN, **TINY}).save_pretrained(tmp_path / "ae")
    flags = ("--corpus", corpus, "--autoencoder", tmp_path / "ae", "--batch", 2)
    run(train_inpainter, monkeypatch, *flags, "--out", tmp_path / "one", "--minutes", 0.02)
    run(train_inpainter, monkeypatch, *flags, "--out", tmp_path / "one", "--minutes", 0.04)
    assert "resumed at step" in capsys.readouterr().out
    engine = load_folder(tmp_path / "one" / "pipeline", "one", "cpu")
    canvas = Canvas(np.zeros((256, 128, 3), np.uint8), np.ones((256, 128), bool), Box(0, 0, 128, 256))
    picture = engine.paint(engine.encode(canvas), ["pink coat"], [1], PaintSettings(steps=1, batch=1))[0]
    assert picture.shape == (256, 128, 3)
    assert {"pink", "coat", "jeans"} <= engine.vocabulary
    assert StableDiffusionInpaintPipeline.from_pretrained(tmp_path / "one" / "pipeline").unet.config.in_channels == 9


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


def test_the_parser_trains_goes_on_and_measures_itself(corpus, weights, tmp_path, monkeypatch, capsys):
    monkeypatch.setattr(train_parser, "BATCH", 2)
    flags = ("--corpus", corpus, "--weights", weights, "--work", tmp_path / "work", "--out", tmp_path / "parser")
    run(train_parser, monkeypatch, *flags, "--minutes", 0.01)
    run(train_parser, monkeypatch, *flags, "--minutes", 0.02)
    assert "resumed at step" in capsys.readouterr().out
    assert {file.name for file in (tmp_path / "parser").iterdir()} == {"model.safetensors", "config.json", "README.md"}


def test_a_pattern_covers_part_of_the_cloth_and_a_colour_is_met():
    rng = np.random.default_rng(0)
    shares = [train_autoencoder.pattern((64, 64), rng).mean() for _ in range(40)]
    assert min(shares) > 0.05
    assert max(shares) < 0.75
    photo, mask = rng.integers(90, 150, (32, 32, 3)).astype(np.uint8), np.ones((32, 32), bool)
    painted = train_autoencoder.recoloured(photo, mask, (0.93, 0.65, 0.72), 0.2)
    assert np.abs(painted.mean((0, 1)) / 255 - [0.93, 0.65, 0.72]).max() < 0.05
