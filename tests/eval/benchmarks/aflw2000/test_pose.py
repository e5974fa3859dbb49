"""The pose board: angles, the 99-degree rule, and other conventions."""

from pathlib import Path

import numpy as np
import pytest
from scipy.spatial.transform import Rotation

from eval.benchmarks import scorer
from eval.benchmarks.aflw2000.coefficients import load_poses
from eval.benchmarks.aflw2000.data import find_ids
from eval.benchmarks.aflw2000.pose import (
    TruePoses,
    angle_errors,
    choose_poses,
    geodesic_errors,
    score,
)
from eval.errors import SubmissionError
from eval.results.record import ProtocolResult
from eval.scoring.summary import Bootstrap
from eval.submissions.submission import Submission, write_submission

IDS = tuple("abcdef")
YAW_PITCH_ROLL = np.array(
    [[10.0, 5, 0], [-60, 20, 3], [85, -10, -5], [-30, 0, 8], [45, 15, -2], [-351, 890, 4]]
)


def pose_para() -> np.ndarray:
    """(6, 7) as the mats have it: pitch, yaw, roll in radians first."""
    return np.concatenate([np.radians(YAW_PITCH_ROLL[:, [1, 0, 2]]), np.ones((6, 4))], axis=1)


@pytest.fixture
def truth() -> TruePoses:
    return choose_poses(IDS, pose_para(), "within-99")


def scored(truth: TruePoses, pose_deg: np.ndarray) -> ProtocolResult:
    return score(truth, Submission(IDS, None, {}, pose_deg=pose_deg), bootstrap=Bootstrap(20))


def test_the_rule_leaves_out_faces_with_an_angle_beyond_99(truth: TruePoses) -> None:
    assert truth.ids == IDS[:5] and truth.left_out == ("f",)
    assert truth.pose_deg == pytest.approx(YAW_PITCH_ROLL[:5])
    assert truth.rule == "within-99, 5 faces"
    assert choose_poses(IDS, pose_para(), "all").ids == IDS


def test_a_perfect_submission_scores_zero(truth: TruePoses) -> None:
    result = scored(truth, YAW_PITCH_ROLL)
    assert {score.name: round(score.headline, 9) for score in result.scores} == dict.fromkeys(
        ("pose", "yaw", "pitch", "roll", "geodesic"), 0.0
    )
    assert result.warnings == () and result.options == {"angles": "within-99, 5 faces"}


def test_the_headline_is_the_mean_of_the_three_angles_errors(truth: TruePoses) -> None:
    result = scored(truth, YAW_PITCH_ROLL + np.array([3.0, -6.0, 0.0]))
    means = {score.name: score.headline for score in result.scores}
    assert means["pose"] == pytest.approx(3.0)
    assert (means["yaw"], means["pitch"], means["roll"]) == pytest.approx((3.0, 6.0, 0.0))
    assert {score.unit for score in result.scores} == {"deg"}


def test_differences_go_the_short_way_round() -> None:
    errors = angle_errors(np.array([9.0, 179.0, 0.0, np.nan]), np.array([-351.0, -179, 180, 0]))
    assert errors[:3].tolist() == [0.0, 2.0, 180.0] and np.isnan(errors[3])


def test_geodesic_errors_are_those_of_scipys_rotations() -> None:
    ours, theirs = np.random.default_rng(0).uniform(-180, 180, size=(2, 50, 3))

    def scipys(angles: np.ndarray) -> Rotation:
        # Rx(pitch) Ry(yaw) Rz(roll) with SciPy's opposite sense of each rotation.
        return Rotation.from_euler("XYZ", -angles[:, [1, 0, 2]], degrees=True)

    expected = np.degrees((scipys(ours).inv() * scipys(theirs)).magnitude())
    assert geodesic_errors(ours, theirs) == pytest.approx(expected)
    assert geodesic_errors(np.full((1, 3), np.nan), theirs[:1]).tolist() == [
        pytest.approx(np.nan, nan_ok=True)
    ]


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (lambda pose: pose * [-1, 1, 1], "yaw negated? its error would be 0.00 in place of 92.00"),
        (lambda pose: pose[:, [1, 0, 2]], "columns pitch, yaw, roll? the error would be 0.00"),
        (lambda pose: pose[:, ::-1], "columns roll, pitch, yaw? the error would be 0.00"),
        (np.radians, "radians? the error would be 0.00"),
    ],
)
def test_another_convention_is_named_and_scored_as_given(
    truth: TruePoses, change: object, said: str
) -> None:
    assert callable(change)
    result = scored(truth, change(YAW_PITCH_ROLL))
    assert any(said in text for text in result.warnings)
    assert result.headline.headline > 5


def test_a_failed_face_is_counted_and_all_failed_is_refused(truth: TruePoses) -> None:
    pose_deg = YAW_PITCH_ROLL.copy()
    pose_deg[1] = np.nan
    result = scored(truth, pose_deg)
    assert (result.expected, result.scored, result.failed_ids) == (5, 4, ("b",))
    with pytest.raises(SubmissionError, match=r"all 5 rows are NaN"):
        scored(truth, np.full((6, 3), np.nan))
    with pytest.raises(SubmissionError, match=r"has no pose_deg, which this benchmark scores"):
        score(truth, Submission(IDS, np.zeros((6, 68, 3)), {}))


def test_published_poses_keep_1969_faces(data_root: Path, tmp_path: Path) -> None:
    ids = find_ids(data_root)
    poses = load_poses(data_root, ids)
    noise = np.random.default_rng(0).normal(size=(2000, 3)) * 3.0
    pose_deg = np.degrees(poses[:, [1, 0, 2]]) + noise
    write_submission(tmp_path / "s.npz", ids, None, pose_deg=pose_deg)
    result = scorer.score("aflw2000-3d-pose", tmp_path / "s.npz", root=data_root)
    assert result.expected == result.scored == 1969
    # Mean of |N(0, 3)|: 3 sqrt(2 / pi) = 2.394.
    assert result.headline.headline == pytest.approx(2.394, abs=0.05)
