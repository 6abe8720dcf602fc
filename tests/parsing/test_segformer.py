"""SegFormer through transformers' own classes: a tiny random one, saved as its publishers save theirs."""

import numpy as np
import pytest
import torch
import torch.nn.functional as F
from transformers import (
    CLIPTextConfig,
    CLIPTextModel,
    SegformerConfig,
    SegformerForSemanticSegmentation,
    SegformerImageProcessor,
)

from dlcr.core.errors import BackendError
from dlcr.parsing import load_parser
from dlcr.parsing.labelsets import ATR, FASHN
from dlcr.parsing.people import only_largest


def save_tiny(folder, classes):
    torch.manual_seed(0)
    config = SegformerConfig(
        num_encoder_blocks=2, depths=[1, 1], sr_ratios=[2, 1], hidden_sizes=[8, 16], patch_sizes=[7, 3], strides=[4, 2],
        num_attention_heads=[1, 2], mlp_ratios=[2, 2], decoder_hidden_size=16, id2label=dict(enumerate(classes)),
        label2id={name: index for index, name in enumerate(classes)},
    )  # fmt: skip
    model = SegformerForSemanticSegmentation(config)
    torch.nn.init.normal_(model.decode_head.classifier.weight)
    model.save_pretrained(folder)
    SegformerImageProcessor(size={"height": 64, "width": 64}, do_reduce_labels=False).save_pretrained(folder)
    return folder


@pytest.mark.parametrize("kind", [ATR, FASHN], ids=["atr", "fashn"])
def test_labels_are_the_models_own_enlarged_to_the_photo(tmp_path, kind, monkeypatch):
    monkeypatch.setenv("DLCR_DTYPE", "float32")
    folder = save_tiny(tmp_path, [name.title() for name in kind.classes])
    photo = np.random.default_rng(0).integers(0, 256, (160, 64, 3), np.uint8)
    labels = load_parser(f"segformer:{folder}", "cpu").parse(photo)
    assert (labels.classes, labels.clothing) == (kind.classes, kind.clothing)
    model = SegformerForSemanticSegmentation.from_pretrained(folder).eval()
    pixels = SegformerImageProcessor.from_pretrained(folder)(photo, return_tensors="pt").pixel_values
    with torch.no_grad():
        logits = F.interpolate(model(pixels).logits, photo.shape[:2], mode="bilinear")[0]
    expected = only_largest(logits.argmax(0).numpy().astype(np.uint8))
    assert len(np.unique(expected)) > 3
    assert (labels.map == expected).mean() > 0.999


def test_classes_nobody_knows_are_asked_for_and_may_be_told(tmp_path):
    folder = save_tiny(tmp_path, ["background", "head", "robe", "boots"])
    with pytest.raises(BackendError, match="are clothes"):
        load_parser(f"segformer:{folder}", "cpu")
    parser = load_parser(f"segformer:{folder}#robe,boots", "cpu")
    assert parser.kind.clothing == ("robe", "boots")


def test_missing_wrong_and_damaged_models_say_so(tmp_path):
    with pytest.raises(BackendError, match="needs a model"):
        load_parser("segformer")
    with pytest.raises(
        BackendError, match=r"neither a folder nor.*hf download mattmdjaga/segformer_b2_clothes`, about 110 MB"
    ):
        load_parser("segformer:mattmdjaga/segformer_b2_clothes", "cpu")
    with pytest.raises(BackendError, match=r"no config.json"):
        load_parser(f"segformer:{tmp_path}", "cpu")
    text = CLIPTextConfig(hidden_size=8, intermediate_size=8, num_hidden_layers=1, num_attention_heads=1, vocab_size=9)
    CLIPTextModel(text).save_pretrained(tmp_path / "text")
    with pytest.raises(BackendError, match=r"could not be loaded.*semantic segmentation"):
        load_parser(f"segformer:{tmp_path / 'text'}", "cpu")
    folder = save_tiny(tmp_path / "cut", ATR.classes)
    weights = folder / "model.safetensors"
    weights.write_bytes(weights.read_bytes()[:900])
    with pytest.raises(BackendError, match="could not be loaded"):
        load_parser(f"segformer:{folder}", "cpu")
