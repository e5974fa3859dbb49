"""Pictures read between their pixels, by the library that each kind of array has for it.

Also their planes of colour.
"""

from typing import Any

import cv2
import numpy as np
import numpy.typing as npt

from dasl.arrays import Array, FloatArray, RgbImage, array_namespace, is_torch_array, like

_FOLDED = 4096
"""Points in a row: `cv2.remap` takes fewer than 32,767 rows or columns."""


def read_at(
    picture: npt.NDArray[Any],
    x: FloatArray,
    y: FloatArray,
    method: int = cv2.INTER_LINEAR,
    border: int = cv2.BORDER_REPLICATE,
) -> npt.NDArray[Any]:
    """Values of a picture at any number of points.

    Args:
        picture: (H, W) or (H, W, C), of a type that `cv2.remap` takes.
        x: (N,) pixels, integer = pixel centre.
        y: (N,) pixels.
        method: OpenCV's interpolation.
        border: OpenCV's border mode.

    Returns:
        (N,) or (N, C), of the picture's type.
    """
    count = len(x)
    rows = max(1, -(-count // _FOLDED))
    places = np.zeros((2, rows * _FOLDED), dtype=np.float32)
    places[0, :count], places[1, :count] = x, y
    columns, lines = places.reshape(2, rows, _FOLDED)
    found = np.asarray(cv2.remap(picture, columns, lines, method, borderMode=border))
    return found.reshape(-1, *picture.shape[2:])[:count]


def bilinear(images: Array, points: Array) -> Array:
    """Values at places of pictures, bilinear; the border pixel is repeated outside.

    Args:
        images: (B, C, H, W) float32.
        points: (B, h, w, 2) float32, x and y in pixels, integer = pixel centre.

    Returns:
        (B, C, h, w).
    """
    if is_torch_array(images):
        return _with_torch(images, points)
    images = np.asarray(images, dtype=np.float32)  # else OpenCV leaves the results empty
    sampled = np.empty((*images.shape[:2], *points.shape[1:3]), dtype=np.float32)
    for picture, at, result in zip(images, points, sampled, strict=True):
        x, y = np.ascontiguousarray(at[..., 0]), np.ascontiguousarray(at[..., 1])
        for channel, out in zip(picture, result, strict=True):
            cv2.remap(channel, x, y, cv2.INTER_LINEAR, dst=out, borderMode=cv2.BORDER_REPLICATE)
    return sampled


def affine(images: Array, linear: Array, offset: Array, side: int) -> Array:
    """Squares out of pictures: pixel p is read at linear @ p + offset, as `bilinear` does.

    Args:
        images: (B, C, H, W) float32.
        linear: (B, 2, 2).
        offset: (B, 2) pixels of the pictures.
        side: of the squares, pixels.

    Returns:
        (B, C, side, side).
    """
    if is_torch_array(images):
        return bilinear(images, affine_places(linear, offset, side))
    images = np.asarray(images, dtype=np.float32)
    squares = np.empty((*images.shape[:2], side, side), dtype=np.float32)
    matrices = np.concatenate((linear, offset[..., None]), axis=2).astype(np.float64)
    flags = cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP
    for picture, matrix, square in zip(images, matrices, squares, strict=True):
        for channel, out in zip(picture, square, strict=True):
            cv2.warpAffine(
                channel, matrix, (side, side), out, flags, borderMode=cv2.BORDER_REPLICATE
            )
    return squares


def affine_places(linear: Array, offset: Array, side: int) -> Array:
    """(B, side, side, 2) where `affine` reads its pixels; arguments as there."""
    xp = array_namespace(linear)
    pixels = np.stack(np.meshgrid(*[np.arange(side, dtype=np.float32)] * 2)).reshape(2, -1)
    places = (linear @ like(pixels, linear) + offset[..., None]).mT
    return xp.reshape(places, (-1, side, side, 2))


def planes_of(image: RgbImage) -> RgbImage:
    """(3, H, W) uint8 planes of an (H, W, 3) picture: a copy, faster than NumPy's own."""
    return np.stack(cv2.split(image))


def _with_torch(images: Array, points: Array) -> Array:
    """Torch counts from -1 to 1, the outer edges of the border pixels."""
    import torch

    size = torch.tensor([images.shape[3], images.shape[2]]).to(points)
    grid = (points + 0.5) * (2 / size) - 1
    return torch.nn.functional.grid_sample(images, grid, padding_mode="border", align_corners=False)
