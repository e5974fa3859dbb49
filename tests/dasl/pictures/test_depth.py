"""Tests of depth: millimetres against the model's own, and the colours' legend."""

import numpy as np

from dasl.pictures.depth import depth_map_mm, draw_depth
from dasl.reconstruction.face import Face
from tests.dasl.painted_head import head_model, painted_face

NEAREST_RGB, FARTHEST_RGB = (240, 249, 33), (13, 8, 135)
"""The ends of matplotlib's plasma."""


def pupils_apart_m() -> float:
    """Between the eyeballs' centres of the mean head."""
    model = head_model()
    eyes = model.mean_vertices[model.region("eyeballs")].astype(np.float64)
    left, right = eyes[eyes[:, 0] < 0].mean(axis=0), eyes[eyes[:, 0] > 0].mean(axis=0)
    return float(np.linalg.norm(right - left))


def test_the_nearest_point_of_the_face_is_at_zero(face: Face) -> None:
    depth = depth_map_mm(face, (450, 450))
    assert depth.dtype == np.float32
    assert 0.0 <= np.nanmin(depth) < 0.3


def test_depth_is_in_millimetres_of_63_between_the_pupils() -> None:
    face = painted_face(0.0)
    depth = depth_map_mm(face, (450, 450))
    column, row = np.round(face.landmarks[:, :2]).astype(int).T
    tip, corner = 30, 36
    pixels = face.landmarks[tip, 2] - face.landmarks[corner, 2]  # 1000 pixels a metre
    expected = pixels / 1000.0 * 63.0 / pupils_apart_m()
    measured = depth[row[corner], column[corner]] - depth[row[tip], column[tip]]
    np.testing.assert_allclose(measured, expected, atol=1.5)


def test_there_is_no_depth_where_there_is_no_face(face: Face, photo: np.ndarray) -> None:
    is_wall = (photo == [0, 255, 0]).all(axis=2)
    assert np.isnan(depth_map_mm(face, photo.shape)[is_wall]).mean() > 0.998


def test_colours_run_from_the_nearest_point_to_the_legends_end(
    face: Face, photo: np.ndarray
) -> None:
    depth, picture = depth_map_mm(face, photo.shape), draw_depth(photo, [face])
    row, column = np.unravel_index(np.nanargmin(depth), depth.shape)
    np.testing.assert_allclose(picture[row, column], NEAREST_RGB, atol=6)
    middle = picture[450 + 38 // 2]
    coloured = np.flatnonzero(np.ptp(middle.astype(int), axis=1) > 60)
    np.testing.assert_allclose(middle[coloured[0]], NEAREST_RGB, atol=3)
    np.testing.assert_allclose(middle[coloured[-1]], FARTHEST_RGB, atol=3)


def test_a_turned_away_cheek_is_farther_than_the_near_one(face: Face) -> None:
    depth = depth_map_mm(face, (450, 450))
    corners = face.landmarks[[48, 54]]  # of the mouth; yaw 20: the nose points to the image's left
    column, row = np.round(corners[:, :2]).astype(int).T
    left, right = depth[row, column]
    expected = (corners[1, 2] - corners[0, 2]) / 1000.0 * 63.0 / pupils_apart_m()
    assert expected > 15.0
    np.testing.assert_allclose(left - right, expected, atol=1.5)
