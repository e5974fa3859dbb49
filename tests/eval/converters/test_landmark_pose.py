"""Angles from 68 points: exact for the mean face, about a degree off for others."""

import argparse
import re
from pathlib import Path

import numpy as np
import pytest

from eval.benchmarks.aflw2000.coefficients import load_coefficients
from eval.benchmarks.aflw2000.data import load_benchmark
from eval.bfm.model import image_from_upright, pose_matrix, posed, yaw_pitch_roll_deg
from eval.commands import convert
from eval.converters.landmark_pose import POSE_FACT, pose_from_landmarks
from eval.errors import SubmissionError
from eval.submissions.submission import read_submission
from tests.eval.dense_world import KEYPOINTS, invented_model, write_model

MODEL = invented_model()
MEAN68 = (MODEL["mu_shape"] + MODEL["mu_exp"]).reshape(-1, 3)[KEYPOINTS]


def faces(count: int) -> tuple[np.ndarray, np.ndarray]:
    """Points (N, 68, 3) of the mean face as published, and its angles (N, 3) in degrees."""
    angles = np.random.default_rng(1).uniform(-0.9, 0.9, (count, 3))  # pitch, yaw, roll
    where = np.tile([225.0, 225.0, -100.0, 1.2e-3], (count, 1))
    points = posed(MEAN68, pose_matrix(np.concatenate([angles, where], axis=1)))
    return image_from_upright(points, 450), np.degrees(angles[:, [1, 0, 2]])


def test_the_mean_faces_angles_come_back_and_failed_faces_stay_failed() -> None:
    points, angles = faces(4)
    points[2] = np.nan
    found = pose_from_landmarks(("a", "b", "c", "d"), points, MEAN68)
    np.testing.assert_allclose(found[[0, 1, 3]], angles[[0, 1, 3]], atol=1e-6)
    assert np.isnan(found[2]).all()


def test_points_without_depth_have_no_rotation() -> None:
    points, _ = faces(2)
    points[1, :, 2] = 0.0
    with pytest.raises(SubmissionError, match=r"1 faces have the same z everywhere \(b\)"):
        pose_from_landmarks(("a", "b"), points, MEAN68)


def run(*arguments: object) -> str:
    parser = argparse.ArgumentParser()
    convert.add(parser.add_subparsers())
    words = ["convert", *map(str, arguments)]
    return convert.run(parser, parser.parse_args(words))


def test_the_command_writes_the_angles_and_says_what_they_cost(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    points, angles = faces(2)
    folder, bfm, output = tmp_path / "kpt", write_model(tmp_path / "bfm", MODEL), tmp_path / "o.npz"
    folder.mkdir()
    for name, face in zip("ab", points - [1.0, 1.0, 0.0], strict=True):
        np.savetxt(folder / f"{name}_kpt.txt", face)
    told = run(folder, "--pose", "--bfm", bfm, "--output", output)
    assert "1.04 degrees" in told
    found = read_submission(output)
    assert found.pose_deg is not None and found.meta["conversion"]["pose"] == POSE_FACT
    np.testing.assert_allclose(found.pose_deg, angles, atol=1e-4)
    with pytest.raises(SystemExit):
        run(folder, "--bfm", bfm, "--output", output)
    assert "--bfm is for --pose" in capsys.readouterr().err


def test_what_perfect_points_cost_on_the_benchmark_is_what_is_said(data_root: Path) -> None:
    benchmark = load_benchmark(data_root)
    matrix = pose_matrix(load_coefficients(data_root, benchmark.ids).pose_para)
    upright = image_from_upright(benchmark.landmarks68, 450)
    at_rest = np.linalg.solve(matrix[..., :3], np.swapaxes(upright - matrix[:, None, :, 3], 1, 2))
    found = pose_from_landmarks(benchmark.ids, benchmark.landmarks68, at_rest.mean(axis=0).T)
    wanted = yaw_pitch_roll_deg(matrix)
    kept = (np.abs(wanted) < 99.0).all(axis=1)
    apart = np.abs(found - wanted)[kept]
    errors = np.minimum(apart, 360.0 - apart).mean(axis=0)
    said = [float(number) for number in re.findall(r"\d+\.\d\d", POSE_FACT)]
    np.testing.assert_allclose([errors.mean(), *errors], said, atol=0.02)
