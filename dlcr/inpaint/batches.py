"""Painting many variants in batches of one shape; a batch that does not fit into memory is halved, and the rest with it."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np
import torch

from dlcr.core.settings import PaintSettings
from dlcr.inpaint.latents import Item


class Paints(Protocol):
    """What paints one batch: an Engine."""

    def paint_items(self, items: Sequence[Item], settings: PaintSettings) -> list[np.ndarray]: ...


@dataclass(frozen=True, slots=True, eq=False)
class Painted:
    """A variant's picture in the model's size, and the settings (the batch shape among them) it was painted with."""

    picture: np.ndarray
    settings: PaintSettings


class Batches:
    """Paints with an engine; `settings.batch` is the shape in use, smaller once memory was short."""

    def __init__(self, engine: Paints, settings: PaintSettings):
        self.engine, self.settings = engine, settings

    def paint(self, items: Sequence[Item]) -> list[Painted]:
        """One picture an item, in order. torch.OutOfMemoryError only if not even one at a time fits."""
        painted: list[Painted] = []
        while len(painted) < len(items):
            part = items[len(painted) : len(painted) + self.settings.batch]
            try:
                pictures = self.engine.paint_items(part, self.settings)
            except torch.OutOfMemoryError:
                if self.settings.batch == 1:
                    raise
                torch.cuda.empty_cache()
                self.settings = self.settings.model_copy(update={"batch": self.settings.batch // 2})
                continue
            painted += [Painted(picture, self.settings) for picture in pictures]
        return painted
