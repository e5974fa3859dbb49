"""What of two passes over a face tells their error: the input of `dasl.network.error_head`."""

import numpy as np
from numpy.typing import NDArray

from dasl.geometry.crop import CROP_SIZE

Floats = NDArray[np.float32]

PARTS = (slice(0, 17), slice(17, 27), slice(27, 36), slice(36, 48), slice(48, 68))
"""Jaw line, brows, nose, eyes and mouth of the 68 landmarks."""

PAIRS = ((0, 2), (1, 2), (0, 1))
"""Of the three predictions: the first pass, the second in the mirror, the second without."""

FAINTEST = 0.4
"""Least error to expect times the spread of brightness, in grey levels: 4 % at 10 levels."""

_BLACK, _WHITE = 16.0, 240.0


def error_signals(
    outputs: NDArray[np.floating], landmarks: NDArray[np.floating], images: NDArray[np.generic]
) -> Floats:
    """The signals of B faces.

    How far the three predictions lie apart in each part of the face, how bright, rich in contrast
    and sharp the crop is, and what the network put out.

    Args:
        outputs: (B, 3, 9 + K + E) of the network, whitened: first pass, in the mirror, straight.
        landmarks: (B, 3, 68, 2 or 3) of the same, all in one frame, pixels.
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
    """(B, 6) of crops (B, 3, 120, 120), 0..255.

    Mean and spread of the middle's brightness, the shares that are black and white, and the
    sharpness in pixels as they are and in blocks of four.
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
    """(B,) error to expect at least of crops (B, 3, 120, 120), by how little light they tell apart.

    In a picture that is nearly black or white nobody could say whether a landmark is right.
    """
    spread = _middle(_blocks(images.astype(np.float32).mean(axis=1))).std(axis=(1, 2))
    least: Floats = FAINTEST / spread.clip(1e-3)
    return least


def _blocks(grey: Floats) -> Floats:
    """(B, 30, 30) means of blocks of four pixels, without most of the noise."""
    side = CROP_SIZE // 4
    means: Floats = grey.reshape(len(grey), side, 4, side, 4).mean(axis=(2, 4))
    return means


def _middle(grey: Floats) -> Floats:
    edge = grey.shape[1] // 6
    return grey[:, edge:-edge, edge:-edge]


def _sharpness(grey: Floats) -> Floats:
    """(B,) logarithm of the Laplacian's spread over that of the picture."""
    inside = grey[:, 1:-1, 1:-1]
    around = grey[:, :-2, 1:-1] + grey[:, 2:, 1:-1] + grey[:, 1:-1, :-2] + grey[:, 1:-1, 2:]
    spread = (around - 4 * inside).std(axis=(1, 2)) + 1
    sharp: Floats = np.log(spread / (grey.std(axis=(1, 2)) + 1))
    return sharp
