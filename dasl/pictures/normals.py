"""Surface normals of the face, as vectors and in colours."""

from collections.abc import Sequence

import numpy as np

from dasl.arrays import FloatArray, RgbImage
from dasl.pictures.legend import ColourBar, gradient, with_bars
from dasl.pictures.surface import dimmed, normals_image, surface_map, surface_views, unit
from dasl.reconstruction.face import Face

_VIEW_FROM_IMAGE = np.array([1.0, -1.0, 1.0], dtype=np.float32)
_AXES = ("x: to the left ... right", "y: down ... up", "z: away ... to the viewer")


def normal_map_view(face: Face, shape: tuple[int, ...]) -> FloatArray:
    """Unit normals of the face region.

    Convention: view frame, x to the image's right, y up, z to the viewer; as in tangent-space
    normal maps of OpenGL.

    Args:
        face: the head.
        shape: of its photo, rows and columns first.

    Returns:
        (H, W, 3) float32, NaN outside the face region.
    """
    return unit(surface_map(face, shape, _normals_view(face)))


def draw_normals(photo: RgbImage, faces: Sequence[Face]) -> RgbImage:
    """The normals of each face region as colours, RGB = (normal + 1) / 2, on the dimmed photo.

    Args:
        photo: (H, W, 3) uint8 RGB.
        faces: found on this photo; the nearer ones, which are larger, cover the others.

    Returns:
        (H + L, W, 3) uint8 RGB, the last L rows a legend; the photo's copy where no face shows.
    """
    views = surface_views(photo, faces)
    if not views:
        return np.ascontiguousarray(photo).copy()
    picture = dimmed(photo)
    for view in views:
        normals = unit(view.interpolated(_normals_view(view.face)))
        view.paint(picture, (normals + 1.0) * 127.5, view.crisp_opacity)
    return with_bars(picture, [_bar(axis) for axis in range(3)])


def _normals_view(face: Face) -> FloatArray:
    return normals_image(face) * _VIEW_FROM_IMAGE


def _bar(axis: int) -> ColourBar:
    """The colours along one axis, the other two components being 0."""
    low, high = np.full(3, 127.5), np.full(3, 127.5)
    low[axis], high[axis] = 0.0, 255.0
    ticks = ((0.0, "-1"), (0.5, "0"), (1.0, "1"))
    return ColourBar(gradient(low.tolist(), high.tolist()), ticks, f"normal {_AXES[axis]}")
