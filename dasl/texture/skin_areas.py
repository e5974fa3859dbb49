"""Areas of a head's skin on which a photo's colours are measured and compared."""

from functools import lru_cache

import numpy as np
import numpy.typing as npt

from dasl.arrays import FloatArray
from dasl.geometry.smoothstep import smoothstep
from dasl.head.morphable_model import MorphableModel

_BELOW_EYES_M, _BESIDE_M, _NARROWER_M = (0.008, 0.014), (0.038, 0.050), 0.016
"""Heights below the eyes' centres, and distances from the head's plane of symmetry, over which skin
counts as beside the face; folds beside nose and mouth do not. At the chin, which is narrower, these
distances are smaller by the third value."""


def regions(model: MorphableModel, *names: str) -> npt.NDArray[np.bool_]:
    """(V,) vertices in any of the model's regions of these names."""
    return np.any([model.region(name) for name in names], axis=0)


@lru_cache(maxsize=4)
def plain_skin(model: MorphableModel) -> npt.NDArray[np.bool_]:
    """(V,) cheeks, nose and chin, from which the skin's colour is estimated."""
    return below_brows(model, "eyes", "brows", "lips", "eyeballs")


def below_brows(model: MorphableModel, *features: str) -> npt.NDArray[np.bool_]:
    """(V,) the face below the brows, without the regions of these names."""
    height = model.reference_vertices[:, 1]
    below = height < height[model.region("brows")].min()
    return model.region("face") & below & ~regions(model, *features)


def beside_face(model: MorphableModel) -> FloatArray:
    """(V,) share of the outer cheeks, jaws and what is behind them, in [0, 1]."""
    x, y, _ = model.reference_vertices.T
    eyes, mouth = y[model.region("eyeballs")].mean(), y[model.region("lips")].mean()
    chin = y[model.region("face")].min()
    lower = ((mouth - y) / (mouth - chin)).clip(0.0, 1.0)
    outer = smoothstep(np.abs(x) + _NARROWER_M * lower, *_BESIDE_M)
    return (smoothstep(eyes - y, *_BELOW_EYES_M) * outer).astype(np.float32)
