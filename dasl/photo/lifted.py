"""A copy of a photo in even light, on which the detector finds dark and backlit faces."""

import cv2
import numpy as np

from dasl.arrays import RgbImage

DARKEST, BRIGHTEST = 1.0, 99.0
"""Percentiles of brightness that become black and white."""
LEAST_RANGE = 3.0
"""Smallest range of brightness that is stretched, grey levels."""
LIGHT_SHARE = 0.12
"""Standard deviation of the blur that estimates the light, as a share of the longer side."""
EVEN, NO_LIGHT = 110.0, 6.0
"""Brightness that is aimed at, and the light below which noise would be lifted, grey levels."""


def stretched(image: RgbImage) -> RgbImage:
    """Stretch the brightness of an (H, W, 3) uint8 RGB photo to the full range."""
    step = max(1, min(image.shape[:2]) // 128)
    low, high = np.percentile(image[::step, ::step].max(axis=2), (DARKEST, BRIGHTEST))
    levels = (np.arange(256) - low) * 255 / max(high - low, LEAST_RANGE)
    return np.rint(levels.clip(0, 255)).astype(np.uint8)[image]


def in_even_light(image: RgbImage) -> RgbImage:
    """Divide an (H, W, 3) uint8 RGB photo by the light around each pixel (retinex).

    The light is a blurred copy, at two scales; the darker one counts.
    """
    shown = image.astype(np.float32)
    brightness, far = shown.max(axis=2), LIGHT_SHARE * max(image.shape[:2])
    light = np.minimum(*(cv2.GaussianBlur(brightness, (0, 0), scale) for scale in (far, far / 2)))
    lit = shown * (EVEN / (light + NO_LIGHT))[..., None]
    return np.rint(lit.clip(0, 255)).astype(np.uint8)
