"""Upper eyelids raised to where a photo shows them.

Fitted eyes open less than those on photos: 7.4 instead of 9.6 mm between the lids on 23 eyes
(`python -m tools.evaluate_eyes`). The upper lid's edge is located on the photo, above the iris, and
the head's `eyeWide` weights are increased to match.
"""

import numpy as np

from dasl.arrays import FloatArray
from dasl.head.morphable_model import MorphableModel
from dasl.texture.eyes import Eye, iris_positions_mm, seen_eyes
from dasl.texture.photo import PosedHead
from dasl.texture.tone import LUMA

_WIDE = {1: "eyeWideLeft", -1: "eyeWideRight"}
_WIDE_RAISES_MM = 5.2
"""Height by which a weight of 1 raises the upper lid's middle."""
_PROFILE_MM, _STEP_MM, _BESIDE_MM = (-4.0, 9.0), 0.25, 3.0
"""Range of heights from the fitted lid, and half width, of the brightness profile above an iris."""
_EDGES_MM, _DARK_MM, _BRIGHT_MM = (-2.0, 5.5), 1.5, 2.5
"""Range of edges; heights below one that show lashes or the iris, and above one that show skin."""
_USUAL_MM, _FAR_PENALTY, _LEAST_EDGE = 2.2, 0.04, 0.15
_LASHES_MM = 0.7
"""Height of the lashes' edge above that of the lid."""
_LARGEST_MM, _LEAST_OPEN_MM = 4.0, 3.0
"""Largest correction, and least height of a fitted opening that is corrected: closed eyes stay
closed."""


def raised_lids(model: MorphableModel, head: PosedHead, expression: FloatArray) -> FloatArray:
    """Expression weights with which the upper lids match the photo.

    Args:
        model: the head model.
        head: posed on its photo, with `expression`.
        expression: (1, E) weights.

    Returns:
        (1, E); a copy of the weights if the photo does not show the lids.
    """
    raised = expression.copy()
    eyes = seen_eyes(model, head)
    irises_mm = iris_positions_mm(eyes, head)
    if irises_mm is None:
        return raised
    found = [_lid_shift_mm(eye, head, irises_mm[side]) for side, eye in eyes.items()]
    known = [shift for shift in found if shift is not None]
    if not known:
        return raised
    weight = float(np.clip(np.mean(known), 0.0, _LARGEST_MM)) / _WIDE_RAISES_MM
    for side, eye in eyes.items():
        if eye.height_mm > _LEAST_OPEN_MM:
            column = model.expression_names.index(_WIDE[side])
            raised[0, column] = min(raised[0, column] + weight, 1.0)
    return raised


def _lid_shift_mm(eye: Eye, head: PosedHead, iris_mm: FloatArray) -> float | None:
    """Height of the photo's upper lid above the fitted one; None if no edge is visible."""
    across, up = eye.pixels_per_mm.T
    heights = np.arange(*_PROFILE_MM, _STEP_MM, dtype=np.float32)
    middle = eye.opening_centre + across * iris_mm[0]
    inside = eye.inset_at((middle + heights[:, None] * up).astype(np.float32)) > 0
    if not inside.any():
        return None
    lid = middle + up * heights[inside].max()
    beside = np.arange(-_BESIDE_MM, _BESIDE_MM + 0.1, 2 * _STEP_MM)
    points = lid + heights[:, None, None] * up + beside[:, None] * across
    colours = head.colours(points.reshape(-1, 2).astype(np.float32))
    profile = (colours @ LUMA).reshape(len(heights), -1).mean(axis=1)
    edges = np.arange(*_EDGES_MM, _STEP_MM, dtype=np.float32)
    contrast = _edges(heights, edges) @ profile / max(float(profile.mean()), 1.0)
    best = int((contrast - _FAR_PENALTY * (edges - _USUAL_MM) ** 2).argmax())
    return float(edges[best]) - _LASHES_MM if contrast[best] > _LEAST_EDGE else None


def _edges(heights: FloatArray, edges: FloatArray) -> FloatArray:
    """Weights (E, H) for how much brighter a profile is above each edge than below it."""
    from_edge = heights - edges[:, None]
    above = (from_edge > _STEP_MM / 2) & (from_edge <= _BRIGHT_MM)
    below = (from_edge < 0.0) & (from_edge >= -_DARK_MM)
    above, below = (part / part.sum(axis=1, keepdims=True) for part in (above, below))
    return np.asarray(above - below, dtype=np.float32)
