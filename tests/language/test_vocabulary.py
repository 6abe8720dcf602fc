"""What a model with a closed vocabulary reads of ordinary words."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dlcr.language.vocabulary import SYNONYMS, understand, words_of

KNOWN = set(
    "white black grey light red dark navy blue green olive yellow orange pink purple brown beige teal cream "
    "t-shirt shirt polo sweater hoodie jacket coat suit blouse dress jeans trousers shorts skirt short long leggings "
    "shoes boots backpack striped checked dots floral vertical stripes track pants side stripe with and a over".split()
)


@pytest.mark.parametrize(
    ("typed", "read"),
    [
        ("red t-shirt blue jeans white shoes", "red t-shirt blue jeans white shoes"),
        ("maroon tee", "dark red t-shirt"),
        ("Khaki pants, sneakers", "beige trousers shoes"),
        ("black track pants with side stripe", "black track pants with side stripe"),
        ("navy blue polo", "navy polo shirt"),
        ("sky blue dress shirt", "light blue shirt"),
        ("a plaid shirt", "a checked shirt"),
        ("white shirt with blue vertical stripes", "white shirt with blue vertical stripes"),
    ],
)
def test_ordinary_words_are_read_as_known_ones(typed, read):
    assert understand(typed, KNOWN).text == read


def test_what_was_changed_and_what_was_dropped_is_told():
    told = understand("maroon tee zeppelin", KNOWN)
    assert told.mapped == (("maroon", "dark red"), ("tee", "t-shirt"))
    assert told.unknown == ("zeppelin",)


@given(st.text(max_size=80))
def test_nothing_but_known_words_comes_out(text):
    assert set(words_of(understand(text, KNOWN).text)) <= KNOWN


def test_every_mapping_is_stable():
    for typed, read in SYNONYMS.items():
        assert understand(read, KNOWN | set(words_of(read))).text == read, typed
