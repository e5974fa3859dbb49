"""Ray field around a head, on which hair is measured.

Upper rows start at the centre of the skull; their rays point from the crown down to horizontal.
Lower rows start on an axis through the neck; their rays are horizontal. Unrolled, with azimuth
across and rows down, a head is a height field: an ordinary depth image of radii.
"""

from dataclasses import dataclass
from functools import lru_cache

import numpy as np

from dasl.arrays import FloatArray, IntArray
from dasl.export.hair.camera import Floats
from eval.meshes.rays import cast_along_z, pixel_grid

COLUMNS, DOME_ROWS, NECK_ROWS = 120, 28, 26
ROWS = DOME_ROWS + NECK_ROWS
AZIMUTH_DEG = (np.arange(COLUMNS) / COLUMNS - 0.5) * 360.0
"""Azimuth of each column: 0 at the front, negative for negative x."""
CENTRE_M = np.array([0.0, 0.03, -0.078])
"""Centre of the skull, model frame; origin of the upper rows."""
FOOT_M = np.array([0.0, -0.125, -0.108])
"""Lower end of the axis of the lower rows, within the neck."""
_RADIUS_SCALE = 1000.0
"""Millimetres per metre. Depths of the unrolled head are in millimetres, similar in size to its
rows."""


@dataclass(frozen=True, eq=False)
class RayField:
    """Rays on a grid of R rows, from the crown down, and C columns around the head.

    Column 0 points to the back, C / 2 to the front; columns wrap around.

    Attributes:
        origin: (R, C, 3) metres, model frame.
        direction: (R, C, 3) unit length.
    """

    origin: FloatArray
    direction: FloatArray

    def points(self, radius: FloatArray) -> FloatArray:
        """Points at radii (R, C), metres, along the rays: (R, C, 3), model frame."""
        return (self.origin + radius[..., None] * self.direction).astype(np.float32)


@lru_cache(maxsize=1)
def ray_field() -> RayField:
    """The ray field, the same for every head."""
    azimuth = np.radians(AZIMUTH_DEG)
    row = np.arange(ROWS)
    # half a step off the pole, so that the crown is a small ring
    elevation = np.clip(1.0 - (row + 0.5) / DOME_ROWS, 0.0, None) * np.pi / 2
    down = np.clip((row - DOME_ROWS + 1.0) / NECK_ROWS, 0.0, None)[:, None]
    origin = CENTRE_M + down * (FOOT_M - CENTRE_M)
    level, up = np.cos(elevation)[:, None], np.sin(elevation)[:, None]
    direction = np.stack(
        [level * np.sin(azimuth), up + 0.0 * azimuth, level * np.cos(azimuth)], axis=-1
    )
    origin = np.broadcast_to(origin[:, None], direction.shape)
    return RayField(origin.astype(np.float32), direction.astype(np.float32))


def mirrored(values: Floats) -> Floats:
    """Mirror values (R, C) left to right."""
    return values[:, (-np.arange(COLUMNS)) % COLUMNS]


def unrolled(points_model: FloatArray) -> FloatArray:
    """Convert points (N, 3), metres, to column, row and radius in millimetres: (N, 3)."""
    points = points_model.astype(np.float64)
    down = ((CENTRE_M[1] - points[:, 1]) / (CENTRE_M[1] - FOOT_M[1])).clip(0.0, None)
    offset = points - CENTRE_M - down[:, None] * (FOOT_M - CENTRE_M)
    level = np.hypot(offset[:, 0], offset[:, 2])
    height = np.where(down > 0, 0.0, offset[:, 1])
    of_dome = (1.0 - np.arctan2(height, level) / (np.pi / 2)) * DOME_ROWS - 0.5
    of_neck = down * NECK_ROWS + DOME_ROWS - 1.0
    column = (np.arctan2(offset[:, 0], offset[:, 2]) / (2.0 * np.pi) + 0.5) * COLUMNS
    row = np.where(down > 0, np.maximum(of_neck, of_dome), of_dome)
    return np.stack([column, row, np.hypot(level, height) * _RADIUS_SCALE], axis=1)


def outermost_radius(vertices: FloatArray, triangles: IntArray) -> FloatArray:
    """Radius at which each ray leaves a head, interpolated where it meets none: (R, C) metres.

    Args:
        vertices: (V, 3) metres, model frame.
        triangles: (T, 3).
    """
    return _holes_filled(radius_of_part(vertices, triangles)).astype(np.float32)


def radius_of_part(vertices: FloatArray, triangles: IntArray) -> FloatArray:
    """Radius at which each ray leaves a part of a head, NaN where it meets none: (R, C) metres."""
    flat = unrolled(vertices)
    corners = flat[triangles]
    across = corners[..., 0].max(axis=1) - corners[..., 0].min(axis=1) > COLUMNS / 2
    # triangles across the seam at the back appear at both ends of the unrolled head
    seam = corners[across]
    left, right = seam.copy(), seam.copy()
    left[..., 0] -= COLUMNS * (seam[..., 0] > COLUMNS / 2)
    right[..., 0] += COLUMNS * (seam[..., 0] <= COLUMNS / 2)
    pieces = np.concatenate([corners[~across], left, right]).reshape(-1, 3)
    hits = cast_along_z(pieces, np.arange(len(pieces)).reshape(-1, 3), pixel_grid(COLUMNS, ROWS))
    return hits.depth.reshape(ROWS, COLUMNS) / np.float32(_RADIUS_SCALE)


def _holes_filled(with_holes: FloatArray) -> Floats:
    """Interpolate missing radii along each row.

    Rows with few hits (the pole, and below the neck's rim) take theirs from the nearest full row.
    """
    radius = with_holes.astype(np.float64)
    every = np.arange(COLUMNS)
    full = np.flatnonzero(np.isfinite(radius).mean(axis=1) > 0.5)
    for row in range(len(radius)):
        found = np.flatnonzero(np.isfinite(radius[row]))
        if row in full:
            radius[row] = np.interp(every, found, radius[row, found], period=COLUMNS)
    for row in np.setdiff1d(np.arange(len(radius)), full):
        nearest = radius[full[np.abs(full - row).argmin()]]
        radius[row] = np.where(np.isfinite(radius[row]), radius[row], nearest)
    return radius
