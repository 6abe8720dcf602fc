"""The mask being edited (pure): an automatic part from the parser's classes, plus what a hand added and removed.

All arrays have the photo's own size, so an edit changes the pixels it touches and no others, whatever size the page
shows the photo at. Undo keeps whole earlier states, eight pixels a byte.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace

import numpy as np
from PIL import Image, ImageDraw

UNDO_LIMIT = 60


@dataclass(frozen=True, slots=True)
class Choice:
    """What the automatic part is made of: classes that are on, growth in photo pixels, protected head and hands, bare limbs."""

    classes: tuple[str, ...]
    grow: int = 0
    protect: bool = True
    limbs: bool = False


Compose = Callable[[Choice], np.ndarray]
"""The automatic mask of a choice, (H, W) bool."""


@dataclass(frozen=True, slots=True, eq=False)
class Layers:
    """One state of a draft; `auto`, `added`, `removed` are (H, W) bool."""

    choice: Choice
    auto: np.ndarray
    added: np.ndarray
    removed: np.ndarray

    def mask(self, protected: np.ndarray) -> np.ndarray:
        """(H, W) bool: the automatic part and what was added, less what was removed and what is protected."""
        mask = (self.auto | self.added) & ~self.removed
        return mask & ~protected if self.choice.protect else mask


@dataclass(slots=True, eq=False)
class Draft:
    """An editable mask with undo. `protected` (H, W) bool is honoured while the choice says so, but `limbs` if it has them."""

    layers: Layers
    protected: np.ndarray
    compose: Compose
    limbs: np.ndarray
    undone: list[_Packed] = field(default_factory=list)
    done: list[_Packed] = field(default_factory=list)
    changed: bool = False

    @classmethod
    def start(
        cls, choice: Choice, mask: np.ndarray | None, protected: np.ndarray, compose: Compose,
        limbs: np.ndarray | None = None,
    ) -> Draft:  # fmt: skip
        """A draft that equals `mask` (H, W) bool if given, else the automatic mask of `choice`.

        `limbs` (H, W) bool are what of `protected` is free while the choice repaints bare limbs.
        """
        limbs = np.zeros_like(protected) if limbs is None else limbs
        if mask is not None and (mask & protected & ~(limbs & choice.limbs)).any():
            choice = replace(choice, protect=False)
        auto = compose(choice)
        goal = auto if mask is None else mask
        return cls(Layers(choice, auto, goal & ~auto, auto & ~goal), protected, compose, limbs)

    @property
    def mask(self) -> np.ndarray:
        """(H, W) bool, True = repaint."""
        return self.layers.mask(self.protected & ~(self.limbs & self.layers.choice.limbs))

    def choose(self, choice: Choice) -> None:
        """Change classes, growth, protection or limbs; what a hand added and removed stays."""
        auto = self.compose(choice)
        self._move(replace(self.layers, choice=choice, auto=auto))

    def stroke(self, points: Sequence[tuple[float, float]], size: float, erase: bool) -> None:
        """Paint or erase a round brush `size` photo pixels wide along `points` (x, y)."""
        area, layers = brush(points, size, self.protected.shape), self.layers
        if erase:
            self._move(replace(layers, added=layers.added & ~area, removed=layers.removed | area))
        else:
            self._move(replace(layers, added=layers.added | area, removed=layers.removed & ~area))

    def become(self, mask: np.ndarray) -> None:
        """Make the draft equal to `mask` (H, W) bool, e.g. after a click, keeping the choice."""
        now, layers = self.mask, self.layers
        added, removed = mask & ~now, now & ~mask
        self._move(
            replace(layers, added=(layers.added | added) & ~removed, removed=(layers.removed | removed) & ~added)
        )

    def undo(self) -> None:
        """Back to the state before the last edit, if there is one."""
        if self.done:
            self.undone.append(_pack(self.layers))
            self._restore(self.done.pop())

    def redo(self) -> None:
        """Forward to the state that the last undo left, if there is one."""
        if self.undone:
            self.done.append(_pack(self.layers))
            self._restore(self.undone.pop())

    def _move(self, layers: Layers) -> None:
        self.done = [*self.done, _pack(self.layers)][-UNDO_LIMIT:]
        self.undone.clear()
        self.layers, self.changed = layers, True

    def _restore(self, packed: _Packed) -> None:
        auto = self.layers.auto
        if packed.choice != self.layers.choice:
            auto = self.compose(packed.choice)
        shape = self.protected.shape
        self.layers = Layers(packed.choice, auto, _unpack(packed.added, shape), _unpack(packed.removed, shape))
        self.changed = True


@dataclass(frozen=True, slots=True, eq=False)
class _Packed:
    choice: Choice
    added: np.ndarray
    removed: np.ndarray


def _pack(layers: Layers) -> _Packed:
    return _Packed(layers.choice, np.packbits(layers.added), np.packbits(layers.removed))


def _unpack(bits: np.ndarray, shape: tuple[int, ...]) -> np.ndarray:
    return np.unpackbits(bits, count=shape[0] * shape[1]).reshape(shape).astype(bool)


def brush(points: Sequence[tuple[float, float]], size: float, shape: tuple[int, ...]) -> np.ndarray:
    """(H, W) bool, True under a round brush `size` pixels wide moved along `points` (x, y) of a photo of `shape`.

    Points count from the photo's corner, so the middle of the first pixel is (0.5, 0.5).
    """
    image = Image.new("1", (shape[1], shape[0]))
    draw, radius = ImageDraw.Draw(image), (max(size, 1) - 1) / 2
    centres = [(x - 0.5, y - 0.5) for x, y in points]
    if len(centres) > 1:
        draw.line(centres, fill=1, width=max(1, round(size)))
    for x, y in centres:
        draw.ellipse((x - radius, y - radius, x + radius, y + radius), fill=1)
    return np.array(image)


def iou(one: np.ndarray, other: np.ndarray) -> float:
    """Intersection over union of two (H, W) bool masks; 1 if both are empty."""
    union = np.count_nonzero(one | other)
    return np.count_nonzero(one & other) / union if union else 1.0


def coverage(mask: np.ndarray) -> float:
    """Share of True in a (H, W) bool mask."""
    return float(mask.mean()) if mask.size else 0.0
