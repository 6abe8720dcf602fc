"""The choice of outfits: seeded, without replacement, never the own, independent of order; and how widely it is spread."""

from collections import Counter

from hypothesis import given
from hypothesis import strategies as st

from dlcr.inpaint.choice import choose, choose_diverse, spread, variant_seed

WARDROBE = [f"p{person}_{outfit}" for person in range(20) for outfit in "ab"]
LOOKS = {
    outfit: (f"upper {['shirt', 'coat', 'top', 'vest'][i % 4]}", f"upper {['red', 'blue', 'green'][i % 3]}")
    for i, outfit in enumerate(WARDROBE)
}


@given(st.text(max_size=20), st.sampled_from(WARDROBE), st.integers(0, 12), st.integers(0, 2**31 - 1))
def test_outfits_are_different_others_and_fewer_are_the_first_of_more(photo, own, count, seed):
    for chosen in (choose(photo, own, WARDROBE, count, seed), choose_diverse(photo, own, LOOKS, count, seed)):
        assert len(chosen) == len(set(chosen)) == count
        assert own not in chosen
    assert choose(photo, own, WARDROBE, 12, seed)[:count] == choose(photo, own, WARDROBE, count, seed)
    assert choose_diverse(photo, own, LOOKS, 12, seed)[:count] == choose_diverse(photo, own, LOOKS, count, seed)


def test_neither_the_order_of_the_wardrobe_nor_other_photos_matter():
    first = choose("A/1.jpg", "p0_a", WARDROBE, 10, 7)
    assert choose("A/1.jpg", "p0_a", WARDROBE[::-1], 10, 7) == first
    assert choose("A/1.jpg", "p0_a", WARDROBE, 10, 8) != first
    assert choose("A/2.jpg", "p0_a", WARDROBE, 10, 7) != first


def test_every_outfit_is_drawn_about_equally_often():
    drawn = Counter(outfit for i in range(800) for outfit in choose(f"{i}.jpg", "other", WARDROBE, 10, 0))
    assert set(drawn) == set(WARDROBE)
    assert 140 < min(drawn.values()) <= max(drawn.values()) < 260  # 200 expected, spread 12


def test_a_small_wardrobe_is_worn_out():
    assert sorted(choose("x", "a", ["a", "b", "c"], 10, 0)) == ["b", "c"]


def test_diverse_shows_more_looks_than_chance():
    plain = [spread(choose(f"{i}", "other", WARDROBE, 4, 0), LOOKS).looks for i in range(50)]
    diverse = [spread(choose_diverse(f"{i}", "other", LOOKS, 4, 0), LOOKS) for i in range(50)]
    assert all((one.looks, one.of, one.outfits) == (7, 7, 4) for one in diverse)
    assert sum(plain) / 50 < 6


def test_seeds_of_variants_are_their_own():
    seeds = {variant_seed(f"{i}.jpg", outfit, 0) for i in range(100) for outfit in WARDROBE}
    assert len(seeds) == 100 * len(WARDROBE)
    assert all(0 <= seed < 2**31 for seed in seeds)
