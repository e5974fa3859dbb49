"""The dense surface shaded as clay over the face."""

from collections.abc import Sequence

import numpy as np

from dasl.arrays import FloatArray, RgbImage
from dasl.pictures.surface import normals_image, surface_views, unit
from dasl.reconstruction.face import Face

_CLAY = np.array([205.0, 222.0, 238.0])
_LIGHT = np.array([-0.40, -0.55, 0.73])  # image frame: from above, a little from the left
_AMBIENT = 0.28
_OPACITY = 0.86


def draw_dense_mesh(photo: RgbImage, faces: Sequence[Face]) -> RgbImage:
    """Copy of the photo with the dense surface of each face region shaded in place.

    Args:
        photo: (H, W, 3) uint8 RGB.
        faces: of this photo; larger ones, which are nearer, cover the others.

    Returns:
        (H, W, 3) uint8 RGB.
    """
    views = surface_views(photo, faces)
    picture = np.ascontiguousarray(photo).copy()
    for view in views:
        normals = unit(view.interpolated(normals_image(view.face)))
        view.paint(picture, _shade(normals), _OPACITY * view.share)
    return picture


def _shade(normals: FloatArray) -> FloatArray:
    """Clay under one light, with a soft highlight: (..., 3) unit normals to RGB in 0..255."""
    light = _LIGHT / np.linalg.norm(_LIGHT)
    half_way = light + np.array([0.0, 0.0, 1.0])
    half_way /= np.linalg.norm(half_way)
    diffuse = (normals @ light).clip(0.0, 1.0)
    highlight = (normals @ half_way).clip(0.0, 1.0) ** 40
    lit = (_AMBIENT + (1.0 - _AMBIENT) * diffuse)[..., None] * _CLAY
    return (lit + 40.0 * highlight[..., None]).clip(0.0, 255.0).astype(np.float32)
