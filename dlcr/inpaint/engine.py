"""An inpainting model ready to paint: fixed batch shapes, one call at a time, the facts that its bytes depend on.

What is sampled, and how, is the sampler's affair (`diffusion.py` for Stable Diffusion, `flux.py` for Flux Fill). A batch may
hold variants of several photos; each depends on its own photo, prompt and seed alone.
"""

import contextlib
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from typing import Any, Protocol

import numpy as np
import torch

from dlcr.core.errors import BackendError, SettingError
from dlcr.core.settings import PaintSettings
from dlcr.core.values import Box
from dlcr.inpaint.crop import Canvas
from dlcr.inpaint.discriminator import Discriminator
from dlcr.inpaint.guidance import Guide, Level
from dlcr.inpaint.identity import Identity
from dlcr.inpaint.latents import Encoded, Item, to_tensor
from dlcr.inpaint.schedulers import OnLatents

OnStep = Callable[[int, int, Callable[[], np.ndarray]], None]
"""Called after each step with (step from 1, steps, previews); `previews()` decodes (n, h, w, 3) uint8. May raise Cancelled."""


class Sampler(Protocol):
    """One family of models: photos to latents, latents to pictures, and the loop between."""

    device: torch.device
    dtype: torch.dtype

    def encode(self, canvas: Canvas, whole: np.ndarray | None) -> Encoded: ...

    def latents(self, pictures: torch.Tensor) -> torch.Tensor: ...

    def levels(self) -> list[Level]: ...

    def sample(
        self, items: Sequence[Item], settings: PaintSettings, on_step: OnLatents | None, guide: Guide | None = None
    ) -> torch.Tensor: ...

    def decode(self, latents: torch.Tensor) -> np.ndarray: ...


class Engine:
    """Paints with a sampler at `height` x `width`; `vocabulary` is what a closed model's text encoder knows, else None."""

    def __init__(
        self, sampler: Sampler, *, name: str, digest: str, height: int, width: int,
        vocabulary: frozenset[str] | None = None,
    ):  # fmt: skip
        self.sampler, self.vocabulary = sampler, vocabulary
        self.name, self.digest, self.height, self.width = name, digest, height, width
        self.device, self.dtype = sampler.device, sampler.dtype
        self.compiled = ""
        self.discriminators: dict[str, Discriminator] = {}
        self._lock = threading.Lock()

    @property
    def identity(self) -> Identity:
        return Identity(self.name, self.digest, self.height, self.width, self.vocabulary)

    def facts(self) -> dict[str, Any]:
        """What a variant's bytes depend on besides its settings: model, digest, size, device, dtype, threads, compiler."""
        found = {
            "model": self.name, "digest": self.digest, "height": self.height, "width": self.width,
            "device": self.device.type, "dtype": str(self.dtype).removeprefix("torch."), "threads": torch.get_num_threads(),
        }  # fmt: skip
        return found | ({"compiled": self.compiled} if self.compiled else {})

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
        return self.sampler.encode(canvas, whole)

    @torch.inference_mode()
    def latents(self, pictures: Sequence[np.ndarray]) -> torch.Tensor:
        """Whole pictures (height, width, 3) uint8 -> (N, C, h, w) float32 latents on the CPU, as sampling ends with them."""
        with self._lock:
            return self.sampler.latents(torch.cat([to_tensor(one) for one in pictures])).cpu()

    def add_discriminator(self, discriminator: Discriminator) -> None:
        """Have a discriminator ready for settings that name it; BackendError if it was trained on another model's pictures."""
        if discriminator.inpainter != self.digest:
            raise BackendError(
                f"the discriminator {discriminator.digest} knows the pictures of the model {discriminator.inpainter}, "
                f"not of {self.name} ({self.digest}).",
                "Train one for this inpainter: dlcr guide DATASET",
            )
        self.discriminators[discriminator.digest] = discriminator

    def _guide(self, items: Sequence[Item], settings: PaintSettings) -> Guide | None:
        """The discriminator that the settings name, at work; None without guidance. BackendError if it does not fit."""
        if not settings.discriminator_weight:
            return None
        found = self.discriminators.get(settings.discriminator)
        if found is None:
            raise BackendError(
                f"the discriminator '{settings.discriminator}' is not loaded.", "Train one first: dlcr guide DATASET"
            )
        latents = tuple(items[0].encoded.masked.mean.shape[1:])
        if latents != found.shape.latents:
            raise BackendError(
                f"the discriminator {found.digest} knows latents of {found.shape.latents}, not of {latents}.",
                "Train one for this size: dlcr guide DATASET",
            )
        return Guide(found.network, found.shape.steps, settings.discriminator_weight)

    def paint(
        self, encoded: Encoded, prompts: Sequence[str], seeds: Sequence[int], settings: PaintSettings,
        on_step: OnStep | None = None,
    ) -> list[np.ndarray]:  # fmt: skip
        """Paint at most `settings.batch` variants of one photo: (height, width, 3) uint8 each, one per prompt and seed."""
        if len(prompts) != len(seeds):
            raise SettingError(f"got {len(prompts)} prompts and {len(seeds)} seeds.", "Give one seed a prompt.")
        items = [Item(encoded, prompt, seed) for prompt, seed in zip(prompts, seeds, strict=True)]
        return self.paint_items(items, settings, on_step)

    @torch.inference_mode()
    def paint_items(
        self, items: Sequence[Item], settings: PaintSettings, on_step: OnStep | None = None
    ) -> list[np.ndarray]:
        """Paint at most `settings.batch` variants, of any photos; a short batch is filled with copies of its last one."""
        count = len(items)
        if not 0 < count <= settings.batch:
            raise SettingError(f"got {count} prompts for a batch of {settings.batch}.", "Paint in several batches.")
        full = [*items, *[items[-1]] * (settings.batch - count)]
        told: OnLatents | None = None
        if on_step is not None:
            report = on_step

            def told(step: int, steps: int, clean: Callable[[], torch.Tensor]) -> None:
                report(step, steps, lambda: self.sampler.decode(clean()[:count]))

        guide = self._guide(items, settings)
        with self._lock:
            return list(self.sampler.decode(self.sampler.sample(full, settings, told, guide))[:count])

    def compile(self, settings: PaintSettings, backend: str = "inductor") -> float:
        """Compile the UNet or transformer for the batch shape of `settings`; the seconds that the first call took.

        Bytes differ from the uncompiled model's, so the lineage says it.
        """
        part = "unet" if hasattr(self.sampler, "unet") else "transformer"
        mode = "max-autotune" if backend == "inductor" and self.device.type == "cuda" else None
        setattr(self.sampler, part, torch.compile(getattr(self.sampler, part), backend=backend, mode=mode))
        self.compiled = backend
        start = time.monotonic()
        grey = np.full((self.height, self.width, 3), 127, np.uint8)
        canvas = Canvas(grey, np.ones(grey.shape[:2], bool), Box(0, 0, self.width, self.height))
        word = min(self.vocabulary, default="dress") if self.vocabulary else "dress"
        brief = {"steps": 2, "scheduler": "model", "discriminator_weight": 0.0}
        self.paint(self.encode(canvas), [word], [0], settings.model_copy(update=brief))
        return time.monotonic() - start
