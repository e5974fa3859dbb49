"""Planes of colour."""

import numpy as np

from dasl.geometry.resample import planes_of


def test_planes_are_the_channels_in_their_order():
    image = np.random.default_rng(0).integers(0, 256, (5, 7, 3), dtype=np.uint8)
    planes = planes_of(image[:, ::-1])  # not contiguous
    np.testing.assert_array_equal(planes, image[:, ::-1].transpose(2, 0, 1))
    assert planes.flags.c_contiguous
