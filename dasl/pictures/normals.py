"""Surface normals of the face, as vectors and in colours."""

from collections.abc import Sequence

import numpy as np

from dasl.arrays import FloatArray, RgbImage
from dasl.pictures.coded import draw_components
from dasl.pictures.surface import SurfaceView, normals_image, surface_map, unit
from dasl.reconstruction.face import Face

_VIEW_FROM_IMAGE = np.array([1.0, -1.0, 1.0], dtype=np.float32)
_TITLES = (
    "normal x: to the left ... right",
    "normal y: down ... up",
    "normal z: away ... to the viewer",
)


def normal_map_view(face: Face, shape: tuple[int, ...]) -> FloatArray:
    """Unit normals of the face region.

    Convention: view frame, x to the image's right, y up, z towards the viewer; as in OpenGL's
    tangent-space normal maps.

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
        faces: of this photo; larger ones, which are nearer, cover the others.

    Returns:
        (H + L, W, 3) uint8 RGB, the last L rows a legend; the photo's copy where no face shows.
    """
    return draw_components(photo, faces, _normals_of_view, -1.0, _TITLES)


def _normals_of_view(view: SurfaceView) -> FloatArray:
    return unit(view.interpolated(_normals_view(view.face)))


def _normals_view(face: Face) -> FloatArray:
    return normals_image(face) * _VIEW_FROM_IMAGE
