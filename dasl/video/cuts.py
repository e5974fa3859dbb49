"""Where a clip jumps from one shot to the next."""

import numpy as np
import numpy.typing as npt
from PIL import Image

from dasl.video.clip import RgbImage

MIN_CORRELATION = 0.6
"""Frames that follow each other agree at least so far, or there is a cut. Six example photos panned
and turned at 30 frames a second stay above 0.97, the rendered moving head above 0.93; cuts between
the photos lie below 0.34."""
_SIZE = 32, 18
_THINNED_SIDE = 160  # pixels of the longer side that are looked at: enough for that size
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
    # not by OpenCV: its threads, awake for a while, would slow down the decoder's
    step = max(1, max(pixels.shape) // _THINNED_SIDE)
    thinned = Image.fromarray(np.ascontiguousarray(pixels[::step, ::step]))
    small = np.asarray(thinned.resize(_SIZE, Image.Resampling.BOX), dtype=np.float32)
    return small - small.mean(axis=(0, 1))


def _correlation(one: npt.NDArray[np.float32], other: npt.NDArray[np.float32]) -> float:
    noise = _NOISE**2 * one.size
    energies = [float(np.square(picture).sum()) + noise for picture in (one, other)]
    return (float((one * other).sum()) + noise) / float(np.sqrt(energies[0] * energies[1]))
