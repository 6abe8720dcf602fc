"""Correction by clicks with SAM 2 (Ravi et al., ICLR 2025) through transformers, seeded by the current mask."""

from collections.abc import Sequence
from typing import Any

import cv2
import numpy as np
import torch
from transformers import Sam2Model, Sam2Processor

from dlcr.backend.device import choose_device
from dlcr.backend.hub import checked_load, model_folder
from dlcr.core.images import digest
from dlcr.parsing.registry import Point

EXAMPLE = "sam2:facebook/sam2.1-hiera-tiny"
SURE = 8.0
"""Logit of a mask's pixels when it is fed back as a prompt."""


class Sam2Clicker:
    """Callable as a Clicker; the photo is encoded once and kept until another one comes."""

    def __init__(self, model: Any, processor: Any):
        self.model, self.processor = model, processor
        self.seen, self.embeddings = "", None

    @torch.inference_mode()
    def __call__(self, photo: np.ndarray, mask: np.ndarray, points: Sequence[Point]) -> np.ndarray:
        """(H, W, 3) uint8, (H, W) bool, clicks -> (H, W) bool; every clicked pixel is as its last click says."""
        if not points:
            return mask
        self._encode(photo)
        places = [[[[float(x), float(y)] for x, y, _ in points]]]
        kinds = [[[int(adds) for _, _, adds in points]]]
        size = photo.shape[:2]
        prompts = self.processor(
            input_points=places, input_labels=kinds, original_sizes=[list(size)], return_tensors="pt"
        )
        found = self.model(
            image_embeddings=list(self.embeddings or ()), multimask_output=False,
            input_points=prompts["input_points"].to(self.model.device, self.model.dtype),
            input_labels=prompts["input_labels"].to(self.model.device), input_masks=self.seed(mask),
        )  # fmt: skip
        out = np.array(self.processor.post_process_masks(found.pred_masks.float().cpu(), [list(size)])[0][0, 0], bool)
        for x, y, adds in points:
            out[y, x] = adds
        return out

    def seed(self, mask: np.ndarray) -> torch.Tensor | None:
        """The mask as low-resolution logits (1, 1, S, S), the whole photo squeezed into the square; None if it is empty."""
        if not mask.any():
            return None
        height, width = self.model.prompt_encoder.mask_input_size
        small = cv2.resize(mask.astype(np.float32), (width, height), interpolation=cv2.INTER_AREA)
        return torch.from_numpy(SURE * (2 * small - 1))[None, None].to(self.model.device, self.model.dtype)

    def _encode(self, photo: np.ndarray) -> None:
        name = digest(photo)
        if name != self.seen:
            pixels = self.processor(images=photo, return_tensors="pt").pixel_values
            self.embeddings = self.model.get_image_embeddings(pixels.to(self.model.device, self.model.dtype))
            self.seen = name


def load_sam2(argument: str | None, device: str = "auto") -> Sam2Clicker:
    """`sam2:HUB_ID` or `sam2:FOLDER`, a SAM 2 image model in transformers' format."""
    name = f"sam2:{argument or ''}"
    folder = model_folder(name, argument, EXAMPLE)
    on = choose_device(device)

    def load() -> tuple[Any, Any]:
        model = Sam2Model.from_pretrained(folder, dtype=torch.float32)
        return model.eval().to(on), Sam2Processor.from_pretrained(folder)

    model, processor = checked_load(name, "a SAM 2 image model", load)
    return Sam2Clicker(model, processor)
