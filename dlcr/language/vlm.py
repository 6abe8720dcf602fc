"""Captioners that transformers' AutoModelForImageTextToText loads: LLaVA 1.5, Qwen-VL, SmolVLM, Florence-2 and their like."""

from collections.abc import Sequence
from typing import Any

import numpy as np
import torch
from PIL import Image
from transformers import AutoModelForImageTextToText, AutoProcessor

from dlcr.backend.device import choose_device, choose_dtype
from dlcr.backend.hub import checked_load, model_folder
from dlcr.core.errors import ReplyError
from dlcr.core.images import fit
from dlcr.core.settings import DescribeSettings
from dlcr.core.values import Caption, Labels
from dlcr.language.llm import sampling
from dlcr.language.replies import read_caption

EXAMPLE = "vlm:llava-hf/llava-1.5-7b-hf"
LONGEST = 1024
TASK = "<MORE_DETAILED_CAPTION>"
"""Florence-2 answers tasks, not questions; this one names the clothes."""
LLAVA = "USER: <image>\n{question} ASSISTANT:"


class VisionCaptioner:
    """Asks a vision-language model about photos, several a call."""

    def __init__(self, model: Any, processor: Any):
        self.model, self.processor = model, processor
        self.processor.tokenizer.padding_side = "left"

    def caption(self, photo: np.ndarray, labels: Labels) -> Caption:
        """(H, W, 3) uint8 -> what the person wears; the labels are not used. ReplyError if the model says nothing."""
        return read_caption(self.replies([photo], DescribeSettings(), 0)[0])

    def replies(self, photos: Sequence[np.ndarray], settings: DescribeSettings, seed: int) -> list[str | ReplyError]:
        """(H, W, 3) uint8 each -> the model's own words for each."""
        pictures = [Image.fromarray(fit(photo, LONGEST)) for photo in photos]
        inputs = self.processor(
            images=[[picture] for picture in pictures] if self._chats else pictures,
            text=[self._prompt(settings.question)] * len(photos), return_tensors="pt", padding=True,
        ).to(self.model.device, self.model.dtype)  # fmt: skip
        with torch.inference_mode(), torch.random.fork_rng():
            torch.manual_seed(seed)
            out = self.model.generate(
                **inputs, max_new_tokens=settings.max_tokens, **sampling(settings.caption_temperature, 1.0)
            )
        if not self.model.config.is_encoder_decoder:
            out = out[:, inputs["input_ids"].shape[1] :]
        return [str(text).strip() for text in self.processor.batch_decode(out, skip_special_tokens=True)]

    @property
    def _chats(self) -> bool:
        return bool(getattr(self.processor, "chat_template", None))

    def _prompt(self, question: str) -> str:
        if self._chats:
            content = [{"type": "image"}, {"type": "text", "text": question}]
            chat = [{"role": "user", "content": content}]
            return str(self.processor.apply_chat_template(chat, add_generation_prompt=True))
        return TASK if "florence" in self.model.config.model_type else LLAVA.replace("{question}", question)


def load_vlm(argument: str | None, device: str = "auto") -> VisionCaptioner:
    """`vlm:HUB_ID` or `vlm:FOLDER`; bfloat16 on a GPU, spread over GPU and main memory if it does not fit."""
    name = f"vlm:{argument or ''}"
    folder = model_folder(name, argument, EXAMPLE)
    on = choose_device(device)

    def load() -> tuple[Any, Any]:
        dtype = choose_dtype(on, torch.bfloat16)
        place = "auto" if on == "cuda" else on
        model = AutoModelForImageTextToText.from_pretrained(folder, dtype=dtype, device_map=place)
        return model.eval(), AutoProcessor.from_pretrained(folder)

    return VisionCaptioner(*checked_load(name, "an image-text-to-text model of transformers", load))
