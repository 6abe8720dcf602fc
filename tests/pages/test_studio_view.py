"""What is shown: nothing of a file or a person gets into the page as markup; pictures tell what the masks are."""

from datetime import datetime
from pathlib import Path

import numpy as np

from dlcr import stages
from dlcr.catalog import SampleRow, VariantRow
from dlcr.core.values import Caption, Labels, Outfit
from pages import _studio_view as view
from pages._studio_desk import Desk, Find

EVIL = "<img src=x onerror=alert(1)>\"'"


def sample() -> SampleRow:
    return SampleRow(1, "world", Path("/nowhere"), Path(EVIL), "train", 1, 0, EVIL, None)


def variant(**more: object) -> VariantRow:
    checks = {"outside_changed": 0, "drift": 0.1, "head_drift": 0.0, "seen": EVIL, "agreement": None}
    values = {"model": EVIL, "lineage": {}, "checks": checks, "created": datetime(2026, 1, 1), "reason": EVIL}
    return VariantRow(1, 1, 1, Path("x"), EVIL, 7, **(values | {"verdict": "accepted"} | more))


def test_texts_of_files_and_people_are_escaped() -> None:
    desk = Desk(Find(), sample=sample(), said=[(1, Caption(EVIL, Outfit((EVIL,))))], outfit=Outfit((EVIL,)))
    read = stages.Understood(EVIL, ((EVIL, EVIL),), (EVIL,))
    shown = [
        view.gallery([sample()], 1, Find(), 0), view.captions(desk), view.results([variant()], 0),
        view.comparison(sample(), variant()), view.understood(read),
    ]  # fmt: skip
    assert not any("<img src=x" in part for part in shown)


def test_a_changed_pixel_outside_the_mask_is_no_good_news() -> None:
    checks = {"outside_changed": 3, "drift": 0.1, "head_drift": 0.0, "seen": "", "agreement": 0.5}
    assert 'class="bad">3<' in view.checks(variant(checks=checks))


def test_an_empty_data_set_says_what_to_do() -> None:
    assert "Drop" in view.gallery([], 0, Find(stages.UPLOADS), 0)
    assert "Loosen" in view.gallery([], 0, Find(words="x"), 0)


def test_the_difference_shows_added_and_removed() -> None:
    mask, auto = np.zeros((2, 2), bool), np.zeros((2, 2), bool)
    mask[0, 0] = auto[1, 1] = True
    picture = view.difference_picture(mask, auto)
    assert picture[0, 0].tolist() == [30, 120, 255, 255]
    assert picture[1, 1].tolist() == [255, 140, 0, 255]
    assert picture[0, 1, 3] == 0


def test_more_classes_than_colours_still_have_colours() -> None:
    names = tuple(f"class {index}" for index in range(25))
    labels = Labels(np.arange(25, dtype=np.uint8).reshape(5, 5), names, names[1:2])
    picture = view.parsing_picture(labels)
    assert picture[0, 0, 3] == 0
    assert (picture.reshape(-1, 4)[1:, 3] == 255).all()
    assert len(view.class_list(labels, ())) == 24
