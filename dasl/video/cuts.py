"""Where a clip jumps from one shot to the next."""

import cv2
import numpy as np
import numpy.typing as npt

from dasl.video.clip import RgbImage

MIN_CORRELATION = 0.6
"""Frames that follow each other agree at least so far, or there is a cut. Six example photos panned
and turned at 30 frames a second stay above 0.97, the rendered moving head above 0.93; cuts between
the photos lie below 0.34."""
_SIZE = 32, 18
_STRIDE = 2  # every other pixel is enough for a picture of this size
_NOISE = 2.0  # of 255: two plain walls with a camera's noise agree


class CutFinder:
    """Compares each frame with the one before, in small."""

    def __init__(self) -> None:
        """No frame yet."""
        self._before: npt.NDArray[np.float32] | None = None

    def is_cut(self, pixels: RgbImage) -> bool:
        """Whether this frame, (H, W, 3) uint8 RGB, begins another shot; the first one does not."""
        before, self._before = self._before, _in_small(pixels)
        return before is not None and _correlation(before, self._before) < MIN_CORRELATION


def _in_small(pixels: RgbImage) -> npt.NDArray[np.float32]:
    thinned = np.ascontiguousarray(pixels[::_STRIDE, ::_STRIDE])
    small = np.asarray(cv2.resize(thinned, _SIZE, interpolation=cv2.INTER_AREA), np.float32)
    return small - small.mean(axis=(0, 1))


def _correlation(one: npt.NDArray[np.float32], other: npt.NDArray[np.float32]) -> float:
    noise = _NOISE**2 * one.size
    energies = [float(np.square(picture).sum()) + noise for picture in (one, other)]
    return (float((one * other).sum()) + noise) / float(np.sqrt(energies[0] * energies[1]))
