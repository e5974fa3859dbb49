"""Depth of the face, in millimetres and in colours."""

from collections.abc import Sequence

import cv2
import numpy as np
import numpy.typing as npt

from dasl.arrays import FloatArray, RgbImage
from dasl.head.measures import ASSUMED_INTERPUPILLARY_MM, millimetres_per_unit
from dasl.pictures.coded import draw_coded
from dasl.pictures.legend import ColourBar
from dasl.pictures.surface import INSIDE, face_share, surface_map, surface_views
from dasl.reconstruction.face import Face

_STEPS_MM = (1, 2, 5, 10, 20, 50, 100)
_MOST_TICKS = 8
_BEYOND_PERCENT = 0.5
"""Share of a face's pixels, the farthest ones, that the colour range leaves out."""
_TITLE = (
    "depth in mm behind each face's nearest point, "
    f"if the pupils are {ASSUMED_INTERPUPILLARY_MM:.0f} mm apart"
)


def depth_map_mm(face: Face, shape: tuple[int, ...]) -> FloatArray:
    """Depth of each pixel of the face region behind the region's nearest point.

    Convention: along the view axis, in millimetres if the pupils are 63 mm apart, the assumption of
    `dasl.head.measures`. A weak-perspective camera has no distance to the camera.

    Args:
        face: the head.
        shape: of its photo, rows and columns first.

    Returns:
        (H, W) float32, NaN outside the face region.
    """
    return surface_map(face, shape, _depth_mm(face))[..., 0]


def draw_depth(photo: RgbImage, faces: Sequence[Face]) -> RgbImage:
    """The depth of each face region, near bright and far dark, on the dimmed photo.

    Args:
        photo: (H, W, 3) uint8 RGB.
        faces: of this photo; larger ones, which are nearer, cover the others. Each face has its own
            zero; the colour range is common and may leave out the farthest half percent of a face.

    Returns:
        (H + L, W, 3) uint8 RGB, the last L rows a legend; the photo's copy where no face shows.
    """
    views = surface_views(photo, faces)
    depths = [view.interpolated(_depth_mm(view.face))[..., 0] for view in views]
    seen = [depth[view.share >= INSIDE] for view, depth in zip(views, depths, strict=True)]
    ticks_mm = _ticks_mm(max(map(_farthest, seen), default=1.0))
    colours = [_colours(depth / ticks_mm[-1]) for depth in depths]
    ramp = _colours(np.linspace(0.0, 1.0, 256)[None])[0].astype(np.uint8)
    ticks = tuple((value / ticks_mm[-1], str(value)) for value in ticks_mm)
    return draw_coded(photo, views, colours, [ColourBar(ramp, ticks, _TITLE)])


def _depth_mm(face: Face) -> FloatArray:
    """Depth of the dense vertices: (D, 1), millimetres."""
    z = face.vertices[:, 2]
    nearest = z[face_share(face) >= INSIDE].max()
    return ((nearest - z) * _millimetres_per_pixel(face)).astype(np.float32)[:, None]


def _millimetres_per_pixel(face: Face) -> float:
    at_rest = face.head.vertices_model(neutral=True)
    return millimetres_per_unit(face.model, at_rest) / face.pose.scale


def _colours(share: npt.NDArray[np.floating]) -> FloatArray:
    """Shares (rows, columns) of the range to RGB in 0..255 of the same shape: plasma, 0 bright."""
    level = ((1.0 - share.clip(0.0, 1.0)) * 255.0).round().astype(np.uint8)
    blue_first = cv2.applyColorMap(level, cv2.COLORMAP_PLASMA)
    return np.asarray(blue_first)[..., ::-1].astype(np.float32)


def _farthest(depth_mm: FloatArray) -> float:
    """The end of the colour range for one face, mm; at least 1, also if nothing is visible."""
    if depth_mm.size == 0:
        return 1.0
    return max(1.0, float(np.percentile(depth_mm, 100.0 - _BEYOND_PERCENT)))


def _ticks_mm(largest: float) -> list[int]:
    """Round values from 0 to the first one not below `largest`."""
    step = next((step for step in _STEPS_MM if largest <= step * _MOST_TICKS), _STEPS_MM[-1])
    return list(range(0, step * int(np.ceil(largest / step)) + 1, step))
