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
TRUSTED_WITHIN_M = 0.005
TRUST_FADE_M = 0.030
"""Beyond the face region a fitted head is a guess (hair, collars, the photo's background): the
photo counts fully up to the first distance from the face, and less and less over the second."""

TOOTH, MOLAR = (236.0, 229.0, 216.0), (190.0, 178.0, 164.0)
TONGUE, THROAT = (172.0, 88.0, 86.0), (92.0, 36.0, 38.0)
CAVITY_FRONT, CAVITY_BACK = (138.0, 66.0, 62.0), (62.0, 20.0, 22.0)
CAVITY_DEPTH_M = 0.035
NECK_PULL = 0.02
NECK_BELOW_CHIN_M = 0.03
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
            its surroundings', against 1 for each edge of the surface: neck and ears, which else
            would turn the colour of the hair.
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
        interpolation=scipy.sparse.csr_matrix(
            (
                _barycentric(corners[triangle], centre).ravel(),
                model.triangles.numpy()[triangle].ravel().astype(np.int32),
                np.arange(len(texel) + 1, dtype=np.int32) * 3,
            ),
            shape=(len(texel), model.vertex_count),
        ),
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
        skin_pull=_skin_pull(model, mean),
        laplacian=_laplacian(model.triangles.numpy(), len(mean)),
    )


def _plain_skin(
    model: MorphableModel, mean: npt.NDArray[np.floating]
) -> npt.NDArray[np.bool_]:
    features = [model.region(name).numpy() for name in ("eyes", "brows", "lips", "eyeballs")]
    below_brows = mean[:, 1] < mean[model.region("brows").numpy(), 1].min()
    return model.region("face").numpy() & below_brows & ~np.any(features, axis=0)


def _skin_pull(model: MorphableModel, mean: npt.NDArray[np.floating]) -> FloatArray:
    chin = mean[model.region("face").numpy(), 1].min()
    below = ((chin + NECK_BELOW_CHIN_M - mean[:, 1]) / (2 * NECK_BELOW_CHIN_M)).clip(0.0, 1.0)
    is_ear = model.region("ears").numpy()
    return (NECK_PULL * np.maximum(_smooth_step(below), is_ear)).astype(np.float32)


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
