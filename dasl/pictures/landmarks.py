"""The 68 landmarks drawn on the photo."""

from collections.abc import Sequence

import cv2
import numpy as np

from dasl.arrays import RgbImage
from dasl.errors import check_shape
from dasl.reconstruction.face import Face

Colour = tuple[int, int, int]

_LINES: tuple[tuple[slice, bool, Colour], ...] = (
    (slice(0, 17), False, (92, 200, 255)),  # jaw
    (slice(17, 22), False, (255, 196, 84)),  # brows
    (slice(22, 27), False, (255, 196, 84)),
    (slice(27, 31), False, (140, 235, 150)),  # nose
    (slice(31, 36), False, (140, 235, 150)),
    (slice(36, 42), True, (255, 140, 200)),  # eyes
    (slice(42, 48), True, (255, 140, 200)),
    (slice(48, 60), True, (255, 110, 100)),  # lips
    (slice(60, 68), True, (255, 110, 100)),
)
"""The 68 iBUG landmarks as lines: which points, whether closed, RGB."""

_SUBPIXEL_BITS = 4


def draw_landmarks(photo: RgbImage, faces: Sequence[Face]) -> RgbImage:
    """Copy of the photo with each face's 68 landmarks as points and lines.

    Args:
        photo: (H, W, 3) uint8 RGB.
        faces: found on this photo.

    Returns:
        (H, W, 3) uint8 RGB.
    """
    check_shape("photo", photo, "H", "W", 3)
    picture = np.ascontiguousarray(photo).copy()
    for face in faces:
        extent = float(np.ptp(face.landmarks[:, :2], axis=0).max())
        thickness = max(1, round(extent / 180))
        points = np.round(face.landmarks[:, :2] * 2**_SUBPIXEL_BITS).astype(np.int32)
        for chosen, is_closed, colour in _LINES:
            line = [points[chosen]]
            cv2.polylines(picture, line, is_closed, colour, thickness, cv2.LINE_AA, _SUBPIXEL_BITS)
        radius = round(max(1.0, extent / 120) * 2**_SUBPIXEL_BITS)
        for x, y in points.tolist():
            white = (255, 255, 255)
            cv2.circle(picture, (x, y), radius, white, cv2.FILLED, cv2.LINE_AA, _SUBPIXEL_BITS)
    return picture
