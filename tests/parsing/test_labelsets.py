"""Label sets hold to the published class numbers, and unknown classes are asked about."""

import pytest

from dlcr.core.errors import BackendError
from dlcr.parsing.labelsets import ATR, FASHN, LIP, label_set


def numbers(kind):
    return {kind.classes.index(name) for name in kind.clothing}


def test_default_masks_are_the_methods_class_numbers():
    assert numbers(LIP) == {*range(3, 13), 18, 19}
    assert numbers(ATR) == {*range(3, 11), 17}
    assert numbers(FASHN) == {*range(3, 8), 10, 11}
    assert (len(LIP.classes), len(ATR.classes), len(FASHN.classes)) == (20, 18, 18)


@pytest.mark.parametrize("kind", [LIP, ATR, FASHN])
def test_known_sets_are_found_however_their_names_are_written(kind):
    written = [name.replace("-", " ").title() for name in kind.classes]
    assert label_set("m", [name + "s" if name == "jumpsuit" else name for name in written]) == kind
    assert not set(kind.clothing) & set(kind.protected)


def test_unknown_classes_are_a_question_that_shows_how_to_answer():
    classes = ["Background", "Head", "Torso wear", "Trousers"]
    with pytest.raises(
        BackendError, match=r"which classes of m are clothes\? It has: Head, Torso wear, Trousers.*m#Head"
    ):
        label_set("m", classes)
    told = label_set("m", classes, "torso wear, trousers")
    assert (told.clothing, told.protected) == (("Torso wear", "Trousers"), ("Head",))
    with pytest.raises(BackendError, match="no class 'socks'"):
        label_set("m", classes, "socks")


def test_what_has_no_background_is_no_human_parser():
    with pytest.raises(BackendError, match="first class is 'wall'"):
        label_set("m", ["wall", "building"])
