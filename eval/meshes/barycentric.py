"""Barycentric weights of points in triangles of a plane."""

import numpy as np
from numpy.typing import NDArray

# A triangle counts as degenerate if twice its area (points' unit squared) is below this.
SMALLEST_AREA = 1e-12


def barycentric(corners: NDArray[np.floating], points: NDArray[np.generic]) -> NDArray[np.float64]:
    """Barycentric weights of N points, each in its own triangle; only x and y are used.

    Args:
        corners: (N, 3, 2 or more).
        points: (N, 2 or more), in the same unit.

    Returns:
        (N, 3) that add up to 1, all >= 0 inside; NaN where the triangle has no area.

    Example:
        >>> barycentric(np.array([[[0.0, 0], [4, 0], [0, 4]]]), np.array([[1, 2]]))
        array([[0.25, 0.25, 0.5 ]])
    """
    corner = corners[..., :2].astype(np.float64)
    edge1, edge2 = corner[:, 1] - corner[:, 0], corner[:, 2] - corner[:, 0]
    offset = points[:, :2].astype(np.float64) - corner[:, 0]
    area = edge1[:, 0] * edge2[:, 1] - edge1[:, 1] * edge2[:, 0]
    area = np.where(np.abs(area) < SMALLEST_AREA, np.nan, area)
    second = (offset[:, 0] * edge2[:, 1] - offset[:, 1] * edge2[:, 0]) / area
    third = (edge1[:, 0] * offset[:, 1] - edge1[:, 1] * offset[:, 0]) / area
    return np.stack([1 - second - third, second, third]).T  # fast to add up in this order
