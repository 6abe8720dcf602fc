"""Ordinary clothing words mapped to the words a small model knows (pure).

A large text encoder reads any wording; the embedded one knows a few dozen words. `understand` rewrites what a
person typed into those words and says what it changed and what it had to drop, so that the page can show it.
"""

import re
from collections.abc import Collection
from dataclasses import dataclass

COLOURS = (
    "white black grey light-grey red dark-red navy blue light-blue green olive yellow orange pink purple brown beige teal cream"
).split()
"""The nineteen colour words of the embedded models; two-word colours carry a hyphen here and a space in prompts."""

SYNONYMS: dict[str, str] = {
    # colours
    "gray": "grey", "silver": "light grey", "charcoal": "grey", "light gray": "light grey", "dark grey": "grey",
    "dark gray": "grey", "maroon": "dark red", "burgundy": "dark red", "wine": "dark red", "crimson": "red",
    "scarlet": "red", "cherry": "red", "dark blue": "navy", "midnight": "navy", "navy blue": "navy", "royal blue": "blue",
    "cobalt": "blue", "sky blue": "light blue", "baby blue": "light blue", "pale blue": "light blue", "cyan": "teal",
    "turquoise": "teal", "aqua": "teal", "khaki": "beige", "tan": "beige", "sand": "beige", "camel": "beige",
    "nude": "beige", "army green": "olive", "dark green": "green", "light green": "green", "mint": "green",
    "lime": "green", "emerald": "green", "forest green": "green", "gold": "yellow", "golden": "yellow",
    "mustard": "yellow", "coral": "orange", "peach": "pink", "rust": "orange", "rose": "pink", "magenta": "pink",
    "fuchsia": "pink", "salmon": "pink", "light pink": "pink", "hot pink": "pink", "violet": "purple",
    "lavender": "purple", "lilac": "purple", "plum": "purple", "indigo": "purple", "chocolate": "brown",
    "dark brown": "brown", "light brown": "brown", "coffee": "brown", "ivory": "cream", "off-white": "cream",
    "off white": "cream", "ecru": "cream",
    # upper garments
    "tee": "t-shirt", "tshirt": "t-shirt", "t shirt": "t-shirt", "tees": "t-shirt", "tank top": "t-shirt", "singlet": "t-shirt",
    "jumper": "sweater", "pullover": "sweater", "sweatshirt": "sweater", "knitwear": "sweater", "jersey": "sweater",
    "hoody": "hoodie", "hooded sweatshirt": "hoodie", "polo": "polo shirt", "button-down": "shirt",
    "dress shirt": "shirt", "parka": "coat", "overcoat": "coat", "trench coat": "coat", "trenchcoat": "coat", "cape": "coat",
    "raincoat": "coat", "anorak": "jacket", "windbreaker": "jacket", "bomber": "jacket", "blazer": "suit jacket",
    "waistcoat": "vest", "gilet": "vest", "tunic": "blouse", "camisole": "top",
    # lower garments
    "pants": "trousers", "slacks": "trousers", "chinos": "trousers", "pant": "trousers", "trouser": "trousers",
    "corduroys": "trousers", "joggers": "track pants", "sweatpants": "track pants", "tracksuit bottoms": "track pants",
    "denims": "jeans", "denim pants": "jeans", "jean": "jeans", "short pants": "shorts", "bermudas": "shorts",
    "tights": "leggings", "stockings": "leggings", "miniskirt": "short skirt", "mini skirt": "short skirt",
    "maxi skirt": "long skirt", "gown": "dress", "sundress": "dress", "romper": "dress", "jumpsuit": "dress",
    # shoes, bags
    "sneakers": "shoes", "trainers": "shoes", "sneaker": "shoes", "heels": "shoes", "high heels": "shoes", "pumps": "shoes",
    "flats": "shoes", "loafers": "shoes", "sandals": "shoes", "footwear": "shoes", "shoe": "shoes", "boot": "boots",
    "rucksack": "backpack", "back pack": "backpack", "clogs": "shoes", "wedges": "shoes",
    # patterns
    "stripy": "striped", "pinstriped": "striped", "stripe": "striped", "stripes": "striped",
    "horizontal stripes": "striped", "plaid": "checked", "checkered": "checked", "chequered": "checked",
    "tartan": "checked", "gingham": "checked", "polka dots": "dots", "polka dot": "dots", "polka-dot": "dots", "dotted": "dots",
    "spotted": "dots", "flowery": "floral", "flowered": "floral", "flower": "floral", "camo": "camouflage",
    "color-block": "colour-block", "colour block": "colour-block", "color block": "colour-block",
}  # fmt: skip

KEPT = {"track pants", "side stripe", "vertical stripes", *(read for read in SYNONYMS.values() if " " in read)}
"""Phrases whose words must not be mapped one by one (`track pants` is no `track trousers`)."""

_FILLER = frozenset("an the of in wearing wears pair some is are his her their".split())


@dataclass(frozen=True, slots=True)
class Understood:
    """What a model with a closed vocabulary will read; `mapped` are (typed, read) pairs, `unknown` words were dropped."""

    text: str
    mapped: tuple[tuple[str, str], ...] = ()
    unknown: tuple[str, ...] = ()


def words_of(text: str) -> list[str]:
    """Lower-case words of a prompt; hyphens inside a word stay, everything else separates."""
    return re.findall(r"[^\W\d_]+(?:-[^\W\d_]+)*", text.lower())


def understand(text: str, vocabulary: Collection[str]) -> Understood:
    """Rewrite `text` into words of `vocabulary`, longest phrases first.

    >>> understand("maroon tee", {"dark", "red", "t-shirt"}).text
    'dark red t-shirt'
    """
    words, out, mapped, unknown = words_of(text), [], [], []
    i = 0
    while i < len(words):
        for length in (3, 2, 1):
            phrase = " ".join(words[i : i + length])
            if phrase in KEPT and set(phrase.split()) <= set(vocabulary):
                out.append(phrase)
            elif phrase in SYNONYMS and set(SYNONYMS[phrase].split()) <= set(vocabulary):
                replaced = SYNONYMS[phrase]
                out.append(replaced)
                mapped.append((phrase, replaced))
            elif length == 1 and phrase in vocabulary:
                out.append(phrase)
            else:
                continue
            i += length
            break
        else:
            if words[i] not in _FILLER:
                unknown.append(words[i])
            i += 1
    return Understood(" ".join(out), tuple(dict.fromkeys(mapped)), tuple(dict.fromkeys(unknown)))
