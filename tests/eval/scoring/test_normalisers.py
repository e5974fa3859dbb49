"""The lengths that errors are divided by, by hand."""

import numpy as np
import pytest

from eval.errors import ArrayError
from eval.scoring.metrics import box_sizes
from eval.scoring.normalisers import NORMALISERS, face_sizes

POINTS = np.random.default_rng(0).uniform(0, 100, size=(3, 68, 3))


def test_each_length_as_worked_by_hand() -> None:
    points = np.full((1, 68, 3), 20.0)
    points[0, 0], points[0, 1] = [10.0, 10.0, 0.0], [50.0, 40.0, 900.0]
    points[0, 36], points[0, 45] = [20.0, 30.0, 0.0], [44.0, 37.0, 77.0]
    sizes = {name: float(face_sizes(points, name, ["a"])[0]) for name in NORMALISERS}
    assert sizes["box"] == pytest.approx(np.sqrt(40 * 30))
    assert sizes["diagonal"] == pytest.approx(50.0)
    assert sizes["interocular"] == pytest.approx(25.0)
    # The eyes' middles: (20, 20 + 10 / 6) and (20 + 24 / 6, 20 + 17 / 6).
    assert sizes["interpupil"] == pytest.approx(np.hypot(4.0, 7 / 6))


def test_the_box_is_that_of_the_headline() -> None:
    np.testing.assert_array_equal(face_sizes(POINTS, "box", "abc"), box_sizes(POINTS))


def test_a_face_without_the_length_is_named() -> None:
    points = POINTS.copy()
    points[1, 45] = points[1, 36]
    with pytest.raises(ArrayError, match=r"interocular is 0 in 1 images \(b\)"):
        face_sizes(points, "interocular", "abc")
    with pytest.raises(ValueError, match="normaliser must be one of box"):
        face_sizes(points, "pupil", "abc")
    with pytest.raises(ArrayError, match="pass all 68 points"):
        face_sizes(points[:, :5], "box", "abc")
