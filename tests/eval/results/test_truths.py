"""The published truth is known in each of its forms, and another truth is told."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from eval.benchmarks.aflw2000.coefficients import load_poses
from eval.benchmarks.aflw2000.data import load_benchmark
from eval.benchmarks.aflw2000.landmarks import AFLW2000_3D, score
from eval.benchmarks.aflw2000.pose import choose_poses
from eval.benchmarks.aflw2000.pose import score as score_pose
from eval.benchmarks.aflw2000.variants import choose_images
from eval.results.truths import PUBLISHED, is_foreign, truth_name
from eval.scoring.comparison import compare
from eval.scoring.summary import Bootstrap
from eval.submissions.submission import Submission, read_submission
from tests.eval.invented_results import invented_result

FEW = Bootstrap(draws=100)


def test_a_protocol_that_pins_nothing_has_no_foreign_truth() -> None:
    result = invented_result("one", protocol="florence", truth_sha256="3" * 64)
    assert truth_name(result) == "sha256 333333333333" and not is_foreign(result)
    assert is_foreign(replace(result, protocol="aflw2000-3d"))


@pytest.fixture(scope="module")
def mats_alone(data_root: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The benchmark as its authors publish it, without any helper array."""
    folder = tmp_path_factory.mktemp("mats")
    for path in (data_root / "aflw2000_3d").glob("image*.*"):
        (folder / path.name).symlink_to(path)
    return folder


def test_mats_alone_and_the_helper_array_are_one_truth(data_root: Path, mats_alone: Path) -> None:
    submission = read_submission(data_root / "submissions" / "2dasl_released.npz")
    roots = (data_root, mats_alone)
    results = [score(AFLW2000_3D, load_benchmark(r), submission, bootstrap=FEW) for r in roots]
    assert results[0].truth_sha256 != results[1].truth_sha256
    assert [truth_name(result) for result in results] == [PUBLISHED, PUBLISHED]
    assert compare(*results, bootstrap=FEW)[0].difference.mean == pytest.approx(0.0, abs=1e-8)


def test_a_subset_is_known_by_the_whole_truth(data_root: Path) -> None:
    faces = choose_images(load_benchmark(data_root), "balanced", 5)
    submission = read_submission(data_root / "submissions" / "3ddfa_v2_mb05.npz")
    assert truth_name(score(AFLW2000_3D, faces, submission, bootstrap=FEW)) == PUBLISHED


def test_a_truth_of_which_one_point_was_moved_is_another(data_root: Path) -> None:
    faces = load_benchmark(data_root)
    moved = faces.landmarks68.copy()
    moved[7, 3, 0] += 0.5
    submission = read_submission(data_root / "submissions" / "3ddfa_v2_mb05.npz")
    own = replace(faces, landmarks68=moved)
    assert is_foreign(score(AFLW2000_3D, own, submission, bootstrap=FEW))


@pytest.mark.parametrize("rule", ["within-99", "all"])
def test_true_poses_are_known_under_each_rule(data_root: Path, rule: str) -> None:
    ids = load_benchmark(data_root).ids
    truth = choose_poses(ids, load_poses(data_root, ids), rule)
    submission = Submission(truth.ids, None, {}, pose_deg=truth.pose_deg.astype(np.float32))
    assert truth_name(score_pose(truth, submission, bootstrap=FEW)) == PUBLISHED
