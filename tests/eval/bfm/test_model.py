"""The face model and its poses, worked out by hand and checked on the published fit."""

from pathlib import Path

import numpy as np
import pytest

from eval.benchmarks.aflw2000.coefficients import load_coefficients
from eval.benchmarks.aflw2000.data import load_benchmark
from eval.bfm.model import (
    Bfm,
    image_from_upright,
    pose_matrix,
    posed,
    rotation,
    yaw_pitch_roll_deg,
)
from eval.errors import ArrayError
from tests.eval.dense_world import mesh_of


@pytest.fixture
def model() -> Bfm:
    """Two vertices, two columns of shape and one of expression."""
    shape = np.array([[1, 0], [0, 1], [0, 0], [0, 0], [0, 0], [2, 3]], dtype=np.float32)
    expression = np.array([[0], [0], [5], [0], [0], [0]], dtype=np.float32)
    mean = np.array([[10, 20, 30], [40, 50, 60]], dtype=np.float32)
    return Bfm(mean, shape, expression, None, None, "invented")


def test_vertices_are_mean_plus_weighted_columns(model: Bfm) -> None:
    vertices = model.vertices(np.array([1.0, 2.0]), np.array([0.5]))
    assert vertices.tolist() == [[11.0, 22.0, 32.5], [40.0, 50.0, 68.0]]


def test_fewer_coefficients_take_the_first_columns_and_more_are_refused(model: Bfm) -> None:
    assert model.vertices(np.array([1.0]), np.zeros(0))[1].tolist() == [40.0, 50.0, 62.0]
    with pytest.raises(ArrayError, match=r"up to 2\) of shape .* got \(3,\).*take the full model"):
        model.vertices(np.zeros(3), np.zeros(1))


def test_a_batch_gives_what_single_faces_give(model: Bfm) -> None:
    shapes, expressions = np.random.default_rng(0).normal(size=(2, 3, 4, 2))
    batch = model.vertices(shapes, expressions[..., :1])
    assert batch.shape == (3, 4, 2, 3)
    single = model.vertices(shapes[1, 2], expressions[1, 2, :1])
    assert batch[1, 2] == pytest.approx(single, rel=1e-6)


def test_a_subset_moves_as_the_whole_does(model: Bfm) -> None:
    weights = np.array([3.0, -1.0]), np.array([2.0])
    part = model.subset(np.array([1, 0, 1]))
    assert (part.vertices(*weights) == model.vertices(*weights)[[1, 0, 1]]).all()
    assert part.keypoints is None and part.triangles is None


def test_parts_that_disagree_are_refused(model: Bfm) -> None:
    with pytest.raises(ArrayError, match=r"parts of invented disagree: mean \(1, 3\)"):
        Bfm(model.mean[:1], model.shape_basis, model.expression_basis, None, None, "invented")
    with pytest.raises(ArrayError, match=r"keypoints of invented must name vertices 0 to 1"):
        index = np.array([0, 2])
        Bfm(model.mean, model.shape_basis, model.expression_basis, index, None, "invented")


def test_a_rotation_is_a_proper_one_with_the_stated_sense() -> None:
    turned = rotation(np.random.default_rng(0).uniform(-4, 4, size=(20, 3)))
    assert turned @ turned.swapaxes(1, 2) == pytest.approx(np.tile(np.eye(3), (20, 1, 1)))
    assert np.linalg.det(turned) == pytest.approx(np.ones(20))
    nose = np.array([0.0, 0.0, 1.0])  # out of the face
    assert rotation(np.radians([0.0, 30.0, 0.0])) @ nose == pytest.approx([-0.5, 0, 3**0.5 / 2])
    assert rotation(np.radians([30.0, 0.0, 0.0])) @ nose == pytest.approx([0, 0.5, 3**0.5 / 2])


def test_angles_come_back_from_a_scaled_and_slightly_sheared_matrix() -> None:
    generator = np.random.default_rng(2)
    pitch, yaw, roll = generator.uniform([-1.5] * 3, [1.5] * 3, size=(30, 3)).T
    matrices = np.zeros((31, 3, 4))
    matrices[:30, :, :3] = 1e-3 * rotation(np.stack([pitch, yaw, roll], axis=1))
    matrices[30] = np.nan
    found = yaw_pitch_roll_deg(matrices)
    np.testing.assert_allclose(found[:30], np.degrees(np.stack([yaw, pitch, roll], axis=1)))
    assert np.isnan(found[30]).all()
    matrices[:30, :, :3] *= 1 + 1e-3 * generator.normal(size=(30, 3, 3))
    assert np.abs(yaw_pitch_roll_deg(matrices)[:30] - found[:30]).max() < 2.0


def test_a_pose_is_scale_rotation_translation_and_the_flip() -> None:
    pose = [0.3, -0.7, 1.1, 200.0, 210.0, -50.0, 2e-3]
    vertices = np.random.default_rng(0).normal(size=(7, 3)) * 5e4
    points = image_from_upright(posed(vertices, pose_matrix(np.array(pose))), 450)
    assert points == pytest.approx(mesh_of(vertices, pose))
    with pytest.raises(ArrayError, match=r"pose_para must be \(..., 7\), got \(6,\)"):
        pose_matrix(np.zeros(6))


def test_published_points_taken_back_are_linear_in_the_published_coefficients(
    data_root: Path,
) -> None:
    """Holds only with the right order and sense of rotations, translation, scale and flip."""
    faces = load_benchmark(data_root)
    fit = load_coefficients(data_root, faces.ids)
    upright = faces.landmarks68.copy()
    upright[..., 1] = 451 - upright[..., 1]
    matrix = pose_matrix(fit.pose_para)
    back = (upright - matrix[:, None, :, 3]) @ np.linalg.inv(matrix[..., :3]).swapaxes(1, 2)
    factors = np.concatenate([np.ones((2000, 1)), fit.shape_para / 1e5, fit.exp_para], axis=1)
    known, asked = slice(0, 1000), slice(1000, 2000)
    flat = back.reshape(2000, -1)
    columns = np.linalg.lstsq(factors[known], flat[known], rcond=None)[0]
    misses = (factors[asked] @ columns - flat[asked]) * fit.pose_para[asked, 6:]
    assert np.abs(misses).max() < 1e-3  # pixels
