"""Where a clip jumps from one shot to the next."""

import numpy as np
import numpy.typing as npt
from PIL import Image

from dasl.arrays import RgbImage

MIN_CORRELATION = 0.8
"""Frames that follow each other agree at least so far, or there is a cut. By `python -m
tools.people_report`: within a clip of a head that moves at 0.93 or above, over cuts between such
clips, each before the same wall, at 0.69 or below."""
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
        before, self._before = self._before, in_small(pixels)
        return before is not None and correlation(before, self._before) < MIN_CORRELATION


def in_small(pixels: RgbImage) -> npt.NDArray[np.float32]:
    """A frame (H, W, 3) as a small picture whose mean colour is taken away."""
    # not by OpenCV: its threads, awake for a while, would slow down the decoder's
    step = max(1, max(pixels.shape) // _THINNED_SIDE)
    thinned = Image.fromarray(np.ascontiguousarray(pixels[::step, ::step]))
    small = np.asarray(thinned.resize(_SIZE, Image.Resampling.BOX), dtype=np.float32)
    return small - small.mean(axis=(0, 1))


def correlation(one: npt.NDArray[np.float32], other: npt.NDArray[np.float32]) -> float:
    """How much two pictures from `in_small` agree, at most 1."""
    noise = _NOISE**2 * one.size
    energies = [float(np.square(picture).sum()) + noise for picture in (one, other)]
    return (float((one * other).sum()) + noise) / float(np.sqrt(energies[0] * energies[1]))
