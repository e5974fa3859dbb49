"""The reconstruction board, each rule against a plain calculation."""

import numpy as np
import pytest
from scipy.spatial.transform import Rotation

from eval.benchmarks.aflw2000.dense_alignment import icp_aligned
from eval.benchmarks.aflw2000.dense_truth import DenseTruth
from eval.bfm.surface import face_texels
from eval.errors import SubmissionError
from tests.eval.dense_scores import given, noisy, reconstruction, sqrt_box, truth
from tests.eval.dense_world import KEYPOINTS, World

__all__ = ["given", "truth"]  # fixtures


def test_reconstruction_forgives_pose_and_with_fitted_scale_size(
    given: World, truth: DenseTruth
) -> None:
    turned = 1.1 * given.meshes[..., [1, 0, 2]] * [1, -1, 1] + [3.0, 450.0, -7.0]
    fitted = reconstruction(given, truth, turned, "prnet")
    assert fitted.headline.headline == pytest.approx(0.0, abs=1e-5)
    kept = reconstruction(given, truth, turned, "prnet", scale="kept")
    assert kept.headline.headline > 0.01
    assert (fitted.options["scale"], kept.options["scale"]) == ("fitted", "kept")


def test_reconstruction_by_the_prnet_rule_is_scale_rotation_and_the_eye_distance(
    given: World, truth: DenseTruth
) -> None:
    meshes = noisy(given)
    texels = face_texels(given.bfm, truth.bfm)
    expected = []
    for ours, theirs in zip(meshes, given.meshes, strict=True):
        a, b = texels.of(ours), texels.of(theirs)
        a *= np.linalg.norm(b - b[0], axis=1).sum() / np.linalg.norm(a - a[0], axis=1).sum()
        turn, _ = Rotation.align_vectors(b - b.mean(axis=0), a - a.mean(axis=0))
        distance = np.linalg.norm(turn.apply(a - a.mean(axis=0)) - (b - b.mean(axis=0)), axis=1)
        eyes = theirs[KEYPOINTS[[36, 45]]]
        expected.append(distance.mean() / np.linalg.norm(eyes[0] - eyes[1]))
    result = reconstruction(given, truth, meshes, "prnet")
    assert list(result.headline.per_image.values()) == pytest.approx(expected, rel=1e-3)


def test_reconstruction_by_the_2dasl_rule_takes_each_50th_vertex_and_the_dense_box(
    given: World, truth: DenseTruth
) -> None:
    meshes = noisy(given)
    expected = []
    for ours, theirs in zip(meshes, given.meshes, strict=True):
        a, b = icp_aligned(ours[::50], theirs[::50])
        expected.append(np.linalg.norm(a - b, axis=1).mean() / sqrt_box(theirs))
    result = reconstruction(given, truth, meshes, "2dasl")
    assert list(result.headline.per_image.values()) == pytest.approx(expected, rel=1e-3)
    assert result.headline.label == "reconstruction, scale kept"
    assert result.options["points"] == "every 50th of 324 vertices"


def test_a_mesh_that_cannot_be_aligned_is_named(given: World, truth: DenseTruth) -> None:
    meshes = given.meshes.copy()
    meshes[3] = 7.0
    with pytest.raises(SubmissionError, match=r"vertices of image00003 cannot be aligned"):
        reconstruction(given, truth, meshes, "prnet")
