"""Dark lines on a photo: strands of hair on a cheek and the shadows beside them."""

import cv2
import numpy as np

from dasl.arrays import FloatArray
from dasl.geometry.resample import bilinear
from dasl.texture.photo import PosedHead

_STEP_MM, _BLUR = 1.0, 1.7
"""Pixel of the picture on which lines are looked for, and its blur in pixels."""
_MOST_ENLARGED = 4.0
"""Coarser photos show no lines, and a head of a few pixels would make a large picture."""
_WIDEST, _NEAR = 11, 15
"""Sides of squares, pixels: lines at least this wide are areas; points this near count as on a
line, since cheeks have few vertices."""
_DARKEST = 8


def dark_lines(head: PosedHead, points: FloatArray) -> FloatArray:
    """How much darker a line close to each point is than what is on both sides of it.

    Args:
        head: its photo and scale.
        points: (N, 2) pixels, image frame.

    Returns:
        (N,) logarithms of relative brightness, at least 0.
    """
    grey = cv2.cvtColor(head.photo, cv2.COLOR_RGB2GRAY)
    height, width = grey.shape
    factor = min(head.mm_per_pixel / _STEP_MM, _MOST_ENLARGED)
    size = (max(1, round(width * factor)), max(1, round(height * factor)))
    grey = cv2.GaussianBlur(cv2.resize(grey, size, interpolation=cv2.INTER_AREA), (0, 0), _BLUR)
    closed = cv2.morphologyEx(grey, cv2.MORPH_CLOSE, np.ones((_WIDEST, _WIDEST), np.uint8))
    logs = np.log(np.maximum(np.arange(256, dtype=np.float32), _DARKEST))
    lines = cv2.dilate(logs[closed] - logs[grey], np.ones((_NEAR, _NEAR), np.uint8))
    sides = np.array([size[0] / width, size[1] / height])
    at = ((points + 0.5) * sides - 0.5).astype(np.float32)  # pixel centres are integers
    found: FloatArray = bilinear(lines[None, None], at[None, None])[0, 0, 0]
    return found
