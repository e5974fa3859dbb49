"""The crop around the nose tip."""

import numpy as np
import pytest

from eval.benchmarks.florence.crop import crop_around
from eval.errors import ArrayError


def test_the_crop_is_a_ball_with_its_edge() -> None:
    # 57, 76 and 0 are at 95 exactly (3, 4, 5 times 19).
    points = np.array([[57.0, 76.0, 0.0], [57.0, 76.0, 1.0], [0.0, 0.0, 0.0]])
    assert crop_around(points, np.zeros(3)).tolist() == [True, False, True]


def test_the_ball_moves_with_the_nose() -> None:
    points = np.array([[100.0, 0.0, 0.0]])
    assert not crop_around(points, np.zeros(3)).any()
    assert crop_around(points, np.array([10.0, 0.0, 0.0])).all()


def test_another_shape_is_refused() -> None:
    with pytest.raises(ArrayError, match="one scan and its nose tip"):
        crop_around(np.zeros((4, 2)), np.zeros(3))
