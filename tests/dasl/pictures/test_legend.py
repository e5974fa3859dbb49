"""Tests of legends."""

import numpy as np
import pytest

from dasl.pictures.legend import ColourBar, gradient, with_bars

RED_TO_BLUE = ColourBar(gradient([255, 0, 0], [0, 0, 255]), ((0.0, "0"), (1.0, "9")), "title")


def test_a_gradient_runs_in_equal_steps() -> None:
    steps = gradient([0, 0, 0], [200, 100, 0], 3)
    assert steps.tolist() == [[0, 0, 0], [100, 50, 0], [200, 100, 0]]


def test_the_legend_is_below_the_picture_and_has_the_bars_colours() -> None:
    picture = np.full((100, 600, 3), 200, np.uint8)
    both = with_bars(picture, [RED_TO_BLUE])
    assert both.shape == (151, 600, 3)  # 0.085 * 600
    np.testing.assert_array_equal(both[:100], picture)
    middle = both[100 + 51 // 2].astype(int)
    assert middle[25, 0] > 240 and middle[574, 2] > 240


def test_several_bars_share_the_width() -> None:
    both = with_bars(np.zeros((10, 600, 3), np.uint8), [RED_TO_BLUE, RED_TO_BLUE])
    middle = both[10 + 51 // 2].astype(int)
    starts = np.flatnonzero((middle[1:, 0] - middle[:-1, 0]) > 150)
    assert len(starts) == 2


def test_titles_and_numbers_are_written() -> None:
    strip = with_bars(np.zeros((1, 600, 3), np.uint8), [RED_TO_BLUE])[1:]
    is_ink = (strip.min(axis=2) > 150).any(axis=1)
    middle = len(strip) // 2
    assert is_ink[: middle - 5].any() and is_ink[middle + 5 :].any()


@pytest.mark.parametrize("width", [16, 120, 5000])
def test_pictures_of_any_width_have_a_legend(width: int) -> None:
    both = with_bars(np.zeros((4, width, 3), np.uint8), [RED_TO_BLUE] * 3)
    assert both.shape[0] == 4 + min(max(round(0.085 * width), 34), 110)
