"""The filter against values worked by hand, and its two promises: less jitter, no lag."""

import math

import numpy as np
import pytest

from dasl.errors import ConfigError, ShapeError
from dasl.video.one_euro import OneEuro, one_euro, one_euro_both_ways

# With r = 2 pi cutoff step = 1 half of each new value is taken.
HALF = OneEuro(min_cutoff_hz=1 / (2 * math.pi), beta=0.0)


def test_the_first_values_are_those_worked_by_hand():
    values = np.array([[0.0], [8.0], [8.0]])
    assert one_euro(values, np.arange(3.0), HALF).ravel().tolist() == [0.0, 4.0, 6.0]


def test_speed_raises_the_cutoff():
    # derivative: half of 8 is 4; cutoff = (1 + 1 * 4) / 2 pi, so r = 5 and 5 / 6 is taken
    unit = 1 / (2 * math.pi)
    settings = OneEuro(min_cutoff_hz=unit, beta=unit, derivative_cutoff_hz=unit)
    found = one_euro(np.array([[0.0], [8.0]]), np.arange(2.0), settings)
    assert found[1, 0] == pytest.approx(8 * 5 / 6)


def test_longer_steps_take_more_of_the_new_value():
    found = one_euro(np.array([[0.0], [8.0]]), np.array([0.0, 3.0]), HALF)
    assert found[1, 0] == pytest.approx(8 * 3 / 4)


def test_columns_do_not_mix_and_the_input_stays():
    values = np.array([[0.0, 5.0], [8.0, 5.0]])
    kept = values.copy()
    assert one_euro(values, np.arange(2.0), HALF)[:, 1].tolist() == [5.0, 5.0]
    np.testing.assert_array_equal(values, kept)


def test_both_ways_lags_neither_forwards_nor_backwards():
    values = np.array([[0.0], [0.0], [8.0], [0.0], [0.0]])
    found = one_euro_both_ways(values, np.arange(5.0), HALF).ravel()
    assert found.tolist() == found[::-1].tolist()
    assert found.argmax() == 2
    assert one_euro(values, np.arange(5.0), HALF)[3, 0] > 0  # one way does lag


def test_impossible_settings_and_times_are_refused():
    with pytest.raises(ConfigError):
        OneEuro(min_cutoff_hz=0.0, beta=1.0)
    with pytest.raises(ShapeError, match="increase"):
        one_euro(np.zeros((2, 1)), np.array([1.0, 1.0]), HALF)
