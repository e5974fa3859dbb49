"""Tests of the landmarks drawn on a photo."""

import numpy as np
import pytest

from dasl.errors import ShapeError
from dasl.pictures.landmarks import draw_landmarks
from dasl.reconstruction.face import Face


def test_every_landmark_is_drawn_at_its_place(face: Face, photo: np.ndarray) -> None:
    picture = draw_landmarks(photo, [face])
    assert picture.shape == photo.shape
    column, row = np.round(face.landmarks[:, :2]).astype(int).T
    assert (picture[row, column] > 200).all()  # white points


def test_nothing_is_drawn_far_from_the_face(face: Face, photo: np.ndarray) -> None:
    low = face.landmarks[:, :2].min(axis=0).astype(int) - 5
    high = face.landmarks[:, :2].max(axis=0).astype(int) + 5
    outside = np.ones(photo.shape[:2], bool)
    outside[low[1] : high[1], low[0] : high[0]] = False
    picture = draw_landmarks(photo, [face])
    np.testing.assert_array_equal(picture[outside], photo[outside])


def test_a_photo_of_another_shape_is_refused(face: Face) -> None:
    with pytest.raises(ShapeError, match="photo must be"):
        draw_landmarks(np.zeros((9, 9), np.uint8), [face])
