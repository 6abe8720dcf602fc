"""Does a picture show what its prompt asked for, as far as a captioner sees it (pure)."""

from dlcr.core.values import Caption, Outfit
from dlcr.language.garments import Garment, read_garment
from dlcr.language.outfits import parse_items

NEARLY = frozenset(
    frozenset(pair)
    for pair in (
        ("shirt", "blouse"), ("shirt", "polo shirt"), ("t-shirt", "top"), ("blouse", "top"), ("jacket", "suit jacket"),
        ("jacket", "coat"), ("trousers", "suit trousers"), ("trousers", "track pants"), ("shoes", "boots"), ("bag", "backpack"),
    )
)  # fmt: skip
"""Garments that one word may stand for: who asks for trousers and gets suit trousers has got trousers."""


def agreement(asked: str | Outfit, seen: Caption) -> float | None:
    """Share in [0, 1] of the asked colours and garments that the captioner saw, slot by slot.

    Synonyms count as the same word. None if nothing that was asked can be compared.
    """
    outfit = parse_items(asked) if isinstance(asked, str) else asked
    wanted = [garment for garment in map(read_garment, outfit.items) if garment]
    found = [garment for garment in map(read_garment, seen.outfit.items) if garment]
    hits = [hit for garment in wanted for hit in _hits(garment, found)]
    return sum(hits) / len(hits) if hits else None


def _hits(asked: Garment, found: list[Garment]) -> list[bool]:
    """One entry for the garment word and, if a colour was asked, one for it; the best match of the slot counts."""
    options = [_compare(asked, garment) for garment in found if garment.slot == asked.slot]
    return max(options, key=sum) if options else [False] * (1 + (asked.colour is not None))


def _compare(asked: Garment, seen: Garment) -> list[bool]:
    same = asked.garment == seen.garment or frozenset((asked.garment, seen.garment)) in NEARLY
    return [same] if asked.colour is None else [same, asked.colour == seen.colour]
