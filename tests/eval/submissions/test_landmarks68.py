"""The order of the 68 points."""

import numpy as np

from eval.submissions.landmarks68 import (
    CLOSED_CONTOURS,
    LANDMARK_COUNT,
    MIRRORED_POINTS,
    NAMED_POINTS,
    OPEN_CONTOURS,
    REGIONS,
)


def test_regions_and_contours_hold_each_point_once_in_order() -> None:
    for parts in (REGIONS.values(), (*OPEN_CONTOURS, *CLOSED_CONTOURS)):
        points = [point for first, last in parts for point in range(first, last)]
        assert points == list(range(LANDMARK_COUNT))


def test_the_mirror_exchanges_what_is_left_and_right() -> None:
    assert (MIRRORED_POINTS[MIRRORED_POINTS] == np.arange(LANDMARK_COUNT)).all()
    for name, point in NAMED_POINTS.items():
        if name.startswith("right"):
            assert MIRRORED_POINTS[point] == NAMED_POINTS[name.replace("right", "left")]
    assert MIRRORED_POINTS[NAMED_POINTS["nose_tip"]] == NAMED_POINTS["nose_tip"]
    assert set(NAMED_POINTS.values()) < set(range(LANDMARK_COUNT))
