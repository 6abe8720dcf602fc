"""Parsers that transformers' AutoModelForSemanticSegmentation loads: SegFormer and its like, from the hub or a folder."""

from typing import Any

import cv2
import numpy as np
import torch
from transformers import AutoImageProcessor, AutoModelForSemanticSegmentation

from dlcr.backend.device import choose_device, choose_dtype
from dlcr.backend.hub import checked_load, model_folder
from dlcr.core.values import Labels
from dlcr.parsing.labelsets import LabelSet, label_set
from dlcr.parsing.people import enlarged, parse_largest

EXAMPLE = "segformer:mattmdjaga/segformer_b2_clothes"
LONGEST = 1024
"""Photos are shrunk to this before the processor sees them: it scales to 512 or less anyway."""


class SemanticParser:
    """`parse` photos with a semantic segmentation model whose classes are a LabelSet."""

    def __init__(self, model: Any, processor: Any, kind: LabelSet):
        self.model, self.processor, self.kind = model, processor, kind

    def parse(self, photo: np.ndarray) -> Labels:
        """(H, W, 3) uint8 -> labels (H, W) of the largest person; all background where there is none."""
        return parse_largest(photo, self._predict, self.kind)

    def _predict(self, photo: np.ndarray) -> np.ndarray:
        height, width = photo.shape[:2]
        scale = min(1.0, LONGEST / max(height, width))
        small = cv2.resize(
            photo, (max(1, round(width * scale)), max(1, round(height * scale))), interpolation=cv2.INTER_AREA
        )
        pixels = self.processor(images=small, return_tensors="pt").pixel_values
        with torch.inference_mode():
            logits = self.model(pixels.to(self.model.device, self.model.dtype)).logits[0]
        return enlarged(logits.float().cpu().numpy(), width, height)


def load_segformer(argument: str | None, device: str = "auto") -> SemanticParser:
    """`segformer:HUB_ID` or `segformer:FOLDER`; `#a,b,c` after it names the clothing classes of a model with unknown ones."""
    place, hash_, chosen = (argument or "").partition("#")
    name = f"segformer:{place}"
    folder = model_folder(name, place, EXAMPLE)
    on = choose_device(device)

    def load() -> tuple[Any, Any]:
        model = AutoModelForSemanticSegmentation.from_pretrained(folder, dtype=choose_dtype(on))
        return model.eval().to(on), AutoImageProcessor.from_pretrained(folder)

    model, processor = checked_load(name, "a semantic segmentation model of transformers", load)
    classes = [str(model.config.id2label[index]) for index in range(model.config.num_labels)]
    return SemanticParser(model, processor, label_set(name, classes, chosen if hash_ else None))
