"""Which points of a mesh are compared with which of the truth's."""

from pathlib import Path

import numpy as np
import pytest

from eval.benchmarks.aflw2000 import dense as aflw2000_dense
from eval.benchmarks.aflw2000 import reconstruction as aflw2000_reconstruction
from eval.benchmarks.aflw2000.dense_rules import RULES, match
from eval.benchmarks.aflw2000.dense_truth import DenseTruth
from eval.errors import SubmissionError
from eval.scoring.directions import one_sided
from eval.submissions.submission import Submission
from tests.eval.array_rows import ArrayRows
from tests.eval.dense_scores import FEW, dense, given, noisy, sqrt_box, truth
from tests.eval.dense_world import KEYPOINTS, World

__all__ = ["given", "truth"]  # fixtures


def test_another_topology_needs_a_correspondence_or_nearest_points(
    given: World, truth: DenseTruth
) -> None:
    with pytest.raises(SubmissionError, match=r"vertices has 300 .* wanted the 324 .*--nearest"):
        dense(given, truth, given.meshes[:, :300], "2dasl")


def test_a_correspondence_brings_another_topology_into_the_truths_order(
    given: World, truth: DenseTruth, tmp_path: Path
) -> None:
    """The other mesh is the same one, its vertices shuffled and one of them lost."""
    order = np.random.default_rng(0).permutation(324)[:323]
    lost = (set(range(324)) - set(order.tolist())).pop()
    place = np.full(324, -1)
    place[order] = np.arange(323)
    weights = np.tile([1.0, 0.0, 0.0], (324, 1))
    np.savez(tmp_path / "c.npz", corners=np.tile(place[:, None], 3), weights=weights)
    meshes = noisy(given)
    submission = Submission(given.ids, None, {}, vertices=ArrayRows(meshes[:, order]))
    matching = match(
        RULES["2dasl"],
        truth,
        submission,
        bfm_folder=given.bfm,
        correspondence=tmp_path / "c.npz",
    )
    result = aflw2000_dense.score(truth, submission, matching, bootstrap=FEW)
    kept = np.delete(np.arange(324), lost)
    plane = np.linalg.norm((meshes - given.meshes)[:, kept, :2], axis=2).mean(axis=1)
    boxes = [sqrt_box(mesh[KEYPOINTS]) for mesh in given.meshes]
    assert list(result.scores[1].per_image.values()) == pytest.approx(plane / boxes, abs=1e-6)
    assert result.options["matching"].startswith("c.npz, 323 of 324 points, sha256 ")


def test_nearest_points_are_compared_after_the_68_points_fix_the_depth(
    given: World, truth: DenseTruth
) -> None:
    """The same surfaces, shuffled and moved in depth: only vertices between texels differ."""
    order = np.random.default_rng(0).permutation(324)
    place = np.argsort(order)
    meshes = given.meshes[:, order] + [0.0, 0.0, 80.0]
    submission = Submission(
        given.ids,
        given.meshes[:, KEYPOINTS] + [0.0, 0.0, 80.0],
        {},
        vertices=ArrayRows(meshes),
        triangles=place[given.triangles],
    )
    matching = match(RULES["prnet"], truth, submission, bfm_folder=given.bfm, nearest=True)
    result = aflw2000_dense.score(truth, submission, matching, bootstrap=FEW)
    shape = aflw2000_reconstruction.score(truth, submission, matching, bootstrap=FEW)
    assert [score.name for score in result.scores] == ["3d", "3d-back"]
    assert [score.name for score in shape.scores] == ["reconstruction", "reconstruction-back"]
    for part in (*result.scores, *shape.scores):
        assert part.headline == pytest.approx(0.0, abs=1e-4)
    assert result.options["matching"] == "nearest surface points of another topology"
    assert one_sided(result) == one_sided(shape) == ""


def test_nearest_points_need_landmarks_and_the_prnet_rule(given: World, truth: DenseTruth) -> None:
    vertices = ArrayRows(given.meshes)
    bare = Submission(given.ids, None, {}, vertices=vertices, triangles=given.triangles)
    with pytest.raises(SubmissionError, match=r"has no landmarks"):
        match(RULES["prnet"], truth, bare, bfm_folder=given.bfm, nearest=True)
    points = given.meshes[:, KEYPOINTS].copy()
    points[1] = np.nan
    submission = Submission(given.ids, points, {}, vertices=vertices, triangles=given.triangles)
    matching = match(RULES["2dasl"], truth, submission, bfm_folder=given.bfm, nearest=True)
    with pytest.raises(SubmissionError, match=r"landmarks of image00001 is NaN and its vertices"):
        aflw2000_dense.score(truth, submission, matching, bootstrap=FEW)
    with pytest.raises(SubmissionError, match=r"pass --rule prnet"):
        aflw2000_reconstruction.score(truth, submission, matching, bootstrap=FEW)
