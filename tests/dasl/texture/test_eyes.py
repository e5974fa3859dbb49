"""Tests of looking for eyes: drawn irises are found, and nothing where there is none."""

import cv2
import numpy as np
import pytest

from dasl.texture.eyes import IRIS_ABOVE_MM, align_eyes, eyeball_directions
from dasl.texture.photo import PosedHead
from tests.dasl.painted_head import head_model
from tests.dasl.texture.conftest import posed_head

UPSIDE = 4  # photo pixels a millimetre


def drawn_eyes(shift_mm: tuple[float, float]) -> PosedHead:
    """A head of 4 pixels a millimetre with eyes drawn so far beside the model's openings.

    The irises lie above the middle between the lids, which are 10 mm apart and hide their tops, as
    on photos (`tools/eye_points.json`).
    """
    head = posed_head(photo=np.zeros((1, 1, 3), np.uint8))
    vertices = head.vertices_image * UPSIDE
    photo = np.full((1800, 1800, 3), (200, 150, 130), np.uint8)
    plain = PosedHead(vertices, 1000.0 * UPSIDE, photo)
    for eye in align_eyes(head_model(), plain).seen.values():
        centre = eye.opening_centre + eye.pixels_per_mm @ np.array(shift_mm)
        x, y = (int(value) for value in centre.round())
        opening, iris = (np.zeros(photo.shape[:2], np.uint8) for _ in range(2))
        mm = float(np.linalg.norm(eye.pixels_per_mm[:, 1]))  # of the reference head, in pixels
        cv2.ellipse(opening, (x, y), (round(13 * mm), round(5 * mm)), 0, 0, 360, 1, -1)
        up = centre + eye.pixels_per_mm @ np.array([0.0, IRIS_ABOVE_MM])
        cv2.circle(iris, tuple(int(value) for value in up.round()), round(6 * mm), 1, -1)
        photo[opening > 0] = (230, 225, 220)
        photo[(opening & iris) > 0] = (70, 50, 40)
    return plain


@pytest.mark.parametrize("up_mm", [-2.5, 0.0, 2.0])
def test_eyes_drawn_above_or_below_are_found_there(up_mm: float) -> None:
    head = drawn_eyes((0.0, up_mm))
    eyes = align_eyes(head_model(), head)
    up = next(iter(eyes.seen.values())).pixels_per_mm[:, 1]
    np.testing.assert_allclose(eyes.offset_px, up * up_mm, atol=1.0 * UPSIDE)


def test_irises_that_look_aside_turn_the_axis_and_do_not_move_the_eyes() -> None:
    eyes = align_eyes(head_model(), drawn_eyes((3.0, 0.0)))
    assert np.linalg.norm(eyes.offset_px) < 1.0 * UPSIDE
    ahead = align_eyes(head_model(), drawn_eyes((0.0, 0.0)))
    for side in (1, -1):
        assert eyes.iris_axis[side][0] > ahead.iris_axis[side][0] + 0.1
        assert np.linalg.norm(eyes.iris_axis[side]) == pytest.approx(1.0, abs=1e-5)


def test_skin_without_eyes_leaves_the_eyes_where_they_are() -> None:
    head = drawn_eyes((0.0, 0.0))
    blank = PosedHead(head.vertices_image, head.scale, np.full((1800, 1800, 3), 150, np.uint8))
    eyes = align_eyes(head_model(), blank)
    assert len(eyes.seen) == 2
    assert np.abs(eyes.offset_px).max() == 0.0


def test_an_eye_in_profile_is_too_narrow_to_look_at() -> None:
    assert sorted(align_eyes(head_model(), posed_head(45.0)).seen) == [-1, 1]
    assert align_eyes(head_model(), posed_head(75.0)).seen == {}


def test_closed_eyes_have_no_openings() -> None:
    closed = {"eyeBlinkLeft": 1.0, "eyeBlinkRight": 1.0}
    assert align_eyes(head_model(), posed_head(weights=closed)).seen == {}


def test_directions_from_the_eyeballs_centres_have_length_one() -> None:
    directions, sides = eyeball_directions(head_model())
    length = np.linalg.norm(directions, axis=1)
    np.testing.assert_allclose(length[sides != 0], 1.0, atol=1e-5)
    assert length[sides == 0].max() == 0.0
    assert (sides == 1).sum() == (sides == -1).sum() > 50
