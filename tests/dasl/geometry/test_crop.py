"""Tests of crop boxes and of cutting crops, with values worked by hand."""

import re
from collections.abc import Sequence

import numpy as np
import pytest

from dasl.errors import BoxError, PhotoError, ShapeError
from dasl.geometry.crop import (
    BOX_TO_CROP_DOWN,
    BOX_TO_CROP_SIDE,
    CROP_SIZE,
    cut_crop,
    square_box,
    square_crop_from_box,
    square_crop_from_landmarks,
)


def _dot(height: int, width: int, x: float, y: float, sigma: float) -> np.ndarray:
    """Photo with one Gaussian dot at the image-frame place (x, y)."""
    rows, columns = np.mgrid[:height, :width]
    dot = 250 * np.exp(-((columns - x) ** 2 + (rows - y) ** 2) / (2 * sigma**2))
    return np.repeat(dot.round().astype(np.uint8)[..., None], 3, axis=2)


def _centroid(crop: np.ndarray) -> np.ndarray:
    weight = crop[..., 0].astype(float)
    rows, columns = np.mgrid[: crop.shape[0], : crop.shape[1]]
    return np.array([(weight * columns).sum(), (weight * rows).sum()]) / weight.sum()


def test_landmark_crop_is_sqrt_two_times_the_longer_side() -> None:
    # Pixel centres 10..30 by 50..90: box edges' centre (20.5, 70.5), longer side 40.
    half = 20 * np.sqrt(2)
    expected = [20.5 - half, 70.5 - half, 20.5 + half, 70.5 + half]
    crop = square_crop_from_landmarks(np.array([[10.0, 50.0], [30.0, 90.0], [20.0, 60.0]]))
    np.testing.assert_allclose(crop, expected)


def test_landmark_crop_puts_the_centre_of_the_points_in_the_middle_of_the_crop() -> None:
    points = np.array([[100.0, 80.0], [160.0, 150.0]])
    x0, y0, x1, _ = square_crop_from_landmarks(points)
    middle = (points.mean(axis=0) + 0.5 - [x0, y0]) * CROP_SIZE / (x1 - x0) - 0.5
    np.testing.assert_allclose(middle, (CROP_SIZE - 1) / 2)


def test_landmark_crop_leaves_its_input_unchanged() -> None:
    points = np.array([[10.0, 50.0], [30.0, 90.0]])
    before = points.copy()
    square_crop_from_landmarks(points)
    np.testing.assert_array_equal(points, before)


def test_landmark_crop_refuses_nan_one_point_and_a_wrong_shape() -> None:
    with pytest.raises(BoxError, match="finite"):
        square_crop_from_landmarks(np.array([[np.nan, 1.0], [3.0, 4.0]]))
    with pytest.raises(BoxError, match="extent"):
        square_crop_from_landmarks(np.ones((68, 2)))
    with pytest.raises(ShapeError, match=re.escape("(L, 2), got (68, 3)")):
        square_crop_from_landmarks(np.zeros((68, 3)))


def test_detector_box_maps_to_a_lower_larger_square() -> None:
    x0, y0, x1, y1 = square_crop_from_box((100, 200, 180, 300))
    assert x1 - x0 == pytest.approx(100 * BOX_TO_CROP_SIDE)
    assert y1 - y0 == pytest.approx(100 * BOX_TO_CROP_SIDE)
    assert (x0 + x1) / 2 == pytest.approx(140)
    assert (y0 + y1) / 2 == pytest.approx(250 + 100 * BOX_TO_CROP_DOWN)


def test_square_box_grows_the_shorter_side_around_the_centre() -> None:
    np.testing.assert_array_equal(square_box((10, 20, 50, 120)), [-20, 20, 80, 120])


@pytest.mark.parametrize(
    "box",
    [
        (0, 0, 120, 120),
        (30.3, 41.7, 150.3, 161.7),
        (37.25, 22.5, 277.25, 262.5),
        (10.6, 5.1, 437.9, 432.4),
        (-60.4, -80.8, 349.6, 329.2),
        (60.0, 40.0, 140.0, 120.0),
    ],
)
def test_cut_crop_keeps_the_frame_of_the_contract(box: tuple[float, ...]) -> None:
    x0, y0, x1, _ = box
    step = (x1 - x0) / CROP_SIZE
    wanted = np.array([52.3, 61.85])  # crop pixels, clear of every border
    x, y = np.array([x0, y0]) + (wanted + 0.5) * step - 0.5
    crop = cut_crop(_dot(450, 450, x, y, sigma=max(2.0, 3 * step)), box)
    np.testing.assert_allclose(_centroid(crop), wanted, atol=0.05)


def test_cut_crop_keeps_the_frame_where_a_huge_box_is_reduced_first() -> None:
    box = (130.5, -210.0, 2930.5, 2590.0)
    step = 2800 / CROP_SIZE
    wanted = np.array([40.2, 70.7])
    x, y = np.array(box[:2]) + (wanted + 0.5) * step - 0.5
    crop = cut_crop(_dot(2000, 2500, x, y, sigma=3 * step), box)
    np.testing.assert_allclose(_centroid(crop), wanted, atol=0.05)


def test_cut_crop_at_scale_one_copies_pixels() -> None:
    image = np.random.default_rng(0).integers(0, 255, (300, 200, 3), dtype=np.uint8)
    np.testing.assert_array_equal(cut_crop(image, (50, 70, 170, 190)), image[70:190, 50:170])


def test_cut_crop_repeats_the_border_outside_the_photo() -> None:
    image = np.random.default_rng(0).integers(0, 255, (200, 200, 3), dtype=np.uint8)
    crop = cut_crop(image, (-40, 100, 80, 220))
    np.testing.assert_array_equal(crop[:100, 40:], image[100:, :80])
    np.testing.assert_array_equal(crop[:100, :40], np.repeat(image[100:, :1], 40, axis=1))
    np.testing.assert_array_equal(crop[100:, 40:], np.repeat(image[-1:, :80], 20, axis=0))


def test_cut_crop_expands_a_box_that_is_not_square_and_never_stretches() -> None:
    image = np.random.default_rng(0).integers(0, 255, (300, 300, 3), dtype=np.uint8)
    narrow = cut_crop(image, (110, 60, 190, 240))
    np.testing.assert_array_equal(narrow, cut_crop(image, (60, 60, 240, 240)))


def test_cut_crop_averages_when_it_shrinks() -> None:
    checks = (np.indices((480, 480)).sum(axis=0) % 2 * 255).astype(np.uint8)
    crop = cut_crop(np.repeat(checks[..., None], 3, axis=2), (0, 0, 480, 480))
    inside = crop[1:-1, 1:-1].astype(int)  # at the rim the repeated border tips the balance
    assert np.abs(inside - 127).max() <= 1


def test_cut_crop_does_not_depend_on_pixels_far_from_the_box() -> None:
    image = np.random.default_rng(0).integers(0, 255, (400, 400, 3), dtype=np.uint8)
    box = (100.3, 90.2, 300.3, 290.2)
    np.testing.assert_array_equal(
        cut_crop(image, box), cut_crop(image[60:330, 70:340], np.subtract(box, [70, 60, 70, 60]))
    )


@pytest.mark.parametrize("box", [(-90, -90, 2, 2), (398, 398, 500, 500), (-4000, -4000, 1, 1)])
def test_cut_crop_takes_a_box_that_only_touches_the_photo(box: Sequence[float]) -> None:
    image = np.full((400, 400, 3), 9, np.uint8)
    assert (cut_crop(image, box) == 9).all()


def test_cut_crop_leaves_its_inputs_unchanged_and_owns_its_pixels() -> None:
    image = np.full((200, 200, 3), 9, np.uint8)
    box = np.array([10.0, 10.0, 130.0, 130.0])
    crop = cut_crop(image, box)
    crop[:] = 0
    assert (image == 9).all()
    assert box.tolist() == [10, 10, 130, 130]


@pytest.mark.parametrize(
    ("box", "message"),
    [
        ((50, 10, 20, 60), "x1 > x0 and y1 > y0, got (50, 10, 20, 60)"),
        ((10, 10, 10, 60), "x1 > x0 and y1 > y0, got (10, 10, 10, 60)"),
        ((np.nan, 10, 20, 60), "finite, got (nan, 10, 20, 60)"),
        ((0, 0, np.inf, 60), "finite, got (0, 0, inf, 60)"),
        ((300, 10, 350, 60), "(300, 10, 350, 60) lies outside the photo of 200x100 pixels"),
        ((-60, 10, 0, 60), "(-60, 10, 0, 60) lies outside the photo"),
        ((0.1, 0.1, 0.9, 0.9), "not in fractions"),
    ],
)
def test_cut_crop_refuses_bad_boxes_and_names_them(box: Sequence[float], message: str) -> None:
    with pytest.raises(BoxError, match=re.escape(message)):
        cut_crop(np.zeros((100, 200, 3), np.uint8), box)


def test_cut_crop_refuses_a_wrong_image_or_number_of_values() -> None:
    with pytest.raises(ShapeError, match=re.escape("image must be (H, W, 3), got (100, 100)")):
        cut_crop(np.zeros((100, 100), np.uint8), (0, 0, 50, 50))
    with pytest.raises(PhotoError, match="uint8, got float64"):
        cut_crop(np.zeros((100, 100, 3)), (0, 0, 50, 50))  # type: ignore[arg-type]
    with pytest.raises(ShapeError, match=re.escape("box must be (4,), got (2, 2)")):
        cut_crop(np.zeros((100, 100, 3), np.uint8), np.zeros((2, 2)))
