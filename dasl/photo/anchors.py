"""Decodes RetinaFace's output, offsets from a grid of anchors, to boxes and points."""

from functools import lru_cache

import numpy as np
import numpy.typing as npt

from dasl.arrays import FloatArray

_MAX_OVERLAP = 0.4  # the package's own: above this IoU the weaker face is dropped
_STRIDES = (8, 16, 32)
_ANCHOR_SIZES = ((16, 32), (64, 128), (256, 512))
_CENTRE_VARIANCE, _SIZE_VARIANCE = 0.1, 0.2


@lru_cache(maxsize=8)
def anchors_of(height: int, width: int) -> npt.NDArray[np.float64]:
    """Anchors (A, 3) of an input: centre x, y and size, input pixels, in the network's order."""
    levels = []
    for stride, sizes in zip(_STRIDES, _ANCHOR_SIZES, strict=True):
        y, x = np.mgrid[: -(-height // stride), : -(-width // stride)]
        centres = np.stack([x.ravel(), y.ravel()], axis=1)
        centres = np.repeat((centres + 0.5) * stride, len(sizes), axis=0)
        size = np.tile(np.array(sizes, dtype=np.float64), len(centres) // len(sizes))
        levels.append(np.column_stack([centres, size]))
    anchors = np.concatenate(levels)
    anchors.flags.writeable = False  # all callers share the cached array
    return anchors


def decode(
    raw: tuple[FloatArray, FloatArray, FloatArray], size: tuple[int, int], min_score: float
) -> tuple[npt.NDArray[np.float64], FloatArray, npt.NDArray[np.float64]]:
    """Boxes (F, 4), scores (F,), points (F, 5, 2) in pixels of the input, best score first."""
    box_offsets, scores, point_offsets = raw
    chosen = np.flatnonzero(scores > min_score)
    chosen = chosen[np.argsort(-scores[chosen], kind="stable")]
    anchors = anchors_of(*size)[chosen]
    centres, sizes = anchors[:, :2], anchors[:, 2:]
    box_centres = centres + _CENTRE_VARIANCE * sizes * box_offsets[chosen, :2]
    half_sizes = sizes * np.exp(_SIZE_VARIANCE * box_offsets[chosen, 2:]) / 2
    boxes = np.concatenate([box_centres - half_sizes, box_centres + half_sizes], axis=1)
    points = centres[:, None] + _CENTRE_VARIANCE * sizes[:, None] * point_offsets[chosen]
    return boxes, scores[chosen], points


def without_overlaps(boxes: npt.NDArray[np.float64], scores: FloatArray) -> list[int]:
    """Greedy non-maximum suppression over boxes (F, 4), best score first: the indices kept."""
    areas = np.prod(boxes[:, 2:] - boxes[:, :2], axis=1)
    left = np.argsort(-scores, kind="stable")
    kept = []
    while left.size:
        best, left = int(left[0]), left[1:]
        kept.append(best)
        low = np.maximum(boxes[best, :2], boxes[left, :2])
        high = np.minimum(boxes[best, 2:], boxes[left, 2:])
        shared = np.prod(np.clip(high - low, 0, None), axis=1)
        left = left[shared / (areas[best] + areas[left] - shared) <= _MAX_OVERLAP]
    return kept
