"""The measure of turned photos: where points go, and what is found there."""

import dataclasses

import numpy as np
import pytest
from PIL import Image

from dasl.reconstruction.regression import Regression
from tests.dasl.reconstruction.test_regressor import answers
from tools.evaluate_turns import FAR_OFF, both_found, points_after_turn, turn_errors


@pytest.mark.parametrize("turn_deg", [45, 90, 180, 270])
def test_points_go_where_their_pixels_go(turn_deg: int) -> None:
    photo = np.zeros((120, 200, 3), np.uint8)
    photo[28:33, 148:153] = 255
    turned = Image.fromarray(photo).rotate(-turn_deg, Image.Resampling.BICUBIC, expand=True)
    pixels = np.asarray(turned)[..., 0]
    y, x = np.argwhere(pixels > 128).mean(axis=0)
    after = points_after_turn(np.array([[150.0, 30.0]]), turn_deg, photo.shape, np.shape(turned))
    assert after[0] == pytest.approx([x, y], abs=0.6)


@dataclasses.dataclass
class Found:
    landmarks_image: np.ndarray


class Upright:
    """Finds the same face in the middle of every photo, whichever way up; or in the first alone."""

    def __init__(self, always: bool) -> None:
        self.always, self.calls = always, 0

    def regress(self, photo: np.ndarray) -> Found | None:
        self.calls += 1
        if self.calls > 1 and not self.always:
            return None
        middle = (np.array(photo.shape[1::-1]) - 1) / 2
        square = np.array([[-10, -10], [10, -10], [10, 10], [-10, 10]]) + middle
        small = square * 0.1
        return Found(np.array(np.stack([small, square]), dtype=np.float32))


def test_a_face_that_does_not_turn_along_is_as_far_off_as_its_corners_moved() -> None:
    photo = np.zeros((100, 100, 3), np.uint8)
    half, quarter = turn_errors(Upright(always=True), photo, (180, 90))  # type: ignore[arg-type]
    assert half == pytest.approx(2 * np.sqrt(200) / 20)
    assert quarter == pytest.approx(1.0)


def test_a_turned_photo_without_a_face_counts_as_far_off() -> None:
    photo = np.zeros((100, 100, 3), np.uint8)
    assert turn_errors(Upright(always=False), photo, (45,)) == [FAR_OFF]  # type: ignore[arg-type]


def test_a_photo_of_two_counts_where_two_faces_are_found() -> None:
    class FindsBothUpright:
        """Finds two faces on photos that are wider than high, else one."""

        def regress(self, photo: np.ndarray) -> Regression:
            return answers([0.9] * (2 if photo.shape[1] > photo.shape[0] else 1), 0.0)

    person = np.zeros((50, 50, 3), np.uint8)
    counted = both_found(FindsBothUpright(), [(person, person)] * 3)  # type: ignore[arg-type]
    assert counted == {0: 3, 90: 0, 180: 3, 270: 0}
