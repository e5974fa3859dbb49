"""Error signals from two passes over a face: the input of `dasl.network.error_head`."""

import numpy as np
from numpy.typing import NDArray

from dasl.geometry.crop import CROP_SIZE

Floats = NDArray[np.float32]

PARTS = (slice(0, 17), slice(17, 27), slice(27, 36), slice(36, 48), slice(48, 68))
"""Jaw line, brows, nose, eyes and mouth of the 68 landmarks."""

PAIRS = ((0, 2), (1, 2), (0, 1))
"""Compared pairs of the three predictions: 0 first pass, 1 second pass mirrored, 2 straight."""

FAINTEST = 0.4
"""Minimum expected error times the standard deviation of brightness in grey levels: at 10 levels
the minimum is 4 %."""

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
    apart = [
        np.linalg.norm(planar[:, one, part] - planar[:, other, part], axis=2).mean(axis=1) / size
        for one, other in PAIRS
        for part in PARTS
    ]
    said = outputs.reshape(len(outputs), -1)
    columns = [np.log(np.stack(apart, axis=1) + 1e-3), picture_signals(images), said]
    return np.concatenate(columns, axis=1).astype(np.float32)


def picture_signals(images: NDArray[np.generic]) -> Floats:
    """Image statistics (B, 6) of crops (B, 3, 120, 120), 0..255.

    For the crop's centre: mean brightness, log standard deviation, shares of black and of white
    pixels. For the whole crop: sharpness at full resolution and in blocks of 4x4 pixels.
    """
    grey = images.astype(np.float32).mean(axis=1)
    middle = _middle(grey).reshape(len(grey), -1)
    columns = [
        middle.mean(axis=1) / 255,
        np.log(middle.std(axis=1) + 1),
        (middle < _BLACK).mean(axis=1),
        (middle > _WHITE).mean(axis=1),
        _sharpness(grey),
        _sharpness(_blocks(grey)),
    ]
    return np.stack(columns, axis=1)


def least_nme(images: NDArray[np.generic]) -> Floats:
    """(B,) lower bounds of the expected error of crops (B, 3, 120, 120), from their contrast.

    In a nearly black or white image landmarks cannot be located.
    """
    spread = _middle(_blocks(images.astype(np.float32).mean(axis=1))).std(axis=(1, 2))
    least: Floats = FAINTEST / spread.clip(1e-3)
    return least


def _blocks(grey: Floats) -> Floats:
    """(B, 30, 30) means over blocks of 4x4 pixels; suppresses most of the noise."""
    side = CROP_SIZE // 4
    means: Floats = grey.reshape(len(grey), side, 4, side, 4).mean(axis=(2, 4))
    return means


def _middle(grey: Floats) -> Floats:
    edge = grey.shape[1] // 6
    return grey[:, edge:-edge, edge:-edge]


def _sharpness(grey: Floats) -> Floats:
    """(B,) logarithm of the Laplacian's standard deviation over that of the image."""
    inside = grey[:, 1:-1, 1:-1]
    around = grey[:, :-2, 1:-1] + grey[:, 2:, 1:-1] + grey[:, 1:-1, :-2] + grey[:, 1:-1, 2:]
    spread = (around - 4 * inside).std(axis=(1, 2)) + 1
    sharp: Floats = np.log(spread / (grey.std(axis=(1, 2)) + 1))
    return sharp
