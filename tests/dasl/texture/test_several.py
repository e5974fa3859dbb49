"""Several photos of a painted head: each place from the photo that shows it, in one light."""

from dataclasses import replace

import cv2
import numpy as np
import pytest

from dasl.arrays import RgbImage
from dasl.texture import head_texture
from dasl.texture.layout import texture_layout
from dasl.texture.photo import PosedHead
from tests.dasl.painted_head import coefficients, head_model, paint, photograph
from tests.dasl.texture.conftest import posed_head

SIZE = 256


def _colours(*heads: PosedHead) -> np.ndarray:
    """(N, 3) of the covered texels."""
    texture = head_texture(head_model(), heads[0], SIZE, others=heads[1:]).as_photo
    return texture.reshape(-1, 3)[texture_layout(head_model(), SIZE).texel].astype(np.float64)


def _at_texels(values: np.ndarray) -> np.ndarray:
    return texture_layout(head_model(), SIZE).interpolation @ values


def _cheek(side: float) -> np.ndarray:
    """Texels of plain skin on one side, -1 for the image's left of a frontal head."""
    plain = head_model().region("face") & head_model().region("skin")
    position = _at_texels(head_model().mean_vertices)
    return (_at_texels(plain.astype(float)) > 0.99) & (side * position[:, 0] > 0.03)


def _photo(yaw_deg: float, marked: float = 0.0) -> RgbImage:
    """A photograph; `marked` paints blue what lies on that side of the head."""
    found = coefficients(yaw_deg)
    photo = photograph(found)
    if marked:
        x = posed_head(yaw_deg, photo=photo).vertices_image
        chosen = marked * head_model().mean_vertices[:, 0] > 0.045
        for point in x[chosen & head_model().region("face")]:
            cv2.circle(photo, (round(point[0]), round(point[1])), 6, (60, 60, 200), -1)
    return photo


def test_a_side_comes_from_the_photo_that_shows_it() -> None:
    left, right = posed_head(60.0), posed_head(-60.0)
    truth = _at_texels(paint())
    together = np.abs(_colours(left, right) - truth).mean(axis=1)
    for side in (-1.0, 1.0):
        assert together[_cheek(side)].mean() < 4


def test_what_only_the_second_photo_shows_is_taken_from_there() -> None:
    first, second = posed_head(60.0), posed_head(-60.0, photo=_photo(-60.0, marked=-1.0))
    alone, together = _colours(first), _colours(first, second)
    position = _at_texels(head_model().mean_vertices)
    marked = _cheek(-1.0) & (position[:, 0] < -0.05)
    blue = [(colours[:, 2] - colours[:, 0])[marked].mean() for colours in (alone, together)]
    assert blue[0] < 0 < blue[1]


def test_another_exposure_leaves_no_step_and_takes_the_first_photos_light() -> None:
    bright, dark = posed_head(45.0), posed_head(-45.0)
    dark = replace(dark, photo=(dark.photo * np.array([0.6, 0.5, 0.5])).astype(np.uint8))
    truth = _at_texels(paint())
    error = np.abs(_colours(bright, dark) - truth).mean(axis=1)
    assert error[_cheek(-1.0)].mean() < 8
    assert error[_cheek(1.0)].mean() < 8


def test_a_sharp_photo_counts_more_than_a_blurred_one() -> None:
    noise = np.random.default_rng(0).normal(0, 20, (450, 450, 1))
    sharp = posed_head(photo=np.clip(photograph(coefficients()) + noise, 0, 255).astype(np.uint8))
    soft = replace(sharp, photo=cv2.GaussianBlur(sharp.photo, (0, 0), 4.0))
    skin = _cheek(1.0) | _cheek(-1.0)
    both, fine, coarse = (_colours(*heads)[skin] for heads in ((soft, sharp), (sharp,), (soft,)))
    assert np.abs(both - fine).mean() < 0.4 * np.abs(both - coarse).mean()


def test_a_grey_photo_adds_nothing_to_one_in_colour() -> None:
    first, second = posed_head(30.0), posed_head(-30.0)
    grey = np.repeat(second.photo.mean(axis=2, keepdims=True), 3, axis=2).astype(np.uint8)
    np.testing.assert_array_equal(_colours(first, replace(second, photo=grey)), _colours(first))


@pytest.mark.parametrize("yaw_deg", [0.0, 60.0])
def test_the_same_photo_twice_gives_the_texture_of_one(yaw_deg: float) -> None:
    head = posed_head(yaw_deg)
    assert np.abs(_colours(head, head) - _colours(head)).mean() < 1.0
