"""The eyes of a head on its photo: openings between the lids, and positions of the irises.

An eye's opening is small, and fitted openings are off by one to three millimetres. Therefore the
irises are located on the photo, and the photo is shifted around the eyes to match.
"""

from dataclasses import dataclass
from functools import lru_cache

import cv2
import numpy as np
import numpy.typing as npt
from scipy.spatial import cKDTree

from dasl.arrays import FloatArray, IntArray
from dasl.geometry.resample import read_at
from dasl.head.morphable_model import MorphableModel
from dasl.texture.photo import PosedHead
from dasl.texture.tone import LUMA
from eval.meshes.rays import first_triangles

EYEBALL_RADIUS_MM = 15.0
"""Radius on the reference head. All millimetres here refer to that head's size; the mean head has
16.9."""

_SIDES = (1, -1)
_GRID_MM, _REACH_MM = 0.45, 17.0
_NEAR_M = 0.04
"""Largest distance from the eyeballs, on the reference head, of triangles that can occlude the
openings."""
_LEAST_FACING = 0.35
"""Smallest cosine between an eye's axis and the view direction at which the eye is used."""
_SEARCH_MM = (6.0, 5.0)
_COARSE_MM, _STEP_MM, _REFINED_MM = 1.0, 0.5, 1.5
"""Step of the joint search for both irises; step and reach of the refinement of each."""
_USUAL_MM, _FAR_PENALTY = 2.0, 0.005
"""Usual height of an iris above the centre of a fitted opening; contrast penalty per square
millimetre of deviation."""
IRIS_ABOVE_MM = 1.5
"""Height of an iris's centre above the middle between the lids on photos (`tools/eye_points.json`,
21 eyes: mean 1.5, standard deviation 0.5): the upper lid hides its top."""
_VERGENCE_MM = 0.8
"""Distance of each iris from its fitted opening's middle, away from the nose, on those photos."""
_LEAST_CONTRAST = 0.17
_DISC_DEG, _RING_DEG = 22.0, (25.0, 34.0)
_DISC_TOP, _RING_TOP, _RING_LEVEL, _RING_BELOW = 0.2, 0.1, 0.4, -0.3
"""Largest y of the disc and of the ring; the upper lid hides the iris's top. The ring lies left and
right of the iris, up to |y| / |x| of the third value, and below it, from the fourth down."""
_LEAST_PIXELS = 12


@dataclass(frozen=True, eq=False)
class Eye:
    """One eye on the photo.

    Attributes:
        projection: (3, 4) directions from the eyeball's centre (mean head), and 1, to the image.
        facing: cosine between its axis and the view direction.
        corner: (2,) image position of the grid's first point; points are `step` pixels apart.
        inset_mm: (rows, columns) distance to the opening's rim, negative outside.
    """

    projection: FloatArray
    facing: float
    corner: FloatArray
    step: float
    inset_mm: FloatArray

    @property
    def pixels_per_mm(self) -> FloatArray:
        """(2, 2) image directions, as columns, of the head's x and y."""
        return self.projection[:2, :2] / EYEBALL_RADIUS_MM

    @property
    def height_mm(self) -> float:
        """Largest height of the opening."""
        return float((self.inset_mm > 0).sum(axis=0).max()) * _GRID_MM

    @property
    def opening_centre(self) -> FloatArray:
        """(2,) image position."""
        rows, columns = np.nonzero(self.inset_mm > 0)
        middle = np.array([columns.mean(), rows.mean()], dtype=np.float32)
        return self.corner + self.step * middle

    def positions(self, directions: FloatArray) -> FloatArray:
        """Directions (N, 3) from the eyeball's centre to the image: (N, 3)."""
        return directions @ self.projection[:, :3].T + self.projection[:, 3]

    def inset_at(self, points: FloatArray) -> FloatArray:
        """`inset_mm` at image positions (N, 2): (N,)."""
        x, y = ((points - self.corner) / self.step).astype(np.float32).T
        return read_at(self.inset_mm, x, y, border=cv2.BORDER_CONSTANT)


@dataclass(frozen=True, eq=False)
class Eyes:
    """Both eyes on the photo.

    Attributes:
        seen: side (1 the head's left, x > 0, or -1) -> eye, for visible eyes.
        offset_px: (2,) from the model's eyes to those on the photo.
        iris_axis: side -> (3,) unit direction from an eyeball's centre (mean head) to its iris.
        head: on its photo.
        is_found: whether irises were found on the photo.
    """

    seen: dict[int, Eye]
    offset_px: FloatArray
    iris_axis: dict[int, FloatArray]
    head: PosedHead
    is_found: bool


def align_eyes(model: MorphableModel, head: PosedHead) -> Eyes:
    """Locate the irises around the model's eye openings."""
    seen = seen_eyes(model, head)
    straight = np.array([0.0, 0.0, 1.0], dtype=np.float32)
    irises_mm = iris_positions_mm(seen, head)
    if irises_mm is None:
        nothing = np.zeros(2, dtype=np.float32)
        return Eyes(seen, nothing, dict.fromkeys(_SIDES, straight), head, is_found=False)
    up_mm = float(np.mean([at[1] for at in irises_mm.values()])) - IRIS_ABOVE_MM
    offsets = [eye.pixels_per_mm @ (0.0, up_mm) for eye in seen.values()]
    found = {side: _axis_towards(eye, irises_mm[side] - (0.0, up_mm)) for side, eye in seen.items()}
    other = np.mean(list(found.values()), axis=0)
    other /= np.linalg.norm(other)
    both = {side: found.get(side, other) for side in _SIDES}
    axes = {side: np.asarray(axis, dtype=np.float32) for side, axis in both.items()}
    return Eyes(seen, np.mean(offsets, axis=0).astype(np.float32), axes, head, is_found=True)


def seen_eyes(model: MorphableModel, head: PosedHead) -> dict[int, Eye]:
    """Side -> eye (see `Eyes`), for eyes that are open and face the viewer."""
    directions, sides = eyeball_directions(model)
    projected: dict[int, tuple[FloatArray, float]] = {}
    for side in _SIDES:
        known = np.column_stack([directions, np.ones(len(sides))])[sides == side]
        projection = np.linalg.lstsq(known, head.vertices_image[sides == side], rcond=None)[0].T
        facing = float(projection[2, 2] / np.linalg.norm(projection[:, 2]))
        if facing > _LEAST_FACING:
            projected[side] = (projection.astype(np.float32), facing)
    return _with_openings(projected, model, head, sides)


def _with_openings(
    projected: dict[int, tuple[FloatArray, float]],
    model: MorphableModel,
    head: PosedHead,
    sides: IntArray,
) -> dict[int, Eye]:
    step = _GRID_MM * head.scale / 1000.0
    count = round(2 * _REACH_MM / _GRID_MM)
    rows, columns = np.mgrid[0:count, 0:count]
    grid = np.stack([columns.ravel(), rows.ravel()], axis=1) * step
    eyes = {}
    for side, (projection, facing) in projected.items():
        corner = (projection[:2, 2] + projection[:2, 3]) - step * (count - 1) / 2
        shows = _shows_eyeball(model, head, sides == side, grid + corner).reshape(count, count)
        inside, outside = (
            np.asarray(cv2.distanceTransform(part.astype(np.uint8), cv2.DIST_L2, 5))
            for part in (shows, ~shows)
        )
        if shows.sum() >= _LEAST_PIXELS:
            eyes[side] = Eye(projection, facing, corner, step, _GRID_MM * (inside - outside))
    return eyes


def _shows_eyeball(
    model: MorphableModel, head: PosedHead, is_eyeball: npt.NDArray[np.bool_], points: FloatArray
) -> npt.NDArray[np.bool_]:
    """Whether an eyeball, given by its vertices (V,), is visible at image positions (N, 2)."""
    vertices, triangles = head.vertices_image, _near_eyes(model)
    low, high = vertices[is_eyeball].min(axis=0), vertices[is_eyeball].max(axis=0)
    within = ((points >= low[:2]) & (points <= high[:2])).all(axis=1)
    first, second, third = vertices[:, 2][triangles.T]
    # behind the eyeball nothing can occlude it
    triangles = triangles[np.maximum(np.maximum(first, second), third) >= low[2]]
    hits = first_triangles(vertices, triangles, points[within])
    shows = np.zeros(len(points), dtype=bool)
    shows[within] = (hits >= 0) & is_eyeball[triangles[hits, 0]]
    return shows


def iris_positions_mm(seen: dict[int, Eye], head: PosedHead) -> dict[int, FloatArray] | None:
    """Positions of the irises relative to the openings' centres, x and y of the head, (2,) each.

    A joint search locates both irises, which look the same way. Then each is refined.

    Returns:
        Side -> position; None if no iris is found: closed eyes, dark glasses, too few pixels.
    """
    if not seen:
        return None
    reach_x, reach_y = _SEARCH_MM
    together = _grid_mm(reach_x, reach_y, _COARSE_MM)
    aside = {side: np.array([side * _VERGENCE_MM, 0.0]) for side in seen}
    weights = np.array([eye.facing for eye in seen.values()])
    contrasts = [_contrast(eye, head, together + aside[side]) for side, eye in seen.items()]
    contrast = weights @ np.array(contrasts) / weights.sum()
    usual = (0.0, _USUAL_MM)
    best = int((contrast - _FAR_PENALTY * ((together - usual) ** 2).sum(axis=1)).argmax())
    if contrast[best] < _LEAST_CONTRAST:
        return None
    found = {}
    for side, eye in seen.items():
        near = together[best] + aside[side] + _grid_mm(_REFINED_MM, _REFINED_MM, _STEP_MM)
        far = ((near - aside[side] - usual) ** 2).sum(axis=1)
        found[side] = near[int((_contrast(eye, head, near) - _FAR_PENALTY * far).argmax())]
    return found


def _grid_mm(reach_x: float, reach_y: float, step: float) -> FloatArray:
    x, y = (np.arange(-reach, reach + 0.1, step) for reach in (reach_x, reach_y))
    return np.stack(np.meshgrid(x, y), axis=-1).reshape(-1, 2).astype(np.float32)


def _contrast(eye: Eye, head: PosedHead, positions_mm: FloatArray) -> FloatArray:
    """Relative darkness of an iris at positions (N, 2) from the opening's centre: (N,)."""
    start = eye.opening_centre + positions_mm @ eye.pixels_per_mm.T
    brightness = []
    for pattern in _iris_pattern():
        x, y = (pattern @ eye.projection[:2, :3].T).T
        brightness.append(head.mean_colours(start[:, :1] + x, start[:, 1:] + y) @ LUMA)
    disc, ring = brightness
    return np.asarray((ring - disc) / max(float(np.median(ring)), 1.0), dtype=np.float32)


@lru_cache(maxsize=1)
def _iris_pattern() -> tuple[FloatArray, FloatArray]:
    """Directions relative to the axis's end, (N, 3) each: disc without its top; ring around it."""
    along = np.linspace(-0.6, 0.6, 23)
    x, y = (values.ravel() for values in np.meshgrid(along, along))
    from_axis = np.degrees(np.arcsin(np.hypot(x, y).clip(0.0, 1.0)))
    points = np.stack([x, y, np.sqrt((1.0 - x**2 - y**2).clip(0.0)) - 1.0], axis=1)
    disc = (from_axis < _DISC_DEG) & (y < _DISC_TOP)
    beside = (np.abs(y) < _RING_LEVEL * np.abs(x)) | (y < _RING_BELOW)
    ring = (from_axis > _RING_DEG[0]) & (from_axis < _RING_DEG[1]) & (y < _RING_TOP) & beside
    return points[disc].astype(np.float32), points[ring].astype(np.float32)


def _axis_towards(eye: Eye, at_mm: FloatArray) -> FloatArray:
    """Direction (3,) that projects to `at_mm` (2,) from the opening's centre."""
    target = eye.opening_centre + eye.pixels_per_mm @ at_mm
    flat = np.zeros(2)
    for _ in range(4):
        depth = np.sqrt(max(1.0 - float(flat @ flat), 0.0))
        rest = target - eye.projection[:2, 3] - eye.projection[:2, 2] * depth
        flat = np.linalg.solve(eye.projection[:2, :2], rest).clip(-0.45, 0.45)
    return np.array([*flat, np.sqrt(1.0 - float(flat @ flat))], dtype=np.float32)


@lru_cache(maxsize=4)
def _near_eyes(model: MorphableModel) -> IntArray:
    """(T, 3) triangles that can be visible in an eye's opening, or occlude it."""
    mean, eyeballs = model.reference_vertices, model.region("eyeballs")
    distance, _ = cKDTree(mean[eyeballs]).query(mean)
    triangles = model.triangles
    return np.asarray(triangles[(distance < _NEAR_M)[triangles].any(axis=1)])


@lru_cache(maxsize=4)
def eyeball_directions(model: MorphableModel) -> tuple[FloatArray, IntArray]:
    """Unit directions of vertices from the eyeballs' centres, (V, 3), and their sides, (V,).

    Sides are 1 for the head's left, -1 for its right, 0 for no eyeball.
    """
    mean = model.mean_vertices
    is_eyeball = model.region("eyeballs")
    sides = np.where(is_eyeball, np.sign(mean[:, 0]), 0.0).astype(np.int64)
    directions = np.zeros_like(mean, dtype=np.float32)
    for side in _SIDES:
        centred = mean[sides == side] - mean[sides == side].mean(axis=0)
        directions[sides == side] = centred / np.linalg.norm(centred, axis=1, keepdims=True)
    return directions, sides
