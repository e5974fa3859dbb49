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
from eval.rays import cast_along_z

_SUBPIXEL_BITS = 8
TRUSTED_WITHIN_M = 0.005
TRUST_FADE_M = 0.022
"""Beyond the face region a fitted head is a guess (hair, collars, the photo's background): the
photo counts fully up to the first distance from the face, and less and less over the second."""

TOOTH, MOLAR = (236.0, 229.0, 216.0), (190.0, 178.0, 164.0)
TONGUE, THROAT = (158.0, 78.0, 76.0), (84.0, 32.0, 34.0)
CAVITY_FRONT, CAVITY_BACK = (138.0, 66.0, 62.0), (62.0, 20.0, 22.0)
CAVITY_DEPTH_M = 0.035
NECK_PULL = 0.02
NECK_FADE_M = 0.04
"""Height over which the neck begins; its colours on the photo may be a collar's."""
SCLERA = (226.0, 219.0, 213.0)


@dataclass(frozen=True, eq=False)
class TextureLayout:
    """The texels of a square texture that lie inside an island, and how to fill the others.

    Attributes:
        size: side of the texture, texels; row 0 is at the top, v = 1.
        texel: (N,) flat index of each covered texel.
        triangle: (N,) triangle of the model.
        interpolation: (N, V) sparse; times values of the vertices gives values of the texels.
        nearest: (size * size,) row of the nearest covered texel, in 0..N-1; pads the islands, so
            that neither filtering nor mipmaps bleed a border colour over a seam.
    """

    size: int
    texel: IntArray
    triangle: IntArray
    interpolation: scipy.sparse.csr_matrix
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
        is_plain_skin: (V,) bool, cheeks, nose and chin: what "the skin's colour" is read from.
        skin_pull: (V,) how strongly a vertex that is not seen takes the skin's colour rather than
            its surroundings', against 1 for each edge of the surface: the neck, which else would
            turn the colour of the hair.
        laplacian: (V, V) sparse, symmetric, of the surface's edges, for smooth filling.
    """

    trust: FloatArray
    colour: FloatArray
    is_fixed: npt.NDArray[np.bool_]
    is_eyeball: npt.NDArray[np.bool_]
    is_plain_skin: npt.NDArray[np.bool_]
    skin_pull: FloatArray
    laplacian: scipy.sparse.csc_matrix


@lru_cache(maxsize=4)
def texture_layout(model: MorphableModel, size: int) -> TextureLayout:
    """Finds the triangle of each texel of a texture of `size` texels."""
    corners = model.uv.numpy().astype(np.float64)[model.uv_triangles.numpy()] * size
    corners[..., 1] = size - corners[..., 1]
    corners -= 0.5  # texel centres are integers
    texel, triangle, weights = _covered(corners, size)
    vertices = model.triangles.numpy()[triangle].astype(np.int32)
    rows = np.arange(len(texel) + 1, dtype=np.int32) * 3
    return TextureLayout(
        size=size,
        texel=texel,
        triangle=triangle,
        interpolation=scipy.sparse.csr_matrix(
            (weights.astype(np.float32).ravel(), vertices.ravel(), rows),
            shape=(len(texel), model.vertex_count),
        ),
        nearest=_nearest(texel, size),
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
    below = _below_chin(model, mean)
    trust = np.where(is_fixed, 0.0, (1.0 - _smooth_step(beyond)) * (1.0 - below))
    colour = np.zeros_like(mean)
    for chosen, front, back in (
        (cavity, CAVITY_FRONT, CAVITY_BACK),
        (teeth, TOOTH, MOLAR),
        (tongue, TONGUE, THROAT),
        (eyeballs, SCLERA, SCLERA),
    ):
        depth = ((mean[chosen, 2].max() - mean[chosen, 2:]) / CAVITY_DEPTH_M).clip(0.0, 1.0)
        colour[chosen] = np.array(front) * (1.0 - depth) + np.array(back) * depth
    return SurfacePrior(
        trust=trust.astype(np.float32),
        colour=colour.astype(np.float32),
        is_fixed=is_fixed,
        is_eyeball=eyeballs,
        is_plain_skin=_plain_skin(model, mean),
        skin_pull=(NECK_PULL * below).astype(np.float32),
        laplacian=_laplacian(model.triangles.numpy(), len(mean)),
    )


def _plain_skin(model: MorphableModel, mean: npt.NDArray[np.floating]) -> npt.NDArray[np.bool_]:
    features = [model.region(name).numpy() for name in ("eyes", "brows", "lips", "eyeballs")]
    below_brows = mean[:, 1] < mean[model.region("brows").numpy(), 1].min()
    return model.region("face").numpy() & below_brows & ~np.any(features, axis=0)


def _below_chin(model: MorphableModel, mean: npt.NDArray[np.floating]) -> npt.NDArray[np.floating]:
    """0 above the chin, 1 on the neck: (V,)."""
    chin = mean[model.region("face").numpy(), 1].min()
    return _smooth_step(((chin - mean[:, 1]) / NECK_FADE_M + 0.5).clip(0.0, 1.0))


def _covered(
    corners: npt.NDArray[np.float64], size: int
) -> tuple[IntArray, IntArray, npt.NDArray[np.float64]]:
    """Texels whose centre lies in one of (T, 3, 2) triangles: index, triangle, weights (N, 3)."""
    owner = _drawn(corners, size)
    texel = np.flatnonzero(owner >= 0)
    centre = np.stack([texel % size, texel // size], axis=1).astype(np.float64)
    triangle = owner[texel].astype(np.int64)
    weights = _barycentric(corners[triangle], centre)
    # a drawn triangle also takes its border's texels: give them to the triangle they lie in
    astray = np.flatnonzero(weights.min(axis=1) < 0)
    flat = np.concatenate([corners, np.zeros_like(corners[..., :1])], axis=2).reshape(-1, 3)
    found = cast_along_z(flat, np.arange(len(flat)).reshape(-1, 3), centre[astray])
    triangle[astray] = found.triangle
    weights[astray[found.hit]] = found.barycentric[found.hit]
    inside = triangle >= 0
    return texel[inside], triangle[inside], weights[inside]


def _drawn(corners: npt.NDArray[np.float64], size: int) -> npt.NDArray[np.int32]:
    """Some triangle that covers or touches each texel, -1 where none does: (size * size,)."""
    owner = np.full((size, size), -1, dtype=np.int32)
    fixed_point = np.round(corners * 2**_SUBPIXEL_BITS).astype(np.int32)
    for index, points in enumerate(fixed_point):
        cv2.fillConvexPoly(owner, points, (index,), cv2.LINE_8, _SUBPIXEL_BITS)
    return owner.ravel()


def _barycentric(
    corners: npt.NDArray[np.float64], points: npt.NDArray[np.float64]
) -> npt.NDArray[np.float64]:
    """Weights (N, 3) of (N, 3, 2) triangles at (N, 2) points; negative where outside."""
    first, second = corners[:, 1] - corners[:, 0], corners[:, 2] - corners[:, 0]
    offset = points - corners[:, 0]
    area = first[:, 0] * second[:, 1] - first[:, 1] * second[:, 0]
    along_first = (offset[:, 0] * second[:, 1] - offset[:, 1] * second[:, 0]) / area
    along_second = (first[:, 0] * offset[:, 1] - first[:, 1] * offset[:, 0]) / area
    return np.stack([1.0 - along_first - along_second, along_first, along_second], axis=1)


def _nearest(texel: IntArray, size: int) -> npt.NDArray[np.int32]:
    """Row, among the covered texels, of the one nearest to each texel: (size * size,)."""
    uncovered = np.ones(size * size, dtype=np.uint8)
    uncovered[texel] = 0
    _, label = cv2.distanceTransformWithLabels(
        uncovered.reshape(size, size), cv2.DIST_L2, 5, labelType=cv2.DIST_LABEL_PIXEL
    )
    label = label.ravel()
    row_of_label = np.zeros(label.max() + 1, dtype=np.int32)
    row_of_label[label[texel]] = np.arange(len(texel))
    return row_of_label[label]


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
