import numpy as np

from dlcr.core.values import Labels
from dlcr.language.garments import SLOTS
from dlcr.language.slots import as_slots


def test_other_parsers_classes_become_slots_and_the_rest_stays_person():
    classes = ("background", "Upper-clothes", "Pants", "Left-shoe", "Right-shoe", "Face", "Dress", "Bag")
    found = as_slots(Labels(np.arange(8, dtype=np.uint8)[None], classes, ()))
    assert [found.classes[i] for i in found.map[0]] == [
        "background", "upper", "lower", "shoes", "shoes", "other", "dress", "bag",
    ]  # fmt: skip
    assert found.clothing == tuple(SLOTS)


def test_the_demo_parsers_labels_are_left_alone():
    labels = Labels(np.zeros((2, 2), np.uint8), ("background", "upper", "lower"), ("upper",))
    assert as_slots(labels) is labels
