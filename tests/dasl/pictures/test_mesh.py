"""Tests of the dense surface drawn on a photo."""

import numpy as np

from dasl.pictures.mesh import draw_dense_mesh
from dasl.reconstruction.face import Face


def test_the_surface_covers_the_face_and_not_the_wall(face: Face, photo: np.ndarray) -> None:
    picture = draw_dense_mesh(photo, [face])
    is_wall = (photo == [0, 255, 0]).all(axis=2)
    changed = (picture != photo).any(axis=2)
    assert changed[is_wall].mean() < 0.002  # antialiasing at the outline
    column, row = np.round(face.landmarks[27:68, :2]).astype(int).T
    assert changed[row, column].all()


def test_the_surface_is_lit_from_above(face: Face) -> None:
    black = np.zeros((450, 450, 3), np.uint8)
    picture = draw_dense_mesh(black, [face]).astype(int)
    bridge, below_nose = face.landmarks[28, :2].astype(int), face.landmarks[33, :2].astype(int)
    assert (
        picture[bridge[1], bridge[0]].sum() > 100 + picture[below_nose[1] + 1, below_nose[0]].sum()
    )
