"""Poses and frames: signs worked by hand, a round trip, and ids that are never shared."""

import numpy as np
import pytest

from eval.benchmarks.florence.views import POSE_SETS, YAWS_DEG, Pose, View, centred_view
from eval.errors import ArrayError

NOSE = np.array([[0.0, 0.0, 1.0]])  # of a face that looks straight ahead


def test_positive_yaw_turns_the_nose_to_the_images_left() -> None:
    turned = View(Pose(0.0, 90.0).rotation, np.zeros(3)).view_from_scan(NOSE)
    np.testing.assert_allclose(turned, [[-1.0, 0.0, 0.0]], atol=1e-12)


def test_positive_pitch_lifts_the_nose() -> None:
    turned = View(Pose(90.0, 0.0).rotation, np.zeros(3)).view_from_scan(NOSE)
    np.testing.assert_allclose(turned, [[0.0, 1.0, 0.0]], atol=1e-12)


def test_pitch_comes_before_yaw() -> None:
    # Lifted to straight up first, the nose lies on the axis of the yaw.
    turned = View(Pose(90.0, 90.0).rotation, np.zeros(3)).view_from_scan(NOSE)
    np.testing.assert_allclose(turned, [[0.0, 1.0, 0.0]], atol=1e-12)


def test_every_pose_is_a_rotation_without_reflection() -> None:
    for pose_set in POSE_SETS.values():
        for pose in pose_set.poses:
            np.testing.assert_allclose(pose.rotation @ pose.rotation.T, np.eye(3), atol=1e-12)
            assert np.linalg.det(pose.rotation) == pytest.approx(1.0)


def test_pixels_are_as_worked_by_hand() -> None:
    # Centre (0, 0, 0) is pixel 299.5; 1.5 pixels a millimetre; y runs down, z towards the viewer.
    view = View(np.eye(3), np.zeros(3))
    pixels = view.image_from_view(np.array([[10.0, 20.0, 4.0]]))
    np.testing.assert_allclose(pixels, [[314.5, 269.5, 6.0]])


def test_pixels_and_back_is_where_it_started() -> None:
    points = np.random.default_rng(0).uniform(-90, 90, size=(20, 3))
    view = centred_view(points, Pose(7.5, -40.0))
    back = view.view_from_image(view.image_from_scan(points))
    np.testing.assert_allclose(back, view.view_from_scan(points), atol=1e-9)


def test_the_box_of_the_face_is_in_the_middle_of_the_image() -> None:
    points = np.random.default_rng(0).uniform(-90, 90, size=(50, 3)) + np.array([30.0, 400, -70])
    pixels = centred_view(points, Pose(20.0, 80.0)).image_from_scan(points)
    middle = (pixels.min(axis=0) + pixels.max(axis=0)) / 2
    np.testing.assert_allclose(middle, [299.5, 299.5, 0.0], atol=1e-9)


def test_sets_have_the_images_that_their_sources_state_and_share_no_id() -> None:
    ids = {
        name: {pose.image_id("subject_01") for pose in pose_set.poses}
        for name, pose_set in POSE_SETS.items()
    }
    assert (len(ids["vrn"]), len(ids["sadrnet"])) == (15, 20)
    assert not ids["vrn"] & ids["sadrnet"]
    assert "subject_01_15_-80" in ids["vrn"] and "subject_01_7.5_0" in ids["sadrnet"]
    assert YAWS_DEG == (-80, -40, 0, 40, 80)


def test_points_of_another_shape_are_refused() -> None:
    with pytest.raises(ArrayError, match=r"\(N, 3\), got \(3,\)"):
        centred_view(np.zeros(3), Pose(0.0, 0.0))
