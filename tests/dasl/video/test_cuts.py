"""Cuts between shots, told from motion."""

import cv2
import numpy as np

from dasl.photo.load import load_photo
from dasl.video.cuts import CutFinder
from tests.dasl.video.moving_head import EXAMPLE, moving_head

HOPPER = load_photo(EXAMPLE.with_name("hopper.jpg"))[:240, :320]


def _cuts(frames) -> list[int]:
    finder = CutFinder()
    return [index for index, pixels in enumerate(frames) if finder.is_cut(pixels)]


def test_a_moving_head_is_one_shot():
    assert _cuts(frame.pixels for frame in moving_head(30).frames) == []


def test_another_picture_begins_a_shot():
    first = [frame.pixels for frame in moving_head(30).frames[:3]]
    assert _cuts([*first, HOPPER, HOPPER, *first]) == [3, 5]


def test_a_wall_that_trembles_is_one_shot_and_a_picture_on_it_another():
    random = np.random.default_rng(0)
    walls = [128 + random.normal(0, 3, (90, 160, 3)) for _ in range(4)]
    frames = [wall.clip(0, 255).astype(np.uint8) for wall in walls]
    assert _cuts(frames) == []
    assert _cuts([frames[0], cv2.resize(HOPPER, (160, 90))]) == [1]
    flat = np.full((90, 160, 3), 60, np.uint8)
    assert _cuts([flat, flat, cv2.resize(HOPPER, (160, 90)), flat]) == [2, 3]


def test_brighter_light_is_no_cut():
    assert _cuts([HOPPER, (HOPPER * 0.6).astype(np.uint8)]) == []
