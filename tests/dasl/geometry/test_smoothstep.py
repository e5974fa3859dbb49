"""The smooth step."""

import numpy as np

from dasl.geometry.smoothstep import smoothstep


def test_a_step_rises_or_falls_between_its_ends() -> None:
    rising = smoothstep(np.array([0.0, 1.0, 1.5, 2.0, 9.0]), 1, 2)
    np.testing.assert_allclose(rising, [0, 0, 0.5, 1, 1])
    np.testing.assert_allclose(smoothstep(np.array([0.0, 1.5, 3.0]), 2, 1), [1, 0.5, 0])


def test_a_step_leaves_its_ends_without_a_corner() -> None:
    near = np.array([0.0, 1e-3, 1 - 1e-3, 1.0])
    slopes = np.diff(smoothstep(near).astype(np.float64))[[0, 2]] / 1e-3
    assert (slopes < 0.01).all()
