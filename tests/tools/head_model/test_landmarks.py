"""Snapping positions to a surface, worked by hand on two triangles."""

import numpy as np
import pytest
from numpy.typing import NDArray

from tools.head_model.landmarks import (
    LOWER_INNER_LIP,
    UPPER_INNER_LIP,
    SurfacePoints,
    read_positions,
    snap,
    snap_ibug68,
)

# A unit square in the plane z = 0, split along its diagonal.
SQUARE = np.array([[0.0, 0, 0], [1, 0, 0], [1, 1, 0], [0, 1, 0]])
HALVES = np.array([[0, 1, 2], [0, 2, 3]])


@pytest.mark.parametrize(
    ("position", "nearest"),
    [
        ((0.75, 0.25, 0.5), (0.75, 0.25, 0)),  # over the inside
        ((0.5, -2.0, 0.0), (0.5, 0, 0)),  # beyond an edge
        ((3.0, 3.0, 1.0), (1, 1, 0)),  # beyond a corner
        ((0.2, 0.9, -0.1), (0.2, 0.9, 0)),  # under the other half
    ],
)
def test_a_position_snaps_to_the_nearest_surface_point(
    position: tuple[float, ...], nearest: tuple[float, ...]
) -> None:
    points = snap(np.array([position]), SQUARE, HALVES)
    np.testing.assert_allclose(points.of(SQUARE), [nearest], atol=1e-9)
    np.testing.assert_allclose(points.weights.sum(axis=1), 1)
    assert (points.weights >= 0).all()


def test_snapped_points_move_with_the_mesh() -> None:
    points = snap(np.array([[0.75, 0.25, 0.0]]), SQUARE, HALVES)
    np.testing.assert_allclose(points.of(3 * SQUARE + 1), [[3.25, 1.75, 1]])


def test_points_are_weighted_means_of_three_vertices() -> None:
    points = SurfacePoints(np.array([[0, 1, 3]]), np.array([[0.5, 0.25, 0.25]]))
    np.testing.assert_allclose(points.of(SQUARE), [[0.25, 0.25, 0]])


def test_inner_lip_points_stay_on_their_own_lip() -> None:
    # Two closed lips: the lower moves with the jaw. All positions lie just on the wrong side.
    lips = np.array([[0.0, 0, 0], [1, 0, 0], [0, 1, 0], [0, -0.01, 0], [1, -0.01, 0], [0, -1, 0]])
    triangles = np.array([[0, 1, 2], [3, 5, 4]])
    jaw_motion = np.array([0.0, 0, 0, 1, 1, 1])
    positions = np.zeros((68, 3))
    positions[list(UPPER_INNER_LIP)] = [0.3, -0.3, 0]
    positions[list(LOWER_INNER_LIP)] = [0.3, 0.3, 0]
    points = snap_ibug68(positions, lips, triangles, jaw_motion)
    upper, lower = list(UPPER_INNER_LIP), list(LOWER_INNER_LIP)
    assert (points.vertices[upper] == [0, 1, 2]).all()
    assert (points.vertices[lower] == [3, 5, 4]).all()


def test_stored_positions_are_symmetric_and_complete(adult: NDArray[np.float64]) -> None:
    from dasl.head.landmarks import MIRROR_21, MIRROR_68

    positions = read_positions()
    assert positions["ibug68"].shape == (68, 3)
    assert positions["aflw21"].shape == (21, 3)
    for name, mirror in (("ibug68", MIRROR_68), ("aflw21", MIRROR_21)):
        points = positions[name]
        # The triangles are not split symmetrically: 0.05 decimetres of play.
        assert np.abs(points[list(mirror)] * [-1, 1, 1] - points).max() < 0.05
        low, high = adult.min(axis=0), adult.max(axis=0)
        assert ((points > low) & (points < high + 0.05)).all()
