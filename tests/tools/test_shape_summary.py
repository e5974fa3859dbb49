"""Figures of the shape measure, worked out by hand."""

import json

import numpy as np
import pytest

from tools.measured_people import MEASURES, METHODS, ShapeErrors
from tools.shape_error import REGIONS
from tools.shape_summary import reduction, summary, table, yaw_bins


def test_a_reduction_is_that_of_the_sums_and_its_interval_goes_over_people() -> None:
    base, owner = np.array([2.0, 2.0, 4.0, 4.0]), np.array([0, 0, 1, 1])
    below, interval = reduction(np.array([1.0, 1.0, 3.0, 3.0]), base, owner)
    assert below == pytest.approx(100 * (1 - 8 / 12))
    # Drawn twice, the first person gives 50 %, the second 25 %.
    assert interval == pytest.approx((25.0, 50.0))
    assert reduction(base, base, owner) == (0.0, (0.0, 0.0))


def test_yaw_is_binned_by_its_size() -> None:
    inside = yaw_bins(np.array([-9.9, 10.0, -29.0, 59.0, 80.0]))
    assert {name: mask.tolist() for name, mask in inside.items()} == {
        "all": [True] * 5,
        "0-10": [True, False, False, False, False],
        "10-30": [False, True, True, False, False],
        "30-60": [False, False, False, True, False],
        "60-80": [False, False, False, False, True],
    }


def test_rows_hold_every_measure_method_bin_and_region() -> None:
    shape = (4, len(REGIONS))
    values = {
        (measure, method): np.full(shape, 2.0 if method == "prediction" else 4.0)
        for measure in MEASURES
        for method in METHODS
    }
    errors = ShapeErrors(values, np.array([0, 0, 1, 1]), np.array([5.0, 20.0, -5.0, 70.0]))
    rows = summary(errors)
    json.dumps(rows)
    places = 4 + len(REGIONS) - 1  # all and three bins that hold a picture, then the regions
    assert len(rows) == len(MEASURES) * len(METHODS) * places
    frontal = [row for row in rows if row["yaw_deg"] == "0-10" and row["method"] == "prediction"]
    assert [row["pictures"] for row in frontal] == [2, 2]
    assert all(row["error_percent"] == 2.0 for row in frontal)
    assert all(row["below_head1_percent"] == 50.0 for row in frontal)
    assert "2.00 -50% (-50..-50)" in table(rows)
