"""Lighting of a photo: its effect on white, and correction of exposure and colour cast."""

from typing import Literal, get_args

import cv2
import numpy as np
import numpy.typing as npt

from dasl.arrays import FloatArray, RgbImage
from dasl.geometry.smoothstep import smoothstep
from dasl.texture.tone import LUMA

Light = Literal["evened", "as-photo"]
LIGHTS: tuple[Light, ...] = get_args(Light)
Curves = npt.NDArray[np.uint8]

_SAMPLE_SIDE, _BRIGHTEST_PERCENT = 64, 99.0
_TOO_DARK, _WHITE, _MOST_LIFTED = (210.0, 150.0), 225.0, 4.0
"""Brightness of the photo's brightest pixels over which underexposure is corrected less and less;
the target brightness; the largest gain."""
_WELL_LIT = 160.0
"""Brightness to which skin of an underexposed photo is lifted at most."""
_LEAST_SKIN, _SKIN_LIFTED = 40.0, 2.0
"""Minimum brightness of skin, and largest additional gain to reach it, for a face in shadow in a
bright room. Well-lit dark skin is brighter."""
_CLIPPED, _OVEREXPOSED, _DIMMED_SKIN = (0.07, 0.14), 1.4, 100.0
"""Share of clipped skin over which a photo counts as overexposed; the largest factor of dimming;
and the brightness below which skin is not dimmed, since highlights on dark skin are not
overexposure."""
_RED_OF_GREEN, _BLUE_OF_GREEN = (1.10, 1.80), (0.50, 1.00)
"""Ranges of skin's red and blue relative to green that are not corrected."""
_BRIGHT_SKIN, _MOST_RED, _LEAST_BLUE = (80.0, 130.0), 1.45, 0.72
"""Stricter limits towards warm light for bright skin, in full from the second of these
brightnesses. They do not apply below the first, since dark skin is naturally redder."""
_SHOULDER = 0.8

_BLOWN, _BLOWN_HUE = (190.0, 255.0), 0.6
"""Pixel values over which an overexposed photo's near-white is tinted with a typical skin hue, to
this power, since most of it is skin."""
_USUAL_SKIN = np.array([190.0, 150.0, 130.0])
"""Typical skin in white light. Half of a skin's deviation in hue is attributed to the light."""
_LIGHTS_HUE = 0.5
_SKIN_LUMA, _DIMMED, _LEVELS = 155.0, 0.7, (0.08, 1.05)
"""Brightness of skin for which white has its default brightness; the power with which white follows
the skin's brightness, below 1 since teeth and eyes contrast more with dark skin; and limits."""


def light_on(skin: FloatArray) -> FloatArray:
    """Colour of white in the photo's light: (3,) factors, from the skin's colour (3,)."""
    luma = max(float(skin @ LUMA), 1.0)
    hue = np.maximum(skin / luma / (_USUAL_SKIN / (_USUAL_SKIN @ LUMA)), 0.1) ** _LIGHTS_HUE
    level = np.clip((luma / _SKIN_LUMA) ** _DIMMED, *_LEVELS)
    return np.asarray(level * hue / (hue @ LUMA), dtype=np.float32)


def evening_curves(
    photo: RgbImage, skin: FloatArray, clipped: float, is_grey: bool
) -> Curves | None:
    """Tone curves, one per channel, that correct exposure and colour cast within limits.

    Args:
        photo: (H, W, 3) uint8 RGB, around the head.
        skin: (3,) its colour on the photo.
        clipped: share of the skin with a clipped channel, in 0..1.
        is_grey: whether the photo has no hues.

    Returns:
        (256, 3) lookup table; None if no correction is needed.
    """
    over = float(smoothstep(np.array(clipped), *_CLIPPED))
    gains = _exposure(photo, skin, over) * (np.ones(3) if is_grey else _whiteness(skin))
    if np.abs(gains - 1.0).max() < 0.01:
        return None
    curve = np.arange(256)[:, None] / 255.0 * gains
    bent = _SHOULDER + (1.0 - _SHOULDER) * -np.expm1(
        -(curve - _SHOULDER).clip(0.0) / (1.0 - _SHOULDER)
    )
    curve = np.where((curve > _SHOULDER) & (gains > 1.0), bent, curve)
    if over > 0.0 and not is_grey:
        blown = over * _BLOWN_HUE * smoothstep(np.arange(256.0)[:, None], *_BLOWN)
        curve *= (_USUAL_SKIN / (_USUAL_SKIN @ LUMA)) ** blown
    return (255.0 * curve + 0.5).clip(0.0, 255.0).astype(np.uint8)


def evened(texture: RgbImage, curves: Curves | None) -> RgbImage:
    """Apply a photo's `evening_curves` to a texture (H, W, 3) from it."""
    if curves is None:
        return texture
    return np.asarray(cv2.LUT(texture, curves[None]), dtype=np.uint8)


def _exposure(photo: RgbImage, skin: FloatArray, over: float) -> float:
    size = (min(_SAMPLE_SIDE, photo.shape[1]), min(_SAMPLE_SIDE, photo.shape[0]))
    pixels = np.asarray(cv2.resize(photo, size, interpolation=cv2.INTER_NEAREST)).reshape(-1, 3)
    brightest = np.percentile(pixels @ LUMA, _BRIGHTEST_PERCENT)
    share = float(smoothstep(np.array(brightest), *_TOO_DARK))
    lift = float(np.clip(_WHITE / max(brightest, 1.0), 1.0, _MOST_LIFTED)) ** share
    luma = max(float(skin @ LUMA), 1.0)
    lift = min(lift, max(_WELL_LIT / luma, 1.0))
    lit = max(luma * lift, 1.0)
    lift *= float(np.clip(_LEAST_SKIN / lit, 1.0, _SKIN_LIFTED))
    dim = float(np.clip(lit / _DIMMED_SKIN, 1.0, _OVEREXPOSED))
    return lift / dim**over


def _whiteness(skin: FloatArray) -> npt.NDArray[np.float64]:
    """Gains (3,) that move the skin's hue into the range of usual lighting."""
    red, green, blue = np.maximum(np.asarray(skin, dtype=np.float64), 1.0)
    bright = float(smoothstep(np.array(skin @ LUMA), *_BRIGHT_SKIN))
    (least_red, most_red), (least_blue, most_blue) = _RED_OF_GREEN, _BLUE_OF_GREEN
    of_red = np.clip(red / green, least_red, most_red + bright * (_MOST_RED - most_red))
    of_blue = np.clip(blue / green, least_blue + bright * (_LEAST_BLUE - least_blue), most_blue)
    wanted = np.array([green * of_red, green, green * of_blue])
    wanted *= (np.array([red, green, blue]) @ LUMA) / (wanted @ LUMA)
    return wanted / np.array([red, green, blue])
