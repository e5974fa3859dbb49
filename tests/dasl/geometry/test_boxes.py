"""Boxes on a photo."""

import numpy as np
import pytest

from dasl.geometry.boxes import area, box_around, holds, middle_of


def test_the_box_around_points_leaves_out_their_depth() -> None:
    points = np.array([[1.0, 2.0, 90.0], [5.0, 10.0, -90.0]])
    assert box_around(points) == (1.0, 2.0, 5.0, 10.0)
    assert middle_of(points).tolist() == [3.0, 6.0]
    assert area(np.array(box_around(points))) == 32.0


@pytest.mark.parametrize(
    ("point", "inside"), [((1, 2), True), ((5, 10), True), ((3, 11), False), ((0, 3), False)]
)
def test_a_box_holds_its_border(point: tuple[int, int], inside: bool) -> None:
    assert holds((1, 2, 5, 10), np.array(point)) is inside


def test_no_box_holds_what_is_not_a_number() -> None:
    assert not holds((0, 0, 9, 9), np.array([np.nan, 1.0]))
