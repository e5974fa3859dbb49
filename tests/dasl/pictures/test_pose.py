"""Tests of the axes: where they point, worked by hand, and their colours."""

import numpy as np
import pytest

from dasl.geometry.rotation import rotation_from_euler_deg
from dasl.pictures.pose import axis_ends_image, draw_pose
from dasl.reconstruction.face import Face
from dasl.reconstruction.face_pose import FacePose


def pose(yaw_deg: float, pitch_deg: float = 0.0) -> FacePose:
    """1000 pixels a metre: axes of 85 pixels."""
    rotation = rotation_from_euler_deg(np.array([[yaw_deg, pitch_deg, 0.0]], dtype=np.float32))[0]
    return FacePose(yaw_deg, pitch_deg, 0.0, rotation, 1000.0, np.zeros(2, np.float32))


def test_a_frontal_head_points_right_up_and_at_the_viewer() -> None:
    expected = [[85, 0, 0], [0, -85, 0], [0, 0, 85]]
    np.testing.assert_allclose(axis_ends_image(pose(0.0)), expected, atol=1e-4)


@pytest.mark.parametrize(
    ("turned", "axis", "expected"),
    [
        (pose(30.0), 2, [-42.5, 0.0, 73.61]),  # nose to the image's left: -85 sin 30
        (pose(0.0, 30.0), 2, [0.0, -42.5, 73.61]),  # nose up
        (pose(90.0), 0, [0.0, 0.0, 85.0]),  # the head's left ear at the viewer
    ],
)
def test_a_turned_head_points_where_its_angles_say(
    turned: FacePose, axis: int, expected: list[float]
) -> None:
    np.testing.assert_allclose(axis_ends_image(turned)[axis], expected, atol=0.01)


def test_the_axes_start_at_the_nose_and_have_their_colours(face: Face) -> None:
    picture = draw_pose(np.zeros((450, 450, 3), np.uint8), [face])
    start, ends = face.landmarks[27, :2], axis_ends_image(face.pose)
    for axis in range(3):
        column, row = np.round(start + 0.6 * ends[axis, :2]).astype(int)
        assert picture[row, column].argmax() == axis  # red, green, blue


def test_the_angles_stay_on_the_photo(face: Face) -> None:
    grey = np.full((450, 450, 3), 128, np.uint8)
    low = int(face.landmarks[:, 1].max()) + 5
    cut = grey[:low]  # no room for the angles under the chin
    dark = (draw_pose(cut, [face]).max(axis=2) < 80).sum(axis=1)
    assert dark[-12:].max() > 50
