"""Detection of fingers and collars at the jaw, which are brighter than the skin around them."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import scipy.sparse
from scipy.spatial import cKDTree

from dasl.arrays import FloatArray, IntArray
from dasl.geometry.smoothstep import smoothstep
from dasl.head.morphable_model import MorphableModel
from dasl.texture.skin_areas import regions

_RIM_M, _FRONT_Z_M = (0.018, 0.024), -0.06
"""Distances from the neck's skin over which the jaw's rim ends, and where it ends behind."""
_AROUND_M, _LEAST_AROUND = 0.025, 4.0
"""Radius of the surroundings of a vertex, and their least number of seen vertices."""
_LEAST_TRUST, _LEAST_FACING, _DARKEST = 0.05, 0.1, 8.0
_BRIGHTER = (0.20, 0.40)
"""Logarithms by which a vertex is brighter than its surroundings over which it is not the jaw."""
_LARGE = (0.14, 0.10)
"""Shares of the rim over which bright places count less: skin between the parts of a beard.
Of portraits 031-050, two with beards have 0.11 and 0.15, the rest at most 0.07; 051, whose fingers
count in full, has 0.09."""


@dataclass(frozen=True, eq=False)
class JawRim:
    """The rim of the jaw, where hands touch the face.

    Attributes:
        vertices: (N,) vertices of the rim.
        share: (N,) in (0, 1], fading upwards.
        around: (N, V) sparse, 1 for vertices of the lower face close to each.
    """

    vertices: IntArray
    share: FloatArray
    around: scipy.sparse.csr_matrix

    def bright(self, luma: FloatArray, seen: FloatArray, facing: FloatArray) -> FloatArray:
        """Degree to which vertices of the rim are too bright for the jaw: (V,) in [0, 1].

        Args:
            luma: (V,) in 0..255, brightness of the photo.
            seen: (V,) in [0, 1], whether the photo shows the vertex.
            facing: (V,) cosine between each vertex's normal and the view direction.
        """
        log, shown = np.log(np.maximum(luma, _DARKEST)), seen * (facing > _LEAST_FACING)
        count = self.around @ shown
        brighter = log[self.vertices] - (self.around @ (shown * log)) / np.maximum(count, 1.0)
        bright = smoothstep(brighter, *_BRIGHTER) * (count > _LEAST_AROUND)
        bright = bright * self.share * shown[self.vertices]
        found = np.zeros(len(luma), dtype=np.float32)
        found[self.vertices] = bright * smoothstep(np.array(bright.mean()), *_LARGE)
        return found


def jaw_rim(model: MorphableModel, trust: FloatArray, insides: npt.NDArray[np.bool_]) -> JawRim:
    """Find the jaw's rim.

    Args:
        model: the head model.
        trust: (V,) weight of the photo, from the prior.
        insides: (V,) mouth, eyeballs and sockets.
    """
    points = model.reference_vertices
    height, lips = points[:, 1], regions(model, "lips")
    mouth = height[lips].mean()
    no_skin = insides | lips | regions(model, "ears")
    is_lower = (height < mouth) & ~no_skin
    neck = is_lower & regions(model, "skin") & ~regions(model, "face")
    from_neck, _ = cKDTree(points[neck & (points[:, 2] > _FRONT_Z_M)]).query(points)
    is_rim = is_lower & (trust > _LEAST_TRUST) & (points[:, 2] > _FRONT_Z_M)
    share = smoothstep(from_neck, *_RIM_M[::-1]) * is_rim
    vertices = np.flatnonzero(share > 0)
    compared = np.flatnonzero(is_lower & (trust > _LEAST_TRUST))
    near = cKDTree(points[vertices]).sparse_distance_matrix(
        cKDTree(points[compared]), _AROUND_M, output_type="coo_matrix"
    )
    # The distance of a vertex to itself is 0 and not stored: it is not compared with itself.
    ones = np.ones(near.nnz, dtype=np.float32)
    around = scipy.sparse.csr_matrix(
        (ones, (near.row, compared[near.col])), shape=(len(vertices), len(points))
    )
    return JawRim(vertices, share[vertices].astype(np.float32), around)
