"""Tests of the pictures drawn on a photo."""

import numpy as np
import pytest

from dasl.errors import ShapeError
from dasl.face import Face, faces_from_coefficients
from dasl.render import draw_dense_mesh, draw_landmarks
from tests.dasl.painted_head import coefficients, head_model, painted_face, photograph


@pytest.fixture(scope="module")
def face() -> Face:
    return painted_face(20.0)


@pytest.fixture(scope="module")
def photo() -> np.ndarray:
    return photograph(coefficients(20.0))


def test_every_landmark_is_drawn_at_its_place(face: Face, photo: np.ndarray) -> None:
    picture = draw_landmarks(photo, [face])
    assert picture.shape == photo.shape
    column, row = np.round(face.landmarks[:, :2]).astype(int).T
    assert (picture[row, column] > 200).all()  # white points


def test_nothing_is_drawn_far_from_the_face_and_the_photo_is_left_alone(
    face: Face, photo: np.ndarray
) -> None:
    before = photo.copy()
    low = face.landmarks[:, :2].min(axis=0).astype(int) - 5
    high = face.landmarks[:, :2].max(axis=0).astype(int) + 5
    outside = np.ones(photo.shape[:2], bool)
    outside[low[1] : high[1], low[0] : high[0]] = False
    picture = draw_landmarks(photo, [face])
    np.testing.assert_array_equal(picture[outside], before[outside])
    np.testing.assert_array_equal(photo, before)


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


def test_no_faces_leave_the_photo_as_it_is(photo: np.ndarray) -> None:
    for draw in (draw_landmarks, draw_dense_mesh):
        np.testing.assert_array_equal(draw(photo, []), photo)


@pytest.mark.parametrize("centre_px", [-60.0, 0.0, 450.0, 4000.0])
def test_faces_over_or_beyond_the_border_are_drawn_as_far_as_they_show(centre_px: float) -> None:
    found = coefficients(centre_px=centre_px)
    photo = np.zeros((450, 450, 3), np.uint8)
    faces = faces_from_coefficients(head_model(), photo, found, np.zeros((1, 4)), [1.0])
    for draw in (draw_landmarks, draw_dense_mesh):
        assert (draw(photo, faces).sum() > 0) == (-70 < centre_px < 520)


def test_a_photo_of_another_shape_is_refused(face: Face) -> None:
    with pytest.raises(ShapeError, match="photo must be"):
        draw_landmarks(np.zeros((9, 9), np.uint8), [face])
