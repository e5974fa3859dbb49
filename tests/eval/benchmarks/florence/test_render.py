"""Renderings: what must be where, and in which colour."""

from dataclasses import replace

import numpy as np
import pytest
from numpy.typing import NDArray

from eval.benchmarks.florence.render import render_scan
from eval.benchmarks.florence.scans import Scan, VertexColours
from eval.benchmarks.florence.views import IMAGE_SIDE, Pose, View, centred_view
from tests.eval.florence_files import LOOKS_DOWN_DEG, Head, as_subject, invented_head

GREEN, BLUE_IRIS, GREEN_IRIS = (0, 255, 0), (40, 80, 200), (60, 130, 60)


@pytest.fixture(scope="module")
def head() -> Head:
    """As in most tests here."""
    return invented_head()


def middle_of(picture: NDArray[np.uint8], colour: tuple[int, int, int]) -> NDArray[np.float64]:
    """Mean x and y of the pixels of exactly a colour."""
    rows, columns = np.nonzero((picture == colour).all(axis=2))
    assert len(rows), f"no pixel of {colour}"
    return np.array([columns.mean(), rows.mean()])


def rendered(head: Head, pose: Pose) -> tuple[NDArray[np.uint8], View]:
    view = centred_view(as_subject(head).face_points, pose)
    return render_scan(head.scan, view), view


@pytest.mark.parametrize("yaw", [-40.0, 0.0, 40.0])
def test_the_painted_nose_is_where_the_view_puts_the_nose_tip(head: Head, yaw: float) -> None:
    picture, view = rendered(head, Pose(LOOKS_DOWN_DEG, yaw))
    assert picture.shape == (IMAGE_SIDE, IMAGE_SIDE, 3) and picture.dtype == np.uint8
    expected = view.image_from_scan(head.landmarks.points[2:3])[0, :2]
    # In profile, part of the round dot is hidden.
    assert np.abs(middle_of(picture, GREEN) - expected).max() < (1.0 if yaw == 0 else 5.0)


def test_a_frontal_face_has_his_right_eye_at_the_left_and_level(head: Head) -> None:
    picture, _ = rendered(head, Pose(LOOKS_DOWN_DEG, 0.0))
    right, left = middle_of(picture, BLUE_IRIS), middle_of(picture, GREEN_IRIS)
    assert right[0] < left[0] - 50 and right[1] == pytest.approx(left[1], abs=1.0)
    assert middle_of(picture, GREEN)[1] > right[1]  # the nose is below the eyes


def test_turning_and_lifting_move_the_nose_the_stated_way(head: Head) -> None:
    def nose_from_eyes(pose: Pose) -> NDArray[np.float64]:
        picture, _ = rendered(head, pose)
        eyes = (middle_of(picture, BLUE_IRIS) + middle_of(picture, GREEN_IRIS)) / 2
        return middle_of(picture, GREEN) - eyes

    ahead = nose_from_eyes(Pose(LOOKS_DOWN_DEG, 0.0))
    assert nose_from_eyes(Pose(LOOKS_DOWN_DEG, 20.0))[0] < ahead[0] - 5  # to the image's left
    assert nose_from_eyes(Pose(LOOKS_DOWN_DEG + 20, 0.0))[1] < ahead[1] - 5  # up


def test_background_is_black_and_the_profile_hides_an_eye(head: Head) -> None:
    picture, _ = rendered(head, Pose(LOOKS_DOWN_DEG, 80.0))
    assert (picture[0] == 0).all() and (picture[:, -1] == 0).all()
    assert not (picture == BLUE_IRIS).all(axis=2).any()
    assert (picture == GREEN_IRIS).all(axis=2).any()


def test_edges_are_the_mean_of_four_rays() -> None:
    # A white square whose left edge runs through the middle of a pixel's column.
    corners = np.array([[0.0, -20, 0], [20, -20, 0], [20, 20, 0], [0, 20, 0]])
    white = VertexColours(np.full((4, 3), 255, dtype=np.uint8))
    scan = Scan(corners, np.array([[0, 1, 2], [0, 2, 3]]), white)
    half_pixel = np.array([1 / 3, 0.0, 0.0])  # 0.5 pixels at 1.5 pixels a millimetre
    row = render_scan(scan, View(np.eye(3), half_pixel))[IMAGE_SIDE // 2, :, 0]
    # The edge lies at x = 299.5 - 0.5 = 299: half of pixel 299, all of pixel 300.
    assert row[297:302].tolist() in ([0, 0, 127, 255, 255], [0, 0, 128, 255, 255])


def test_a_scan_read_without_colour_cannot_be_rendered(head: Head) -> None:
    bare = replace(head.scan, colour=None)
    with pytest.raises(ValueError, match="with_colour=True"):
        render_scan(bare, View(np.eye(3), np.zeros(3)))
