"""The mouth of a head on its photo: position of its opening, and the visible part of the teeth.

A fitted mouth is off by one to three millimetres, and its teeth are as high as on the mean head.
Therefore the opening's upper and lower border are located on the photo, and the share of the
opening that teeth fill is estimated.
"""

from dataclasses import dataclass
from functools import lru_cache

import numpy as np
import numpy.typing as npt

from dasl.arrays import FloatArray, IntArray
from dasl.geometry.resample import read_at
from dasl.geometry.smoothstep import smoothstep
from dasl.head.mesh import vertex_normals
from dasl.head.morphable_model import MorphableModel
from dasl.texture.mouth_opening import (
    DRAWN_BACK_MM,
    STEP_MM,
    border_shifts,
    lowered_mm,
    mouth_inside,
    moved_photo,
    opening_borders,
    teeth_share,
)
from dasl.texture.photo import PosedHead
from dasl.texture.prior import MOUTH_PARTS
from dasl.texture.skin_areas import plain_skin
from dasl.texture.teeth import upper_teeth
from eval.meshes.rays import cast_along_z

_REACH_MM = (34.0, 26.0)
_NEAR_M = 0.035
"""Margin around the lips, on the reference head, within which triangles can occlude the opening."""
_LEAST_FLATNESS = 0.3
"""Smallest foreshortening, as projected area relative to a frontal view, at which the opening is
analysed."""
_LEAST_CELLS = 12
_LIP_FADE_MM = 8.0
_LOWER_M, _FORWARD_M = 0.010, 0.003


@dataclass(frozen=True, eq=False)
class Mouth:
    """The opening between the lips, on a grid along the head's x and y axes with `STEP_MM` cells.

    Attributes:
        origin: (2,) image position of the first cell, pixels.
        axes: (2, 2) image directions, as columns, of the head's x and -y, pixels per millimetre.
        top, bottom: (columns,) rows of the fitted opening's borders; NaN beside it.
        top_shift, bottom_shift: (columns,) millimetres down from them to the photo's borders.
        depth_mm: (rows, columns) z of the fitted head, NaN off it.
        picture: (rows, columns, 3) the photo, warped to align its opening with the fitted one.
        inside: (rows, columns) in [0, 1], degree to which `picture` shows teeth or the dark cavity.
        tooth: (rows, columns) in [0, 1], degree to which it shows teeth.
        teeth: share of the opening that teeth fill from above; 0 for a closed or dark mouth.
        is_open: whether the photo shows the inside of a mouth.
        skin: (3,) the skin's colour on the photo.
        teeth_offset: (V, 3) metres, model frame: displacement of the model's teeth to match.
    """

    origin: FloatArray
    axes: FloatArray
    top: FloatArray
    bottom: FloatArray
    top_shift: FloatArray
    bottom_shift: FloatArray
    depth_mm: FloatArray
    picture: FloatArray
    inside: FloatArray
    tooth: FloatArray
    teeth: float
    is_open: bool
    skin: FloatArray
    teeth_offset: FloatArray

    def cells(self, points: FloatArray) -> FloatArray:
        """Image positions (N, 2) to column and row of the grid, (N, 2)."""
        cells = (points - self.origin) @ np.linalg.inv(self.axes).T / STEP_MM
        return np.asarray(cells, dtype=np.float32)

    def at(self, values: FloatArray, columns: FloatArray, rows: FloatArray) -> FloatArray:
        """Interpolate a grid, (R, C) or (R, C, 3), at columns and rows (N,): (N,) or (N, 3)."""
        return read_at(values.astype(np.float32), columns, rows)

    @property
    def height_mm(self) -> float:
        """Median height of the fitted opening."""
        return float(np.nanmedian(self.bottom - self.top)) * STEP_MM

    @property
    def opening(self) -> npt.NDArray[np.bool_]:
        """(rows, columns) the fitted opening."""
        rows = np.arange(len(self.depth_mm))[:, None]
        return np.asarray((rows > self.top) & (rows < self.bottom))

    def beside(self, columns: FloatArray) -> FloatArray:
        """1 between the opening's corners, falling to 0 just beyond them: (N,)."""
        first, last = np.flatnonzero(~np.isnan(self.top))[[0, -1]]
        outside = np.maximum(first - columns, columns - last) * STEP_MM
        return smoothstep(outside, 1.5, 0.5)

    def borders(self, columns: FloatArray) -> tuple[FloatArray, FloatArray]:
        """Rows of the fitted opening's borders at columns (N,), extended beyond its ends."""
        known = np.flatnonzero(~np.isnan(self.top))
        top, bottom = (np.interp(columns, known, row[known]) for row in (self.top, self.bottom))
        return top.astype(np.float32), bottom.astype(np.float32)

    def lip_offset(self, vertices_image: FloatArray) -> FloatArray:
        """Offset from the fitted lips to the photo's, 0 off the lips: (V, 2) pixels."""
        column, row = self.cells(vertices_image[:, :2]).T
        top, bottom = self.borders(column)
        known = ~np.isnan(self.top)
        is_upper = row < (top + bottom) / 2
        beyond = np.where(is_upper, top - row, row - bottom) * STEP_MM
        last = np.flatnonzero(known)[[0, -1]]
        aside = np.maximum(last[0] - column, column - last[1]) * STEP_MM
        shifts = (
            np.interp(column, np.flatnonzero(known), shift[known])
            for shift in (self.top_shift, self.bottom_shift)
        )
        shift = np.where(is_upper, *shifts)
        shift = shift * smoothstep(np.maximum(beyond, aside), _LIP_FADE_MM, 0.0)
        return (shift[:, None] * self.axes[:, 1]).astype(np.float32)


def find_mouth(model: MorphableModel, head: PosedHead) -> Mouth | None:
    """Analyse the fitted head's mouth opening on its photo.

    Returns:
        None if the fitted mouth has no opening, or is seen from the side.
    """
    vertices = head.vertices_image
    axes = _axes(model, vertices)
    if abs(np.linalg.det(axes)) < _LEAST_FLATNESS / head.mm_per_pixel**2:
        return None
    lips = vertices[model.region("lips"), :2]
    columns, rows = (2 * round(reach / STEP_MM) + 1 for reach in _REACH_MM)
    half = np.array([columns - 1, rows - 1]) / 2 * STEP_MM
    origin = ((lips.min(axis=0) + lips.max(axis=0)) / 2 - axes @ half).astype(np.float32)
    across, down = np.meshgrid(np.arange(columns), np.arange(rows))
    cells = np.stack([across.ravel(), down.ravel()], axis=1)
    points = (origin + cells @ axes.T * STEP_MM).astype(np.float32)
    part, depth = _parts(model, vertices, points)
    part, depth = part.reshape(rows, columns), depth.reshape(rows, columns)
    if (part > 0).sum() < _LEAST_CELLS:
        return None
    skin = _skin(model, head)
    top, bottom = opening_borders(part > 0)
    photo = head.colours(points).reshape(rows, columns, 3)
    inside, _ = mouth_inside(photo, skin)
    shifts = border_shifts(inside, top, bottom)
    picture = moved_photo(photo, top, bottom, *shifts)
    inside, tooth = mouth_inside(picture, skin)
    shown, is_open = teeth_share(picture, inside, tooth, top, bottom)
    lowered = lowered_mm(part, top, bottom, shown)
    return Mouth(
        origin=origin,
        axes=axes,
        top=top,
        bottom=bottom,
        top_shift=shifts[0] * STEP_MM,
        bottom_shift=shifts[1] * STEP_MM,
        depth_mm=depth * head.mm_per_pixel,
        picture=picture,
        inside=inside,
        tooth=tooth,
        teeth=shown,
        is_open=is_open,
        skin=skin,
        teeth_offset=_teeth_offset(model, lowered / 1000.0),
    )


def _axes(model: MorphableModel, vertices: FloatArray) -> FloatArray:
    """Image directions of the head's x and -y as columns, pixels per millimetre: (2, 2)."""
    mean = model.reference_vertices
    known = np.column_stack([mean * 1000.0, np.ones(len(mean))])
    skin = model.region("face")
    linear = np.linalg.lstsq(known[skin], vertices[skin, :2], rcond=None)[0]
    return np.stack([linear[0], -linear[1]], axis=1).astype(np.float32)


def _skin(model: MorphableModel, head: PosedHead) -> FloatArray:
    """Median colour of the plain skin that faces the viewer: (3,)."""
    # The image frame is left-handed, so the winding is reversed to keep normals outward.
    normals = vertex_normals(head.vertices_image, model.triangles[:, [0, 2, 1]])
    chosen = plain_skin(model) & (normals[:, 2] > 0.4)
    points = head.vertices_image[chosen, :2]
    inside = head.inside(points) > 0
    return np.median(head.colours(points[inside]), axis=0) if inside.any() else np.full(3, 128.0)


def _parts(
    model: MorphableModel, vertices: FloatArray, points: FloatArray
) -> tuple[IntArray, FloatArray]:
    """Part at image positions, (N,): 0 no opening, 1 upper teeth, 2 the rest; and its z."""
    triangles, lips = _near_lips(model), vertices[model.region("lips"), :2]
    near = ((points > lips.min(axis=0)) & (points < lips.max(axis=0))).all(axis=1)
    hits = cast_along_z(vertices, triangles, points[near])
    first = triangles[np.maximum(hits.triangle, 0), 0]
    seen = np.where(upper_teeth(model)[first], 1, 2)
    seen[~mouth_parts(model)[first] | ~hits.hit] = 0
    part = np.zeros(len(points), dtype=np.int64)
    depth = np.full(len(points), np.nan, dtype=np.float32)
    part[near], depth[near] = seen, hits.depth
    return part, depth


def _teeth_offset(model: MorphableModel, lowered_m: float) -> FloatArray:
    """Displacement (V, 3) that lengthens the upper teeth; if negative, both rows are shortened."""
    lowered_m = float(np.clip(lowered_m, -DRAWN_BACK_MM / 1000.0, _LOWER_M))
    height = model.reference_vertices[:, 1]
    offset = np.zeros((len(height), 3), dtype=np.float32)
    upper = upper_teeth(model)
    lower = model.region("teeth") & ~upper
    for row, edge, by in ((upper, -1.0, lowered_m), (lower, 1.0, min(lowered_m, 0.0))):
        along = edge * height[row]
        share = (along - along.min()) / np.ptp(along)
        offset[row, 1] = edge * share * by
        offset[row, 2] = share * _FORWARD_M * max(by, 0.0) / _LOWER_M
    return offset


@lru_cache(maxsize=4)
def mouth_parts(model: MorphableModel) -> npt.NDArray[np.bool_]:
    """(V,) teeth, tongue and the mouth's cavity."""
    return np.any([model.region(name) for name in MOUTH_PARTS], axis=0)


@lru_cache(maxsize=4)
def _near_lips(model: MorphableModel) -> IntArray:
    """(T, 3) triangles that can be visible in the opening, or occlude it."""
    mean, lips = model.reference_vertices, model.region("lips")
    low, high = mean[lips].min(axis=0) - _NEAR_M, mean[lips].max(axis=0) + _NEAR_M
    near = ((mean > low) & (mean < high)).all(axis=1) | mouth_parts(model)
    triangles = model.triangles
    return np.asarray(triangles[near[triangles].any(axis=1)])
