"""Difference of the light between the two sides of a face, and its removal from the texture.

The logarithm of the ratio of mirrored skin colours is fitted robustly by the odd spherical
harmonics of the surface normal up to second order. Features alike on both sides cancel out.
"""

from functools import lru_cache

import cv2
import numpy as np
import numpy.typing as npt

from dasl.arrays import FloatArray, RgbImage
from dasl.head.mesh import vertex_normals
from dasl.head.morphable_model import MorphableModel
from dasl.texture.fill import Known
from dasl.texture.layout import texture_layout
from dasl.texture.lit_skin import robust_fit
from dasl.texture.prior import surface_prior
from dasl.texture.skin_areas import plain_skin

_KNOWN, _LEAST_PAIRS, _DARKEST = 0.5, 60, 8.0
_REMOVED, _REMOVED_ON_HAIR = 0.6, 0.24
"""Shares of the difference that are removed; brightened dark hair would look red."""
_MOST = 0.55
"""Largest logarithmic correction."""
_SIZE = 128
"""Side, texels, at which the smooth correction is computed."""


def side_gains(
    model: MorphableModel, known: Known, fill: FloatArray, shown: FloatArray
) -> FloatArray:
    """Factors (V, 3) on the vertices' colours that make the light of both sides alike.

    Args:
        model: the head model.
        known: colours of the photo, direct and mirrored.
        fill: (V, 3) the colours elsewhere.
        shown: (V, 1) in [0, 1], degree to which the photo shows the vertex directly.
    """
    mirror = model.mirror_vertex
    both = (known.share[:, 0] > _KNOWN) & (known.share[mirror, 0] > _KNOWN) & plain_skin(model)
    if both.sum() < _LEAST_PAIRS:
        return np.ones_like(fill)
    terms = _odd_harmonics(model)
    colour = fill + known.share * (known.colour - fill)
    log = np.log(np.maximum(colour, _DARKEST))
    ratio = (log - log[mirror]) / 2.0
    fits = [robust_fit(terms[both], channel) for channel in ratio[both].T]
    fitted = -terms @ np.stack(fits, axis=1)
    # What the photo does not show is made like its mirror image after that is corrected.
    skin = 1.0 - surface_prior(model).hair[:, None]
    fitted_there = shown[mirror] * fitted[mirror] + (1.0 - shown[mirror]) * ratio
    alike = fitted + skin * (fitted_there - 2.0 * ratio - fitted)
    removed = _REMOVED_ON_HAIR + skin * (_REMOVED - _REMOVED_ON_HAIR)
    wanted = removed * (shown * fitted + (1.0 - shown) * alike)
    return np.exp(_MOST * np.tanh(wanted / _MOST)).astype(np.float32)


def in_even_light(model: MorphableModel, texture: RgbImage, gains: FloatArray) -> RgbImage:
    """Multiply a texture (S, S, 3) in the model's UV layout by factors of the vertices (V, 3)."""
    layout = texture_layout(model, _SIZE)
    smooth = (layout.interpolation @ gains)[layout.nearest].reshape(_SIZE, _SIZE, 3)
    size = (texture.shape[1], texture.shape[0])
    factors = cv2.resize(smooth, size, interpolation=cv2.INTER_LINEAR)
    return np.asarray(cv2.multiply(texture, factors, dtype=cv2.CV_8U), dtype=np.uint8)


@lru_cache(maxsize=4)
def _odd_harmonics(model: MorphableModel) -> npt.NDArray[np.float64]:
    x, y, z = vertex_normals(model.reference_vertices, model.triangles).T.astype(np.float64)
    return np.stack([x, x * y, x * z], axis=1)
