"""One surface as a row of numbers, so that a compiled kernel can read it."""

from dataclasses import dataclass
from enum import IntEnum

import numpy as np

Colour = tuple[float, float, float]


class Label(IntEnum):
    """The values of a label picture. Occluders and passers-by are background."""

    BACKGROUND = 0
    HAIR = 1
    FACE = 2
    ARMS = 3
    LEGS = 4
    UPPER = 5
    LOWER = 6
    DRESS = 7
    SHOES = 8
    BAG = 9
    ACCESSORY = 10


class Pattern(IntEnum):
    """What `shading.paint` puts on a surface."""

    PLAIN = 0
    STRIPED = 1
    VERTICAL = 2
    CHECKED = 3
    DOTTED = 4
    LOGO = 5
    SLEEVES = 6
    OPEN = 7
    CAMOUFLAGE = 8
    BLOCK = 9
    BAND = 10
    SIDE_STRIPE = 11
    FLORAL = 12
    HAIR = 13
    FACE = 14
    SOLE = 15


class Detail(IntEnum):
    """What `details.worked` puts on a garment."""

    NONE = 0
    DENIM = 1
    CREASED = 2
    HOODED = 3
    KNITTED = 4
    COLLARED = 5
    POLO = 6
    QUILTED = 7
    BANDED = 8
    TAILORED = 9
    GATHERED = 10
    TRIMMED = 11
    CUFFED = 12


class Frame(IntEnum):
    """How the cloth lies: round trunk and sleeves, round each leg, or round a skirt."""

    TOP = 0
    LEGS = 1
    SKIRT = 2
    RIGID = 3


@dataclass(frozen=True, slots=True)
class Material:
    """Colours are linear albedos 0..1; `amount` and `shape` belong to the pattern; `fold` is the folds' steepness.

    `strap`: 0 none, 1 a backpack's two straps, 2 a bag's sling, drawn in `strap_colour` and labelled as the bag.
    """

    base: Colour
    label: int
    second: Colour = (0.0, 0.0, 0.0)
    third: Colour = (0.0, 0.0, 0.0)
    pattern: int = Pattern.PLAIN
    frame: int = Frame.TOP
    scale: float = 1.0
    amount: float = 0.5
    shape: float = 0.0
    gloss: float = 0.04
    fold: float = 0.0
    fold_scale: float = 1.0
    seed: float = 0.0
    placket: float = 0.0
    strap: int = 0
    strap_colour: Colour = (0.0, 0.0, 0.0)
    detail: int = Detail.NONE

    def row(self) -> np.ndarray:
        """(25,) float32 in the order that `shading` reads."""
        numbers = (self.pattern, self.frame, self.scale, self.amount, self.shape, self.gloss, self.fold)
        more = (self.fold_scale, self.label, self.seed, self.placket, self.strap)
        return np.array(
            [*self.base, *self.second, *self.third, *numbers, *more, *self.strap_colour, self.detail], np.float32
        )


BASE, SECOND, THIRD = 0, 3, 6
PATTERN, FRAME, SCALE, AMOUNT, SHAPE, GLOSS, FOLD, FOLD_SCALE, LABEL, SEED, PLACKET, STRAP = range(9, 21)
STRAP_COLOUR, DETAIL = 21, 24
