"""Tests of dark lines: strands are found at any size of the photo, dark areas are not."""

import cv2
import numpy as np
import pytest

from dasl.texture.dark_lines import dark_lines
from dasl.texture.photo import PosedHead

POINTS = np.array([[45.0, 60.0], [50.0, 20.0], [90.0, 60.0], [20.0, 60.0]])
"""Millimetres: on the line, beside it, in the middle of a dark area, on plain skin."""


def found(mm_per_pixel: float, contrast: float = 0.5) -> np.ndarray:
    skin = np.full((1200, 1400), 180, np.uint8)  # tenths of millimetres
    skin[:, 430:470] = round(180 * contrast)
    skin[:, 700:1200] = round(180 * contrast)
    size = (round(140 / mm_per_pixel), round(120 / mm_per_pixel))
    photo = np.repeat(cv2.resize(skin, size, interpolation=cv2.INTER_AREA)[..., None], 3, axis=2)
    head = PosedHead(np.zeros((1, 3), np.float32), 1000.0 / mm_per_pixel, photo)
    return dark_lines(head, (POINTS / mm_per_pixel).astype(np.float32))


@pytest.mark.parametrize("mm_per_pixel", [0.2, 0.5, 1.0, 1.6])
def test_a_strand_is_found_and_a_dark_area_is_not(mm_per_pixel: float) -> None:
    on, beside, area, skin = found(mm_per_pixel)
    assert min(on, beside) > 0.25
    assert max(area, skin) < 0.02


def test_a_faint_line_is_faint() -> None:
    assert found(0.5, contrast=0.9)[0] < 0.1


def test_points_outside_the_photo_are_no_error() -> None:
    head = PosedHead(np.zeros((1, 3), np.float32), 1000.0, np.zeros((5, 4, 3), np.uint8))
    outside = np.array([[-50.0, 3.0], [900.0, -7.0]], dtype=np.float32)
    np.testing.assert_allclose(dark_lines(head, outside), 0.0)


def test_the_picture_of_a_tiny_head_stays_small(monkeypatch: pytest.MonkeyPatch) -> None:
    sizes, resize = [], cv2.resize

    def resized(picture: np.ndarray, size: tuple[int, int], **how: int) -> np.ndarray:
        sizes.append(size)
        return resize(picture, size, **how)

    monkeypatch.setattr(cv2, "resize", resized)
    head = PosedHead(np.zeros((1, 3), np.float32), 2.0, np.full((70, 60, 3), 90, np.uint8))
    np.testing.assert_allclose(dark_lines(head, np.array([[30.0, 40.0]], np.float32)), 0.0)
    assert max(max(sizes)) <= 280
