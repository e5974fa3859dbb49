"""The open landmarks are those of the scan model and a jaw line by hand, not the head's own."""

import numpy as np
from numpy.typing import NDArray
from safetensors.numpy import load

from dasl.head.landmark_file import head_with_landmarks
from dasl.head.landmarks import MIRROR_21, MIRROR_68
from dasl.head.morphable_model import MorphableModel
from tools.head_model.landmarks import read_positions
from tools.open_weights.place_landmarks import OUTPUT, POSITIONS, placed

WITHIN_DM = 0.01  # a millimetre
JAW_BY_HAND = range(17)


def test_the_file_beside_the_weights_has_these_positions(
    adult: NDArray[np.float64], head: MorphableModel
) -> None:
    assert placed(head, adult) == OUTPUT.read_bytes()


def test_another_heads_own_landmarks_change_nothing(
    adult: NDArray[np.float64], head: MorphableModel
) -> None:
    shifted = head.with_landmarks(
        head.landmarks68_vertices[::-1],
        head.landmarks68_weights[::-1],
        head.landmarks21_vertices,
        head.landmarks21_weights,
    )
    found, wanted = (load(placed(model, adult)) for model in (shifted, head))
    for name, values in wanted.items():
        np.testing.assert_array_equal(found[name], values)


def test_positions_of_the_scan_model_lie_on_the_surface(adult: NDArray[np.float64]) -> None:
    model = head_with_landmarks(OUTPUT)
    found = np.einsum(
        "lk,lkc->lc", model.landmarks68_weights, adult[np.asarray(model.landmarks68_vertices)]
    )
    off = np.linalg.norm(found - read_positions(POSITIONS)["ibug68"], axis=1)
    assert np.delete(off, JAW_BY_HAND).max() < WITHIN_DM


def test_left_mirrors_right() -> None:
    for name, mirror in (("ibug68", MIRROR_68), ("aflw21", MIRROR_21)):
        points = read_positions(POSITIONS)[name]
        np.testing.assert_allclose(points[list(mirror)] * [-1.0, 1.0, 1.0], points, atol=2e-5)
