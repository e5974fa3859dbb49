"""The part of a photo around a head, wide enough for hair."""

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from dasl.arrays import FloatArray, RgbImage
from dasl.export.hair.camera import Camera
from dasl.export.hair.placed import MIDDLE_M
from dasl.geometry.coefficients import Pose
from dasl.network.hair_parser import HairParser
from dasl.photo.person import person_share

_HALF_M = 0.36
"""Half the side of the part around the head's centre."""
_LARGEST_PX = 768


@dataclass(frozen=True, eq=False)
class Surroundings:
    """A part of a photo, at most about twice `_LARGEST_PX` wide.

    Attributes:
        pixels: (h, w, 3) uint8 RGB, a copy.
        origin: (2,) photo position x, y of its first pixel.
        stride: photo pixels per pixel of the part.
        parser: tells hair from skin and clothes; None if the weights have no hair network.
    """

    pixels: RgbImage
    origin: FloatArray
    stride: int
    parser: HairParser | None = None

    @cached_property
    def person(self) -> FloatArray:
        """Probability that a pixel shows the person: (h, w). Computed on all cores at first."""
        return person_share(self.pixels)

    def camera(self, pose: Pose) -> Camera:
        """The camera onto these pixels, for one face's pose in photo pixels."""
        scale = float(pose.scale[0]) / self.stride
        offset = (pose.translation[0] - self.origin) / self.stride
        return Camera(pose.rotation[0], np.array([scale, scale]), offset)


def surroundings(
    photo: RgbImage, pose: Pose, row: int = 0, parser: HairParser | None = None
) -> Surroundings:
    """Copy the part of a photo around a head.

    Args:
        photo: (H, W, 3) uint8 RGB.
        pose: photo pixels.
        row: index in the batch.
        parser: kept with the part.
    """
    one = pose.rows(row, row + 1)
    whole = Surroundings(photo, np.zeros(2, dtype=np.float32), 1)
    middle, _ = whole.camera(one).project(MIDDLE_M)
    half = _HALF_M * float(one.scale[0])
    most = np.array([photo.shape[1] - 1, photo.shape[0] - 1])
    x0, y0 = np.clip(np.floor(middle - half), 0, most).astype(int)
    x1, y1 = np.clip(np.ceil(middle + half), 0, most).astype(int) + 1
    stride = max(1, int(max(x1 - x0, y1 - y0) // _LARGEST_PX))
    part = photo[y0:y1:stride, x0:x1:stride].copy()
    return Surroundings(part, np.array([x0, y0], dtype=np.float32), stride, parser)
