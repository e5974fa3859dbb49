"""How far to trust a reconstruction: what the two passes' disagreement says, without labels.

Confidence is exp(-disagreement / scale). The scale belongs to a network, since a better one agrees
more with itself: it is measured on validation faces so that a face of median disagreement has a
confidence of 0.8, and travels in the weights' config.
"""

import math
from collections.abc import Mapping
from typing import Any

import torch
from torch import Tensor

from dasl.errors import WeightsError

CONFIG_KEY = "confidence_scale"
DEFAULT_SCALE = 0.06
"""For weights that bring none: about that of the first embedded weights."""

_MEDIAN_CONFIDENCE = 0.8


def disagreement(first: Tensor, second: Tensor) -> Tensor:
    """Mean distance of two sets of landmarks over the size of the face.

    Args:
        first: (B, 68, 3) image or crop frame.
        second: (B, 68, 3); its box gives the size, sqrt(width * height).

    Returns:
        (B,) fractions.
    """
    planar = second[..., :2]
    sides = planar.amax(dim=1) - planar.amin(dim=1)
    size = sides.prod(dim=1).sqrt().clamp_min(1e-6)
    return (first[..., :2] - planar).norm(dim=-1).mean(dim=1) / size


def confidence_from_disagreement(fraction: Tensor, scale: float) -> Tensor:
    """(B,) disagreement to (B,) confidence in [0, 1]: 1 where the passes agree."""
    return torch.exp(-fraction / scale)


def scale_from_disagreements(fractions: Tensor) -> float:
    """The scale of a network whose passes disagree by (N,) `fractions` on validation faces."""
    return -float(fractions.median()) / math.log(_MEDIAN_CONFIDENCE)


def scale_of_weights(config: Mapping[str, Any]) -> float:
    """The scale that a weights folder's config holds, or the default.

    Raises:
        WeightsError: it holds something that is no positive number.
    """
    scale = config.get(CONFIG_KEY, DEFAULT_SCALE)
    if isinstance(scale, bool) or not isinstance(scale, int | float) or not 0 < scale < math.inf:
        raise WeightsError(f"{CONFIG_KEY} in config.json must be a positive number, got {scale!r}")
    return float(scale)
