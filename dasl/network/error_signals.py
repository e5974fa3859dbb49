"""Error signals from two passes over a face: the input of `dasl.network.error_head`."""

import cv2
import numpy as np
from numpy.typing import NDArray

from dasl.network.faint_crops import block_means, brightness, contrast, middle

Floats = NDArray[np.float32]

PARTS = (slice(0, 17), slice(17, 27), slice(27, 36), slice(36, 48), slice(48, 68))
"""Jaw line, brows, nose, eyes and mouth of the 68 landmarks."""

PAIRS = ((0, 2), (1, 2), (0, 1))
"""Compared pairs of the three predictions: 0 first pass, 1 second pass mirrored, 2 straight."""
_ONES, _OTHERS = (list(side) for side in zip(*PAIRS, strict=True))
_STARTS = [part.start for part in PARTS]
_COUNTS = np.array([part.stop - part.start for part in PARTS], dtype=np.float32)

CLEAR, LEAST_AT_CLEAR = 13.0, 0.041
"""Contrast (`dasl.network.faint_crops`) of a crop in grey levels, and the minimum expected error at
it, which is never "high" (`space.reconstruct.describe`)."""

_BLACK, _WHITE = 16.0, 240.0


def error_signals(
    outputs: NDArray[np.floating], landmarks: NDArray[np.floating], images: NDArray[np.generic]
) -> Floats:
    """Compute the signals of B faces.

    These are the distances between the three predictions in each part of the face, the crop's
    brightness, contrast and sharpness, and the network's outputs.

    Args:
        outputs: (B, 3, 9 + K + E) of the network, whitened: first pass, mirrored, straight.
        landmarks: (B, 3, 68, 2 or 3) of the same predictions, all in one frame, pixels.
        images: (B, 3, 120, 120) of any type, 0..255.

    Returns:
        (B, F): 15 + 6 + 3 (9 + K + E) signals.
    """
    planar = landmarks[..., :2]
    size = np.sqrt(np.ptp(planar[:, 2], axis=1).prod(axis=1)).clip(1e-3)
    distances = np.linalg.norm(planar[:, _ONES] - planar[:, _OTHERS], axis=3)  # (B, 3, 68)
    of_parts = np.add.reduceat(distances, _STARTS, axis=2) / _COUNTS  # (B, 3, 5) means
    apart = of_parts.reshape(len(planar), -1) / size[:, None]
    said = outputs.reshape(len(outputs), -1)
    columns = [np.log(apart + 1e-3), picture_signals(images), said]
    return np.concatenate(columns, axis=1).astype(np.float32)


def picture_signals(images: NDArray[np.generic]) -> Floats:
    """Image statistics (B, 6) of crops (B, 3, 120, 120), 0..255.

    For the crop's centre: mean brightness, log standard deviation, shares of black and of white
    pixels. For the whole crop: sharpness at full resolution and in blocks of 4x4 pixels.
    """
    grey = brightness(images)
    inner = middle(grey).reshape(len(grey), -1)
    columns = [
        inner.mean(axis=1) / 255,
        np.log(inner.std(axis=1) + 1),
        (inner < _BLACK).mean(axis=1),
        (inner > _WHITE).mean(axis=1),
        _sharpness(grey),
        _sharpness(block_means(grey)),
    ]
    return np.stack(columns, axis=1)


def least_nme(images: NDArray[np.generic]) -> Floats:
    """(B,) lower bounds of the expected error of crops (B, 3, 120, 120), from their contrast.

    In a nearly black or white image landmarks cannot be located well. Below `CLEAR` the bound grows
    with the cube root of the missing contrast: errors on dark validation faces are 4 % at 3 grey
    levels, 5 % at 1.5 and 11 % at 0.5, where the bound is 7, 8 and 12 %.
    """
    missing = CLEAR / contrast(images).clip(1e-4)
    least: Floats = (LEAST_AT_CLEAR * np.where(missing > 1.0, np.cbrt(missing), missing)).astype(
        np.float32
    )
    return least


def _sharpness(grey: Floats) -> Floats:
    """(B,) logarithm of the Laplacian's standard deviation over that of the image."""
    inside = np.stack([cv2.Laplacian(each, cv2.CV_32F)[1:-1, 1:-1] for each in grey])
    sharp: Floats = np.log((inside.std(axis=(1, 2)) + 1) / (grey.std(axis=(1, 2)) + 1))
    return sharp
