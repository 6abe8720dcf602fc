"""The nineteen colour words as surfaces: what each looks like on a photo, and a shade near it that keeps the word."""

import numpy as np

from dlcr.language.vocabulary import COLOURS

NAMES = tuple(colour.replace("-", " ") for colour in COLOURS)
SRGB = {
    "white": (0.95, 0.95, 0.94), "black": (0.09, 0.09, 0.10), "grey": (0.49, 0.49, 0.50), "light grey": (0.76, 0.76, 0.78),
    "red": (0.80, 0.11, 0.12), "dark red": (0.45, 0.07, 0.11), "navy": (0.11, 0.15, 0.37), "blue": (0.13, 0.33, 0.78),
    "light blue": (0.58, 0.77, 0.94), "green": (0.10, 0.52, 0.24), "olive": (0.40, 0.41, 0.18), "yellow": (0.95, 0.82, 0.16),
    "orange": (0.96, 0.50, 0.10), "pink": (0.96, 0.60, 0.72), "purple": (0.45, 0.19, 0.60), "brown": (0.40, 0.25, 0.15),
    "beige": (0.80, 0.71, 0.56), "teal": (0.04, 0.50, 0.53), "cream": (0.95, 0.90, 0.76),
}  # fmt: skip
"""What a person would name so on a photo, sRGB 0..1."""
DENIM = {
    "blue": (0.22, 0.38, 0.69), "light blue": (0.56, 0.70, 0.88), "navy": (0.13, 0.18, 0.36), "black": (0.11, 0.11, 0.12),
    "grey": (0.48, 0.49, 0.51), "light grey": (0.76, 0.77, 0.79), "white": (0.93, 0.93, 0.92),
}  # fmt: skip
"""Jeans come in these only, and duller than other cloth."""
_TABLE = np.array([SRGB[name] for name in NAMES])
_CLOSE = {frozenset(pair) for pair in (("white", "cream"), ("beige", "cream"), ("black", "navy"), ("white", "light grey"),
          ("red", "dark red"), ("grey", "light grey"), ("brown", "dark red"), ("brown", "olive"), ("red", "orange"),
          ("yellow", "cream"), ("light blue", "light grey"), ("green", "teal"), ("blue", "navy"), ("blue", "purple"),
          ("beige", "light grey"), ("grey", "olive"), ("yellow", "orange"))}  # fmt: skip


def linear(srgb: np.ndarray) -> np.ndarray:
    """sRGB 0..1 to linear light 0..1 (IEC 61966-2-1)."""
    return np.where(srgb <= 0.04045, srgb / 12.92, ((np.maximum(srgb, 0.04045) + 0.055) / 1.055) ** 2.4)


def encoded(light: np.ndarray) -> np.ndarray:
    """Linear light 0..1 to sRGB 0..1 (IEC 61966-2-1)."""
    return np.where(light <= 0.0031308, light * 12.92, 1.055 * np.maximum(light, 0.0031308) ** (1 / 2.4) - 0.055)


def nearest(srgb: np.ndarray) -> str:
    """The colour word nearest to an sRGB colour (3,) 0..1.

    >>> nearest(np.array([0.9, 0.1, 0.1]))
    'red'
    """
    return NAMES[int(((_TABLE - srgb) ** 2).sum(1).argmin())]


def shade(name: str, rng: np.random.Generator, *, denim: bool = False) -> tuple[float, float, float]:
    """A linear albedo that is called `name`: the word's colour, a little lighter, darker or shifted."""
    target = np.array((DENIM if denim else SRGB)[name])
    if denim:
        return _albedo(target * rng.uniform(0.95, 1.05))
    for _ in range(20):
        tried = np.clip(
            target * rng.uniform(0.92, 1.06) + rng.normal(0, 0.006 if "grey" in name else 0.015, 3), 0.03, 0.97
        )
        if nearest(tried) == name:
            return _albedo(tried)
    return _albedo(target)


def contrast(name: str, rng: np.random.Generator) -> str:
    """A second colour that nobody takes for the first."""
    fit = [other for other in NAMES if other != name and frozenset((name, other)) not in _CLOSE]
    far = [other for other in fit if np.abs(np.subtract(SRGB[name], SRGB[other])).sum() > 0.6]
    often = [other for other in ("white", "black", "navy", "grey") if other in far]
    return str(rng.choice(often if often and rng.random() < 0.5 else far))


def _albedo(srgb: np.ndarray) -> tuple[float, float, float]:
    red, green, blue = linear(srgb)
    return float(red), float(green), float(blue)
