"""What people of the world wear, and that the description leaves nothing out."""

from collections import Counter

import numpy as np
import pytest

from dlcr.language.garments import SLOTS as KNOWN
from dlcr.language.garments import read_garment
from dlcr.language.vocabulary import COLOURS
from tools.world.outfits import LABELS, SLOTS, Outfit, draw_outfit, draw_wardrobe
from tools.world.palette import NAMES, SRGB, contrast, encoded, linear, nearest, shade

HEADWEAR = {"cap", "beanie", "hat", "scarf"}


@pytest.fixture(scope="module")
def outfits() -> list[Outfit]:
    rng = np.random.default_rng(3)
    return [draw_outfit(sex, rng) for sex in ("woman", "man") for _ in range(400)]


def test_no_attribute_is_missing_from_the_description(outfits: list[Outfit]):
    for outfit in outfits:
        for item, told in zip(
            sorted(outfit.items, key=lambda one: SLOTS.index(one.slot)), outfit.text.split(" | "), strict=True
        ):
            words = {
                name: value for name, value in item.attributes.items() if name not in ("slot", "pattern") and value
            }
            assert [value for value in words.values() if value not in told] == []
            assert item.pattern == "plain" or item.pattern in told


def test_colours_and_garments_are_the_vocabularys_own_words(outfits: list[Outfit]):
    colours = {colour.replace("-", " ") for colour in COLOURS}
    garments = {garment for garments in KNOWN.values() for garment in garments} | HEADWEAR
    for item in (item for outfit in outfits for item in outfit.items):
        assert {item.colour, item.second or "red", (item.inner or ("red", ""))[0]} <= colours
        assert {item.garment, (item.inner or ("", "shirt"))[1]} <= garments


def test_the_library_reads_slot_garment_colour_and_pattern_back(outfits: list[Outfit]):
    said = {"dotted": "dots", "hat": "hat and accessory", "scarf": "hat and accessory"}
    for item in (item for outfit in outfits for item in outfit.items):
        read = read_garment(str(item))
        assert read is not None
        found = (read.slot, read.garment, read.colour, read.pattern)
        assert found == (
            said.get(item.slot, item.slot),
            item.garment,
            item.colour,
            said.get(item.pattern, item.pattern),
        ), str(item)


def test_an_outfit_has_shoes_covers_the_body_and_fills_no_slot_twice(outfits: list[Outfit]):
    for outfit in outfits:
        slots = [item.slot for item in outfit.items]
        assert len(set(slots)) == len(slots)
        assert "shoes" in slots
        assert "dress" in slots or {"upper", "lower"} <= set(slots)


def test_a_garments_label_is_its_slots(outfits: list[Outfit]):
    for item in (item for outfit in outfits for item in outfit.items):
        assert item.material.label == LABELS[item.slot]


def test_all_nineteen_colours_are_worn_about_equally(outfits: list[Outfit]):
    free = {"t-shirt", "sweater", "hoodie", "coat", "vest", "dress", "blouse", "shirt", "top", "jacket", "polo shirt"}
    count = Counter(
        item.colour
        for outfit in outfits
        for item in outfit.items
        if item.garment in free and item.pattern != "camouflage"
    )
    assert set(count) == set(NAMES)
    assert max(count.values()) < 3 * min(count.values())


def test_one_persons_outfits_share_no_main_colour_and_a_seed_repeats_them():
    for seed in range(40):
        worn = draw_wardrobe("woman", 2, np.random.default_rng(seed))
        assert not worn[0].main_colours() & worn[1].main_colours()
        assert worn == draw_wardrobe("woman", 2, np.random.default_rng(seed))


def test_a_person_keeps_bag_and_hat_through_all_outfits():
    wardrobes = [draw_wardrobe(("woman", "man")[seed % 2], 3, np.random.default_rng(seed)) for seed in range(200)]
    for slot, low, high in (("bag", 0.4, 0.6), ("hat", 0.45, 0.68)):
        owned = [{str(outfit.get(slot)) for outfit in worn} for worn in wardrobes]
        assert {len(kinds) for kinds in owned} == {1}
        assert low < np.mean([kinds != {"None"} for kinds in owned]) < high
    for outfit in (outfit for worn in wardrobes for outfit in worn):
        straps = {item.material.strap > 0 for item in outfit.items if item.slot in ("upper", "dress")}
        assert straps == {outfit.get("bag") is not None}


def test_every_shade_keeps_its_word():
    rng = np.random.default_rng(0)
    for name in NAMES:
        assert {nearest(encoded(np.array(shade(name, rng)))) for _ in range(50)} == {name}


def test_a_second_colour_is_never_near_the_first():
    rng = np.random.default_rng(0)
    for name in NAMES:
        others = [contrast(name, rng) for _ in range(30)]
        assert min(np.abs(np.subtract(SRGB[name], SRGB[other])).sum() for other in others) > 0.6


def test_encoding_undoes_linear():
    values = np.linspace(0, 1, 101)
    assert np.abs(encoded(linear(values)) - values).max() < 1e-6
