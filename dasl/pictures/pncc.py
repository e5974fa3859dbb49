"""PNCC: the coordinates on the mean face of each pixel.

Projected normalized coordinate code: Zhu et al. 2016, "Face Alignment Across Large Poses: A 3D
Solution", arXiv 1511.07212. Each coordinate of the mean face is scaled to 0..1 over the face. A
surface point keeps its three values in any pose, identity and expression.
"""

from collections.abc import Sequence
from functools import lru_cache

import numpy as np

from dasl.arrays import FloatArray, RgbImage
from dasl.head.morphable_model import MorphableModel
from dasl.pictures.coded import draw_components
from dasl.pictures.surface import SurfaceView, surface_map
from dasl.reconstruction.face import Face

_TITLES = (
    "mean face x: image left ... right",
    "mean face y: chin ... forehead",
    "mean face z: back ... front",
)


def pncc_map(face: Face, shape: tuple[int, ...]) -> FloatArray:
    """Normalized coordinates of the mean face at the pixels of the face region.

    Args:
        face: the head.
        shape: of its photo, rows and columns first.

    Returns:
        (H, W, 3) float32 in [0, 1], x, y, z of the model frame; NaN outside the face region.
    """
    return surface_map(face, shape, normalized_coordinates(face.model))


def draw_pncc(photo: RgbImage, faces: Sequence[Face]) -> RgbImage:
    """PNCC of each face region, RGB = x, y, z, on the dimmed photo.

    Args:
        photo: (H, W, 3) uint8 RGB.
        faces: of this photo; larger ones, which are nearer, cover the others.

    Returns:
        (H + L, W, 3) uint8 RGB, the last L rows a legend; the photo's copy where no face shows.
    """
    return draw_components(photo, faces, _code_of_view, 0.0, _TITLES)


@lru_cache(maxsize=4)
def normalized_coordinates(model: MorphableModel) -> FloatArray:
    """(v - min) / (max - min) of the dense mean head, over its face region: (D, 3) in [0, 1]."""
    mean = model.subdivide(model.mean_vertices)
    face = model.mean_vertices[model.region("face")]
    low, high = face.min(axis=0), face.max(axis=0)
    return ((mean - low) / (high - low)).clip(0.0, 1.0).astype(np.float32)


def _code_of_view(view: SurfaceView) -> FloatArray:
    return view.interpolated(normalized_coordinates(view.face.model))
