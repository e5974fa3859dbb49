"""The part of a scan that is scored: a ball around the nose tip."""

import numpy as np
from numpy.typing import NDArray

from eval.errors import ArrayError
from eval.scoring.metrics import Float64s, Floats

CROP_RADIUS_MM = 95.0


def crop_around(
    points: Floats, centre: Float64s, radius_mm: float = CROP_RADIUS_MM
) -> NDArray[np.bool_]:
    """Which points lie within a distance of the nose tip, the edge included.

    Source: PRNet's text (ECCV 2018): "crop to 95 mm around the nose tip"; our reading: straight
    distance in 3D, not along the surface.

    Args:
        points: (N, 3) millimetres.
        centre: (3,) millimetres.
        radius_mm: of the ball, > 0.

    Returns:
        (N,) bool.

    Example:
        >>> crop_around(np.array([[0.0, 0, 95], [0, 96, 0]]), np.zeros(3))
        array([ True, False])
    """
    if points.ndim != 2 or points.shape[1] != 3 or centre.shape != (3,):
        raise ArrayError(
            f"points must be (N, 3) and centre (3,), got {points.shape} and {centre.shape}; pass "
            "one scan and its nose tip"
        )
    distance = np.linalg.norm(points.astype(np.float64) - centre, axis=1)
    return np.asarray(distance <= radius_mm, dtype=np.bool_)
