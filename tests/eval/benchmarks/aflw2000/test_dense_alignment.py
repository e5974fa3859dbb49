"""Alignment before shapes are compared, on known transforms and against other implementations."""

import numpy as np
import pytest
from scipy.spatial import procrustes

from eval.benchmarks.aflw2000.dense_alignment import icp_aligned, similarity_aligned
from eval.bfm.model import rotation
from eval.errors import ArrayError

POINTS = np.random.default_rng(0).normal(size=(60, 3)) * [40.0, 60.0, 25.0]
TURN = rotation(np.array([0.2, -0.4, 0.1]))


def test_a_known_similarity_is_undone() -> None:
    moved = 1.7 * POINTS @ TURN.T + [5.0, -8.0, 100.0]
    assert similarity_aligned(POINTS, moved, fit_scale=True) == pytest.approx(moved)
    kept = similarity_aligned(POINTS, moved, fit_scale=False)
    sizes = [np.linalg.norm(points - points.mean(axis=0)) for points in (kept, POINTS)]
    assert sizes[0] == pytest.approx(sizes[1])
    assert kept.mean(axis=0) == pytest.approx(moved.mean(axis=0))


def test_scale_is_the_ratio_of_summed_distances_to_the_first_point() -> None:
    noisy = POINTS + np.random.default_rng(1).normal(size=POINTS.shape) * 5
    aligned = similarity_aligned(noisy, POINTS, fit_scale=True)
    summed = [np.linalg.norm(p - p[0], axis=1).sum() for p in (aligned, POINTS)]
    assert summed[0] == pytest.approx(summed[1])


def test_rotation_is_the_one_that_scipy_finds() -> None:
    noisy = POINTS @ TURN.T + np.random.default_rng(1).normal(size=POINTS.shape)
    ours = similarity_aligned(noisy, POINTS, fit_scale=False)
    _, theirs, _ = procrustes(POINTS, noisy)
    flat = [(p - p.mean(axis=0)).ravel() for p in (ours, theirs)]
    assert np.corrcoef(flat)[0, 1] == pytest.approx(1.0)


def test_a_mirrored_face_stays_mirrored() -> None:
    aligned = similarity_aligned(POINTS * [-1, 1, 1], POINTS, fit_scale=True)
    assert np.linalg.norm(aligned - POINTS, axis=1).mean() > 10


def test_icp_undoes_a_small_turn_and_keeps_the_scale() -> None:
    generator = np.random.default_rng(2)
    surface = generator.uniform(-100, 100, size=(900, 3))
    surface[:, 2] = 30 * np.sin(surface[:, 0] / 30) + 20 * np.cos(surface[:, 1] / 25)
    turned = surface @ rotation(np.array([0.02, 0.03, -0.02])).T + [30.0, 4.0, -7.0]
    ours, theirs = icp_aligned(turned, surface)
    assert np.linalg.norm(ours - theirs, axis=1).max() < 0.2
    ours, theirs = icp_aligned(1.2 * turned, surface)
    assert np.linalg.norm(ours) / np.linalg.norm(theirs) == pytest.approx(1.2, abs=1e-3)


def test_icp_is_that_of_2dasls_code() -> None:
    """Its .m file written out: brute force, Horn's quaternion, centring in each round."""
    truth = POINTS
    points = POINTS @ rotation(np.array([0.05, 0.1, -0.05])).T
    points = points + np.random.default_rng(3).normal(size=POINTS.shape) * 3
    g, p, before = truth - truth.mean(axis=0), points - points.mean(axis=0), 0.0
    while True:
        squares = ((g[:, None] - p[None]) ** 2).sum(axis=2)
        near, error = p[squares.argmin(axis=1)], squares.min(axis=1).mean()
        v = g.T @ near / len(g)
        skew = np.array([v[1, 2] - v[2, 1], v[2, 0] - v[0, 2], v[0, 1] - v[1, 0]])
        q = np.block(
            [[np.trace(v), skew[None]], [skew[:, None], v + v.T - np.trace(v) * np.eye(3)]]
        )
        w, x, y, z = np.linalg.eigh(q)[1][:, -1]
        turn = np.array(
            [
                [w * w + x * x - y * y - z * z, 2 * (x * y - w * z), 2 * (x * z + w * y)],
                [2 * (x * y + w * z), w * w - x * x + y * y - z * z, 2 * (y * z - w * x)],
                [2 * (x * z - w * y), 2 * (y * z + w * x), w * w - x * x - y * y + z * z],
            ]
        )
        p = p @ turn
        p = p - p.mean(axis=0)
        if abs(error - before) <= 0.01:
            break
        before = error
    ours, theirs = icp_aligned(points, truth)
    assert ours == pytest.approx(p, abs=1e-6)
    assert theirs == pytest.approx(g)


def test_points_in_one_place_are_refused() -> None:
    with pytest.raises(ArrayError):
        similarity_aligned(np.zeros((60, 3)), POINTS, fit_scale=True)
    with pytest.raises(ArrayError):
        icp_aligned(np.zeros((60, 3)), POINTS)
