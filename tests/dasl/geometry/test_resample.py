"""Planes of colour, and squares read out of pictures."""

import numpy as np
import pytest
import torch

from dasl.geometry.resample import affine, planes_of, read_at


def test_planes_are_the_channels_in_their_order():
    image = np.random.default_rng(0).integers(0, 256, (5, 7, 3), dtype=np.uint8)
    planes = planes_of(image[:, ::-1])  # not contiguous
    np.testing.assert_array_equal(planes, image[:, ::-1].transpose(2, 0, 1))
    assert planes.flags.c_contiguous


@pytest.mark.parametrize("kind", [np.asarray, torch.from_numpy])
def test_pixels_are_read_where_the_map_leads(kind):
    """On a picture that is linear in x and y, a value says where it was read."""
    y, x = np.mgrid[:40, :50].astype(np.float32)
    images = np.stack([[x, y], [y, 2 * x]])
    linear = np.array([[[1.1, -0.3], [0.2, 0.9]], [[0.5, 0.0], [0.0, 0.5]]], np.float32)
    offset = np.array([[7.25, 4.5], [3.0, 2.0]], np.float32)
    squares = np.asarray(affine(kind(images), kind(linear), kind(offset), 20))
    pixels = np.stack(np.meshgrid(np.arange(20), np.arange(20)), axis=-1)
    for square, matrix, start, (first, second) in zip(
        squares, linear, offset, (((1, 0), (0, 1)), ((0, 1), (2, 0))), strict=True
    ):
        places = pixels @ matrix.T + start
        np.testing.assert_allclose(square[0], places @ first, atol=1e-3)
        np.testing.assert_allclose(square[1], places @ second, atol=1e-3)


@pytest.mark.parametrize("kind", [np.asarray, torch.from_numpy])
def test_the_border_is_repeated_outside(kind):
    image = np.arange(9, dtype=np.float32).reshape(1, 1, 3, 3)
    far = np.array([[-5.0, -5.0]], np.float32)
    square = np.asarray(affine(kind(image), kind(np.eye(2, dtype=np.float32)[None]), kind(far), 3))
    np.testing.assert_array_equal(square, np.zeros((1, 1, 3, 3)))


@pytest.mark.parametrize("count", [0, 1, 5000, 140_000])
def test_any_number_of_points_is_read(count):
    picture = np.arange(12, dtype=np.float32).reshape(3, 4)
    x, y = (np.random.default_rng(1).uniform(0, high, count) for high in (3.0, 2.0))
    np.testing.assert_allclose(read_at(picture, x, y), 4 * y + x, atol=0.1)
    assert read_at(np.dstack([picture] * 3), x, y).shape == (count, 3)
