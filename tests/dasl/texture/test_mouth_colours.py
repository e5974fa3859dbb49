"""Tests of the colours of teeth, tongue and cavity."""

from dataclasses import replace

import numpy as np

from dasl.texture.layout import texture_layout
from dasl.texture.mouth import Mouth
from dasl.texture.mouth_colours import lay_mouth_over, paint_teeth
from dasl.texture.teeth import TeethTexels, teeth_texels
from dasl.texture.tone import LUMA, photo_tone
from tests.dasl.painted_head import head_model
from tests.dasl.texture.test_mouth import TOOTH, found_mouth, smiling

COLOUR = photo_tone(np.random.default_rng(0).integers(0, 255, (70, 70, 3)).astype(np.uint8))
SKIN = np.array([200.0, 150.0, 130.0])


def teeth_of(skin: np.ndarray, mouth: Mouth | None = None) -> np.ndarray:
    """Colours of the crowns' texels in front, (N, 3)."""
    layout = texture_layout(head_model(), 256)
    teeth, colours = teeth_texels(head_model(), layout), np.zeros((len(layout.texel), 3))
    paint_teeth(colours, teeth, skin, COLOUR, mouth)
    return colours[teeth.texels[in_front(teeth)]]


def in_front(teeth: TeethTexels) -> np.ndarray:
    """Which of its texels are well lit enamel."""
    return teeth.is_upper & teeth.is_outside & (teeth.gum < 0.01) & (teeth.shade > 0.95)


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
    painted = teeth_of(SKIN, found_mouth(smiling(TOOTH)))
    assert len(painted) > 4
    assert np.abs(np.median(painted, axis=0) - TOOTH).max() < 12


def test_a_dark_corner_of_the_photo_makes_no_black_tooth() -> None:
    model, layout = head_model(), texture_layout(head_model(), 256)
    teeth, head = teeth_texels(model, layout), smiling(TOOTH)
    mouth = found_mouth(head)
    colours = np.zeros((len(layout.texel), 3))
    paint_teeth(colours, teeth, SKIN, COLOUR, mouth)
    before = colours[teeth.texels] @ LUMA
    mouth = replace(mouth, picture=np.ones_like(mouth.picture), inside=np.ones_like(mouth.inside))
    lay_mouth_over(colours, layout, model, head, np.ones(model.vertex_count), mouth)
    share = (colours[teeth.texels] @ LUMA) / before
    assert 0.25 < share.min() < 0.4  # in shade
    assert (share[~teeth.is_outside | ~teeth.is_upper] == 1.0).all()
