"""The landmark map: the fourth input channel, drawn from 2D landmarks.

Source: 2DASL (arXiv 1903.09359) and its released test code, which draws 18 points picked from
68 as single pixels of +1 on a ground of -1. Our reading keeps its 18 points and its ground but
draws each as a small Gaussian dot, so that the map moves smoothly with a point instead of
jumping from pixel to pixel, and lets points outside the crop vanish instead of clamping them.
"""

import math

import torch
from torch import Tensor

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
"""Value of the map where no point is drawn; a whole map of it says "no landmarks given"."""

DOT_SIGMA_PX = 1.25
"""Spread of a dot: wide enough that neighbouring pixels tell the sub-pixel position."""

_FIRST = [indices[0] for indices in MAP_POINTS]
_LAST = [indices[-1] for indices in MAP_POINTS]

# AFLW's nose wings lie 2 to 4 crop pixels from points 31 and 35: drawing them would teach the
# network to distrust its map, so they are left out.
_NEVER_DRAWN_FROM_21 = [MAP_POINTS_IN_AFLW.index(point) for point in AFLW_NOSE_WINGS]

_FAR_AWAY_PX = -1.0e4  # a dot drawn here leaves exact zeros in the crop


def map_points_from_68(points: Tensor) -> Tensor:
    """Pick the 18 points of the map out of 68 landmarks.

    Args:
        points: (B, 68, 2) or (B, 68, 3), any frame; a third coordinate is ignored.

    Returns:
        (B, 18, 2) in the same frame; a midpoint with a NaN end is NaN.

    Raises:
        ShapeError: points are not (B, 68, 2 or 3).

    Example:
        >>> map_points_from_68(torch.zeros(4, 68, 3)).shape
        torch.Size([4, 18, 2])
    """
    check_shape("points", points, None, IBUG_POINTS, None, hint="add a batch axis")
    points = points[..., :2]
    return (points[:, _FIRST] + points[:, _LAST]) / 2


def map_points_from_21(points: Tensor, visible: Tensor) -> tuple[Tensor, Tensor]:
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
    drawn = visible[:, list(MAP_POINTS_IN_AFLW)].bool()
    drawn[:, _NEVER_DRAWN_FROM_21] = False
    return points[:, list(MAP_POINTS_IN_AFLW)], drawn


def blank_map(count: int, device: torch.device | str | None = None) -> Tensor:
    """Maps that say "no landmarks given".

    Args:
        count: how many, B.
        device: where to make them.

    Returns:
        (B, 1, 120, 120) float32, all `BLANK`.
    """
    return torch.full((count, 1, CROP_SIZE, CROP_SIZE), BLANK, device=device)


@torch.no_grad()
def draw_landmark_map(points_crop: Tensor, drawn: Tensor | None = None) -> Tensor:
    """Draw landmark maps; no gradient flows through the drawing, as in the paper.

    Each point adds `2 exp(-d^2 / (2 sigma^2))` at distance d to a ground of -1; where dots
    overlap the sum stops at +1. A point outside the crop is not clamped to the border: it
    leaves at most the tail of its dot.

    Args:
        points_crop: (B, 18, 2) x and y in crop pixels, any float type; a point with a NaN or
            infinite coordinate is not drawn.
        drawn: (B, 18) bool, which points to draw; None draws all.

    Returns:
        (B, 1, 120, 120) float32 in [-1, 1], on the device of the points.

    Raises:
        ShapeError: points_crop are not (B, 18, 2) or drawn is not (B, 18).

    Example:
        >>> points = torch.full((1, 18, 2), 60.0)
        >>> round(draw_landmark_map(points)[0, 0, 60, 60].item(), 3)
        1.0
    """
    check_shape("points_crop", points_crop, None, len(MAP_POINTS), 2, hint="see map_points_from_68")
    shown = torch.isfinite(points_crop).all(dim=-1)
    if drawn is not None:
        check_shape("drawn", drawn, points_crop.shape[0], len(MAP_POINTS))
        shown = shown & drawn
    # Mixed precision would round the dots to 8 bits and lose the sub-pixel position.
    with torch.autocast(points_crop.device.type, enabled=False):
        centres = points_crop.float().masked_fill(~shown[..., None], _FAR_AWAY_PX)
        pixels = torch.arange(CROP_SIZE, device=points_crop.device, dtype=torch.float32)
        offsets = (pixels - centres[..., None]) / (DOT_SIGMA_PX * math.sqrt(2.0))
        profiles = torch.exp(-offsets.square())  # (B, 18, 2, 120): a Gaussian is separable
        dots = torch.einsum("bpx,bpy->byx", profiles[:, :, 0], profiles[:, :, 1])
    return (BLANK + (1.0 - BLANK) * dots.clamp(max=1.0))[:, None]
