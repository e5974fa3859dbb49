"""Local differences of the light on the skin, cast shadows and glare, and their reduction.

Skin has about one colour. Where a face deviates from the colour of its cheeks by more than a
tolerance, light is assumed to be the cause, and part of the rest is removed. Eyes, brows and lips
say nothing about the light; they take the correction of the skin around them.
"""

from functools import lru_cache

import numpy as np
import numpy.typing as npt
import scipy.sparse
import scipy.sparse.linalg

from dasl.arrays import FloatArray
from dasl.geometry.smoothstep import smoothstep
from dasl.head.morphable_model import MorphableModel
from dasl.texture.prior import surface_prior
from dasl.texture.skin_areas import plain_skin, regions
from dasl.texture.tone import LUMA

_USUAL = 0.55
"""Quantile of the cheeks' and the nose's colours that is taken as the skin's."""
_DARKEST = 8.0
_TOLERATED = 0.2
"""Logarithm of relative brightness that stays: the shading that shows the face's form."""
_GLARE_REMOVED, _SHADOW_REMOVED, _HUE_REMOVED = 0.75, 0.4, 0.6
"""Shares that are removed of what lies above and below; of a deviation in hue, relative to that."""
_BLOWN = (185.0, 212.0)
"""Brightness over which glare is removed: near white the photo has lost the skin's colour. Fainter
highlights stay, since faces look less like themselves without."""
_HAIR = (-1.2, -0.7)
"""Logarithms of relative brightness over which dark places count as hair, which stays."""
_MOST = 0.8
"""Largest logarithmic correction."""
_ANCHOR, _FAINT = 20.0, 0.01
"""Weight of a vertex of the skin relative to 1 per edge of the surface; regularisation."""


def local_gains(model: MorphableModel, colour: FloatArray) -> FloatArray:
    """Factors (V, 3) on a head's colours that reduce cast shadows and glare on the face.

    Args:
        model: the head model.
        colour: (V, 3) in 0..255, of the whole head; both of its sides lit alike as far as possible.
    """
    log = np.log(np.maximum(colour, _DARKEST))
    away = log - np.quantile(log[_cheeks(model)], _USUAL, axis=0)
    luma = (away @ LUMA)[:, None]
    away = luma + _HUE_REMOVED * (away - luma)
    blown = smoothstep(colour @ LUMA, *_BLOWN)[:, None]
    glare, shadow = (away - _TOLERATED).clip(min=0.0), (away + _TOLERATED).clip(max=0.0)
    wanted = -_GLARE_REMOVED * blown * glare - _SHADOW_REMOVED * shadow * smoothstep(luma, *_HAIR)
    weight, factors = _smoothing(model)
    smooth = factors.solve(weight[:, None] * _MOST * np.tanh(wanted / _MOST))
    return np.exp(smooth).astype(np.float32)


@lru_cache(maxsize=4)
def _cheeks(model: MorphableModel) -> npt.NDArray[np.bool_]:
    """(V,) plain skin where no beard grows."""
    height = model.reference_vertices[:, 1]
    return plain_skin(model) & (height > height[model.region("lips")].max())


@lru_cache(maxsize=4)
def _smoothing(model: MorphableModel) -> tuple[FloatArray, scipy.sparse.linalg.SuperLU]:
    """Weights (V,) of the vertices, and the factors of the system that spreads their values."""
    prior = surface_prior(model)
    skin = regions(model, "face") & ~regions(model, "eyes", "brows", "eyeballs")
    weight = _ANCHOR * skin * (1.0 - prior.hair) * (1.0 - prior.lip)
    matrix = prior.laplacian + scipy.sparse.diags(weight + _FAINT)
    return weight.astype(np.float32), scipy.sparse.linalg.splu(matrix.tocsc())
