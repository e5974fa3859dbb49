"""Where a head lies on a small image: its parts, its depth, and heights along it."""

from dataclasses import dataclass
from functools import lru_cache

import numpy as np
import numpy.typing as npt
from scipy.spatial import cKDTree

from dasl.arrays import FloatArray
from dasl.export.hair.camera import Camera, Floats
from dasl.geometry.smoothstep import smoothstep
from dasl.head.morphable_model import MorphableModel
from dasl.texture.prior import surface_prior
from eval.meshes.rays import cast_along_z, pixel_grid

MIDDLE_M = np.array([0.0, 0.02, -0.078], dtype=np.float32)
"""Centre of a head, model frame."""
_NEAR_FEATURES_M = 0.004
_MIDDLE_Z_M, _MIDDLE_X_M = (-0.045, -0.030), (0.062, 0.055)
"""Ranges of z and |x| on the reference head over which the middle of the face begins. No pixel
there is labelled hair."""

Mask = npt.NDArray[np.bool_]


@dataclass(frozen=True, eq=False)
class PlacedHead:
    """A head on an image of H rows and W columns.

    Attributes:
        is_head: (H, W) bool.
        parts: (H, W, 4) shares of scalp, plain skin, middle of the face, and face; meaningful on
            the head.
        depth: (H, W) of the surface, metres towards the viewer; -inf off the head.
        up: (2,) unit vector of the image, upwards along the head.
        height: (H, W) pixels along `up`.
        lowest: height of the head's lowest point.
        ear_bottom: height of the ears' lowest point.
        beside: (H, W) height, 0 at the chin and 1 at the ears.
    """

    is_head: Mask
    parts: Floats
    depth: FloatArray
    up: Floats
    height: Floats
    lowest: float
    ear_bottom: float
    beside: Floats

    @property
    def is_middle(self) -> Mask:
        """(H, W) the middle of the face, where no hair is."""
        return np.asarray(self.is_head & (self.parts[..., 2] > 0.5))


def placed_head(
    model: MorphableModel, vertices: FloatArray, camera: Camera, shape: tuple[int, ...]
) -> PlacedHead:
    """Cast a ray at each pixel.

    Args:
        model: the head model.
        vertices: (V, 3) of the head, model frame, metres.
        camera: of the image.
        shape: (H, W) of the image.
    """
    image, triangles = camera.image(vertices), model.triangles
    hits = cast_along_z(image, triangles, pixel_grid(shape[1], shape[0]))
    corners = places_of(model)[triangles[np.maximum(hits.triangle, 0)]]
    parts = (corners * hits.barycentric[..., None]).sum(axis=1).reshape(*shape, -1)
    is_head = hits.hit.reshape(shape)
    depth = np.nan_to_num(hits.depth.reshape(shape)) / camera.scale.mean()

    up = camera.rotation[:2, 1] * (1.0, -1.0)
    up = up / np.linalg.norm(up).clip(1e-6)
    rows, columns = np.indices(shape)
    height, height_of = columns * up[0] + rows * up[1], image[:, :2] @ up
    ears = height_of[model.region("ears")]
    chin = height_of[model.region("face")].min()
    return PlacedHead(
        is_head=is_head,
        parts=parts,
        depth=np.where(is_head, depth, -np.inf).astype(np.float32),
        up=up,
        height=height,
        lowest=float(height_of.min()),
        ear_bottom=float(ears.min()),
        beside=(height - chin) / max(float(ears.mean() - chin), 1.0),
    )


@lru_cache(maxsize=2)
def places_of(model: MorphableModel) -> FloatArray:
    """Per vertex: shares of scalp, plain skin, middle of the face, and face: (V, 4)."""
    prior, reference = surface_prior(model), model.reference_vertices
    names = ("eyes", "brows", "nose", "lips")
    features = np.any([model.region(name) for name in names], axis=0)
    from_features, _ = cKDTree(reference[features]).query(reference)
    face = model.region("face")
    below_brows = reference[:, 1] < reference[model.region("brows"), 1].max()
    forward = smoothstep(reference[:, 2], *_MIDDLE_Z_M)
    middle = forward * smoothstep(np.abs(reference[:, 0]), *_MIDDLE_X_M)
    is_middle = (face & below_brows & (middle > 0.5)) | (from_features < _NEAR_FEATURES_M)
    return np.stack([prior.hair, prior.is_plain_skin, is_middle, face], axis=1).astype(np.float32)
