"""Tests of colours that carry numbers: what normals, PNCC and depth have in common."""

import numpy as np

from dasl.pictures.coded import draw_coded, draw_components
from dasl.pictures.surface import SurfaceView, dimmed
from dasl.reconstruction.face import Face

TITLES = ("first", "second", "third")


def halves(view: SurfaceView) -> np.ndarray:
    """The low end, nothing, and the high end of -1 to 1 wherever the face shows."""
    return np.broadcast_to(np.array([-1.0, 0.0, 1.0], np.float32), (*view.shape, 3))


def test_the_ends_of_the_range_are_black_and_full(face: Face, photo: np.ndarray) -> None:
    picture = draw_components(photo, [face], halves, -1.0, TITLES)
    column, row = np.round(face.landmarks[30, :2]).astype(int)
    np.testing.assert_allclose(picture[row, column], [0.0, 127.5, 255.0], atol=1)


def test_beside_the_face_is_the_dimmed_photo(face: Face, photo: np.ndarray) -> None:
    picture = draw_components(photo, [face], halves, -1.0, TITLES)
    np.testing.assert_array_equal(picture[0], dimmed(photo)[0])
    assert len(picture) > len(photo)  # the legend


def test_without_a_face_it_is_the_photo(photo: np.ndarray) -> None:
    for picture in (draw_components(photo, [], halves, 0.0, TITLES), draw_coded(photo, [], [], [])):
        np.testing.assert_array_equal(picture, photo)
        assert picture is not photo
