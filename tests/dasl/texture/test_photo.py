"""Tests of photos under heads: colours at places, and shrinking."""

import numpy as np

from dasl.texture.photo import PosedHead, interpolated, photo_for_texture


def ramp_photo(side: int) -> np.ndarray:
    """Red grows by 2 a column, green by 1 a row."""
    rows, columns = np.mgrid[0:side, 0:side]
    return np.stack([2 * columns, rows, np.zeros_like(rows)], axis=-1).astype(np.uint8)


def test_colours_between_pixels_are_interpolated() -> None:
    head = PosedHead(np.zeros((1, 3), np.float32), 100.0, ramp_photo(100))
    found = head.colours(np.array([[10.5, 20.25], [30.0, 40.0]], np.float32))
    np.testing.assert_allclose(found, [[21, 20.25, 0], [60, 40, 0]], atol=1)


def test_mean_colours_are_the_means_of_the_colours() -> None:
    head = PosedHead(np.zeros((1, 3), np.float32), 100.0, ramp_photo(100))
    points = np.random.default_rng(0).uniform(-3, 103, size=(4, 7, 2)).astype(np.float32)
    found = head.mean_colours(points[..., 0], points[..., 1])
    every = head.colours(points.reshape(-1, 2)).reshape(4, 7, 3)
    np.testing.assert_allclose(found, every.mean(axis=1), atol=1e-3)


def test_a_blurred_head_lies_on_a_blurred_photo() -> None:
    photo = np.zeros((41, 41, 3), np.uint8)
    photo[20, 20] = 255
    head = PosedHead(np.zeros((1, 3), np.float32), 100.0, photo).blurred(1.0)
    found = head.colours(np.array([[20.0, 20.0], [21.0, 20.0]], np.float32))[:, 0]
    np.testing.assert_allclose(found, 255 / (2 * np.pi) * np.exp([0.0, -0.5]), atol=2)


def test_beyond_the_border_the_borders_colour_is_read() -> None:
    found = interpolated(ramp_photo(50), np.array([-20.0, 90.0]), np.array([10.0, 10.0]))
    np.testing.assert_allclose(found, [[0, 10, 0], [98, 10, 0]], atol=1)


def test_no_points_have_no_colours() -> None:
    assert interpolated(ramp_photo(5), np.zeros(0), np.zeros(0)).shape == (0, 3)


def test_more_points_than_an_opencv_row_keep_their_order() -> None:
    x = np.linspace(1, 98, 40_000).astype(np.float32)
    found = interpolated(ramp_photo(100), x, np.full_like(x, 50))
    np.testing.assert_allclose(found[:, 0], 2 * x, atol=1)


def test_a_point_counts_as_inside_from_three_pixels_within_the_border() -> None:
    head = PosedHead(np.zeros((1, 3), np.float32), 100.0, ramp_photo(100))
    points = np.array([[3.0, 50.0], [1.5, 50.0], [-1.0, 50.0], [50.0, 99.5]], np.float32)
    np.testing.assert_allclose(head.inside(points), [1.0, 0.5, 0.0, 0.0])


def test_a_head_far_larger_than_the_texture_is_shrunk_with_its_photo() -> None:
    vertices = np.array([[100.0, 100.0, 7.0], [1899.0, 1899.0, -7.0]], np.float32)
    photo = np.kron(ramp_photo(100), np.ones((20, 20, 1), np.uint8))
    head = PosedHead(vertices, 9000.0, photo)
    small = photo_for_texture(head, size=128)
    factor = small.photo.shape[0] / 2000
    assert np.ptp(small.vertices_image[:, 0]) <= 1.5 * 128 + 1
    assert small.scale == 9000.0 * factor or abs(small.scale / (9000.0 * factor) - 1) < 0.01
    point = np.array([[1000.0, 600.0]], np.float32)
    shrunk = (point + 0.5) * factor - 0.5
    np.testing.assert_allclose(small.colours(shrunk), head.colours(point), atol=2)


def test_a_small_head_keeps_its_photo() -> None:
    head = PosedHead(np.array([[0, 0, 0], [90, 90, 0]], np.float32), 100.0, ramp_photo(100))
    assert photo_for_texture(head, size=1024) is head
