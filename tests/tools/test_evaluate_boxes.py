"""Poor face boxes: how far they are off, and the table."""

import numpy as np

from dasl.geometry.crop import square_crop_from_box
from tools.evaluate_boxes import LARGEST_SHIFT, ZOOMS, poor_box, report


def test_a_poor_box_is_off_by_no_more_than_said() -> None:
    random, crop = np.random.default_rng(0), np.array([100.0, 60.0, 220.0, 180.0])
    rough = np.array([square_crop_from_box(poor_box(crop, random)) for _ in range(500)])
    shift = np.abs((rough[:, :2] + rough[:, 2:]) / 2 - [160, 120]).max(axis=0) / 120
    zoom = (rough[:, 2] - rough[:, 0]) / 120
    assert (shift <= LARGEST_SHIFT).all() and (shift > 0.9 * LARGEST_SHIFT).all()
    assert zoom.min() >= ZOOMS[0] and zoom.max() <= ZOOMS[1]
    assert zoom.min() < 0.7 and zoom.max() > 1.4


def test_the_table_has_a_line_for_each_yaw_bin_that_was_measured() -> None:
    errors = np.array([[0.05, 0.03], [0.15, 0.05], [np.nan, np.nan], [0.04, 0.04]])
    lines = report(np.array([10.0, -20.0, 5.0, 70.0]), errors).splitlines()
    assert lines[2:] == [
        "| 0-30 | 2 | 10.00% | 4.00% | 50.0% |",
        "| 60-90 | 1 | 4.00% | 4.00% | 0.0% |",
    ]
