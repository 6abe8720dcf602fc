"""Painting from the page: settings are checked, time left is honest."""

import pytest

from dlcr.core.errors import SettingError
from dlcr.stages import Step
from pages._studio_paint import Order, progress, seconds_left


@pytest.mark.parametrize(("name", "value"), [("steps", 0), ("steps", None), ("guidance", 99.0), ("strength", 0.0)])
def test_a_setting_that_is_not_allowed_is_named(name: str, value: object) -> None:
    if value is None:
        assert Order("red shirt", **{name: value}).settings().steps == 20
    else:
        with pytest.raises(SettingError, match=name):
            Order("red shirt", **{name: value}).settings()


def test_time_left_counts_every_batch() -> None:
    step = Step(index=6, total=10, done=4, count=10, previews=None)
    assert seconds_left(step, 4, (100.0, 6), 110.0) == pytest.approx(14.0)


def test_time_left_is_not_guessed_from_one_step() -> None:
    step = Step(index=1, total=10, done=0, count=1, previews=None)
    assert seconds_left(step, 4, (0.0, 1), 5.0) is None
    assert "left" not in progress(step, None, None)
