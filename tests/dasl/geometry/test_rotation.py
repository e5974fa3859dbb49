"""Rotations that other tests do not reach."""

import numpy as np
import torch

from dasl.geometry.rotation import cross, rotation_from_6d


def test_cross_products_are_those_of_numpy_and_torch():
    one, other = np.random.default_rng(0).normal(size=(2, 5, 3)).astype(np.float32)
    np.testing.assert_array_equal(cross(one, other), np.linalg.cross(one, other))
    tensors = torch.from_numpy(one), torch.from_numpy(other)
    torch.testing.assert_close(cross(*tensors), torch.linalg.cross(*tensors))


def test_a_zero_vector_has_a_gradient():
    six = torch.zeros(1, 6, requires_grad=True)
    rotation_from_6d(six).sum().backward()
    assert torch.isfinite(six.grad).all()
