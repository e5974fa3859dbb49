"""Tests of what all kinds of pictures promise."""

import numpy as np
import pytest

from dasl.errors import NoFaceFound, ShapeError
from dasl.pictures import PICTURES
from dasl.reconstruction.face import Face, faces_from_coefficients
from tests.dasl.painted_head import coefficients, head_model

ON_THE_PHOTO = sorted(set(PICTURES) - {"uv"})


def test_there_are_the_seven_kinds() -> None:
    assert list(PICTURES) == ["landmarks", "mesh", "depth", "normals", "pncc", "uv", "pose"]


@pytest.mark.parametrize("name", PICTURES)
def test_a_picture_is_rgb_and_the_photo_is_left_alone(
    name: str, face: Face, photo: np.ndarray
) -> None:
    before = photo.copy()
    picture = PICTURES[name](photo, [face])
    assert picture.dtype == np.uint8
    assert picture.ndim == 3 and picture.shape[2] == 3
    np.testing.assert_array_equal(photo, before)


@pytest.mark.parametrize("name", ON_THE_PHOTO)
def test_a_picture_on_the_photo_keeps_its_pixels_places(
    name: str, face: Face, photo: np.ndarray
) -> None:
    picture = PICTURES[name](photo, [face])
    legend = picture.shape[0] - photo.shape[0]
    assert picture.shape[1] == photo.shape[1]
    assert legend == (38 if name in ("depth", "normals", "pncc") else 0)  # 0.085 * 450


@pytest.mark.parametrize("name", ON_THE_PHOTO)
def test_no_faces_leave_the_photo_as_it_is(name: str, photo: np.ndarray) -> None:
    np.testing.assert_array_equal(PICTURES[name](photo, []), photo)


def test_a_uv_picture_without_a_face_is_refused(photo: np.ndarray) -> None:
    with pytest.raises(NoFaceFound, match="at least one face, got none"):
        PICTURES["uv"](photo, [])


def test_textures_lie_side_by_side(face: Face, photo: np.ndarray) -> None:
    picture = PICTURES["uv"](photo, [face, face])
    side = len(face.head.texture())
    assert picture.shape == (side, 2 * side, 3)
    np.testing.assert_array_equal(picture[:, :side], face.head.texture())
    np.testing.assert_array_equal(picture[:, side:], face.head.texture())


@pytest.mark.parametrize("name", PICTURES)
def test_a_photo_of_another_shape_is_refused(name: str, face: Face) -> None:
    with pytest.raises(ShapeError, match="photo must be"):
        PICTURES[name](np.zeros((9, 9), np.uint8), [face])


@pytest.mark.parametrize("name", ["landmarks", "mesh", "depth", "normals", "pncc"])
@pytest.mark.parametrize("centre_px", [-60.0, 0.0, 450.0, 4000.0])
def test_faces_over_or_beyond_the_border_are_drawn_as_far_as_they_show(
    name: str, centre_px: float
) -> None:
    black = np.zeros((450, 450, 3), np.uint8)
    found = coefficients(centre_px=centre_px)
    faces = faces_from_coefficients(head_model(), black, found, np.zeros((1, 4)), [1.0])
    drawn = PICTURES[name](black, faces)[:450]
    assert drawn.any() == (-70 < centre_px < 520)


@pytest.mark.parametrize("name", ["pose", "uv"])
def test_a_face_far_beyond_the_border_is_no_failure(name: str) -> None:
    black = np.zeros((450, 450, 3), np.uint8)
    found = coefficients(centre_px=4000.0)
    faces = faces_from_coefficients(head_model(), black, found, np.zeros((1, 4)), [1.0])
    assert PICTURES[name](black, faces).dtype == np.uint8


@pytest.mark.parametrize("name", PICTURES)
def test_the_smallest_photo_is_drawn_on(name: str, face: Face) -> None:
    tiny = np.full((16, 16, 3), 128, np.uint8)
    assert PICTURES[name](tiny, [face]).dtype == np.uint8
