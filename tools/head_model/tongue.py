"""The tongue: behind the teeth at rest, between them and over the lower lip in `tongueOut`."""

from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray
from scipy.interpolate import PchipInterpolator

if TYPE_CHECKING:
    from tools.head_model.mouth import Mouth
    from tools.head_model.room import Part

Array = NDArray[np.float64]

# Shares of the height of the lower front teeth: the tip lies this far behind them, and the
# tongue's back rises this far above their edge.
BEHIND_TEETH, ABOVE_TEETH = 0.25, 0.2
FLATTER = 0.8
NARROWER = 0.86
# `tongueOut` opens the jaw by this share. The tongue fills this share of the gap, extends beyond
# the lower lip by this share of the mouth's width, and droops by this share.
JAW_SHARE = 0.45
FILLED = 0.5
REACH, DROOP = 0.33, 0.3
# Width of the extended tongue relative to that at rest, from root (0) to tip (1).
WIDTH_OUT = ((0.0, 1.0), (0.4, 1.0), (0.7, 0.85), (0.9, 1.1), (0.97, 1.0), (1.0, 0.7))
# An exponent below 1 spreads the crowded vertices of the tip.
TIP_SPREAD = 0.85
LOWER_LIP = 57  # its outer middle, of the 68


def place_tongue(mean: Array, tongue: "Part", lower: "Part") -> None:
    """Flatten the tongue and move it behind the lower teeth; modifies `mean` (V, 3)."""
    points, teeth = mean[tongue.vertices], mean[lower.vertices]
    front = teeth[teeth[:, 2] > teeth[:, 2].max() - 0.2 * np.ptp(teeth[:, 2])]
    height = np.ptp(front[:, 1])
    top = points[:, 1].max()
    points[:, 0] *= NARROWER
    points[:, 1] = front[:, 1].max() + ABOVE_TEETH * height + FLATTER * (points[:, 1] - top)
    points[:, 2] += front[:, 2].min() - BEHIND_TEETH * height - points[:, 2].max()
    mean[tongue.vertices] = points


def tongue_out(
    mean: Array, mouth: "Mouth", jaw_open: Array, landmarks: Array, width: float
) -> Array:
    """ARKit's `tongueOut`: the jaw opens a little and the tongue comes out over the lower lip.

    Args:
        mean: (V, 3) with teeth and tongue in place.
        mouth: the parts.
        jaw_open: (V, 3) the unit `jawOpen`.
        landmarks: (68, 3) on the mean head at rest.
        width: of the mouth, the unit of all lengths.

    Returns:
        (V, 3) offsets.
    """
    unit = JAW_SHARE * jaw_open
    opened = mean + unit
    points = mean[mouth.tongue.vertices]
    along = (points[:, 2] - points[:, 2].min()) / np.ptp(points[:, 2])
    line = np.polynomial.Polynomial.fit(along, points[:, 1], 3)
    # Knots of the path: root, behind the teeth, between them, on the lip, tip.
    knots, path, gap = _way(opened, mouth, landmarks, width, points, line)
    z, y = PchipInterpolator(knots, path)(1 - (1 - along) ** TIP_SPREAD).T
    height = points[:, 1] - line(along)
    thickness = np.abs(height[along > 0.5]).max()
    thin = np.interp(along, [0.0, 0.45, 0.6, 1.0], [1.0, 1.0, *[FILLED * gap / 2 / thickness] * 2])
    narrow = np.interp(along, *zip(*WIDTH_OUT, strict=True))
    moved = np.stack([points[:, 0] * narrow, y + height * thin, z], axis=1)
    unit[mouth.tongue.vertices] = moved - points
    return unit


def _way(
    opened: Array,
    mouth: "Mouth",
    landmarks: Array,
    width: float,
    points: Array,
    line: np.polynomial.Polynomial,
) -> tuple[Array, Array, float]:
    """Path of the extended tongue's centre line: shares (K,), z and y (K, 2), the gap."""
    upper, lower = opened[mouth.upper.vertices], opened[mouth.lower.vertices]
    upper_edge = upper[upper[:, 2] > upper[:, 2].max() - 0.2 * np.ptp(upper[:, 2]), 1].min()
    lower_edge = lower[lower[:, 2] > lower[:, 2].max() - 0.2 * np.ptp(lower[:, 2]), 1].max()
    gap = float(upper_edge - lower_edge)
    between = lower_edge + FILLED * gap / 2 + 0.1 * gap
    teeth_z = float(lower[:, 2].max())
    lip_z = float(landmarks[LOWER_LIP, 2])
    start_z = float(points[:, 2].min())
    path = np.array(
        [
            [start_z, line(0.0)],
            [start_z + 0.5 * (teeth_z - start_z), line(0.4)],
            [teeth_z, between],
            [lip_z, between],
            [lip_z + REACH / 2 * width, between - DROOP / 4 * width],
            [lip_z + REACH * width, between - DROOP * width],
        ]
    )
    lengths = np.concatenate([[0.0], np.cumsum(np.linalg.norm(np.diff(path, axis=0), axis=1))])
    return lengths / lengths[-1], path, gap
