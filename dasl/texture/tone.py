"""The tone of a photo: detection of grey or sepia, and its application to default colours."""

from dataclasses import dataclass

import cv2
import numpy as np
import numpy.typing as npt

from dasl.arrays import FloatArray
from dasl.geometry.smoothstep import smoothstep

LUMA = np.array([0.299, 0.587, 0.114])
_SAMPLE_SIDE = 64
_MONOCHROME_RMS = (7.0, 3.5)
"""RMS distance of a photo's colours from one tone curve, in 0..255, over which it fades to
monochrome; JPEG artefacts alone cause about 2."""

_MONOCHROME = 0.5
"""Share from which a photo counts as monochrome, without informative hues."""


@dataclass(frozen=True, eq=False)
class Tone:
    """The tone curve of a photo.

    Attributes:
        curve: (3, 3) red, green and blue as a quadratic polynomial (constant, linear, square) of
            the luma in 0..1; results in 0..1.
        share: 1 for a monochrome photo, 0 for one in colour.
    """

    curve: FloatArray
    share: float

    @property
    def is_monochrome(self) -> bool:
        """Whether the photo has no informative hues."""
        return self.share >= _MONOCHROME

    def applied(self, colours: npt.NDArray[np.floating]) -> FloatArray:
        """Convert colours (..., 3) in 0..255 to this photo's tone."""
        toned = 255.0 * _terms(colours @ LUMA / 255.0) @ self.curve.T
        mixed = colours + self.share * (toned.clip(0.0, 255.0) - colours)
        return mixed.astype(np.float32)


def photo_tone(photo: npt.NDArray[np.uint8]) -> Tone:
    """Fit the tone of a photo (H, W, 3) uint8 RGB."""
    size = (min(_SAMPLE_SIDE, photo.shape[1]), min(_SAMPLE_SIDE, photo.shape[0]))
    pixels = np.asarray(cv2.resize(photo, size, interpolation=cv2.INTER_NEAREST)).reshape(-1, 3)
    terms = _terms(pixels @ LUMA / 255.0)
    curve = np.linalg.lstsq(terms, pixels / 255.0, rcond=None)[0].T
    spread = 255.0 * float(np.sqrt(np.mean((terms @ curve.T - pixels / 255.0) ** 2)))
    share = float(smoothstep(np.array(spread), *_MONOCHROME_RMS))
    return Tone(curve=curve.astype(np.float32), share=share)


def _terms(luma: npt.NDArray[np.floating]) -> npt.NDArray[np.floating]:
    return np.stack([np.ones_like(luma), luma, luma**2], axis=-1)
