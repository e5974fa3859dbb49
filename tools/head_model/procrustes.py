"""Similarity alignment of one head with another."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]


@dataclass(frozen=True)
class Similarity:
    """x -> scale * x @ rotation + translation.

    Attributes:
        scale: positive.
        rotation: (3, 3), determinant 1, applied from the right.
        translation: (3,).
    """

    scale: float
    rotation: Array
    translation: Array

    def of_points(self, points: Array) -> Array:
        """(..., 3) points moved."""
        return self.of_offsets(points) + self.translation

    def of_offsets(self, offsets: Array) -> Array:
        """(..., 3) differences of points: no translation."""
        return self.scale * offsets @ self.rotation


def similarity(moving: Array, fixed: Array, weight: Array) -> Similarity:
    """The weighted least-squares similarity from one head to another.

    Source: Umeyama 1991, reflections excluded.

    Args:
        moving, fixed: (V, 3).
        weight: (V,) weight of each vertex.
    """
    share = weight / weight.sum()
    from_centre, to_centre = share @ moving, share @ fixed
    centred = moving - from_centre
    left, singular, right = np.linalg.svd(centred.T @ (share[:, None] * (fixed - to_centre)))
    sign = np.array([1.0, 1.0, np.sign(np.linalg.det(left @ right))])
    rotation = (left * sign) @ right
    scale = float((singular * sign).sum() / (share @ (centred**2).sum(axis=1)))
    return Similarity(scale, rotation, to_centre - scale * from_centre @ rotation)


def align_to(reference: Array, heads: NDArray[np.float32], weight: Array) -> NDArray[np.float32]:
    """Remove rotation, translation and size, which one photo cannot separate from pose.

    Args:
        reference: (V, 3).
        heads: (N, V, 3), overwritten with the result to save memory.
        weight: (V,) weight of each vertex in the fit.
    """
    for index, head in enumerate(heads):
        moving = head.astype(np.float64)
        heads[index] = similarity(moving, reference, weight).of_points(moving)
    return heads
