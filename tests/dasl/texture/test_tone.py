"""Tests of a photo's tone: grey, sepia, colour."""

import numpy as np
import pytest

from dasl.texture.tone import photo_tone

RED_TONGUE = np.array([158.0, 78.0, 76.0])


def noise(seed: int = 0) -> np.ndarray:
    return np.random.default_rng(seed).integers(0, 255, (80, 60, 1)).astype(np.float64)


def test_a_grey_photo_makes_colours_grey_of_the_same_brightness() -> None:
    tone = photo_tone(np.repeat(noise(), 3, axis=2).astype(np.uint8))
    assert tone.share == 1.0
    red, green, blue = tone.applied(RED_TONGUE)
    assert red == pytest.approx(green, abs=1)
    assert green == pytest.approx(blue, abs=1)
    assert red == pytest.approx(0.299 * 158 + 0.587 * 78 + 0.114 * 76, abs=1.5)


def test_a_sepia_photo_makes_colours_sepia() -> None:
    sepia = noise() * np.array([1.0, 0.8, 0.6])
    tone = photo_tone(sepia.astype(np.uint8))
    assert tone.share == 1.0
    red, green, blue = tone.applied(np.array([100.0, 100.0, 100.0]))
    assert green / red == pytest.approx(0.8, abs=0.02)
    assert blue / red == pytest.approx(0.6, abs=0.02)


def test_a_photo_in_colour_leaves_colours_alone() -> None:
    colours = np.random.default_rng(1).integers(0, 255, (70, 70, 3)).astype(np.uint8)
    tone = photo_tone(colours)
    assert tone.share == 0.0
    np.testing.assert_allclose(tone.applied(RED_TONGUE), RED_TONGUE, rtol=1e-6)


def test_a_photo_of_one_pixel_has_a_tone() -> None:
    assert np.isfinite(photo_tone(np.full((1, 1, 3), 90, np.uint8)).applied(RED_TONGUE)).all()
