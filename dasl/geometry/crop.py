"""Square face crops: their boxes on the photo, and cutting them out.

A box is (x0, y0, x1, y1) in photo pixels measured at pixel edges, as in slicing: (0, 0, W, H)
covers the photo. A pixel centre p of the image frame (0-based, integer = centre) therefore lies at
p + 0.5 in a box, and crop pixel u at photo x = x0 + (u + 0.5) * (x1 - x0) / 120 - 0.5, which is
what `dasl.geometry.frames.image_from_crop` computes.
"""

from collections.abc import Sequence
from typing import Any

import numpy as np
import numpy.typing as npt
from PIL import Image

from dasl.arrays import RgbImage
from dasl.errors import BoxError, PhotoError, ShapeError, check_shape

BoxLike = Sequence[float] | npt.NDArray[np.floating] | npt.NDArray[np.integer]
Box = npt.NDArray[np.float64]

CROP_SIZE = 120
"""Side of a crop, pixels."""

LARGEST_BOX = 1000
"""Largest ratio of a box to its photo; beyond it the numbers must be wrong."""

LANDMARK_MARGIN = float(np.sqrt(2.0))
"""Crop side divided by the longer side of the landmarks' box, as in the AFLW2000-3D crops."""

MIN_BOX_SIDE = 2.0
"""Shortest side of a box, pixels; smaller values are probably fractions of the photo."""

BOX_TO_CROP_SIDE = 1.19
"""Crop side divided by max(w, h) of a RetinaFace box: the median over 1,489 padded training crops
of `tools/calibrate_crop.py`. 90 % lie in 1.04..1.40, half within 0.07 of the median. By |yaw|
(below 30, below 60, above) it is 1.20, 1.21, 1.16. Of max(w, h), sqrt(w h) and h it changes least
with yaw, since a profile's box is narrower but not lower."""

BOX_TO_CROP_DOWN = 0.10
"""Distance of the crop's centre below the box's, divided by max(w, h): the box includes the
forehead, the landmarks do not. Same source: 90 % lie in 0.04..0.16; by yaw it is 0.10, 0.11, 0.11.
The horizontal median is -0.01 (90 % in -0.08..0.07) and is not corrected."""

_REDUCE_ABOVE = 8
"""From this many photo pixels per crop pixel, blocks are averaged before resampling."""


def square_crop_from_landmarks(points_image: npt.NDArray[np.floating]) -> Box:
    """Square crop around landmarks, by the benchmark's convention.

    Its side is sqrt(2) * max(w, h) of the points' bounding box, and the centres coincide. The boxes
    published with AFLW2000-3D follow the same rule for 1-based points. They therefore lie half a
    photo pixel right of and below ours; they are also clipped to the photo, ours are not.

    Args:
        points_image: (L, 2) pixels, image frame; the 68 landmarks.

    Returns:
        (4,) float64 square box, photo pixels; may extend beyond the photo.

    Raises:
        ShapeError: not (L, 2).
        BoxError: a point is not finite, or the points have no extent.

    Example:
        >>> square_crop_from_landmarks(np.array([[9.5, 9.5], [109.5, 29.5]])).round(1).tolist()
        [-10.7, -50.7, 130.7, 90.7]
    """
    check_shape("points_image", points_image, "L", 2, hint="pass x and y of one face")
    points = np.asarray(points_image, dtype=np.float64)
    if points.size == 0 or not np.isfinite(points).all():
        raise BoxError("landmarks must be finite, got none, NaN or infinity; leave this face out")
    low, high = points.min(axis=0) + 0.5, points.max(axis=0) + 0.5
    longest = float((high - low).max())
    if longest <= 0:
        raise BoxError(f"landmarks must have an extent, got all at {points[0].tolist()}")
    return _square((low + high) / 2, LANDMARK_MARGIN * longest)


def square_crop_from_box(box: BoxLike) -> Box:
    """Square crop estimated from a detector's box, in the landmarks' convention.

    On upright faces it is accurate to about 10 % of the side (see `BOX_TO_CROP_SIDE`). A second
    crop from the first pass's landmarks removes this error.

    Args:
        box: (4,) x0, y0, x1, y1 of a tight face box, photo pixels.

    Returns:
        (4,) float64 square box, photo pixels; may extend beyond the photo.

    Raises:
        ShapeError: not four numbers.
        BoxError: inverted, empty or not finite.

    Example:
        >>> square_crop_from_box((0, 0, 80, 100)).round(1).tolist()
        [-19.5, 0.5, 99.5, 119.5]
    """
    checked = _checked(box)
    longest = float((checked[2:] - checked[:2]).max())
    centre = (checked[:2] + checked[2:]) / 2 + np.array([0.0, BOX_TO_CROP_DOWN * longest])
    return _square(centre, BOX_TO_CROP_SIDE * longest)


def square_box(box: BoxLike) -> Box:
    """Smallest square around a box with the same centre.

    Args:
        box: (4,) x0, y0, x1, y1, photo pixels.

    Returns:
        (4,) float64 square box.

    Raises:
        ShapeError: not four numbers.
        BoxError: inverted, empty or not finite.

    Example:
        >>> square_box((0, 10, 40, 30)).tolist()
        [0.0, 0.0, 40.0, 40.0]
    """
    checked = _checked(box)
    size = checked[2:] - checked[:2]
    if size[0] == size[1]:
        return checked
    return _square((checked[:2] + checked[2:]) / 2, float(size.max()))


def check_box(box: BoxLike, width: int, height: int) -> Box:
    """The box as float64, after checking it against the photo.

    Args:
        box: (4,) x0, y0, x1, y1, photo pixels; may extend beyond the photo but must overlap it.
        width: photo's width, pixels.
        height: photo's height, pixels.

    Returns:
        (4,) float64.

    Raises:
        ShapeError: not four numbers.
        BoxError: inverted, empty, not finite, entirely outside the photo, or more than
            `LARGEST_BOX` times as large.

    Example:
        >>> check_box((-5, 0, 20, 20), 640, 480).tolist()
        [-5.0, 0.0, 20.0, 20.0]
    """
    checked = _checked(box)
    x0, y0, x1, y1 = checked
    if x1 <= 0 or y1 <= 0 or x0 >= width or y0 >= height:
        raise BoxError(
            f"box {_text(checked)} lies outside the photo of {width}x{height} pixels; "
            "wanted x0, y0, x1, y1 in pixels of this photo"
        )
    if max(x1 - x0, y1 - y0) > LARGEST_BOX * max(width, height):
        raise BoxError(
            f"box {_text(checked)} is more than {LARGEST_BOX} times as large as the photo of "
            f"{width}x{height} pixels; wanted pixels of this photo"
        )
    return checked


def check_landmarks(points: Sequence[Any] | np.ndarray) -> npt.NDArray[np.float32]:
    """The caller's 68 landmarks (68, 2), photo pixels, as float32.

    Raises:
        ShapeError: of another shape, or not finite.
    """
    array = np.asarray(points, dtype=np.float32)
    check_shape("landmarks", array, 68, 2, hint="x and y of the 68 iBUG points, photo pixels")
    if not np.isfinite(array).all():
        raise ShapeError("landmarks must be finite, got NaN or infinity; leave landmarks out")
    return array


def cut_crop(image: RgbImage, box: BoxLike) -> RgbImage:
    """Cut a face out of a photo at the network's input size.

    A box that is not square is extended to `square_box`, which avoids distortion. Beyond the photo
    its border pixels are repeated, as in training, so there is no artificial edge. Downscaling is
    antialiased (triangle filter over the source pixels).

    Args:
        image: (H, W, 3) uint8 RGB.
        box: (4,) x0, y0, x1, y1, photo pixels.

    Returns:
        (CROP_SIZE, CROP_SIZE, 3) uint8 RGB.

    Raises:
        ShapeError: wrong shape of either argument.
        PhotoError: the image is not uint8.
        BoxError: see `check_box`.

    Example:
        >>> cut_crop(np.full((300, 200, 3), 7, np.uint8), (50, 50, 170, 170)).shape
        (120, 120, 3)
    """
    check_shape("image", image, "H", "W", 3, hint="pass it through load_photo")
    if image.dtype != np.uint8:
        raise PhotoError(f"image must be uint8, got {image.dtype}; pass it through load_photo")
    square = square_box(check_box(box, image.shape[1], image.shape[0]))
    part, square = _reduced(image, square)
    part, square = _padded(part, square)
    resized = Image.fromarray(part).resize(
        (CROP_SIZE, CROP_SIZE),
        Image.Resampling.BILINEAR,
        box=(float(square[0]), float(square[1]), float(square[2]), float(square[3])),
    )
    return np.array(resized, dtype=np.uint8)


def _reduced(image: RgbImage, square: Box) -> tuple[RgbImage, Box]:
    """Average blocks under a box far larger than the crop, which bounds the cost."""
    factor = int((square[2] - square[0]) / CROP_SIZE / (_REDUCE_ABOVE / 2))
    if factor < 2:
        return image, square
    left, top = (max(0, int(edge)) for edge in square[:2])
    part = image[top : int(np.ceil(square[3])), left : int(np.ceil(square[2]))]
    origin = np.array([left, top, left, top], dtype=np.float64)
    return np.asarray(Image.fromarray(part).reduce(factor)), (square - origin) / factor


def _padded(image: RgbImage, square: Box) -> tuple[RgbImage, Box]:
    """The pixels that resampling `square` needs, with border repeated, and `square` on them."""
    reach = int(np.ceil((square[2] - square[0]) / CROP_SIZE)) + 1  # filter's half width
    low = np.floor(square[:2]).astype(int) - reach
    high = np.ceil(square[2:]).astype(int) + reach
    size = np.array([image.shape[1], image.shape[0]])
    # Keep at least one column and row, also if only the filter's margin overlaps the photo.
    first, last = np.clip(low, 0, size - 1), np.clip(high, 1, size)
    part = image[first[1] : last[1], first[0] : last[0]]
    before, after = first - low, high - last
    if before.any() or after.any():
        part = np.pad(part, ((before[1], after[1]), (before[0], after[0]), (0, 0)), mode="edge")
    return np.ascontiguousarray(part), square - np.concatenate([low, low])


def _checked(box: BoxLike) -> Box:
    values = np.asarray(box, dtype=np.float64)
    check_shape("box", values, 4, hint="pass x0, y0, x1, y1 of one box")
    if not np.isfinite(values).all():
        raise BoxError(f"box must be finite, got {_text(values)}")
    width, height = values[2:] - values[:2]
    if width <= 0 or height <= 0:
        raise BoxError(f"box must have x1 > x0 and y1 > y0, got {_text(values)}")
    if min(width, height) < MIN_BOX_SIDE:
        raise BoxError(
            f"box must be at least {MIN_BOX_SIDE:g} pixels wide and high, got {_text(values)}; "
            "boxes are in photo pixels, not in fractions"
        )
    return values


def _square(centre: npt.NDArray[np.float64], side: float) -> Box:
    return np.concatenate([centre - side / 2, centre + side / 2])


def _text(box: Box) -> str:
    return f"({', '.join(f'{value:g}' for value in box)})"
