"""Colours of hair that the photo does not show: mirrored, else extrapolated with strands."""

import cv2
import numpy as np

from dasl.arrays import FloatArray, RgbImage
from dasl.export.hair.strand_noise import strand_noise
from dasl.geometry.smoothstep import smoothstep
from dasl.texture.tone import LUMA

_MIRRORED = 0.85
_COARSEST_ROWS, _OF_HEIGHT, _OF_LEVEL = 8, (0.002, 0.05), (0.1, 0.5)
"""Rows of the pyramid's coarsest level, and ranges of the known share over which colours come from
a height's mean and from a level."""
_MOST_ROUGH, _CONTRAST, _STRAND_BLUR_PX, _LEAST_TEXELS = 0.30, 1.3, 3.0, 200
_UNKNOWN = 90.0
"""Grey level of hair that the photo does not show at all."""


def completed(colour: FloatArray, weight: FloatArray, hat: FloatArray) -> RgbImage:
    """Fill all texels from visible colours, then the mirrored side, then by extrapolation.

    A hat is filled with the hat's colours, what hangs below it with the hair's.

    Args:
        colour: (h, w, 3) 0..255; columns run around the head, rows from crown to collar.
        weight: (h, w, 1) in [0, 1], visibility on the photo.
        hat: (h, w, 1) in [0, 1], share of hat where visible.
    """
    other = weight[:, ::-1] * _MIRRORED * (1.0 - weight)
    known, share = colour * weight + colour[:, ::-1] * other, weight + other
    of_hat = hat * weight + hat[:, ::-1] * other
    rough = _roughness(colour, weight[..., 0] > 0.5)
    strands = 1.0 + _CONTRAST * rough * strand_noise(*share.shape[:2])[..., None]
    whole = known + _kinds_run_on(known, share, of_hat) * strands * (1.0 - share)
    return whole.clip(0.0, 255.0).round().astype(np.uint8)


def _roughness(colour: FloatArray, is_seen: np.ndarray) -> float:
    """Relative variation of brightness between strands, at most `_MOST_ROUGH`."""
    if is_seen.sum() < _LEAST_TEXELS:
        return 0.0
    smooth = cv2.GaussianBlur(colour, (0, 0), _STRAND_BLUR_PX)[is_seen] @ LUMA
    ratio = (colour[is_seen] @ LUMA) / np.maximum(smooth, 12.0)
    deviation = 1.48 * float(np.median(np.abs(ratio - np.median(ratio))))
    return min(deviation, _MOST_ROUGH)


def _kinds_run_on(known: FloatArray, share: FloatArray, of_hat: FloatArray) -> FloatArray:
    """`_run_on` for hat and hair apart; `of_hat` (h, w, 1) is the part of `share` that is hat."""
    is_hat = _run_on(np.repeat(of_hat, 3, axis=2), share)[..., :1] > 0.5 if of_hat.any() else of_hat
    filled = np.zeros_like(known)
    for kind, seen in ((is_hat > 0, of_hat > 0.5 * share), (is_hat == 0, of_hat <= 0.5 * share)):
        if kind.any():
            seen = seen if (share * seen).any() else share > 0
            filled = np.where(kind, _run_on(known * seen, share * seen), filled)
    return filled


def _run_on(known: FloatArray, share: FloatArray) -> FloatArray:
    """Extrapolate known colours with an image pyramid; columns wrap around.

    What is far from any known colour gets the mean of its height, since hair changes its colour
    from the roots to the tips.

    Args:
        known: (h, w, 3) colours times their shares.
        share: (h, w, 1) in [0, 1].
    """
    if share.max() <= 0:
        return np.full_like(known, _UNKNOWN)
    levels = [np.dstack([known, share]).astype(np.float32)]
    while len(levels[-1]) > _COARSEST_ROWS:
        height, width = levels[-1].shape[:2]
        wide = np.concatenate([levels[-1][:, -4:], levels[-1], levels[-1][:, :4]], axis=1)
        wide = np.asarray(cv2.GaussianBlur(wide, (0, 0), 1.0))[:, 4:-4]
        half = cv2.resize(wide, (width // 2, height // 2), interpolation=cv2.INTER_AREA)
        levels.append(np.asarray(half))
    heights = levels[-1].mean(axis=1, keepdims=True)
    whole = heights.mean(axis=0, keepdims=True)
    filled = _closer(whole[..., :3] / whole[..., 3:].clip(1e-6), heights, _OF_HEIGHT)
    for level in reversed(levels):
        larger = cv2.resize(filled, level.shape[1::-1], interpolation=cv2.INTER_LINEAR)
        filled = _closer(np.asarray(larger, dtype=np.float32), level, _OF_LEVEL)
    return filled


def _closer(filled: FloatArray, level: FloatArray, enough: tuple[float, float]) -> FloatArray:
    """Colours (h, w, 3) replaced by those of a level (h, w, 4) where its shares are `enough`."""
    mean = level[..., :3] / np.maximum(level[..., 3:], 1e-4)
    return np.asarray(filled + smoothstep(level[..., 3:], *enough) * (mean - filled), np.float32)
