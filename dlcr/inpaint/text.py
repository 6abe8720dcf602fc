"""Prompts to what the denoisers read: text encoders of Stable Diffusion, Stable Diffusion XL and Flux, each text encoded once."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import torch

Tensor = torch.Tensor
KEPT = 4096
"""Prompts whose embeddings are kept; more than the outfits of the largest public data set's split that is painted at once."""


@dataclass(frozen=True, slots=True)
class Context:
    """What a denoiser is told of one prompt: `hidden` (1, tokens, width), `pooled` (1, width) or None, `times` (1, 6) or None."""

    hidden: Tensor
    pooled: Tensor | None = None
    times: Tensor | None = None


def joined(contexts: list[Context]) -> Context:
    """Several prompts as one batch."""

    def cat(name: str) -> Tensor | None:
        parts = [getattr(one, name) for one in contexts]
        return None if parts[0] is None else torch.cat(parts)

    return Context(torch.cat([one.hidden for one in contexts]), cat("pooled"), cat("times"))


class Prompts:
    """`encode` with a memory: the same text is encoded once."""

    def __init__(self, encode: Callable[[str, bool], Context]):
        self._encode = encode
        self._kept: dict[tuple[str, bool], Context] = {}

    def __call__(self, text: str, negative: bool = False) -> Context:
        """The context of a prompt, or of the prompt to stay away from."""
        key = (text, negative)
        if key not in self._kept:
            if len(self._kept) >= KEPT:
                self._kept.clear()
            self._kept[key] = self._encode(text, negative)
        return self._kept[key]


def sd_prompts(pipeline: Any, device: torch.device, dtype: torch.dtype) -> Prompts:
    """Stable Diffusion 1 and 2: the last hidden states of one CLIP encoder."""
    encoder, tokenizer = pipeline.text_encoder.eval(), pipeline.tokenizer

    def encode(text: str, negative: bool) -> Context:
        return Context(encoder(ids(tokenizer, text).to(device)).last_hidden_state.to(dtype))

    return Prompts(encode)


def sdxl_prompts(pipeline: Any, device: torch.device, dtype: torch.dtype, height: int, width: int) -> Prompts:
    """Stable Diffusion XL: two encoders' last hidden states but one, side by side; the second's pooled output; the size.

    An empty negative prompt is all zeros where the model was trained so (`force_zeros_for_empty_prompt`).
    """
    pairs = [(pipeline.text_encoder, pipeline.tokenizer), (pipeline.text_encoder_2, pipeline.tokenizer_2)]
    pairs = [(encoder.eval(), tokenizer) for encoder, tokenizer in pairs if encoder is not None]
    scored = bool(pipeline.config.requires_aesthetics_score)

    def encode(text: str, negative: bool) -> Context:
        outs = [encoder(ids(tokenizer, text).to(device), output_hidden_states=True) for encoder, tokenizer in pairs]
        hidden = torch.cat([out.hidden_states[-2] for out in outs], dim=-1).to(dtype)
        pooled = outs[-1][0].to(dtype)
        if negative and not text and pipeline.config.force_zeros_for_empty_prompt:
            hidden, pooled = torch.zeros_like(hidden), torch.zeros_like(pooled)
        end = [2.5 if negative else 6.0] if scored else [height, width]  # the stock pipeline's two aesthetic scores
        return Context(hidden, pooled, torch.tensor([[height, width, 0, 0, *end]], dtype=dtype, device=device))

    return Prompts(encode)


def flux_prompts(pipeline: Any, device: torch.device, dtype: torch.dtype, tokens: int) -> Prompts:
    """Flux: T5's hidden states over `tokens` places, CLIP's pooled output."""
    clip, t5 = pipeline.text_encoder.eval(), pipeline.text_encoder_2.eval()

    def encode(text: str, negative: bool) -> Context:
        pooled = clip(ids(pipeline.tokenizer, text).to(device)).pooler_output
        hidden = t5(ids(pipeline.tokenizer_2, text, tokens).to(device))[0]
        return Context(hidden.to(dtype), pooled.to(dtype))

    return Prompts(encode)


def ids(tokenizer: Any, text: str, length: int | None = None) -> Tensor:
    """Token ids (1, length), padded and cut to the tokenizer's own length unless told."""
    found: Tensor = tokenizer(
        text,
        padding="max_length",
        max_length=length or tokenizer.model_max_length,
        truncation=True,
        return_tensors="pt",
    ).input_ids
    return found
