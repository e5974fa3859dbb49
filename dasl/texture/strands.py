"""Strand texture for the scalp, with a contrast estimated from the hair on the photo."""

from dataclasses import dataclass
from functools import lru_cache

import numpy as np
import numpy.typing as npt
import scipy.sparse
from scipy.ndimage import map_coordinates

from dasl.arrays import FloatArray, IntArray
from dasl.head.morphable_model import MorphableModel
from dasl.texture.layout import TextureLayout
from dasl.texture.prior import SurfacePrior, surface_prior
from dasl.texture.tone import LUMA

_CROWN_M = np.array([0.0, 0.0, -0.085])
"""Point of the reference head from which strands run down; only x and z are used."""
_RADIUS_M, _WIDTHS_M, _LENGTH_M = 0.085, (0.0035, 0.0014), 0.020
"""Distance of the strands from the crown's axis, widths of locks and strands at that distance, and
length over which their brightness is correlated."""
_MOST_ROUGH = 0.20
_TO_STANDARD_DEVIATION = 1.48
_LEAST_VERTICES = 6


@dataclass(frozen=True, eq=False)
class Strands:
    """Brightness of the scalp's texels.

    Attributes:
        texels: (N,) rows of the layout's covered texels where hair grows.
        brightness: (N,) mean 0, standard deviation about 1 where there is only hair.
        weights: those of the layout's interpolation, times the brightness of their texel.
    """

    texels: IntArray
    brightness: FloatArray
    weights: FloatArray

    def laid_on(
        self, interpolation: scipy.sparse.csr_matrix, roughness: float
    ) -> scipy.sparse.csr_matrix:
        """The interpolation of the layout with the strands' brightness, times the roughness."""
        weights = interpolation.data + np.float32(roughness) * self.weights
        places = interpolation.indices, interpolation.indptr
        return scipy.sparse.csr_matrix((weights, *places), shape=interpolation.shape)


@lru_cache(maxsize=4)
def strands(model: MorphableModel, layout: TextureLayout) -> Strands:
    """Make locks and strands that run down from the crown; cached per layout."""
    hair = layout.interpolation @ surface_prior(model).hair
    texels = np.flatnonzero(hair > 0.02)
    points = layout.interpolation[texels] @ model.reference_vertices
    from_crown = points - _CROWN_M
    around = np.arctan2(from_crown[:, 0], from_crown[:, 2]) / (2.0 * np.pi) + 0.5
    down = (points[:, 1].max() - points[:, 1]) / _LENGTH_M
    summed = sum(_noise(around, down, width, seed) for seed, width in enumerate(_WIDTHS_M))
    brightness = (hair[texels] * summed / np.std(summed)).astype(np.float32)
    of_all = np.zeros(len(hair), dtype=np.float32)
    of_all[texels] = brightness
    of_value = np.repeat(of_all, np.diff(layout.interpolation.indptr))
    return Strands(texels, brightness, of_value * layout.interpolation.data)


def hair_roughness(
    sharp: FloatArray, blurred: FloatArray, shown: FloatArray, prior: SurfacePrior
) -> float:
    """Contrast of the hair as a fraction of its brightness, from vertex colours (V, 3)."""
    seen = (shown[:, 0] > 0.3) & (prior.hair > 0.5)
    if seen.sum() < _LEAST_VERTICES:
        return 0.0
    fine, coarse = (colours[seen] @ LUMA for colours in (sharp, blurred))
    deviation = _TO_STANDARD_DEVIATION * float(np.median(np.abs(fine - coarse)))
    return min(deviation / max(float(np.median(coarse)), 20.0), _MOST_ROUGH)


def _noise(
    around: npt.NDArray[np.floating], down: npt.NDArray[np.floating], width_m: float, seed: int
) -> FloatArray:
    """Smooth noise, periodic in `around` (0..1), with one value per strand and length."""
    columns = round(2.0 * np.pi * _RADIUS_M / width_m)
    rows = int(down.max()) + 3
    table = np.random.default_rng(seed).normal(size=(rows, columns))
    # Columns wrap around; rows never do, since the table has enough of them.
    noise = map_coordinates(table, [down + 0.5, around * columns], order=1, mode="grid-wrap")
    return np.asarray(noise, dtype=np.float32)
