"""What one item of an outfit says: slot, colour, garment, pattern (pure)."""

from dataclasses import dataclass

from dlcr.language.vocabulary import COLOURS, understand

SLOTS: dict[str, tuple[str, ...]] = {
    "upper": (
        "t-shirt", "shirt", "polo shirt", "blouse", "sweater", "hoodie", "jacket", "suit jacket", "coat", "vest", "top",
    ),
    "lower": ("trousers", "suit trousers", "track pants", "jeans", "leggings", "shorts", "skirt"),
    "dress": ("dress",),
    "shoes": ("shoes", "boots"),
    "bag": ("backpack", "bag"),
    "hat and accessory": ("hat", "cap", "beanie", "scarf"),
}  # fmt: skip
"""Garments by the parser's class that wears them; the class names are the parsers' own."""
PATTERNS = ("plain", "striped", "checked", "dots", "floral", "camouflage", "colour-block", "logo")
COLOUR_NAMES = tuple(colour.replace("-", " ") for colour in COLOURS)

_SLOT_OF = {garment: slot for slot, garments in SLOTS.items() for garment in garments}
_ALSO = {
    "cardigan": "sweater", "bodysuit": "top", "intimate": "top", "bra": "top", "suit": "suit jacket", "short skirt": "skirt",
    "long skirt": "skirt", "purse": "bag", "handbag": "bag", "wallet": "bag",
}  # fmt: skip
_PATTERN_OF = {"stripes": "striped", "stripe": "striped"}
_WORDS = frozenset(
    word
    for phrase in (
        *COLOUR_NAMES,
        *_SLOT_OF,
        *_ALSO,
        *PATTERNS,
        "vertical stripes",
        "side stripe",
        "denim",
        "dark",
        "over",
    )
    for word in phrase.split()
)
_DENIM = {"light": "light blue", "dark": "navy"}


@dataclass(frozen=True, slots=True)
class Garment:
    """One item: `slot` and `garment` of SLOTS, a colour of COLOUR_NAMES, a pattern of PATTERNS; None = not said."""

    slot: str
    garment: str
    colour: str | None = None
    pattern: str | None = None

    def __str__(self) -> str:
        pattern = {"plain": None, "dots": "dotted"}.get(self.pattern or "plain", self.pattern)
        return " ".join(part for part in (self.colour, pattern, self.garment) if part)


def read_garment(item: str) -> Garment | None:
    """The garment that an item names first; None if it names none that is known.

    >>> read_garment("navy and white striped tee")
    Garment(slot='upper', garment='t-shirt', colour='navy', pattern='striped')
    """
    text = f" {understand(item, _WORDS).text} "
    outer = text.partition(" over ")[0] + " "
    found = [(outer.rfind(f" {name} "), len(name), name) for name in (*_SLOT_OF, *_ALSO) if f" {name} " in outer]
    if not found:
        return None
    name = max(found, key=lambda entry: (entry[0] + entry[1], entry[1]))[2]
    garment = _ALSO.get(name, name)
    return Garment(_SLOT_OF[garment], garment, _colour(outer), _pattern(text))


def _colour(text: str) -> str | None:
    """The colour named first; of two that begin at one word (`light grey`, `light`) the longer."""
    found = [(text.find(f" {name} "), -len(name), name) for name in COLOUR_NAMES if f" {name} " in text]
    if found:
        return min(found)[2]
    denim = " jeans " in text or " denim " in text
    return next((colour for word, colour in _DENIM.items() if denim and f" {word} " in text), None)


def _pattern(text: str) -> str:
    """`track pants with side stripe` are plain: their stripe is part of the garment."""
    words = [word for word in text.replace("side stripe", "").split() if word != "plain"]
    named = [_PATTERN_OF.get(word, word) for word in words]
    return next((word for word in named if word in PATTERNS), "plain")
