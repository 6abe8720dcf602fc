"""Which classes a human parser knows, which of them are repainted, and which are never (pure; method.md, stage 1, item 1)."""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from dlcr.core.errors import BackendError


@dataclass(frozen=True, slots=True)
class LabelSet:
    """Class names in the order of a parser's output, background first; `clothing` is the default mask."""

    classes: tuple[str, ...]
    clothing: tuple[str, ...]
    protected: tuple[str, ...]


def _known(classes: str, clothing: str, protected: str) -> LabelSet:
    return LabelSet(tuple(classes.split()), tuple(clothing.split()), tuple(protected.split()))


LIP = _known(
    "background hat hair glove sunglasses upper-clothes dress coat socks pants jumpsuit scarf skirt face left-arm right-arm "
    "left-leg right-leg left-shoe right-shoe",
    "glove sunglasses upper-clothes dress coat socks pants jumpsuit scarf skirt left-shoe right-shoe",
    "hat hair face left-arm right-arm",
)
"""Look Into Person, 20 classes; the mask is {3..12, 18, 19}."""
ATR = _known(
    "background hat hair sunglasses upper-clothes skirt pants dress belt left-shoe right-shoe face left-leg right-leg "
    "left-arm right-arm bag scarf",
    "sunglasses upper-clothes skirt pants dress belt left-shoe right-shoe scarf",
    "hat hair face left-arm right-arm",
)
"""ATR, 18 classes; the mask is {3..10, 17}, the bag is kept."""
FASHN = _known(
    "background face hair top dress skirt pants belt bag hat scarf glasses arms hands legs feet torso jewelry",
    "top dress skirt pants belt scarf glasses",
    "face hair hat arms hands",
)
"""fashn-ai/fashn-human-parser, 18 classes; the mask is {3..7, 10, 11}."""
KNOWN = {"LIP": LIP, "ATR": ATR, "FASHN": FASHN}
HEAD = frozenset({"hat", "hair", "face", "head", "skin", "arm", "hand"})
"""Words of class names that are protected where a model's classes are known by name only."""


def label_set(name: str, classes: Sequence[str], chosen: str | None = None) -> LabelSet:
    """The label set of a model by its class names, in its order; `chosen` are its clothing classes `a,b,c` if told by hand.

    BackendError asks which classes are clothes if the names are no known set's.
    """
    if len(set(map(plain, classes))) != len(classes) or not classes or plain(classes[0]) != "background":
        raise BackendError(
            f"{name} is no human parser: its first class is '{classes[0] if classes else ''}', not background.",
            "Choose a parser whose class 0 is background, such as segformer:mattmdjaga/segformer_b2_clothes",
        )
    if chosen is not None:
        return _told(name, classes, chosen)
    for known in KNOWN.values():
        if [plain(one) for one in known.classes] == [plain(one) for one in classes]:
            return known
    listed = ", ".join(classes[1:])
    raise BackendError(
        f"which classes of {name} are clothes? It has: {listed}.",
        f"Name them after a #, separated by commas, for example {name}#{','.join(classes[1:3])}",
    )


def plain(name: str) -> str:
    """`Upper-clothes` and `upper clothes` are `upperclothes`; a plural s does not count."""
    return re.sub(r"[^a-z0-9]", "", name.lower()).removesuffix("s")


def _told(name: str, classes: Sequence[str], chosen: str) -> LabelSet:
    by_name = {plain(one): one for one in classes}
    asked = [one.strip() for one in chosen.split(",") if one.strip()]
    unknown = [one for one in asked if plain(one) not in by_name]
    if unknown or not asked:
        raise BackendError(
            f"{name} has no class '{', '.join(unknown)}'.", f"After the # name some of: {', '.join(classes[1:])}."
        )
    clothing = tuple(by_name[plain(one)] for one in asked)
    words = {one: set(re.findall(r"[a-z]+", one.lower())) for one in classes}
    protected = tuple(
        one for one in classes if one not in clothing and {w.removesuffix("s") for w in words[one]} & HEAD
    )
    return LabelSet(tuple(classes), clothing, protected)
