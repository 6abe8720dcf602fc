"""Between pictures and latents: what an autoencoder says of a picture, drawn once per variant."""

from dataclasses import dataclass
from typing import Any

import numpy as np
import torch

Tensor = torch.Tensor


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


@dataclass(frozen=True, slots=True, eq=False)
class Item:
    """One variant to paint: its photo, its prompt as the model reads it, its seed."""

    encoded: Encoded
    prompt: str
    seed: int

    def generator(self) -> torch.Generator:
        """The variant's own random numbers; on the CPU, so that every device draws the same."""
        return torch.Generator("cpu").manual_seed(self.seed)


def to_tensor(photo: np.ndarray) -> Tensor:
    """(h, w, 3) uint8 -> (1, 3, h, w) float32 in [-1, 1]."""
    return torch.from_numpy(np.ascontiguousarray(photo)).permute(2, 0, 1)[None].float() / 127.5 - 1


def posterior(vae: Any, device: torch.device, photo: Tensor) -> Posterior:
    """Encode (1, 3, h, w) in [-1, 1]; float32 whatever the autoencoder's type."""
    output = vae.encode(photo.to(device, vae.dtype))
    if hasattr(output, "latents"):
        return Posterior(output.latents.float(), None)
    return Posterior(output.latent_dist.mean.float(), output.latent_dist.std.float())


def decoded(vae: Any, latents: Tensor) -> np.ndarray:
    """(N, C, h, w) latents in the autoencoder's own scale -> (N, H, W, 3) uint8."""
    picture = vae.decode(latents.to(vae.dtype), return_dict=False)[0].float()
    grey: Tensor = ((picture / 2 + 0.5).clamp(0, 1) * 255).round().to(torch.uint8)
    out: np.ndarray = grey.permute(0, 2, 3, 1).cpu().numpy()
    return out
