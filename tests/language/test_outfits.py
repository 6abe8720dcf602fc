import pytest
from hypothesis import given
from hypothesis import strategies as st

from dlcr.core.values import Outfit
from dlcr.language.outfits import inpainting_prompt, parse_items

THREE = ("Gray shirt", "Blue jeans", "Black shoes")


@pytest.mark.parametrize(
    "text",
    [
        "Gray shirt| Blue jeans| Black shoes",
        "1. Gray shirt\n2. Blue jeans\n3. Black shoes",
        "1) Gray shirt 2) Blue jeans 3) Black shoes",
        "Here are the items: 1. Gray shirt, 2. Blue jeans, 3. Black shoes.",
        "Sure! Here are the clothing items:\n\n* Gray shirt\n* Blue jeans\n* Black shoes\n",
        "- Gray shirt\r\n- Blue jeans\r\n- Black shoes",
        "•Gray shirt\n•Blue jeans\n•Black shoes",
        "* **Gray shirt**\n* **Blue jeans**\n* **Black shoes**",
        "Gray shirt, Blue jeans, and Black shoes.",
        "Gray shirt\nBlue jeans\nBlack shoes",
        "The person is wearing a Gray shirt, Blue jeans; Black shoes.",
        "- Gray shirt - Blue jeans - Black shoes",
    ],
)
def test_items_survive_every_way_of_listing_them(text):
    assert parse_items(text).items == THREE


@pytest.mark.parametrize(
    "item", ["t-shirt", "Blue jeans", "3/4 sleeve shirt", "andalusian skirt", "thermal top", "2.5 cm belt"]
)
def test_a_single_item_keeps_its_first_letters(item):
    assert parse_items(item).items == (item,)
    assert parse_items(f"1. {item}\n2. socks").items == (item, "socks")


WORD = st.text("abcdefghijklmnopqrstuvwxyz", min_size=3, max_size=8)
ITEMS = st.lists(st.builds("red {} {}".format, WORD, WORD), min_size=1, max_size=5)


@given(ITEMS)
def test_an_outfit_comes_back_from_its_own_text(items):
    outfit = Outfit(tuple(items))
    assert parse_items(str(outfit)) == outfit
    assert parse_items("\n".join(f"{i + 1}. {item}" for i, item in enumerate(items))) == outfit


@given(st.text(max_size=200))
def test_no_text_breaks_it_and_no_item_is_blank(text):
    assert all(item.strip() for item in parse_items(text).items)


def test_the_inpainting_prompt_is_the_release_s():
    assert inpainting_prompt(Outfit(("Gray shirt, long", "No", "Blue jeans"))) == "gray shirt long blue jeans"
    assert inpainting_prompt(Outfit(())) == ""
