import numpy as np
import pytest

from dlcr.embed.measures import drift


@pytest.mark.parametrize(("angle", "expected"), [(0, 0), (60, 0.5), (90, 1), (180, 2)])
def test_drift_is_one_minus_the_cosine_whatever_the_lengths(angle, expected):
    turned = np.array([np.cos(np.radians(angle)), np.sin(np.radians(angle))])
    assert drift(np.array([3.0, 0.0]), 7 * turned) == pytest.approx(expected)


def test_drift_from_nothing_is_that_of_strangers():
    assert drift(np.zeros(3), np.ones(3)) == 1.0
