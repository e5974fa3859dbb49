"""The tone of a photo: whether it is grey or sepia, and what colours of our own become in it."""

from dataclasses import dataclass

import cv2
import numpy as np
import numpy.typing as npt

from dasl.arrays import FloatArray
from dasl.geometry.smoothstep import smoothstep

LUMA = np.array([0.299, 0.587, 0.114])
_SAMPLE_SIDE = 64
_MONOCHROME_RMS = (7.0, 3.5)
"""Spread of a photo's colours around one curve through its greys, in 0..255, between which it
counts more and more as monochrome; JPEG alone makes about 2."""

_MONOCHROME = 0.5
"""Share of a monochrome tone from which hues tell nothing."""


@dataclass(frozen=True, eq=False)
class Tone:
    """What a photo makes of a grey.

    Attributes:
        curve: (3, 3) red, green and blue as a constant, linear and square term of the luma in
            0..1; results in 0..1.
        share: 1 where the photo is monochrome, 0 where it is in colour.
    """

    curve: FloatArray
    share: float

    @property
    def is_monochrome(self) -> bool:
        """Whether hues tell nothing."""
        return self.share >= _MONOCHROME

    def applied(self, colours: npt.NDArray[np.floating]) -> FloatArray:
        """Colours (..., 3) in 0..255 as they would be on this photo."""
        toned = 255.0 * _terms(colours @ LUMA / 255.0) @ self.curve.T
        mixed = colours + self.share * (toned.clip(0.0, 255.0) - colours)
        return mixed.astype(np.float32)


def photo_tone(photo: npt.NDArray[np.uint8]) -> Tone:
    """The tone of (H, W, 3) uint8 RGB."""
    size = (min(_SAMPLE_SIDE, photo.shape[1]), min(_SAMPLE_SIDE, photo.shape[0]))
    pixels = np.asarray(cv2.resize(photo, size, interpolation=cv2.INTER_NEAREST)).reshape(-1, 3)
    terms = _terms(pixels @ LUMA / 255.0)
    curve = np.linalg.lstsq(terms, pixels / 255.0, rcond=None)[0].T
    spread = 255.0 * float(np.sqrt(np.mean((terms @ curve.T - pixels / 255.0) ** 2)))
    share = float(smoothstep(np.array(spread), *_MONOCHROME_RMS))
    return Tone(curve=curve.astype(np.float32), share=share)


def _terms(luma: npt.NDArray[np.floating]) -> npt.NDArray[np.floating]:
    return np.stack([np.ones_like(luma), luma, luma**2], axis=-1)
