"""One detection attempt: the copy of the photo that the detector's network gets."""

import math
from dataclasses import dataclass

import cv2
import numpy as np
import numpy.typing as npt

from dasl.arrays import RgbImage
from dasl.photo.lifted import in_even_light, stretched


@dataclass(frozen=True)
class Attempt:
    """One detection attempt on a copy of the photo.

    Attributes:
        long_side: longer side of the network's input, pixels, margins included.
        enlarge: whether a smaller photo is enlarged to it.
        margin: border added to each side, as a fraction of the photo's longer side.
        min_score: lowest score of a face.
        quarters: number of counter-clockwise rotations by 90 degrees applied first.
        lifted: whether it is brought into even light.
    """

    long_side: int
    enlarge: bool
    margin: float
    min_score: float
    quarters: int = 0
    lifted: bool = False

    def seen(self, image: RgbImage) -> tuple[RgbImage, npt.NDArray[np.float64], int]:
        """Make the network's input.

        Args:
            image: the photo, rotated by `quarters`.

        Returns:
            The input; its pixels per photo pixel (x, y); its margin, pixels.
        """
        if self.lifted:  # before resizing: its mean over noisy pixels then keeps fine steps
            image = stretched(image)
        height, width = image.shape[:2]
        inner_side = self.long_side / (1 + 2 * self.margin)
        factor = inner_side / max(width, height)
        if factor > 1 and not self.enlarge:
            factor = 1.0
        size = max(1, round(width * factor)), max(1, round(height * factor))
        if size != (width, height):
            image = resized(image, size)
        if self.lifted:
            image = in_even_light(image)
        margin = round(self.margin * max(size))
        if margin:
            image = np.pad(image, ((margin, margin), (margin, margin), (0, 0)), mode="edge")
        return image, np.array([size[0] / width, size[1] / height]), margin


def resized(image: RgbImage, size: tuple[int, int]) -> RgbImage:
    """An (H, W, 3) uint8 RGB picture at another width and height, without aliasing.

    Down to half the size, a small blur first takes a quarter of the time of means over areas.
    """
    factor = size[0] / image.shape[1]
    how = cv2.INTER_AREA if factor < 0.5 else cv2.INTER_LINEAR
    if 0.5 <= factor < 1:
        blur_px = 0.5 * math.sqrt(1 / factor**2 - 1)
        image = np.asarray(cv2.GaussianBlur(image, (3, 3), blur_px), dtype=np.uint8)
    return np.asarray(cv2.resize(image, size, interpolation=how), dtype=np.uint8)


def turned_back(
    points: npt.NDArray[np.float64], quarters: int, size: tuple[int, int]
) -> npt.NDArray[np.float64]:
    """Map points (N, 2) of a counter-clockwise rotated copy to the photo of (width, height)."""
    width, height = size
    x, y = points.T
    places = ((x, y), (width - y, x), (width - x, height - y), (y, height - x))
    return np.column_stack(places[quarters])
