"""Pictures read between their pixels, by the library that each kind of array has for it.

Also their planes of colour.
"""

import cv2
import numpy as np

from dasl.arrays import Array, RgbImage, is_torch_array


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
    sampled = np.empty((*images.shape[:2], *points.shape[1:3]), dtype=np.float32)
    for picture, at, result in zip(images, points, sampled, strict=True):
        x, y = np.ascontiguousarray(at[..., 0]), np.ascontiguousarray(at[..., 1])
        for channel, out in zip(picture, result, strict=True):
            cv2.remap(channel, x, y, cv2.INTER_LINEAR, dst=out, borderMode=cv2.BORDER_REPLICATE)
    return sampled


def planes_of(image: RgbImage) -> RgbImage:
    """(3, H, W) uint8 planes of an (H, W, 3) picture: a copy, faster than NumPy's own."""
    return np.stack(cv2.split(image))


def _with_torch(images: Array, points: Array) -> Array:
    """Torch counts from -1 to 1, the outer edges of the border pixels."""
    import torch

    size = torch.tensor([images.shape[3], images.shape[2]]).to(points)
    grid = (points + 0.5) * (2 / size) - 1
    return torch.nn.functional.grid_sample(images, grid, padding_mode="border", align_corners=False)
