"""Tests of the opening between the lips on a grid of invented colours."""

import numpy as np
import pytest

from dasl.texture.mouth_opening import (
    DRAWN_BACK_MM,
    STEP_MM,
    border_shifts,
    lowered_mm,
    mouth_inside,
    opening_borders,
)

SKIN = np.array([200.0, 150.0, 130.0])


def opening(top: int, bottom: int, columns: int = 40) -> np.ndarray:
    """(40, columns) bool, open from row `top` to below `bottom` but for its outer columns."""
    is_gap = np.zeros((40, columns), dtype=bool)
    is_gap[top:bottom, 4:-4] = True
    return is_gap


def test_borders_lie_between_rows_and_are_missing_beside_the_opening() -> None:
    top, bottom = opening_borders(opening(10, 18))
    assert np.isnan(top[:4]).all()
    assert np.isnan(bottom[-4:]).all()
    np.testing.assert_array_equal(top[4:-4], 9.5)
    np.testing.assert_array_equal(bottom[4:-4], 17.5)


def test_teeth_and_dark_are_inside_and_skin_and_lips_are_not() -> None:
    colours = np.array([[230, 224, 208], [30, 18, 16], SKIN, [185, 100, 95], [175, 120, 150]])
    inside, tooth = mouth_inside(colours.astype(np.float32), SKIN)
    np.testing.assert_allclose(inside, [1, 1, 0, 0, 0], atol=0.05)
    np.testing.assert_allclose(tooth, [1, 0, 0, 0, 0], atol=0.05)


@pytest.mark.filterwarnings("error")
@pytest.mark.parametrize("skin", [(0, 0, 0), (90, 0, 0), (0, 0, 0.2)])
def test_a_black_or_purely_coloured_skin_is_no_division_by_zero(skin) -> None:
    colours = np.array([[0, 0, 0], [90, 0, 0], [250, 250, 250]], np.float32)
    inside, tooth = mouth_inside(colours, np.array(skin, np.float32))
    assert np.isfinite(inside).all() and np.isfinite(tooth).all()


def test_on_a_grey_photo_teeth_are_what_is_brighter_than_skin() -> None:
    grey = np.array([[180, 180, 180], [120, 120, 120]], dtype=np.float32)
    _, tooth = mouth_inside(grey, np.array([130.0, 130.0, 130.0]))
    np.testing.assert_allclose(tooth, [1, 0], atol=0.05)


def test_shifted_borders_are_found_and_a_flat_photo_has_none() -> None:
    fitted = opening_borders(opening(14, 22))
    shown = opening(16, 21).astype(np.float32)
    up, down = border_shifts(shown, *fitted)
    assert up[20] * STEP_MM == pytest.approx(2 * STEP_MM, abs=0.5)
    assert down[20] * STEP_MM == pytest.approx(-STEP_MM, abs=0.5)
    for shift in border_shifts(np.zeros_like(shown), *fitted):
        assert not shift.any()


def test_teeth_end_where_their_share_of_the_opening_does() -> None:
    top, bottom = opening_borders(opening(10, 20))
    part = np.where(opening(10, 20), 2, 0)
    part[10:13, 4:-4] = 1
    assert lowered_mm(part, top, bottom, 0.5) == pytest.approx(2 * STEP_MM)
    assert lowered_mm(part, top, bottom, 1.0) > 7 * STEP_MM
    assert lowered_mm(part, top, bottom, 0.0) == -DRAWN_BACK_MM
