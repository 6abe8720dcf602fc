"""SAM 2 through transformers' own classes, tiny and random."""

import numpy as np
import pytest
import torch
from transformers import (
    Sam2Config,
    Sam2HieraDetConfig,
    Sam2ImageProcessor,
    Sam2MaskDecoderConfig,
    Sam2Model,
    Sam2Processor,
    Sam2PromptEncoderConfig,
    Sam2VisionConfig,
)

from dlcr.core.errors import BackendError
from dlcr.parsing import load_clicker

SIDE = 64


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    torch.manual_seed(0)
    place = tmp_path_factory.mktemp("sam2")
    backbone = Sam2HieraDetConfig(
        hidden_size=8, image_size=[SIDE, SIDE], blocks_per_stage=[1, 1, 2, 1], embed_dim_per_stage=[8, 16, 32, 64],
        num_attention_heads_per_stage=[1, 1, 2, 2], window_size_per_stage=[4, 4, 2, 2], global_attention_blocks=[3],
        window_positional_embedding_background_size=[4, 4],
    )  # fmt: skip
    vision = Sam2VisionConfig(
        backbone_config=backbone.to_dict(), backbone_channel_list=[64, 32, 16, 8], fpn_hidden_size=32,
        backbone_feature_sizes=[[16, 16], [8, 8], [4, 4]],
    )  # fmt: skip
    prompts = Sam2PromptEncoderConfig(hidden_size=32, image_size=SIDE, patch_size=16, mask_input_channels=8)
    decoder = Sam2MaskDecoderConfig(hidden_size=32, mlp_dim=32, num_attention_heads=2, iou_head_hidden_dim=16)
    config = Sam2Config(vision_config=vision, prompt_encoder_config=prompts, mask_decoder_config=decoder)
    Sam2Model(config).save_pretrained(place)
    sizes = {"size": {"height": SIDE, "width": SIDE}, "mask_size": {"height": 16, "width": 16}}
    Sam2Processor(Sam2ImageProcessor(**sizes)).save_pretrained(place)
    return place


def test_clicks_hold_and_the_photo_is_encoded_once(folder):
    clicker = load_clicker(f"sam2:{folder}", "cpu")
    photo = np.random.default_rng(0).integers(0, 256, (96, 50, 3), np.uint8)
    mask = np.zeros((96, 50), bool)
    mask[:48] = True
    for _ in range(2):
        out = clicker(photo, mask, [(5, 5, True), (40, 90, False)])
        assert (out.shape, out.dtype) == ((96, 50), np.dtype(bool))
        assert out[5, 5]
        assert not out[90, 40]
    kept = clicker.embeddings
    clicker(photo, mask, [(1, 1, True)])
    assert clicker.embeddings is kept


def test_the_current_mask_matters_and_fills_the_square(folder):
    clicker = load_clicker(f"sam2:{folder}", "cpu")
    mask = np.zeros((96, 50), bool)
    mask[:48] = True
    seed = clicker.seed(mask)[0, 0]
    assert seed.shape == clicker.model.prompt_encoder.mask_input_size
    assert (seed[: len(seed) // 2] > 0).all()
    assert (seed[len(seed) // 2 :] < 0).all()
    assert clicker.seed(np.zeros_like(mask)) is None
    photo = np.random.default_rng(1).integers(0, 256, (96, 50, 3), np.uint8)
    assert clicker(photo, np.zeros_like(mask), [(3, 3, True)])[3, 3]
    assert np.array_equal(clicker(photo, mask, []), mask)


def test_a_missing_model_is_one_clear_line(tmp_path):
    with pytest.raises(BackendError, match="sam2:facebook/sam2.1-hiera-tiny"):
        load_clicker("sam2")
    with pytest.raises(BackendError, match="about 160 MB"):
        load_clicker("sam2:facebook/sam2.1-hiera-tiny", "cpu")
