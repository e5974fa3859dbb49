"""Weights of the corners of triangles."""

import numpy as np
import pytest

from eval.meshes.barycentric import barycentric

TRIANGLE = np.array([[[0.0, 0.0, 7.0], [4.0, 0.0, 8.0], [0.0, 4.0, 9.0]]])


def test_the_weights_rebuild_the_point_whatever_its_depth() -> None:
    points = np.array([[1.0, 2.0], [0.0, 0.0], [5.0, -1.0]])
    corners = np.repeat(TRIANGLE, 3, axis=0)
    weights = barycentric(corners, points)
    assert weights.sum(axis=1) == pytest.approx(1.0)
    assert np.einsum("nk,nkc->nc", weights, corners[..., :2]) == pytest.approx(points)
    assert (weights >= 0).all(axis=1).tolist() == [True, True, False]


def test_a_triangle_without_area_has_no_weights() -> None:
    flat = np.array([[[0.0, 0.0], [1.0, 1.0], [2.0, 2.0]]])
    assert np.isnan(barycentric(flat, np.array([[1, 1]]))).all()
