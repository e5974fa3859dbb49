"""What in a texture does not depend on the photo: which surface point each texel shows.

Made once for a model and a size, then kept.
"""

from dataclasses import dataclass
from functools import lru_cache

import cv2
import numpy as np
import numpy.typing as npt
import scipy.sparse
from scipy.spatial import cKDTree

from dasl.mesh import FloatArray, IntArray
from dasl.morphable_model import MorphableModel

_SUBPIXEL_BITS = 8
TRUSTED_WITHIN_M = 0.010
TRUST_FADE_M = 0.030
"""Beyond the face region a fitted head is a guess (hair, collars, the photo's background): the
photo counts fully up to the first distance from the face, and less and less over the second."""

TOOTH, TONGUE = (222.0, 212.0, 196.0), (158.0, 78.0, 76.0)
CAVITY_FRONT, CAVITY_BACK = (138.0, 66.0, 62.0), (62.0, 20.0, 22.0)
CAVITY_DEPTH_M = 0.025
SCLERA = (226.0, 219.0, 213.0)


@dataclass(frozen=True, eq=False)
class TextureLayout:
    """The texels of a square texture that lie inside an island, and how to fill the others.

    Attributes:
        size: side of the texture, texels; row 0 is at the top, v = 1.
        texel: (N,) flat index of each covered texel.
        triangle: (N,) triangle of the model.
        barycentric: (N, 3) weights of its corners.
        nearest: (size * size,) row of the nearest covered texel, in 0..N-1; pads the islands, so
            that neither filtering nor mipmaps bleed a border colour over a seam.
    """

    size: int
    texel: IntArray
    triangle: IntArray
    barycentric: FloatArray
    nearest: npt.NDArray[np.int32]

    def spread(self, colours: FloatArray) -> npt.NDArray[np.uint8]:
        """Colours of the covered texels, (N, 3) in 0..255, to the padded (size, size, 3)."""
        rounded = (colours + 0.5).clip(0.0, 255.0).astype(np.uint8)
        return rounded[self.nearest].reshape(self.size, self.size, 3)


@dataclass(frozen=True, eq=False)
class SurfacePrior:
    """What is known of a head's colours before a photo is seen.

    Attributes:
        trust: (V,) in [0, 1], how far the photo is believed where it shows the vertex.
        colour: (V, 3) RGB in 0..255 of teeth, tongue, the mouth's cavity and eyeballs.
        is_fixed: (V,) bool, teeth, tongue and cavity: never sampled.
        is_eyeball: (V,) bool.
        laplacian: (V, V) sparse, symmetric, of the surface's edges, for smooth filling.
    """

    trust: FloatArray
    colour: FloatArray
    is_fixed: npt.NDArray[np.bool_]
    is_eyeball: npt.NDArray[np.bool_]
    laplacian: scipy.sparse.csc_matrix


@lru_cache(maxsize=4)
def texture_layout(model: MorphableModel, size: int) -> TextureLayout:
    """Draws the model's UV triangles into a texture of `size` texels."""
    corners = model.uv.numpy().astype(np.float64)[model.uv_triangles.numpy()] * size
    corners[..., 1] = size - corners[..., 1]
    corners -= 0.5  # texel centres are integers
    owner = np.full((size, size), -1, dtype=np.int32)
    fixed_point = np.round(corners * 2**_SUBPIXEL_BITS).astype(np.int32)
    for index, points in enumerate(fixed_point):
        cv2.fillConvexPoly(owner, points, (index,), cv2.LINE_8, _SUBPIXEL_BITS)
    texel = np.flatnonzero(owner >= 0)
    triangle = owner.ravel()[texel].astype(np.int64)
    centre = np.stack([texel % size, texel // size], axis=1)
    return TextureLayout(
        size=size,
        texel=texel,
        triangle=triangle,
        barycentric=_barycentric(corners[triangle], centre),
        nearest=_nearest(owner >= 0),
    )


@lru_cache(maxsize=4)
def surface_prior(model: MorphableModel) -> SurfacePrior:
    """Colours and trust of each vertex of the model."""
    mean = model.mean_vertices.numpy()
    teeth, tongue, cavity, eyeballs, face = (
        model.region(name).numpy()
        for name in ("teeth", "tongue", "inner_mouth", "eyeballs", "face")
    )
    distance, _ = cKDTree(mean[face]).query(mean)
    beyond = np.clip((distance - TRUSTED_WITHIN_M) / TRUST_FADE_M, 0.0, 1.0)
    is_fixed = teeth | tongue | cavity
    trust = np.where(is_fixed, 0.0, 1.0 - _smooth_step(beyond))
    depth = np.clip((mean[cavity, 2].max() - mean[:, 2:]) / CAVITY_DEPTH_M, 0.0, 1.0)
    colour = np.array(CAVITY_FRONT) * (1 - depth) + np.array(CAVITY_BACK) * depth
    shade = 1.0 - 0.55 * depth
    colour = np.where(teeth[:, None], np.array(TOOTH) * shade, colour)
    colour = np.where(tongue[:, None], np.array(TONGUE) * shade, colour)
    colour = np.where(eyeballs[:, None], np.array(SCLERA), colour)
    return SurfacePrior(
        trust=trust.astype(np.float32),
        colour=colour.astype(np.float32),
        is_fixed=is_fixed,
        is_eyeball=eyeballs,
        laplacian=_laplacian(model.triangles.numpy(), len(mean)),
    )


def _barycentric(corners: npt.NDArray[np.float64], points: IntArray) -> FloatArray:
    """Weights at (N, 2) points of (N, 3, 2) triangles; drawn borders may lie just outside."""
    first, second = corners[:, 1] - corners[:, 0], corners[:, 2] - corners[:, 0]
    offset = points - corners[:, 0]
    area = first[:, 0] * second[:, 1] - first[:, 1] * second[:, 0]
    along_first = (offset[:, 0] * second[:, 1] - offset[:, 1] * second[:, 0]) / area
    along_second = (first[:, 0] * offset[:, 1] - first[:, 1] * offset[:, 0]) / area
    weights = np.stack([1.0 - along_first - along_second, along_first, along_second], axis=1)
    weights = weights.clip(0.0, 1.0)
    return (weights / weights.sum(axis=1, keepdims=True)).astype(np.float32)


def _nearest(covered: npt.NDArray[np.bool_]) -> npt.NDArray[np.int32]:
    """Row, among the covered texels, of the nearest one: (size * size,)."""
    _, label = cv2.distanceTransformWithLabels(
        (~covered).astype(np.uint8), cv2.DIST_L2, 5, labelType=cv2.DIST_LABEL_PIXEL
    )
    row_of_label = np.zeros(label.max() + 1, dtype=np.int32)
    row_of_label[label[covered]] = np.arange(covered.sum())
    return row_of_label[label.ravel()]


def _laplacian(triangles: IntArray, count: int) -> scipy.sparse.csc_matrix:
    edges = np.concatenate([triangles[:, [0, 1]], triangles[:, [1, 2]], triangles[:, [2, 0]]])
    edges = np.concatenate([edges, edges[:, ::-1]])
    ones = np.ones(len(edges), dtype=np.float64)
    adjacency = scipy.sparse.coo_matrix((ones, edges.T), shape=(count, count)).tocsr()
    adjacency.data[:] = 1.0
    degree = np.asarray(adjacency.sum(axis=1)).ravel()
    return (scipy.sparse.diags(degree) - adjacency).tocsc()


def _smooth_step(x: npt.NDArray[np.floating]) -> npt.NDArray[np.floating]:
    return x * x * (3.0 - 2.0 * x)
