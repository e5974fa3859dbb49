"""Tests of normals: against the slope of the depth, and their colours."""

import numpy as np

from dasl.pictures.normals import draw_normals, normal_map_view
from dasl.pictures.surface import surface_map
from dasl.reconstruction.face import Face


def test_normals_are_unit_vectors_towards_the_viewer(face: Face) -> None:
    normals = normal_map_view(face, (450, 450))
    seen = ~np.isnan(normals[..., 0])
    np.testing.assert_allclose(np.linalg.norm(normals[seen], axis=1), 1.0, atol=1e-5)
    assert (normals[seen][:, 2] > 0).mean() > 0.99


def test_normals_agree_with_the_slope_of_the_surface(face: Face) -> None:
    z = surface_map(face, (450, 450), face.vertices[:, 2:])[..., 0]
    down, right = np.gradient(z)
    from_slope = np.stack([-right, down, np.ones_like(z)], axis=-1)  # y up
    from_slope /= np.linalg.norm(from_slope, axis=-1, keepdims=True)
    normals = normal_map_view(face, (450, 450))
    angle_deg = np.degrees(np.arccos((normals * from_slope).sum(axis=-1).clip(-1, 1)))
    assert np.nanmedian(angle_deg) < 2.0


def test_colours_are_half_of_the_normal_plus_one(face: Face, photo: np.ndarray) -> None:
    picture, normals = draw_normals(photo, [face]), normal_map_view(face, photo.shape)
    column, row = np.round(face.landmarks[28, :2]).astype(int)
    expected = (normals[row, column] + 1.0) * 127.5
    np.testing.assert_allclose(picture[row, column], expected, atol=4)


def test_the_chin_looks_down_and_the_brow_up(face: Face) -> None:
    normals = normal_map_view(face, (450, 450))
    below_lip, column = face.landmarks[57, 1], int(face.landmarks[57, 0])
    chin_row = int(0.1 * below_lip + 0.9 * face.landmarks[8, 1])
    forehead_row = int(face.landmarks[27, 1] - 0.06 * face.pose.scale)
    assert normals[chin_row, column, 1] < 0 < normals[forehead_row, column, 1]
