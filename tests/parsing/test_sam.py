"""SAM through segment-anything's own classes: a tiny one, saved as a checkpoint and found again by its weights."""

import numpy as np
import pytest
import torch

from dlcr.core.errors import BackendError
from dlcr.parsing import load_clicker
from dlcr.parsing.sam import build


@pytest.fixture(scope="module")
def checkpoint(tmp_path_factory):
    from segment_anything.modeling import ImageEncoderViT, MaskDecoder, PromptEncoder, Sam, TwoWayTransformer

    torch.manual_seed(0)
    encoder = ImageEncoderViT(
        img_size=128, embed_dim=32, depth=3, num_heads=4, out_chans=64, use_rel_pos=True, window_size=3,
        global_attn_indexes=(1,),
    )  # fmt: skip
    prompts = PromptEncoder(64, (8, 8), (128, 128), mask_in_chans=16)
    inner = TwoWayTransformer(depth=2, embedding_dim=64, num_heads=8, mlp_dim=96)
    decoder = MaskDecoder(transformer_dim=64, transformer=inner, iou_head_hidden_dim=32)
    path = tmp_path_factory.mktemp("sam") / "tiny.pth"
    torch.save(Sam(encoder, prompts, decoder).state_dict(), path)
    return path


def test_the_weights_tell_the_architecture(checkpoint):
    weights = torch.load(checkpoint, weights_only=True)
    sam = build(weights)
    assert [block.window_size for block in sam.image_encoder.blocks] == [3, 0, 3]
    assert sam.image_encoder.blocks[0].attn.num_heads == 4
    assert {k: v.shape for k, v in sam.state_dict().items()} == {k: v.shape for k, v in weights.items()}


@pytest.mark.parametrize(("width", "depth", "heads"), [(768, 12, 12), (1024, 24, 16), (1280, 32, 16)])
def test_the_published_sizes_are_told_apart(width, depth, heads):
    from segment_anything import sam_model_registry

    name = {768: "vit_b", 1024: "vit_l", 1280: "vit_h"}[width]
    with torch.device("meta"):
        published = sam_model_registry[name]()
        again = build(published.state_dict())
    for sam in (published, again):
        assert (len(sam.image_encoder.blocks), sam.image_encoder.blocks[0].attn.num_heads) == (depth, heads)
    windows = [[block.window_size for block in sam.image_encoder.blocks] for sam in (published, again)]
    assert windows[0] == windows[1]


def test_clicks_hold_and_the_current_mask_matters(checkpoint):
    clicker = load_clicker(f"sam:{checkpoint}", "cpu")
    photo = np.random.default_rng(0).integers(0, 256, (96, 50, 3), np.uint8)
    masks = [np.zeros((96, 50), bool) for _ in range(2)]
    masks[0][:48], masks[1][48:] = True, True
    points = [(5, 5, True), (40, 90, False)]
    outs = [clicker(photo, mask, points) for mask in masks]
    for out in outs:
        assert out.shape == (96, 50)
        assert out.dtype == bool
        assert out[5, 5]
        assert not out[90, 40]
    seeds = [clicker.seed(mask) for mask in masks]
    assert seeds[0].shape == (1, 32, 32)
    assert (seeds[0][0, :14, :16] > 0).all()
    assert (seeds[1][0, 18:, :16] > 0).all()


def test_no_clicks_change_nothing(checkpoint):
    mask = np.eye(60, dtype=bool)
    assert np.array_equal(load_clicker(f"sam:{checkpoint}", "cpu")(np.zeros((60, 60, 3), np.uint8), mask, []), mask)


def test_what_is_no_checkpoint_is_one_clear_line(tmp_path):
    with pytest.raises(BackendError, match="sam_vit_b"):
        load_clicker("sam")
    with pytest.raises(BackendError, match="there is no checkpoint"):
        load_clicker(f"sam:{tmp_path / 'none.pth'}")
    (tmp_path / "bad.pth").write_bytes(b"not a checkpoint")
    with pytest.raises(BackendError, match="no checkpoint of segment-anything"):
        load_clicker(f"sam:{tmp_path / 'bad.pth'}")
