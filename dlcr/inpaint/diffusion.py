"""The sampling loop of Stable Diffusion inpainting models, 1.5, 2 and XL: a 9-channel UNet, guided or not.

Per variant it computes what diffusers' own pipeline computes for one prompt and that seed, before the paste. Weights run in
their own type, the sampler's state stays float32.
"""

import inspect
from collections.abc import Sequence
from typing import Any

import numpy as np
import torch
import torch.nn.functional as F

from dlcr.core.errors import BackendError, SettingError
from dlcr.core.settings import PaintSettings
from dlcr.inpaint.crop import Canvas
from dlcr.inpaint.guidance import Guide, Level, level_of
from dlcr.inpaint.latents import Encoded, Item, Posterior, decoded, posterior, to_tensor
from dlcr.inpaint.schedulers import OnLatents, cut_times, make_scheduler
from dlcr.inpaint.text import Context, Prompts, joined

Tensor = torch.Tensor


class UNetSampler:
    """Samples latents with a UNet, its autoencoder and its noise schedule."""

    def __init__(self, pipeline: Any, prompts: Prompts, *, name: str, device: str):
        if pipeline.unet.config.in_channels != 9:
            raise BackendError(
                f"{name} is no inpainting model: its UNet takes {pipeline.unet.config.in_channels} channels, not 9.",
                "Choose an inpainting checkpoint, such as sd:stable-diffusion-v1-5/stable-diffusion-inpainting.",
            )
        self.vae, self.unet, self.scheduler = pipeline.vae.eval(), pipeline.unet.eval(), pipeline.scheduler
        self.prompts, self.device, self.dtype = prompts, torch.device(device), pipeline.unet.dtype

    def encode(self, canvas: Canvas, whole: np.ndarray | None) -> Encoded:
        """Encode a canvas; `whole` is the photo with its clothes in the model's size, for strength < 1."""
        mask = torch.from_numpy(canvas.mask)[None, None].float()
        masked = self._posterior(to_tensor(canvas.photo) * (mask < 0.5))
        small = F.interpolate(mask, masked.mean.shape[-2:]).to(self.device)
        return Encoded(small, masked, None if whole is None else self._posterior(to_tensor(whole)))

    def latents(self, pictures: Tensor) -> Tensor:
        """(N, 3, H, W) in [-1, 1] -> (N, C, h, w) latents as sampling ends with them."""
        return self._posterior(pictures).mean * self._scale

    def levels(self) -> list[Level]:
        """Picture and noise in the latents at each timestep of the model's own schedule."""
        return [Level(float(a) ** 0.5, float(1 - a) ** 0.5) for a in self.scheduler.alphas_cumprod]

    def sample(
        self, items: Sequence[Item], settings: PaintSettings, on_step: OnLatents | None, guide: Guide | None = None
    ) -> Tensor:
        """(len(items), C, h, w) finished latents."""
        positive = joined([self.prompts(item.prompt) for item in items])
        negative = joined([self.prompts(settings.negative_prompt, negative=True)] * len(items))
        scheduler = make_scheduler(self.scheduler, settings.scheduler)
        scheduler.set_timesteps(settings.steps, device=self.device)
        times = cut_times(scheduler, settings.steps - int(settings.steps * settings.strength), settings)
        guided = guided_calls(len(times), settings)
        generators = [item.generator() for item in items]
        latents, masked = self._start(items, scheduler, times, generators, settings)
        mask = torch.cat([item.encoded.mask for item in items])
        hint = torch.cat([mask, masked], 1)
        extra: dict[str, Any] = {}
        if "generator" in inspect.signature(scheduler.step).parameters:
            extra["generator"] = generators
        for index, t in enumerate(times):
            scaled = scheduler.scale_model_input(latents, t)
            told = [negative, positive] if index < guided else [positive]
            out = self._predict(torch.cat([scaled, hint], 1), t, told, settings.guidance)
            if guide:
                out = out + guide(scaled, t, level_of(scheduler, t), scheduler.config.prediction_type, mask)
            latents = scheduler.step(out, t, latents, **extra, return_dict=False)[0]
            if on_step:
                on_step(index + 1, len(times), lambda s=scaled, o=out, t=t: _clean(scheduler, s, o, t))  # type: ignore[misc]
        return latents

    def decode(self, latents: Tensor) -> np.ndarray:
        """(N, C, h, w) latents -> (N, H, W, 3) uint8."""
        return decoded(self.vae, latents / self._scale)

    def _predict(self, sample: Tensor, t: Tensor, told: list[Context], guidance: float) -> Tensor:
        """The model's prediction, float32; with two contexts classifier-free guidance (Ho and Salimans 2022)."""
        context = joined(told)
        sample = torch.cat([sample] * len(told)).to(self.dtype).contiguous(memory_format=torch.channels_last)
        added = None if context.pooled is None else {"text_embeds": context.pooled, "time_ids": context.times}
        out: Tensor = self.unet(
            sample, t, encoder_hidden_states=context.hidden, added_cond_kwargs=added, return_dict=False
        )[0].float()
        if len(told) == 1:
            return out
        empty, asked = out.chunk(2)
        return empty + guidance * (asked - empty)

    def _start(
        self, items: Sequence[Item], scheduler: Any, times: Tensor, generators: list[torch.Generator],
        settings: PaintSettings,
    ) -> tuple[Tensor, Tensor]:  # fmt: skip
        """First latents and masked-photo latents. Draws per variant in the stock pipeline's order: photo, noise, masked photo."""
        starts, masked = [], []
        for item, generator in zip(items, generators, strict=True):
            shape = item.encoded.masked.mean.shape
            if settings.strength < 1:
                if item.encoded.whole is None:
                    raise SettingError("strength below 1 needs the photo with its clothes.", "Set strength to 1.")
                photo = item.encoded.whole.draw(generator) * self._scale
                noise = torch.randn(shape, generator=generator).to(self.device)
                starts.append(scheduler.add_noise(photo, noise, times[:1]))
            else:
                starts.append(torch.randn(shape, generator=generator).to(self.device) * scheduler.init_noise_sigma)
            masked.append(item.encoded.masked.draw(generator) * self._scale)
        return torch.cat(starts), torch.cat(masked)

    def _posterior(self, picture: Tensor) -> Posterior:
        return posterior(self.vae, self.device, picture)

    @property
    def _scale(self) -> float:
        return float(self.vae.config.scaling_factor)


def guided_calls(calls: int, settings: PaintSettings) -> int:
    """How many of the UNet calls, from the first, run with guidance."""
    return round(calls * settings.guided) if settings.guidance > 1 else 0


def _clean(scheduler: Any, scaled: Tensor, out: Tensor, t: Tensor) -> Tensor:
    """The finished latents as the model sees them at step t, for previews."""
    alpha: Tensor = scheduler.alphas_cumprod.to(scaled.device)[int(t)].clamp(min=1e-4)
    kind = scheduler.config.prediction_type
    if kind == "v_prediction":
        return alpha.sqrt() * scaled - (1 - alpha).sqrt() * out
    return out if kind == "sample" else (scaled - (1 - alpha).sqrt() * out) / alpha.sqrt()
