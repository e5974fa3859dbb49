"""Roughness map of a head in its UV layout; cached per model."""

from functools import lru_cache

import numpy as np

from dasl.arrays import RgbImage
from dasl.head.morphable_model import MorphableModel
from dasl.texture.layout import texture_layout
from dasl.texture.mouth import mouth_parts
from dasl.texture.prior import surface_prior

ROUGHNESS_SIZE = 256
SKIN, HAIR, LIPS, WET, TEETH, EYES = 0.75, 0.85, 0.55, 0.4, 0.3, 0.2
"""Perceptual roughness, as in glTF and UsdPreviewSurface: 0 is a mirror, 1 is matt."""


@lru_cache(maxsize=2)
def roughness_map(model: MorphableModel) -> RgbImage:
    """(256, 256, 3) uint8: roughness in 0..255 in the green channel, as in glTF; others 0."""
    prior, layout = surface_prior(model), texture_layout(model, ROUGHNESS_SIZE)
    rough = SKIN + prior.hair * (HAIR - SKIN) + prior.lip * (LIPS - SKIN)
    rough[mouth_parts(model)] = WET
    rough[model.region("teeth")] = TEETH
    rough[model.region("eyeballs")] = EYES
    channels = np.zeros((len(rough), 3), dtype=np.float32)
    channels[:, 1] = 255.0 * rough
    return layout.spread(layout.interpolation @ channels)
