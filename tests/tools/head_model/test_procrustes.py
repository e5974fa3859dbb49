"""Similarity alignment, on invented heads with a known answer."""

import numpy as np
import pytest
from numpy.typing import NDArray
from scipy.spatial.transform import Rotation

from tools.head_model.procrustes import align_to, similarity

Array = NDArray[np.float64]


@pytest.fixture
def reference() -> Array:
    return np.random.default_rng(0).normal(size=(20, 3))


def test_a_known_similarity_comes_back(reference: Array) -> None:
    turn = Rotation.from_euler("xyz", [10, 50, -20], degrees=True).as_matrix()
    found = similarity(reference, 1.7 * reference @ turn + [1, 2, 3], np.ones(20))
    assert found.scale == pytest.approx(1.7)
    np.testing.assert_allclose(found.rotation, turn, atol=1e-9)
    np.testing.assert_allclose(found.translation, [1, 2, 3])
    np.testing.assert_allclose(
        found.of_points(reference) - found.of_points(reference[:1]),
        found.of_offsets(reference - reference[0]),
    )


def test_alignment_removes_turn_shift_and_size(reference: Array) -> None:
    turns = Rotation.from_euler("xyz", [[10, 50, -20], [0, 170, 3]], degrees=True).as_matrix()
    heads = np.stack(
        [size * reference @ turn.T + size for size, turn in zip((0.5, 3), turns, strict=True)]
    )
    aligned = align_to(reference, heads, np.ones(20))
    np.testing.assert_allclose(aligned, [reference, reference], atol=1e-9)


def test_alignment_never_reflects(reference: Array) -> None:
    mirrored = (reference * [-1, 1, 1])[None].copy()
    aligned = align_to(reference, mirrored.copy(), np.ones(20))[0]
    linear = np.linalg.lstsq(mirrored[0] - mirrored[0].mean(0), aligned - aligned.mean(0))[0]
    assert np.linalg.det(linear) > 0


def test_vertices_without_weight_do_not_steer_the_alignment(reference: Array) -> None:
    weight = np.ones(20)
    weight[15:] = 0
    head = reference.copy()
    head[15:] += 100
    aligned = align_to(reference, head[None].copy(), weight)[0]
    np.testing.assert_allclose(aligned[:15], reference[:15], atol=1e-9)
