"""Painting from the page: settings are checked, time left is honest."""

from dataclasses import replace

import pytest

from dlcr.core.errors import PromptError, SettingError
from dlcr.stages import Step
from pages._studio_paint import Order, Pace, progress


@pytest.mark.parametrize(("name", "value"), [("steps", 0), ("steps", None), ("guidance", 99.0), ("strength", 0.0)])
def test_a_setting_that_is_not_allowed_is_named(name: str, value: object) -> None:
    if value is None:
        assert Order("red shirt", **{name: value}).settings().steps == 20
    else:
        with pytest.raises(SettingError, match=name):
            Order("red shirt", **{name: value}).settings()


def test_time_left_counts_every_batch() -> None:
    step = Step(index=6, total=10, done=4, count=10, previews=None)
    assert Pace(4, first=(100.0, 6)).left(step, 110.0) == pytest.approx(14.0)


def test_time_left_is_not_guessed_from_one_step() -> None:
    step = Step(index=1, total=10, done=0, count=1, previews=None)
    pace = Pace(1)
    assert pace.left(step, 5.0) is None
    assert pace.left(replace(step, index=3), 9.0) == pytest.approx(14.0)
    assert "left" not in progress(step, None)


@pytest.mark.parametrize(
    "given", [{"count": 0}, {"count": 65}, {"count": None}, {"seed": -1}, {"seed": 1.5}, {"seed": 2**31}]
)
def test_a_count_or_seed_that_is_not_allowed_is_refused(given: dict) -> None:
    with pytest.raises(SettingError, match="whole number"):
        Order("red shirt", **given).seeds()


def test_an_empty_prompt_is_refused_with_an_example() -> None:
    with pytest.raises(PromptError, match="red t-shirt"):
        Order("  ").words()
