"""The landmark map: the fourth input channel, drawn from 2D landmarks.

Source: 2DASL (arXiv 1903.09359) and its released test code, which draws 18 points picked from
68 as single pixels of +1 on a background of -1. Here the points and the background are the same,
with two differences. Each point is drawn as a small Gaussian dot, so that the map changes smoothly
with its position. Points outside the crop are omitted instead of clamped to its border.
"""

import math

import numpy as np

from dasl.arrays import Array, array_namespace, in_full_precision, like, without_gradient
from dasl.errors import check_shape
from dasl.geometry.crop import CROP_SIZE
from dasl.head.landmarks import (
    AFLW_NOSE_WINGS,
    AFLW_POINTS,
    IBUG_POINTS,
    MAP_POINTS,
    MAP_POINTS_IN_AFLW,
)

BLANK = -1.0
"""Background value of the map; a map of this value alone means "no landmarks given"."""

DOT_SIGMA_PX = 1.25
"""Standard deviation of a dot: wide enough for neighbouring pixels to encode the sub-pixel
position."""

_FIRST = [indices[0] for indices in MAP_POINTS]
_LAST = [indices[-1] for indices in MAP_POINTS]

# AFLW's nose wings lie 2 to 4 crop pixels from points 31 and 35. They are left out, since drawing
# them would train the network to distrust its map.
_NEVER_DRAWN_FROM_21 = [MAP_POINTS_IN_AFLW.index(point) for point in AFLW_NOSE_WINGS]

_FAR_AWAY_PX = -1.0e4  # a dot drawn here leaves exact zeros in the crop
_INVISIBLE = 20.0
"""Exponent of a dot's profile from which it is 0. Its tail would not change the map, where -1 is
followed by -1 + 6e-8, but products of denormal numbers take three times as long."""


def map_points_from_68(points: Array) -> Array:
    """Pick the 18 points of the map out of 68 landmarks.

    Args:
        points: (B, 68, 2) or (B, 68, 3), any frame; a third coordinate is ignored.

    Returns:
        (B, 18, 2) in the same frame; a midpoint with a NaN end is NaN.

    Raises:
        ShapeError: points are not (B, 68, 2 or 3).

    Example:
        >>> map_points_from_68(np.zeros((4, 68, 3))).shape
        (4, 18, 2)
    """
    check_shape("points", points, None, IBUG_POINTS, None, hint="add a batch axis")
    points = points[..., :2]
    return (points[:, _FIRST] + points[:, _LAST]) / 2


def map_points_from_21(points: Array, visible: Array) -> tuple[Array, Array]:
    """Pick the points of the map out of AFLW's 21 hand-placed landmarks.

    Args:
        points: (B, 21, 2), any frame; values of points that are not visible do not matter.
        visible: (B, 21), true (or 1) where a point was placed.

    Returns:
        (B, 18, 2) points in the same frame, and (B, 18) bool: which of them can be drawn.
        The nose wings never can: AFLW places them elsewhere than the 68-point scheme.

    Raises:
        ShapeError: points are not (B, 21, 2) or visible is not (B, 21).
    """
    check_shape("points", points, None, AFLW_POINTS, 2, hint="add a batch axis")
    check_shape("visible", visible, points.shape[0], AFLW_POINTS)
    xp = array_namespace(visible)
    drawn = xp.astype(visible[:, list(MAP_POINTS_IN_AFLW)], xp.bool)
    drawn[:, _NEVER_DRAWN_FROM_21] = False
    return points[:, list(MAP_POINTS_IN_AFLW)], drawn


def blank_map(images: Array) -> Array:
    """Make maps without landmarks.

    Args:
        images: (B, C, 120, 120), of any type.

    Returns:
        (B, 1, 120, 120) float32, all `BLANK`.
    """
    xp = array_namespace(images)
    return xp.full_like(images[:, :1], BLANK, dtype=xp.float32)


def draw_landmark_map(points_crop: Array, drawn: Array | None = None) -> Array:
    """Draw landmark maps; no gradient flows through the drawing, as in the paper.

    Each point adds `2 exp(-d^2 / (2 sigma^2))` at distance d to a background of -1. Where dots
    overlap, the sum is limited to +1. A point outside the crop is not clamped to the border; at
    most the tail of its dot is visible.

    Args:
        points_crop: (B, 18, 2) x and y in crop pixels, any float type; a point with a NaN or
            infinite coordinate is not drawn.
        drawn: (B, 18) bool, which points to draw; None draws all.

    Returns:
        (B, 1, 120, 120) float32 in [-1, 1], on the device of the points.

    Raises:
        ShapeError: points_crop are not (B, 18, 2) or drawn is not (B, 18).

    Example:
        >>> points = np.full((1, 18, 2), 60.0)
        >>> round(draw_landmark_map(points)[0, 0, 60, 60].item(), 3)
        1.0
    """
    check_shape("points_crop", points_crop, None, len(MAP_POINTS), 2, hint="see map_points_from_68")
    xp = array_namespace(points_crop)
    shown = xp.all(xp.isfinite(points_crop), axis=-1)
    if drawn is not None:
        check_shape("drawn", drawn, points_crop.shape[0], len(MAP_POINTS))
        shown = shown & drawn
    centres = xp.astype(without_gradient(points_crop), xp.float32)
    centres = xp.where(shown[..., None], centres, _FAR_AWAY_PX)
    pixels = like(np.arange(CROP_SIZE), centres)
    offsets = (pixels - centres[..., None]) / (DOT_SIGMA_PX * math.sqrt(2.0))
    exponents = xp.clip(offsets**2, None, _INVISIBLE)
    # (B, 18, 2, 120): a Gaussian is separable
    profiles = xp.where(exponents < _INVISIBLE, xp.exp(-exponents), 0.0)
    with in_full_precision(profiles):  # 8 bits would lose the sub-pixel position
        dots = profiles[:, :, 1].mT @ profiles[:, :, 0]
    dots = xp.clip(dots, None, 1.0)
    dots *= 1.0 - BLANK
    dots += BLANK
    return dots[:, None]
