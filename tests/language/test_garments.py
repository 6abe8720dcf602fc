import pytest

from dlcr.core.values import Caption, Outfit
from dlcr.language import agreement, load_summariser
from dlcr.language.garments import COLOUR_NAMES, PATTERNS, SLOTS, Garment, read_garment
from dlcr.language.outfits import parse_items


def caption(text: str) -> Caption:
    return Caption(text, parse_items(text))


@pytest.mark.parametrize(
    ("item", "expected"),
    [
        ("red t-shirt", ("upper", "t-shirt", "red", "plain")),
        ("maroon tee", ("upper", "t-shirt", "dark red", "plain")),
        ("beige suit jacket over white shirt", ("upper", "suit jacket", "beige", "plain")),
        ("green jacket with white vertical stripes over red shirt", ("upper", "jacket", "green", "striped")),
        ("light grey track pants with side stripe", ("lower", "track pants", "light grey", "plain")),
        ("navy and white checked polo", ("upper", "polo shirt", "navy", "checked")),
        ("dark denim shorts", ("lower", "shorts", "navy", "plain")),
        ("light jeans", ("lower", "jeans", "light blue", "plain")),
        ("camouflage hoodie", ("upper", "hoodie", None, "camouflage")),
        ("long floral skirt", ("lower", "skirt", None, "floral")),
        ("Black Sneakers", ("shoes", "shoes", "black", "plain")),
        ("brown handbag", ("bag", "bag", "brown", "plain")),
    ],
)
def test_an_item_says_slot_garment_colour_and_pattern(item, expected):
    slot, garment, colour, pattern = expected
    assert read_garment(item) == Garment(slot, garment, colour, pattern)


def test_every_garment_is_read_back_from_its_own_words():
    for slot, garments in SLOTS.items():
        for garment in garments:
            for colour in COLOUR_NAMES:
                for pattern in PATTERNS:
                    written = Garment(slot, garment, colour, pattern)
                    assert read_garment(str(written)) == written


@pytest.mark.parametrize("item", ["", "sunglasses", "something blue"])
def test_what_names_no_garment_is_none(item):
    assert read_garment(item) is None


ASKED = "red t-shirt | blue jeans | white shoes"


@pytest.mark.parametrize(
    ("seen", "share"),
    [
        (ASKED, 1.0),
        ("white shoes | blue jeans | red tee", 1.0),
        ("red hoodie | blue jeans | white shoes", 5 / 6),
        ("green hoodie | black skirt", 0.0),
        ("red t-shirt", 2 / 6),
    ],
)
def test_agreement_counts_colours_and_garments_slot_by_slot(seen, share):
    assert agreement(ASKED, caption(seen)) == pytest.approx(share)
    assert agreement(parse_items(ASKED), caption(seen)) == pytest.approx(share)


def test_a_colour_not_asked_for_does_not_count():
    assert agreement("t-shirt", caption("purple t-shirt")) == 1.0
    assert agreement("trousers", caption("black suit trousers")) == 1.0


def test_nothing_to_compare_is_none():
    assert agreement("happy weather", caption(ASKED)) is None


def test_the_vote_takes_the_majority_of_each_slot():
    frames = ["red t-shirt | blue jeans", "red sweater | blue jeans", "orange t-shirt | navy jeans | brown bag"]
    assert str(load_summariser("vote").summarise([caption(f) for f in frames])) == "red t-shirt | blue jeans"


def test_ties_go_to_what_was_said_first_and_half_of_the_frames_is_enough():
    vote = load_summariser("vote")
    two = [caption("red shirt | black bag"), caption("blue shirt")]
    assert vote.summarise(two).items == ("red shirt", "black bag")
    assert vote.summarise(two[::-1]).items == ("blue shirt", "black bag")


def test_items_of_unknown_words_stay_when_most_frames_say_them():
    frames = [caption("red shirt | silver whistle"), caption("red shirt | silver whistle"), caption("red shirt | cap")]
    assert load_summariser("vote").summarise(frames) == Outfit(("red shirt", "silver whistle"))


def test_no_frames_no_outfit():
    assert load_summariser("vote").summarise([]) == Outfit(())
