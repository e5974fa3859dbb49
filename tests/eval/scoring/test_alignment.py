"""Alignment of corresponding points: known transforms and independent implementations."""

import numpy as np
import pytest
import trimesh
from numpy.typing import NDArray
from scipy.optimize import least_squares
from scipy.spatial.transform import Rotation

from eval.errors import ArrayError
from eval.scoring.alignment import SimilarityTransform, fit_similarity

Floats = NDArray[np.float64]


def known(turn_deg: float, scale: float = 1.0) -> SimilarityTransform:
    """A turn about a slanted axis, a shift of 17 mm, and a scale."""
    rotation = Rotation.from_rotvec(np.radians(turn_deg) * np.ones(3) / np.sqrt(3)).as_matrix()
    return SimilarityTransform(scale, rotation, np.array([10.0, -10.0, 10.0]))


@pytest.mark.parametrize("scale", [1.0, 0.5, 3.0])
def test_a_fit_of_corresponding_points_finds_the_transform(scale: float) -> None:
    points = np.random.default_rng(0).normal(size=(7, 3))
    true = known(120.0, scale)
    fitted = fit_similarity(points, true.apply(points), fit_scale=True)
    assert fitted.scale == pytest.approx(scale)
    np.testing.assert_allclose(fitted.rotation, true.rotation, atol=1e-12)
    np.testing.assert_allclose(fitted.translation, true.translation, atol=1e-12)


@pytest.mark.parametrize("fit_scale", [True, False])
def test_a_fit_of_noisy_points_is_the_least_squares_one(fit_scale: bool) -> None:
    generator = np.random.default_rng(1)
    ours, theirs = generator.normal(size=(2, 30, 3))
    theirs += known(40.0, 1.7).apply(ours)

    def left_over(unknowns: Floats) -> Floats:
        turned = Rotation.from_rotvec(unknowns[:3]).apply(ours)
        scale = np.exp(unknowns[6]) if fit_scale else 1.0
        return (scale * turned + unknowns[3:6] - theirs).ravel()

    best = least_squares(left_over, np.zeros(7), xtol=1e-12, ftol=1e-12, gtol=1e-12)
    fitted = fit_similarity(ours, theirs, fit_scale=fit_scale)
    residuals = (fitted.apply(ours) - theirs).ravel()
    np.testing.assert_allclose(residuals, left_over(best.x), atol=1e-5)


def test_a_rigid_fit_agrees_with_trimesh() -> None:
    generator = np.random.default_rng(1)
    ours, theirs = generator.normal(size=(2, 30, 3))
    matrix, _, _ = trimesh.registration.procrustes(ours, theirs, reflection=False, scale=False)
    fitted = fit_similarity(ours, theirs, fit_scale=False)
    np.testing.assert_allclose(fitted.rotation, matrix[:3, :3], atol=1e-9)
    np.testing.assert_allclose(fitted.translation, matrix[:3, 3], atol=1e-9)


def test_a_fit_never_mirrors() -> None:
    points = np.random.default_rng(2).normal(size=(10, 3))
    fitted = fit_similarity(points, points * [-1.0, 1.0, 1.0], fit_scale=True)
    assert np.linalg.det(fitted.rotation) == pytest.approx(1.0)


def test_three_points_are_enough_and_two_or_a_line_are_not() -> None:
    points = np.array([[0.0, 0, 0], [1, 0, 0], [0, 1, 0]])
    assert fit_similarity(points, points, fit_scale=False).scale == 1.0
    with pytest.raises(ArrayError, match="at least 3 points, got 2"):
        fit_similarity(points[:2], points[:2], fit_scale=False)
    with pytest.raises(ArrayError, match="on one line"):
        fit_similarity(np.outer(np.arange(4.0), np.ones(3)), np.eye(4, 3), fit_scale=False)
    with pytest.raises(ArrayError, match="corresponding points"):
        fit_similarity(points, points[:2], fit_scale=False)


def test_undo_is_the_inverse_of_apply() -> None:
    points = np.random.default_rng(3).normal(size=(5, 3))
    transform = known(75.0, 2.5)
    np.testing.assert_allclose(transform.undo(transform.apply(points)), points, atol=1e-12)
