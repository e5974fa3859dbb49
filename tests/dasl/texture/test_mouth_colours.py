"""Tests of the colours of teeth, tongue and cavity."""

import numpy as np

from dasl.texture.mouth_colours import mouth_fill
from dasl.texture.prior import surface_prior
from dasl.texture.tone import LUMA, photo_tone
from tests.dasl.painted_head import head_model
from tests.dasl.texture.test_mouth import TOOTH, found_mouth, smiling

COLOUR = photo_tone(np.random.default_rng(0).integers(0, 255, (70, 70, 3)).astype(np.uint8))
SKIN = np.array([200.0, 150.0, 130.0])


def teeth_of(skin: np.ndarray) -> np.ndarray:
    model = head_model()
    is_tooth = model.region("teeth")[surface_prior(model).is_fixed]
    return mouth_fill(model, skin, COLOUR, None)[is_tooth]


def test_teeth_are_brighter_than_skin_and_dimmer_in_the_dark() -> None:
    bright, dark = teeth_of(SKIN), teeth_of(0.2 * SKIN)
    assert np.median(bright @ LUMA) > SKIN @ LUMA
    assert np.median(dark @ LUMA) > 0.2 * SKIN @ LUMA
    assert (dark @ LUMA).max() < 0.5 * (bright @ LUMA).max()


def test_teeth_without_a_photo_of_them_are_never_blue() -> None:
    for skin in (SKIN, 0.2 * SKIN, SKIN[::-1]):  # the last: a face in blue light
        teeth = teeth_of(np.asarray(skin))
        assert (teeth[:, 2] <= teeth[:, :2].min(axis=1) + 1e-3).all()


def test_teeth_that_the_photo_shows_give_their_colour() -> None:
    model = head_model()
    is_upper = model.region("teeth")[surface_prior(model).is_fixed]
    filled = mouth_fill(model, SKIN, COLOUR, found_mouth(smiling(TOOTH)))[is_upper]
    assert np.abs(filled.max(axis=0) - TOOTH).max() < 12
