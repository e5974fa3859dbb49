"""Boxes x0, y0, x1, y1 on a photo, pixels."""

from collections.abc import Sequence

import numpy as np


def area(box: np.ndarray) -> float:
    """Area of a box x0, y0, x1, y1, square pixels."""
    width, height = box[2:] - box[:2]
    return float(width * height)


def box_around(points_image: np.ndarray) -> tuple[float, float, float, float]:
    """Box x0, y0, x1, y1 around (68, 2 or 3) landmarks."""
    planar = points_image[:, :2].astype(float)
    x0, y0, x1, y1 = np.concatenate([planar.min(axis=0), planar.max(axis=0)]).tolist()
    return x0, y0, x1, y1


def middle_of(points_image: np.ndarray) -> np.ndarray:
    """(2,) centre of the box around (68, 2 or 3) landmarks."""
    x0, y0, x1, y1 = box_around(points_image)
    return np.array([(x0 + x1) / 2, (y0 + y1) / 2])


def holds(box: Sequence[float] | np.ndarray, point: np.ndarray) -> bool:
    """Whether a point (2,) lies in a box x0, y0, x1, y1."""
    low, high = np.asarray(box)[:2], np.asarray(box)[2:]
    return bool((low <= point).all() and (point <= high).all())
