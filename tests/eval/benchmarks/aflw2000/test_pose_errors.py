"""The named rules of pose errors: by hand, and against the codes that they name."""

import numpy as np
import pytest
from scipy.spatial.transform import Rotation

from eval.benchmarks.aflw2000.pose import BENCHMARKS, choose_poses, score
from eval.benchmarks.aflw2000.pose_errors import angle_errors, geodesic_errors, opal_errors
from eval.errors import SubmissionError
from eval.submissions.submission import Submission


def test_plain_differences_do_not_go_round_the_circle() -> None:
    ours, theirs = np.array([179.0, 10.0, np.nan]), np.array([-179.0, -350.0, 0.0])
    assert angle_errors(ours, theirs, "plain")[:2].tolist() == [358.0, 360.0]
    assert angle_errors(ours, theirs)[:2].tolist() == [2.0, 0.0]
    assert np.isnan(angle_errors(ours, theirs, "plain")[2])


def test_6drepnets_rule_forgives_half_turns() -> None:
    ours, theirs = np.array([178.0, -175.0, 90.0, 359.0]), np.array([0.0, 0.0, 0.0, 0.0])
    assert angle_errors(ours, theirs, "6drepnet").tolist() == [2.0, 5.0, 90.0, 1.0]


def turned(angles: np.ndarray, by: Rotation) -> np.ndarray:
    """Yaw, pitch, roll of the same heads in another frame of the head."""
    rotations = Rotation.from_euler("XYZ", -angles[:, [1, 0, 2]], degrees=True)
    return -(by * rotations).as_euler("XYZ", degrees=True)[:, [1, 0, 2]]


@pytest.fixture
def poses() -> np.ndarray:
    return np.random.default_rng(0).uniform(-60.0, 60.0, size=(50, 3))


def test_opal_takes_a_constant_rotation_out(poses: np.ndarray) -> None:
    shifted = turned(poses, Rotation.from_euler("xyz", [10, -5, 8], degrees=True))
    assert angle_errors(shifted, poses).mean() > 3.0
    errors, turns = opal_errors(shifted, poses)
    assert errors == pytest.approx(0.0, abs=0.02) and turns == pytest.approx(0.0, abs=0.02)


def test_opal_leaves_what_differs_from_face_to_face(poses: np.ndarray) -> None:
    noisy = poses + np.random.default_rng(1).normal(scale=4.0, size=poses.shape)
    noisy[3] = np.nan
    errors, turns = opal_errors(noisy, poses)
    assert np.isnan(errors[3]).all() and np.isnan(turns[3])
    known = np.arange(50) != 3
    plain = geodesic_errors(noisy, poses)[known].mean()
    assert 0.8 * plain < turns[known].mean() <= plain


def test_opal_takes_the_nearer_of_two_names_of_one_rotation() -> None:
    near = np.random.default_rng(2).uniform(-20.0, 20.0, size=(20, 3))
    same = near.copy()
    same[0] = (180.0 - near[0, 0], near[0, 1] + 180.0, near[0, 2] + 180.0)
    assert opal_errors(same, near)[0] == pytest.approx(0.0, abs=0.02)


def test_opal_without_a_face_near_its_truth_says_so() -> None:
    truth = np.zeros((3, 3))
    with pytest.raises(SubmissionError, match="no predicted pose is within 90 degrees"):
        opal_errors(truth + np.array([170.0, 0.0, 0.0]), truth)


@pytest.mark.parametrize(
    ("chosen", "options"),
    [
        ({}, {}),
        ({"rule": "plain"}, {"rule": "plain"}),
        ({"rule": "6drepnet"}, {"rule": "6drepnet"}),
        ({"frames": "opal"}, {"frames": "opal"}),
    ],
)
def test_a_variant_is_named_in_the_record(
    poses: np.ndarray, chosen: dict[str, str], options: dict[str, str]
) -> None:
    ids = tuple(f"image{number}" for number in range(50))
    para = np.concatenate([np.radians(poses[:, [1, 0, 2]]), np.ones((50, 4))], axis=1)
    truth = choose_poses(ids, para, "within-99")
    result = score(truth, Submission(ids, None, {}, pose_deg=poses), **chosen)  # type: ignore[arg-type]
    assert result.options == {"angles": "within-99, 50 faces", **options}
    assert result.headline.headline == pytest.approx(0.0, abs=0.02)
    assert BENCHMARKS[0].protocol.name == result.protocol
