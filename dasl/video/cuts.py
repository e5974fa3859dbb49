"""Detects cuts between the shots of a clip."""

import numpy as np
import numpy.typing as npt
from PIL import Image

from dasl.arrays import RgbImage

MIN_CORRELATION = 0.8
"""Consecutive frames with a lower correlation are separated by a cut. By `python -m
tools.people_report` the correlation is at least 0.93 within a clip of a moving head, and at most
0.69 across cuts between such clips in front of the same wall."""
_SIZE = 32, 18
_THINNED_SIDE = 160  # pixels of the longer side that are sampled; enough for that size
_NOISE = 2.0  # of 255; with it two plain walls with camera noise count as equal


class CutFinder:
    """Compares each frame with the previous one, at low resolution."""

    def __init__(self) -> None:
        """No frame yet."""
        self._before: npt.NDArray[np.float32] | None = None

    def is_cut(self, pixels: RgbImage) -> bool:
        """Whether this frame, (H, W, 3) uint8 RGB, starts a new shot; False for the first frame."""
        before, self._before = self._before, in_small(pixels)
        return before is not None and correlation(before, self._before) < MIN_CORRELATION


def in_small(pixels: RgbImage) -> npt.NDArray[np.float32]:
    """A frame (H, W, 3) as a small picture with its mean colour subtracted."""
    # without OpenCV: its idle threads would slow down the decoder's
    step = max(1, max(pixels.shape) // _THINNED_SIDE)
    thinned = Image.fromarray(np.ascontiguousarray(pixels[::step, ::step]))
    small = np.asarray(thinned.resize(_SIZE, Image.Resampling.BOX), dtype=np.float32)
    return small - small.mean(axis=(0, 1))


def correlation(one: npt.NDArray[np.float32], other: npt.NDArray[np.float32]) -> float:
    """Correlation of two pictures from `in_small`, at most 1."""
    noise = _NOISE**2 * one.size
    energies = [float(np.square(picture).sum()) + noise for picture in (one, other)]
    return (float((one * other).sum()) + noise) / float(np.sqrt(energies[0] * energies[1]))
