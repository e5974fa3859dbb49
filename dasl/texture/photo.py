"""A head posed on its photo, and sampling of the photo's colours."""

from dataclasses import dataclass, replace

import cv2
import numpy as np
import numpy.typing as npt

from dasl.arrays import FloatArray
from dasl.geometry.resample import read_at

_PHOTO_TEXELS = 1.5
"""Photo pixels per texel above which the photo is downscaled before sampling."""
_BORDER_PX = 3.0


@dataclass(frozen=True, eq=False)
class PosedHead:
    """A head posed on a photo.

    Attributes:
        vertices_image: (V, 3) pixels, image frame of `photo`.
        scale: photo pixels per metre.
        photo: (H, W, 3) uint8 RGB, or the part of it around the head.
    """

    vertices_image: FloatArray
    scale: float
    photo: npt.NDArray[np.uint8]

    @property
    def mm_per_pixel(self) -> float:
        """Millimetres on the head per photo pixel."""
        return 1000.0 / self.scale

    def blurred(self, blur_px: float) -> "PosedHead":
        """The same head on the photo after a Gaussian blur of this standard deviation."""
        blurred = cv2.GaussianBlur(self.photo, (0, 0), max(blur_px, 0.3))
        return replace(self, photo=np.asarray(blurred, dtype=np.uint8))

    def colours(self, points: FloatArray) -> FloatArray:
        """Sample the photo at image positions (N, 2): (N, 3) in 0..255."""
        return interpolated(self.photo, points[:, 0], points[:, 1])

    def mean_colours(self, x: FloatArray, y: FloatArray) -> FloatArray:
        """Means of the photo's colours at N sets of image positions: (N, M) each to (N, 3)."""
        columns, rows = x.astype(np.float32), y.astype(np.float32)
        border = cv2.BORDER_REPLICATE
        colours = cv2.remap(self.photo, columns, rows, cv2.INTER_CUBIC, borderMode=border)
        means = cv2.reduce(colours, 1, cv2.REDUCE_AVG, dtype=cv2.CV_32F)
        return np.asarray(means, dtype=np.float32)[:, 0]

    def inside(self, points: FloatArray) -> FloatArray:
        """1 within the photo, falling to 0 over its last pixels: (N, 2) to (N,)."""
        x, y = points.T
        height, width = self.photo.shape[:2]
        to_border = np.minimum(np.minimum(x, width - 1 - x), np.minimum(y, height - 1 - y))
        return (to_border / _BORDER_PX).clip(0.0, 1.0)


def photo_for_texture(head: PosedHead, size: int) -> PosedHead:
    """Downscale a head's photo to at most about the resolution of `size` texels."""
    extent = float(np.ptp(head.vertices_image[:, :2], axis=0).max())
    factor = min(1.0, _PHOTO_TEXELS * size / extent)
    if factor == 1.0:
        return head
    height, width = (max(1, round(side * factor)) for side in head.photo.shape[:2])
    smaller = cv2.resize(head.photo, (width, height), interpolation=cv2.INTER_AREA)
    photo = np.asarray(smaller, dtype=np.uint8)
    sides = np.array([width / head.photo.shape[1], height / head.photo.shape[0], factor])
    half = np.array([0.5, 0.5, 0.0])  # pixel centres are integers
    vertices = ((head.vertices_image + half) * sides - half).astype(np.float32)
    return replace(head, vertices_image=vertices, scale=head.scale * factor, photo=photo)


def interpolated(picture: npt.NDArray[np.uint8], x: FloatArray, y: FloatArray) -> FloatArray:
    """Bicubic colours (N, 3) float32 at pixel positions; the border is repeated outside."""
    return read_at(picture, x, y, cv2.INTER_CUBIC).astype(np.float32)
