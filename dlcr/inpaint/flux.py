"""The sampling loop of Flux Fill: a transformer over packed latents, flow matching, guidance as an input.

Per variant it computes what diffusers' FluxFillPipeline computes for one prompt and that seed, before the paste.
"""

from collections.abc import Sequence
from typing import Any

import numpy as np
import torch

from dlcr.core.errors import BackendError, SettingError
from dlcr.core.settings import PaintSettings
from dlcr.inpaint.crop import Canvas
from dlcr.inpaint.guidance import Guide, Level
from dlcr.inpaint.latents import Encoded, Item, decoded, posterior, to_tensor
from dlcr.inpaint.schedulers import OnLatents, cut_times
from dlcr.inpaint.text import Prompts, joined

Tensor = torch.Tensor


class FluxSampler:
    """Samples packed latents with Flux Fill's transformer; has one sampler and no negative prompt."""

    def __init__(self, pipeline: Any, prompts: Prompts, *, name: str, device: str):
        self.vae, self.transformer, self.scheduler = (
            pipeline.vae.eval(),
            pipeline.transformer.eval(),
            pipeline.scheduler,
        )
        channels = self.vae.config.latent_channels
        self.factor = 2 ** (len(self.vae.config.block_out_channels) - 1)
        wanted = 4 * (2 * channels + self.factor**2)
        if self.transformer.config.in_channels != wanted:
            raise BackendError(
                f"{name} is no Flux Fill: its transformer takes {self.transformer.config.in_channels} channels, not {wanted}.",
                "Choose an inpainting checkpoint, such as flux-fill:black-forest-labs/FLUX.1-Fill-dev.",
            )
        self.prompts, self.device, self.dtype = prompts, torch.device(device), self.transformer.dtype

    def encode(self, canvas: Canvas, whole: np.ndarray | None) -> Encoded:
        """Encode a canvas; `whole` is the photo with its clothes in the model's size, for strength < 1."""
        mask = torch.from_numpy(canvas.mask)[None, None].float()
        masked = posterior(self.vae, self.device, to_tensor(canvas.photo) * (mask < 0.5))
        found = None if whole is None else posterior(self.vae, self.device, to_tensor(whole))
        small = torch.nn.functional.pixel_unshuffle(mask, self.factor).to(self.device)
        return Encoded(small, masked, found)

    def latents(self, pictures: Tensor) -> Tensor:
        """(N, 3, H, W) in [-1, 1] -> (N, C, h, w) latents as sampling ends with them."""
        return self._scaled(posterior(self.vae, self.device, pictures).mean)

    def levels(self) -> list[Level]:
        """Picture and noise in the latents at each timestep: a straight line between them."""
        steps = int(self.scheduler.config.num_train_timesteps)
        return [Level(1 - t / steps, t / steps) for t in range(steps)]

    def sample(
        self, items: Sequence[Item], settings: PaintSettings, on_step: OnLatents | None, guide: Guide | None = None
    ) -> Tensor:
        """(len(items), C, h, w) finished latents."""
        if settings.scheduler != "model" or settings.negative_prompt:
            raise SettingError(
                "Flux Fill takes neither another scheduler nor a negative prompt.", "Set scheduler to model, and none."
            )
        context = joined([self.prompts(item.prompt) for item in items])
        height, width = items[0].encoded.masked.mean.shape[-2:]
        scheduler = type(self.scheduler).from_config(self.scheduler.config)
        sigmas = np.linspace(1.0, 1 / settings.steps, settings.steps)
        scheduler.set_timesteps(sigmas=sigmas, device=self.device, mu=_shift(scheduler.config, height * width // 4))
        times = cut_times(scheduler, int(settings.steps - settings.steps * settings.strength), settings)
        latents, masked = self._start(items, scheduler, times, settings)
        mask = torch.cat([item.encoded.mask for item in items])
        hint = torch.cat([pack(masked), pack(mask)], 2)
        packed, steps = pack(latents), scheduler.config.num_train_timesteps
        places = _places(height // 2, width // 2).to(self.device, self.dtype)
        text = torch.zeros(context.hidden.shape[1], 3, device=self.device, dtype=self.dtype)
        guidance = None
        if self.transformer.config.guidance_embeds:
            guidance = torch.full([len(items)], settings.guidance, device=self.device)
        for index, t in enumerate(times):
            out = self.transformer(
                hidden_states=torch.cat([packed, hint], 2).to(self.dtype),
                timestep=t.expand(len(items)).to(self.dtype) / 1000, guidance=guidance,
                pooled_projections=context.pooled, encoder_hidden_states=context.hidden, txt_ids=text, img_ids=places,
                return_dict=False,
            )[0].float()  # fmt: skip
            if guide:
                level = Level(1 - float(t) / steps, float(t) / steps)
                told = guide(unpack(packed, height, width), t, level, "flow", mask.amax(1, keepdim=True))
                out = out + (pack(told) if isinstance(told, Tensor) else told)
            clean = packed - t / steps * out  # a straight line from noise to picture
            packed = scheduler.step(out, t, packed, return_dict=False)[0]
            if on_step:
                on_step(index + 1, len(times), lambda clean=clean: unpack(clean, height, width))  # type: ignore[misc]
        return unpack(packed, height, width)

    def decode(self, latents: Tensor) -> np.ndarray:
        """(N, C, h, w) latents -> (N, H, W, 3) uint8."""
        config = self.vae.config
        return decoded(self.vae, latents / config.scaling_factor + config.shift_factor)

    def _start(
        self, items: Sequence[Item], scheduler: Any, times: Tensor, settings: PaintSettings
    ) -> tuple[Tensor, Tensor]:
        """First latents and masked-photo latents. Draws per variant in the stock pipeline's order: photo, noise, masked photo.

        That pipeline draws from the photo even at strength 1, where nothing of it is left; here only the draw is made.
        """
        starts, masked = [], []
        for item in items:
            generator, of = item.generator(), item.encoded
            if settings.strength < 1 and of.whole is None:
                raise SettingError("strength below 1 needs the photo with its clothes.", "Set strength to 1.")
            photo = (of.whole or of.masked).draw(generator)
            noise = torch.randn(photo.shape, generator=generator).to(self.device)
            if settings.strength < 1:
                noise = scheduler.scale_noise(self._scaled(photo), times[:1], noise)
            starts.append(noise)
            masked.append(self._scaled(of.masked.draw(generator)))
        return torch.cat(starts), torch.cat(masked)

    def _scaled(self, latents: Tensor) -> Tensor:
        scaled: Tensor = (latents - self.vae.config.shift_factor) * self.vae.config.scaling_factor
        return scaled


def pack(latents: Tensor) -> Tensor:
    """(N, C, h, w) -> (N, h/2 * w/2, 4 C): each 2 x 2 patch is one token."""
    count, channels, height, width = latents.shape
    patches = latents.view(count, channels, height // 2, 2, width // 2, 2).permute(0, 2, 4, 1, 3, 5)
    return patches.reshape(count, (height // 2) * (width // 2), channels * 4)


def unpack(tokens: Tensor, height: int, width: int) -> Tensor:
    """The inverse of `pack`."""
    count, _, channels = tokens.shape
    patches = tokens.view(count, height // 2, width // 2, channels // 4, 2, 2).permute(0, 3, 1, 4, 2, 5)
    return patches.reshape(count, channels // 4, height, width)


def _places(rows: int, columns: int) -> Tensor:
    """Where each token of the picture stands: (rows * columns, 3) of 0, row, column."""
    grid = torch.zeros(rows, columns, 3)
    grid[..., 1] += torch.arange(rows)[:, None]
    grid[..., 2] += torch.arange(columns)[None, :]
    return grid.reshape(-1, 3)


def _shift(config: Any, tokens: int) -> float:
    """Flux's shift of the noise levels, a line through two picture sizes."""
    x0, x1 = config.get("base_image_seq_len", 256), config.get("max_image_seq_len", 4096)
    y0, y1 = config.get("base_shift", 0.5), config.get("max_shift", 1.15)
    return float(y0 + (y1 - y0) / (x1 - x0) * (tokens - x0))
