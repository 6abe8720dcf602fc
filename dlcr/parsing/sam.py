"""Correction by clicks with Segment Anything (Kirillov et al., ICCV 2023), seeded by the current mask."""

from collections.abc import Mapping, Sequence
from functools import partial
from pathlib import Path

import cv2
import numpy as np
import torch
from segment_anything import SamPredictor
from segment_anything.modeling import ImageEncoderViT, MaskDecoder, PromptEncoder, Sam, TwoWayTransformer

from dlcr.core.errors import BackendError
from dlcr.core.images import digest
from dlcr.parsing.registry import Point

SURE = 8.0
"""Logit of a mask's pixels when it is fed back as a prompt."""


class SamClicker:
    """Callable as a Clicker; the photo is encoded once and kept until another one comes."""

    def __init__(self, sam: Sam):
        self.predictor = SamPredictor(sam)
        self.seen = ""

    def __call__(self, photo: np.ndarray, mask: np.ndarray, points: Sequence[Point]) -> np.ndarray:
        """(H, W, 3) uint8, (H, W) bool, clicks -> (H, W) bool; every clicked pixel is as its last click says."""
        if not points:
            return mask
        name = digest(photo)
        if name != self.seen:
            self.predictor.set_image(photo)
            self.seen = name
        places = np.array([(x, y) for x, y, _ in points], np.float32)
        kinds = np.array([int(adds) for _, _, adds in points])
        seed = self.seed(mask) if mask.any() else None
        masks, _, _ = self.predictor.predict(places, kinds, mask_input=seed, multimask_output=False)
        out = np.array(masks[0], bool)
        for x, y, adds in points:
            out[y, x] = adds
        return out

    def seed(self, mask: np.ndarray) -> np.ndarray:
        """The mask as SAM's low-resolution logits (1, S, S) float32: longer side filled, the rest padded."""
        side = self.predictor.model.prompt_encoder.mask_input_size[0]
        scale = side / max(mask.shape)
        size = (max(1, round(mask.shape[1] * scale)), max(1, round(mask.shape[0] * scale)))
        small = cv2.resize(mask.astype(np.float32), size, interpolation=cv2.INTER_AREA)
        logits = np.full((1, side, side), -SURE, np.float32)
        logits[0, : size[1], : size[0]] = SURE * (2 * small - 1)
        return logits


def load_sam(argument: str | None, device: str = "auto") -> SamClicker:
    """`sam:CHECKPOINT`, a `.pth` of segment-anything (vit_b, vit_l, vit_h: told by its weights)."""
    if not argument:
        raise BackendError("sam needs a checkpoint.", "For example sam:sam_vit_b_01ec64.pth")
    path = Path(argument).expanduser()
    if not path.is_file():
        raise BackendError(
            f"there is no checkpoint {path}.",
            "Get one (vit_b, 375 MB) from https://github.com/facebookresearch/segment-anything#model-checkpoints",
        )
    try:
        weights = torch.load(path, map_location="cpu", weights_only=True)
        sam = build(weights)
        sam.load_state_dict(weights)
    except Exception as error:  # a file that is no pickle makes the unpickler fail in any way there is
        told = next((line for line in str(error).splitlines() if line.strip()), type(error).__name__)
        raise BackendError(
            f"{path} is no checkpoint of segment-anything: {told[:200]}", "Download it again."
        ) from error
    chosen = ("cuda" if torch.cuda.is_available() else "cpu") if device == "auto" else device
    return SamClicker(sam.eval().to(chosen))


def build(weights: Mapping[str, torch.Tensor]) -> Sam:
    """An empty Sam of the weights' own widths and depths; their shapes tell all of them."""
    _, grid, _, width = weights["image_encoder.pos_embed"].shape
    patch = weights["image_encoder.patch_embed.proj.weight"].shape[-1]
    channels = weights["image_encoder.neck.0.weight"].shape[0]
    depth = 1 + max(int(name.split(".")[2]) for name in weights if name.startswith("image_encoder.blocks."))
    spans = [weights[f"image_encoder.blocks.{i}.attn.rel_pos_h"].shape for i in range(depth)]
    windows = [(span[0] + 1) // 2 for span in spans]  # relative positions of a window of s places: 2 s - 1
    encoder = ImageEncoderViT(
        img_size=grid * patch, patch_size=patch, embed_dim=width, depth=depth, num_heads=width // spans[0][1],
        out_chans=channels, use_rel_pos=True, window_size=min(windows), norm_layer=partial(torch.nn.LayerNorm, eps=1e-6),
        global_attn_indexes=tuple(i for i, window in enumerate(windows) if window == grid),
    )  # fmt: skip
    prompts = PromptEncoder(
        embed_dim=channels, image_embedding_size=(grid, grid), input_image_size=(grid * patch,) * 2,
        mask_in_chans=weights["prompt_encoder.mask_downscaling.3.weight"].shape[0],
    )  # fmt: skip
    hidden = weights["mask_decoder.transformer.layers.0.mlp.lin1.weight"].shape[0]
    decoder = MaskDecoder(
        transformer_dim=channels, iou_head_hidden_dim=weights["mask_decoder.iou_prediction_head.layers.0.weight"].shape[0],
        transformer=TwoWayTransformer(depth=2, embedding_dim=channels, mlp_dim=hidden, num_heads=8),
    )  # fmt: skip
    return Sam(encoder, prompts, decoder)
