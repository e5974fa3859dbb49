"""Map from texels to surface points; cached per model and size."""

from dataclasses import dataclass
from functools import lru_cache

import cv2
import numpy as np
import numpy.typing as npt
import scipy.sparse

from dasl.arrays import FloatArray, IntArray
from dasl.head.morphable_model import MorphableModel
from eval.meshes.rays import cast_along_z

_SUBPIXEL_BITS = 8
_AT_ONCE = 50_000
"""Texels whose weights are computed at a time: all at once took the peak of memory, 100 MB."""


@dataclass(frozen=True, eq=False)
class TextureLayout:
    """The texels of a square texture inside UV islands, and padding for the others.

    Attributes:
        size: side of the texture, texels; row 0 is at the top, v = 1.
        texel: (N,) flat index of each covered texel.
        triangle: (N,) triangle of the model.
        interpolation: (N, V) sparse; maps vertex values to texel values.
        nearest: (size * size,) row of the nearest covered texel, in 0..N-1; pads the islands, so
            that filtering and mipmaps cause no visible seams.
    """

    size: int
    texel: IntArray
    triangle: IntArray
    interpolation: scipy.sparse.csr_matrix
    nearest: npt.NDArray[np.int32]

    def spread(self, colours: FloatArray) -> npt.NDArray[np.uint8]:
        """Spread colours of covered texels, (N, 3) in 0..255, to a padded (size, size, 3)."""
        # One uint32 per colour, and OpenCV's rounding, are several times faster than rows of three.
        column = colours[:, None]
        rounded = cv2.addWeighted(column, 1.0, column, 0.0, 0.0, dtype=cv2.CV_8U)
        padded = cv2.cvtColor(rounded, cv2.COLOR_RGB2RGBA)[:, 0]
        spread = padded.view(np.uint32)[:, 0].take(self.nearest)
        filled = spread.view(np.uint8).reshape(self.size, self.size, 4)
        return np.asarray(cv2.cvtColor(filled, cv2.COLOR_RGBA2RGB), dtype=np.uint8)


@lru_cache(maxsize=4)
def texture_layout(model: MorphableModel, size: int) -> TextureLayout:
    """Rasterise the model's UV triangles to a texture of `size` texels."""
    corners = model.uv.astype(np.float64)[model.uv_triangles] * size
    corners[..., 1] = size - corners[..., 1]
    corners -= 0.5  # texel centres are integers
    texel, triangle, weights = _covered(corners, size)
    vertices = model.triangles[triangle].astype(np.int32)
    rows = np.arange(len(texel) + 1, dtype=np.int32) * 3
    return TextureLayout(
        size=size,
        texel=texel,
        triangle=triangle,
        interpolation=scipy.sparse.csr_matrix(
            (weights.ravel(), vertices.ravel(), rows),
            shape=(len(texel), model.vertex_count),
        ),
        nearest=_nearest(texel, size),
    )


def _covered(corners: npt.NDArray[np.float64], size: int) -> tuple[IntArray, IntArray, FloatArray]:
    """Texels with the centre in one of (T, 3, 2) triangles: index, triangle, weights (N, 3)."""
    owner = _drawn(corners, size)
    texel = np.flatnonzero(owner >= 0)
    triangle = owner[texel].astype(np.int64)
    weights = np.empty((len(texel), 3), dtype=np.float32)
    for start in range(0, len(texel), _AT_ONCE):
        part = slice(start, start + _AT_ONCE)
        weights[part] = _barycentric(corners[triangle[part]], _centres(texel[part], size))
    # A rasterised triangle includes its border's texels: reassign them to the correct triangle.
    astray = np.flatnonzero(weights.min(axis=1) < 0)
    flat = np.concatenate([corners, np.zeros_like(corners[..., :1])], axis=2).reshape(-1, 3)
    numbers = np.arange(len(flat)).reshape(-1, 3)
    hits = cast_along_z(flat, numbers, _centres(texel[astray], size))
    triangle[astray] = hits.triangle
    weights[astray[hits.hit]] = hits.barycentric[hits.hit]
    inside = triangle >= 0
    return texel[inside], triangle[inside], weights[inside]


def _centres(texel: IntArray, size: int) -> npt.NDArray[np.float64]:
    """(N, 2) x and y of texels given by their index."""
    return np.stack([texel % size, texel // size], axis=1).astype(np.float64)


def _drawn(corners: npt.NDArray[np.float64], size: int) -> npt.NDArray[np.int32]:
    """A triangle that covers or touches each texel, -1 for none: (size * size,)."""
    owner = np.full((size, size), -1, dtype=np.int32)
    fixed_point = np.round(corners * 2**_SUBPIXEL_BITS).astype(np.int32)
    for index, points in enumerate(fixed_point):
        cv2.fillConvexPoly(owner, points, (index,), cv2.LINE_8, _SUBPIXEL_BITS)
    return owner.ravel()


def _barycentric(
    corners: npt.NDArray[np.float64], points: npt.NDArray[np.float64]
) -> npt.NDArray[np.float64]:
    """Barycentric weights (N, 3) of (N, 2) points in (N, 3, 2) triangles; negative outside."""
    first, second = corners[:, 1] - corners[:, 0], corners[:, 2] - corners[:, 0]
    offset = points - corners[:, 0]
    area = first[:, 0] * second[:, 1] - first[:, 1] * second[:, 0]
    along_first = (offset[:, 0] * second[:, 1] - offset[:, 1] * second[:, 0]) / area
    along_second = (first[:, 0] * offset[:, 1] - first[:, 1] * offset[:, 0]) / area
    return np.stack([1.0 - along_first - along_second, along_first, along_second], axis=1)


def _nearest(texel: IntArray, size: int) -> npt.NDArray[np.int32]:
    """Row of the covered texel nearest to each texel: (size * size,)."""
    uncovered = np.ones(size * size, dtype=np.uint8)
    uncovered[texel] = 0
    _, label = cv2.distanceTransformWithLabels(
        uncovered.reshape(size, size), cv2.DIST_L2, 5, labelType=cv2.DIST_LABEL_PIXEL
    )
    label = label.ravel()
    row_of_label = np.zeros(label.max() + 1, dtype=np.int32)
    row_of_label[label[texel]] = np.arange(len(texel))
    return row_of_label[label]
