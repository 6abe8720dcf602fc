"""Which outfits a photo is dressed in (pure; method.md, stage 1, item 4).

Drawn per photo from its own name and the seed, so that neither the order of work nor a stop and restart changes a choice,
and fewer outfits are the first of more.
"""

import hashlib
from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True, slots=True)
class Spread:
    """How a photo's (or a data set's) outfits are spread: `outfits` different ones, `looks` different garments and colours
    of `of` that the wardrobe has."""

    outfits: int
    looks: int
    of: int


def choose(photo: str, own: str, wardrobe: Collection[str], count: int, seed: int) -> list[str]:
    """`count` outfits of `wardrobe` for one photo, without replacement, never its `own`; all of them if there are fewer."""
    return _shuffled(photo, own, wardrobe, seed)[:count]


def choose_diverse(
    photo: str, own: str, looks: Mapping[str, Collection[str]], count: int, seed: int
) -> list[str]:  # fmt: skip
    """Like `choose`, but each next outfit shares as little as it can with those before it.

    `looks` says what each outfit shows (`upper t-shirt`, `upper red`, ...). Ties go by the draw.
    """
    rest = _shuffled(photo, own, looks, seed)
    chosen: list[str] = []
    seen: Counter[str] = Counter()
    while rest and len(chosen) < count:
        best = min(rest, key=lambda outfit: sum(seen[look] for look in looks[outfit]) / max(1, len(looks[outfit])))
        rest.remove(best)
        chosen.append(best)
        seen.update(looks[best])
    return chosen


def spread(chosen: Sequence[str], looks: Mapping[str, Collection[str]]) -> Spread:
    """How many different outfits and looks were chosen, of all looks there are."""
    there = {look for one in looks.values() for look in one}
    shown = {look for outfit in chosen for look in looks.get(outfit, ())}
    return Spread(len(set(chosen)), len(shown), len(there))


def variant_seed(photo: str, outfit: str, seed: int) -> int:
    """The seed of one photo in one outfit, in 0..2**31 - 1."""
    return _number(seed, photo, outfit) % 2**31


def _shuffled(photo: str, own: str, wardrobe: Collection[str], seed: int) -> list[str]:
    pool = sorted(set(wardrobe) - {own})
    order = np.random.default_rng(_number(seed, photo)).permutation(len(pool))
    return [pool[index] for index in order]


def _number(seed: int, *names: str) -> int:
    """The same number for the same names and seed on every machine."""
    text = "\0".join((str(seed), *names)).encode()
    return int.from_bytes(hashlib.sha256(text).digest()[:8], "big")
