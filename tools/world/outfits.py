"""What somebody wears: items drawn from a seed, and the description made from them (pure)."""

from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np

from tools.world.materials import Colour, Detail, Frame, Label, Material, Pattern
from tools.world.palette import DENIM, NAMES, contrast, shade
from tools.world.skirts import Drape

SLOTS = ("upper", "lower", "dress", "shoes", "bag", "hat", "scarf")
"""The order of a description. Hats and scarves share the label `Label.ACCESSORY`."""
LABELS = {
    "upper": Label.UPPER, "lower": Label.LOWER, "dress": Label.DRESS, "shoes": Label.SHOES, "bag": Label.BAG,
    "hat": Label.ACCESSORY, "scarf": Label.ACCESSORY,
}  # fmt: skip
QUIET = ("black", "white", "grey", "light grey", "navy", "beige", "brown")
FORMAL = ("black", "navy", "grey", "light grey", "brown", "beige", "blue", "dark red", "olive", "white")
UPPERS = {
    "woman": (
        "t-shirt",
        "t-shirt",
        "top",
        "blouse",
        "shirt",
        "sweater",
        "hoodie",
        "jacket",
        "coat",
        "vest",
        "suit jacket",
    ),
    "man": ("t-shirt", "t-shirt", "polo shirt", "shirt", "sweater", "hoodie", "jacket", "coat", "vest", "suit jacket"),
}
LOWERS = {
    "woman": ("trousers", "jeans", "jeans", "leggings", "shorts", "skirt", "skirt", "skirt", "track pants"),
    "man": ("trousers", "trousers", "jeans", "jeans", "shorts", "track pants"),
}
PATTERNS = {
    "t-shirt": ("plain", "plain", "striped", "logo", "colour-block", "striped", "camouflage"),
    "top": ("plain", "plain", "striped", "floral", "dotted"),
    "polo shirt": ("plain", "plain", "striped", "colour-block"),
    "shirt": ("plain", "plain", "checked", "checked", "striped"),
    "blouse": ("plain", "plain", "dotted", "floral", "striped", "checked"),
    "sweater": ("plain", "plain", "striped", "colour-block", "logo"),
    "hoodie": ("plain", "plain", "plain", "logo", "colour-block", "camouflage"),
    "dress": ("plain", "plain", "striped", "dotted", "floral", "checked"),
    "skirt": ("plain", "plain", "plain", "checked", "floral", "striped", "dotted"),
}
"""Patterns by garment; what is not named here is plain."""
DETAILS = {
    "jeans": Detail.DENIM, "trousers": Detail.CREASED, "suit trousers": Detail.CREASED, "hoodie": Detail.HOODED,
    "sweater": Detail.KNITTED, "shirt": Detail.COLLARED, "polo shirt": Detail.POLO, "vest": Detail.QUILTED,
    "jacket": Detail.BANDED, "coat": Detail.TAILORED, "suit jacket": Detail.TAILORED, "blouse": Detail.GATHERED,
    "track pants": Detail.CUFFED, "top": Detail.TRIMMED,
}  # fmt: skip
"""What each garment is known by, besides its shape."""
INNER = (
    "white",
    "black",
    "grey",
    "light grey",
    "light blue",
    "red",
    "navy",
    "cream",
    "yellow",
    "pink",
    "green",
    "orange",
)


@dataclass(frozen=True, slots=True)
class Item:
    """One garment. `second` is a pattern's other colour, `inner` (colour, garment) what shows below an open garment.

    `model` names the mesh in `wardrobe`; `loose` is how far it stands off, in metres; `sleeve` and `hem` cut it (decimetres
    along the arm, and height); `drape` hangs a skirt from it.
    """

    slot: str
    garment: str
    colour: str
    model: str
    material: Material
    pattern: str = "plain"
    second: str = ""
    inner: tuple[str, str] | None = None
    inner_colour: Colour = (0.0, 0.0, 0.0)
    loose: float = 0.004
    sleeve: float | None = None
    hem: float | None = None
    drape: Drape | None = None
    opening: float = 0.0

    def __str__(self) -> str:
        """The item in words.

        >>> str(Item("upper", "t-shirt", "red", "", Material((0, 0, 0), 5), pattern="striped", second="white"))
        'red and white striped t-shirt'
        """
        if self.pattern == "logo":
            return f"{self.colour} {self.garment} with {self.second} logo"
        if self.inner:
            return f"{self.colour} {self.garment} over {' '.join(self.inner)}"
        both = f" and {self.second}" if self.second else ""
        pattern = "" if self.pattern == "plain" else f" {self.pattern}"
        return f"{self.colour}{both}{pattern} {self.garment}"

    @property
    def attributes(self) -> dict[str, str]:
        """The item as columns; every value is a word of its text."""
        inner_colour, inner = self.inner or ("", "")
        columns = {"slot": self.slot, "garment": self.garment, "colour": self.colour, "pattern": self.pattern}
        return columns | {"second": self.second, "inner": inner, "inner_colour": inner_colour}


@dataclass(frozen=True, slots=True)
class Outfit:
    """The items somebody wears, at most one a slot, and the colour of their socks (None = bare)."""

    items: tuple[Item, ...]
    socks: Colour | None = None
    seed: int = field(default=0)

    @property
    def text(self) -> str:
        """The description: items in slot order, joined by ` | `."""
        return " | ".join(str(item) for item in sorted(self.items, key=lambda item: SLOTS.index(item.slot)))

    def get(self, slot: str) -> Item | None:
        """The item of a slot."""
        return next((item for item in self.items if item.slot == slot), None)

    def main_colours(self) -> set[str]:
        """The colours of what covers most of the body."""
        return {item.colour for item in self.items if item.slot in ("upper", "lower", "dress")}


def draw_outfit(sex: str, rng: np.random.Generator) -> Outfit:
    """An outfit for a woman or a man."""
    items: list[Item] = []
    if sex == "woman" and rng.random() < 0.2:
        items.append(_dress(rng))
        if rng.random() < 0.15:
            items.insert(0, _upper("coat", sex, rng))
    else:
        garment = str(rng.choice(UPPERS[sex]))
        items.append(_upper(garment, sex, rng))
        below = "suit trousers" if garment == "suit jacket" and rng.random() < 0.75 else str(rng.choice(LOWERS[sex]))
        items.append(_lower(below, items[0].colour, sex, rng))
    items.append(_shoes(items, rng))
    if rng.random() < 0.34:
        bag = _bag(rng)
        items = [_with_strap(item, bag) for item in items] + [bag]
    warm = items[0].garment in ("coat", "jacket", "sweater", "vest", "hoodie")
    if rng.random() < 0.25:
        items.append(_hat(rng))
    if rng.random() < (0.25 if warm else 0.06):
        items.append(_scarf(rng))
    socks = None if rng.random() < 0.6 else shade(str(rng.choice(["white", "black", "grey"])), rng)
    return Outfit(tuple(items), socks, int(rng.integers(1 << 30)))


def draw_wardrobe(sex: str, count: int, rng: np.random.Generator) -> list[Outfit]:
    """`count` outfits of one person whose main colours differ, as far as forty tries find them.

    Half of all people carry a bag and half wear something on their head, the same with every outfit: these change less often
    than clothes. With fewer hats a network finds too little that stays: at 128x64 a face is eight pixels wide.
    """
    worn: list[Outfit] = []
    for _ in range(count):
        tried = [draw_outfit(sex, rng)]
        while len(tried) < 40 and any(tried[-1].main_colours() & other.main_colours() for other in worn):
            tried.append(draw_outfit(sex, rng))
        worn.append(tried[-1])
    bag = _bag(rng) if rng.random() < 0.5 else None
    hat = _hat(rng) if rng.random() < 0.55 else None
    return [_with_own(outfit, bag, hat) for outfit in worn]


def _with_own(outfit: Outfit, bag: Item | None, hat: Item | None) -> Outfit:
    """The outfit with this bag and hat, or without, whatever it was drawn with."""
    items = [_with_strap(item, bag) for item in outfit.items if item.slot not in ("bag", "hat")]
    return replace(outfit, items=(*items, *(own for own in (bag, hat) if own)))


def _cloth(rng: np.random.Generator, base: Colour, label: int, **rest: Any) -> Material:
    fold, scale = rng.uniform(0.38, 0.6), rng.uniform(0.8, 1.25)
    return replace(Material(base, label, fold=fold, fold_scale=scale, seed=float(rng.integers(1000))), **rest)


def _patterned(item: Item, pattern: str, rng: np.random.Generator) -> Item:
    """The item with a pattern in a second colour."""
    if pattern == "plain":
        return item
    second = contrast(item.colour, rng) if pattern != "camouflage" else ""
    colour = "olive" if pattern == "camouflage" else item.colour
    kind, numbers = _drawing(pattern, item.slot, rng)
    if pattern == "camouflage":
        numbers |= {"base": shade("olive", rng), "second": (0.03, 0.035, 0.02), "third": shade("beige", rng)}
    else:
        numbers |= {"second": shade(second, rng), "third": shade("green" if item.colour != "green" else "yellow", rng)}
    material = replace(item.material, pattern=kind, **numbers)
    return replace(item, colour=colour, pattern=pattern, second=second, material=material)


def _drawing(pattern: str, slot: str, rng: np.random.Generator) -> tuple[Pattern, dict]:
    """The kernel's pattern and its numbers."""
    if pattern == "striped":
        if rng.random() < 0.25:
            return Pattern.VERTICAL, {"scale": rng.uniform(1.3, 2.2), "amount": 0.4}
        return Pattern.STRIPED, {"scale": rng.uniform(0.8, 1.7), "amount": 0.5}
    if pattern == "checked":
        return Pattern.CHECKED, {"scale": rng.uniform(0.9, 1.5), "amount": 0.5}
    if pattern == "dotted":
        return Pattern.DOTTED, {"scale": rng.uniform(1.2, 1.7), "amount": 0.31}
    if pattern == "floral":
        return Pattern.FLORAL, {"scale": rng.uniform(0.9, 1.3)}
    if pattern == "camouflage":
        return Pattern.CAMOUFLAGE, {"scale": rng.uniform(0.9, 1.3)}
    if pattern == "logo":
        return Pattern.LOGO, {"amount": rng.uniform(0.5, 0.75), "shape": float(rng.integers(4))}
    kind = rng.choice([Pattern.SLEEVES, Pattern.BLOCK, Pattern.BAND])
    return Pattern(kind), {"amount": rng.uniform(2.6, 3.4) if kind == Pattern.BLOCK else rng.uniform(3.6, 4.2)}


def _upper(garment: str, sex: str, rng: np.random.Generator) -> Item:
    colour = str(rng.choice(FORMAL if garment == "suit jacket" else NAMES))
    material = _cloth(rng, shade(colour, rng), Label.UPPER, detail=DETAILS.get(garment, Detail.NONE))
    item = Item("upper", garment, colour, _model(garment, sex, rng), material)
    item = replace(item, **_cut(garment, rng))
    if garment == "shirt":
        item = replace(item, material=replace(item.material, placket=1.0))
    if garment == "vest" or (
        garment in ("jacket", "suit jacket", "coat") and (garment != "coat" or rng.random() < 0.5)
    ):
        below = str(rng.choice([name for name in INNER if name != colour]))
        inner = (below, "sweater" if garment == "coat" else "shirt")
        item = replace(item, inner=inner, inner_colour=shade(below, rng))
        if garment != "vest":
            width = 0.16 if garment == "suit jacket" else rng.uniform(0.25, 0.5)
            material = replace(item.material, pattern=Pattern.OPEN, amount=width, second=item.inner_colour)
            item = replace(item, material=material, opening=width)
    return _patterned(item, str(rng.choice(PATTERNS.get(garment, ("plain",)))), rng)


def _model(garment: str, sex: str, rng: np.random.Generator) -> str:
    models = {
        "t-shirt": ("tee", "tee long") if sex == "woman" else ("tee wide",), "top": ("tee", "tee long"), "blouse": ("blouse",),
        "polo shirt": ("polo",), "shirt": ("blouse",) if sex == "woman" else ("sweater",), "sweater": ("sweater",),
        "hoodie": ("hoodie",), "jacket": ("jacket",), "coat": ("jacket", "sweater"), "vest": ("hoodie",), "suit jacket": ("suit",),
    }  # fmt: skip
    return str(rng.choice(models[garment]))


def _cut(garment: str, rng: np.random.Generator) -> dict:
    """How loose a top is, and where it ends."""
    if garment == "coat":
        drape = Drape(1.0, rng.uniform(-4.6, -2.4), rng.uniform(0.08, 0.2), 5, 0.02, rng.uniform(0, 6), 0.02)
        return {"loose": rng.uniform(0.016, 0.026), "drape": drape}
    if garment == "top":
        return {"loose": 0.004, "sleeve": 0.45}
    loose = {"t-shirt": (0.004, 0.014), "shirt": (0.004, 0.010), "sweater": (0.005, 0.016), "hoodie": (0.010, 0.022),
             "jacket": (0.006, 0.018), "vest": (0.016, 0.024)}.get(garment, (0.003, 0.007))  # fmt: skip
    cut = {"loose": float(rng.uniform(*loose))}
    if garment == "vest":
        cut["sleeve"] = 0.55
    elif garment in ("shirt", "sweater") and rng.random() < 0.2:
        cut["sleeve"] = float(rng.uniform(2.6, 3.2))
    return cut


def _lower(garment: str, above: str, sex: str, rng: np.random.Generator) -> Item:
    colour = str(rng.choice(list(DENIM) if garment == "jeans" else QUIET if rng.random() < 0.35 else NAMES))
    if garment == "suit trousers":
        colour = above
    elif colour == above:
        colour = contrast(above, rng) if garment != "jeans" else "grey" if above == "blue" else "blue"
    models = {"jeans": "jeans" if sex == "man" else str(rng.choice(["jeans", "trousers woman"])), "leggings": "leggings",
              "suit trousers": "suit trousers", "skirt": ""}  # fmt: skip
    model = models.get(garment, "trousers woman" if sex == "woman" and rng.random() < 0.6 else "trousers")
    detail = DETAILS.get(garment, Detail.NONE)
    material = _cloth(rng, shade(colour, rng, denim=garment == "jeans"), Label.LOWER, frame=Frame.LEGS, detail=detail)
    if garment == "leggings":
        material = replace(material, fold=0.3 * material.fold, gloss=0.22)
    loose = {
        "leggings": (0.001, 0.002),
        "track pants": (0.010, 0.022),
        "shorts": (0.006, 0.02),
        "jeans": (0.003, 0.012),
    }
    item = Item(
        "lower", garment, colour, model, material, loose=float(rng.uniform(*loose.get(garment, (0.004, 0.018))))
    )
    if garment == "shorts":
        item = replace(item, hem=float(rng.uniform(-4.2, -2.4)))
    if garment == "track pants":
        stripe = "white" if colour not in ("white", "cream", "light grey", "yellow") else "black"
        item = replace(item, material=replace(material, pattern=Pattern.SIDE_STRIPE, second=shade(stripe, rng)))
    if garment == "skirt":
        item = replace(item, material=replace(material, frame=Frame.SKIRT), drape=_skirt(rng, 1.25))
        item = _patterned(item, str(rng.choice(PATTERNS["skirt"])), rng)
    return item


def _skirt(rng: np.random.Generator, top: float) -> Drape:
    """A pencil, straight, A-line or pleated skirt, short to long."""
    shape = rng.integers(4)
    hem = float(rng.choice([rng.uniform(-4.8, -2.4), rng.uniform(-6.3, -4.8)], p=[0.75, 0.25]))
    flare = (-0.06, 0.04, 0.16, 0.26)[shape] * rng.uniform(0.8, 1.2) * (1.0 if hem > -4.8 else 0.6)
    pleats, depth = ((4, 0.012), (5, 0.03), (7, 0.045), (14, 0.06))[shape]
    return Drape(top, hem, float(flare), pleats, depth, float(rng.uniform(0, 6.28)))


def _dress(rng: np.random.Generator) -> Item:
    colour = str(rng.choice(NAMES))
    material = _cloth(rng, shade(colour, rng), Label.DRESS)
    model = str(rng.choice(["tee", "blouse", "tee long"]))
    drape = replace(_skirt(rng, 1.6), hem=float(rng.uniform(-5.6, -2.4)))
    item = Item("dress", "dress", colour, model, material, drape=drape)
    if model != "blouse" and rng.random() < 0.4:
        item = replace(item, sleeve=0.45)
    return _patterned(item, str(rng.choice(PATTERNS["dress"])), rng)


def _shoes(items: list[Item], rng: np.random.Generator) -> Item:
    garment = "boots" if rng.random() < 0.2 else "shoes"
    colour = str(rng.choice(("black", "white", "brown", "grey") if rng.random() < 0.5 else NAMES))
    sole = shade("light grey" if colour in ("white", "cream") else "white", rng)
    if garment == "boots":
        sole = tuple(np.multiply(shade("black", rng), 1.0))
    material = Material(
        shade(colour, rng), Label.SHOES, second=sole, pattern=Pattern.SOLE, frame=Frame.RIGID, amount=-8.02, gloss=0.12
    )
    return Item("shoes", garment, colour, f"shoes {rng.integers(1, 7)}", material, loose=0.0)


def _bag(rng: np.random.Generator) -> Item:
    garment = str(rng.choice(["backpack", "backpack", "bag"]))
    colour = str(rng.choice(NAMES))
    material = Material(shade(colour, rng), Label.BAG, frame=Frame.RIGID, gloss=0.08, fold=0.1, fold_scale=0.8)
    return Item("bag", garment, colour, garment, material, loose=0.0)


def _with_strap(item: Item, bag: Item | None) -> Item:
    if item.slot not in ("upper", "dress"):
        return item
    if bag is None:
        return replace(item, material=replace(item.material, strap=0, strap_colour=(0.0, 0.0, 0.0)))
    red, green, blue = bag.material.base
    dark = (0.75 * red, 0.75 * green, 0.75 * blue)
    return replace(
        item, material=replace(item.material, strap=1 if bag.garment == "backpack" else 2, strap_colour=dark)
    )


def _hat(rng: np.random.Generator) -> Item:
    garment, colour = str(rng.choice(["cap", "cap", "beanie", "hat"])), str(rng.choice(NAMES))
    material = Material(shade(colour, rng), Label.ACCESSORY, frame=Frame.RIGID, fold=0.05)
    return Item("hat", garment, colour, garment, material, loose=0.0)


def _scarf(rng: np.random.Generator) -> Item:
    colour = str(rng.choice(NAMES))
    material = Material(
        shade(colour, rng), Label.ACCESSORY, frame=Frame.RIGID, fold=0.3, fold_scale=1.6, seed=float(rng.integers(99))
    )
    return Item("scarf", "scarf", colour, "scarf", material, loose=0.0)
