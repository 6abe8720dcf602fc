"""The sampling loop: one photo, many prompts. Encodes the photo once, draws each variant from its own generator.

Per variant it computes what `diffusers.StableDiffusionInpaintPipeline` computes for one prompt and that seed, before the
paste. Weights run in `dtype`, the sampler's state stays float32. Every UNet call has one batch shape (short batches are
padded), because bytes depend on it.
"""

import contextlib
import inspect
import threading
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
import torch.nn.functional as F

from dlcr.core.errors import BackendError, SettingError
from dlcr.core.settings import PaintSettings
from dlcr.inpaint.crop import Canvas
from dlcr.inpaint.schedulers import make_scheduler

Tensor = torch.Tensor
OnStep = Callable[[int, int, Callable[[], np.ndarray]], None]
"""Called after each step with (step from 1, steps, previews); `previews()` decodes (n, h, w, 3) uint8. May raise Cancelled."""


@dataclass(frozen=True, slots=True)
class Posterior:
    """What an autoencoder says of one picture: (1, C, h, w) mean, and spread or None if it is deterministic."""

    mean: Tensor
    std: Tensor | None

    def draw(self, generator: torch.Generator) -> Tensor:
        if self.std is None:
            return self.mean
        noise = torch.randn(self.mean.shape, generator=generator, device=generator.device, dtype=self.mean.dtype)
        return self.mean + self.std * noise.to(self.mean.device)


@dataclass(frozen=True, slots=True)
class Encoded:
    """One photo, encoded once for all its variants; `whole` only where strength < 1 needs it."""

    mask: Tensor
    masked: Posterior
    whole: Posterior | None


class Engine:
    """A latent inpainting model ready to paint. `height` x `width` is the size it paints at."""

    def __init__(self, pipeline: Any, *, name: str, digest: str, height: int, width: int, closed: bool = False):
        if pipeline.unet.config.in_channels != 9:
            raise BackendError(
                f"{name} is no inpainting model: its UNet takes {pipeline.unet.config.in_channels} channels, not 9.",
                "Choose an inpainting checkpoint, such as sd:stable-diffusion-v1-5/stable-diffusion-inpainting.",
            )
        self.vae, self.unet = pipeline.vae.eval(), pipeline.unet.eval()
        self.text_encoder, self.tokenizer = pipeline.text_encoder.eval(), pipeline.tokenizer
        self.scheduler = pipeline.scheduler
        self.name, self.digest, self.height, self.width = name, digest, height, width
        self.vocabulary = frozenset(self.tokenizer.get_vocab()) if closed else None
        self.device, self.dtype = self.unet.device, self.unet.dtype
        self._prompts: dict[str, Tensor] = {}
        self._lock = threading.Lock()

    def facts(self) -> dict[str, Any]:
        """What a variant's bytes depend on besides its settings: model, digest, size, device, dtype, threads."""
        return {
            "model": self.name, "digest": self.digest, "height": self.height, "width": self.width,
            "device": self.device.type, "dtype": str(self.dtype).removeprefix("torch."), "threads": torch.get_num_threads(),
        }  # fmt: skip

    @contextlib.contextmanager
    def threads(self, count: int) -> Iterator[None]:
        """Run with `count` CPU threads: sums are split differently with another number."""
        before = torch.get_num_threads()
        torch.set_num_threads(max(1, min(count, 256)))
        try:
            yield
        finally:
            torch.set_num_threads(before)

    @torch.inference_mode()
    def encode(self, canvas: Canvas, whole: np.ndarray | None = None) -> Encoded:
        """Encode a canvas; `whole` is the photo with its clothes in the model's size, for strength < 1."""
        mask = torch.from_numpy(canvas.mask)[None, None].float()
        picture = _to_tensor(canvas.photo) * (mask < 0.5)
        masked = self._posterior(picture)
        small = F.interpolate(mask, masked.mean.shape[-2:]).to(self.device)
        return Encoded(small, masked, None if whole is None else self._posterior(_to_tensor(whole)))

    @torch.inference_mode()
    def paint(
        self,
        encoded: Encoded,
        prompts: Sequence[str],
        seeds: Sequence[int],
        settings: PaintSettings,
        on_step: OnStep | None = None,
    ) -> list[np.ndarray]:
        """Paint at most `settings.batch` variants of one photo: (height, width, 3) uint8 each, one per prompt and seed."""
        if not 0 < len(prompts) == len(seeds) <= settings.batch:
            raise SettingError(f"got {len(prompts)} prompts and {len(seeds)} seeds for a batch of {settings.batch}.")
        count, fill = len(prompts), settings.batch - len(prompts)
        prompts, seeds = [*prompts, *[prompts[-1]] * fill], [*seeds, *[seeds[-1]] * fill]
        with self._lock:
            latents = self._sample(encoded, prompts, seeds, settings, on_step, count)
            return list(self._decode(latents)[:count])

    def _sample(
        self, encoded: Encoded, prompts: Sequence[str], seeds: Sequence[int], settings: PaintSettings,
        on_step: OnStep | None, count: int,
    ) -> Tensor:  # fmt: skip
        guided = settings.guidance > 1
        context = torch.cat([self._prompt(p) for p in prompts])
        if guided:
            context = torch.cat([self._prompt(settings.negative_prompt).expand_as(context), context])
        scheduler = make_scheduler(self.scheduler, settings.scheduler)
        scheduler.set_timesteps(settings.steps, device=self.device)
        times = self._times(scheduler, settings)
        generators = [torch.Generator("cpu").manual_seed(seed) for seed in seeds]
        latents, masked = self._start(encoded, scheduler, times, generators, settings)
        mask = encoded.mask.expand(len(prompts), -1, -1, -1)
        extra: dict[str, Any] = {}
        if "generator" in inspect.signature(scheduler.step).parameters:
            extra["generator"] = generators
        for index, t in enumerate(times):
            scaled = scheduler.scale_model_input(latents, t)
            out = self._predict(scaled, mask, masked, t, context, settings.guidance if guided else None)
            latents = scheduler.step(out, t, latents, **extra, return_dict=False)[0]
            if on_step:
                clean = self._clean(scheduler, scaled[:count], out[:count], t)
                on_step(index + 1, len(times), lambda clean=clean: self._decode(clean))  # type: ignore[misc]
        return latents

    def _predict(
        self, scaled: Tensor, mask: Tensor, masked: Tensor, t: Tensor, context: Tensor, guidance: float | None
    ) -> Tensor:
        """The model's prediction with classifier-free guidance (Ho and Salimans 2022), float32."""
        sample = torch.cat([scaled, mask, masked], 1)
        if guidance is not None:
            sample = torch.cat([sample, sample])
        sample = sample.to(self.dtype).contiguous(memory_format=torch.channels_last)
        out: Tensor = self.unet(sample, t, encoder_hidden_states=context, return_dict=False)[0].float()
        if guidance is None:
            return out
        empty, asked = out.chunk(2)
        return empty + guidance * (asked - empty)

    def _start(
        self,
        encoded: Encoded,
        scheduler: Any,
        times: Tensor,
        generators: list[torch.Generator],
        settings: PaintSettings,
    ) -> tuple[Tensor, Tensor]:
        """First latents and masked-photo latents. Draws per variant in the stock pipeline's order: photo, noise, masked photo."""
        shape, starts, masked = encoded.masked.mean.shape, [], []
        for generator in generators:
            if settings.strength < 1:
                if encoded.whole is None:
                    raise SettingError("strength below 1 needs the photo with its clothes.", "Set strength to 1.")
                photo = encoded.whole.draw(generator) * self._scale
                noise = torch.randn(shape, generator=generator).to(self.device)
                starts.append(scheduler.add_noise(photo, noise, times[:1]))
            else:
                starts.append(torch.randn(shape, generator=generator).to(self.device) * scheduler.init_noise_sigma)
            masked.append(encoded.masked.draw(generator) * self._scale)
        return torch.cat(starts), torch.cat(masked)

    def _times(self, scheduler: Any, settings: PaintSettings) -> Tensor:
        skipped = settings.steps - min(int(settings.steps * settings.strength), settings.steps)
        times: Tensor = scheduler.timesteps[skipped * scheduler.order :]
        if not len(times):
            raise SettingError(f"strength {settings.strength} leaves none of {settings.steps} steps.", "Raise either.")
        if hasattr(scheduler, "set_begin_index"):
            scheduler.set_begin_index(skipped * scheduler.order)
        return times

    def _prompt(self, text: str) -> Tensor:
        """Text to (1, tokens, width) embeddings, cached."""
        if text not in self._prompts:
            if len(self._prompts) > 4096:
                self._prompts.clear()
            ids = self.tokenizer(
                text,
                padding="max_length",
                max_length=self.tokenizer.model_max_length,
                truncation=True,
                return_tensors="pt",
            ).input_ids
            self._prompts[text] = self.text_encoder(ids.to(self.device)).last_hidden_state.to(self.dtype)
        return self._prompts[text]

    def _posterior(self, picture: Tensor) -> Posterior:
        output = self.vae.encode(picture.to(self.vae.device, self.vae.dtype))
        if hasattr(output, "latents"):
            return Posterior(output.latents.float(), None)
        return Posterior(output.latent_dist.mean.float(), output.latent_dist.std.float())

    def _decode(self, latents: Tensor) -> np.ndarray:
        picture = self.vae.decode((latents / self._scale).to(self.vae.dtype), return_dict=False)[0].float()
        grey: Tensor = ((picture / 2 + 0.5).clamp(0, 1) * 255).round().to(torch.uint8)
        out: np.ndarray = grey.permute(0, 2, 3, 1).cpu().numpy()
        return out

    def _clean(self, scheduler: Any, scaled: Tensor, out: Tensor, t: Tensor) -> Tensor:
        """The finished latents as the model sees them at step t, for previews."""
        alpha: Tensor = scheduler.alphas_cumprod.to(scaled.device)[int(t)].clamp(min=1e-4)
        kind = scheduler.config.prediction_type
        if kind == "v_prediction":
            return alpha.sqrt() * scaled - (1 - alpha).sqrt() * out
        return out if kind == "sample" else (scaled - (1 - alpha).sqrt() * out) / alpha.sqrt()

    @property
    def _scale(self) -> float:
        return float(self.vae.config.scaling_factor)


def _to_tensor(photo: np.ndarray) -> Tensor:
    """(h, w, 3) uint8 -> (1, 3, h, w) float32 in [-1, 1]."""
    return torch.from_numpy(np.ascontiguousarray(photo)).permute(2, 0, 1)[None].float() / 127.5 - 1
