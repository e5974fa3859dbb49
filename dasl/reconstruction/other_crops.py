"""Other crops of a face, for predictions to be checked or improved."""

import math

import numpy as np

from dasl.arrays import FloatArray, RgbImage
from dasl.geometry.crop import square_crop_from_landmarks

LEARNED_DEG = 45.0
"""Largest roll of a face in training, degrees; also the step to which crop rotations are
rounded."""

DOUBTFUL = (
    (0.75, (90.0, 180.0, 270.0)),
    (0.66, (45.0, 135.0, 225.0, 315.0)),
)
"""Confidence thresholds, each with crop rotations in degrees: faces below a threshold are predicted
again at these rotations. Of the validation faces, which are upright, one in eighteen is below the
first threshold and one in fifty below the second."""

REPEATED = 0.9
"""An answer on a rotated crop is repeated on a crop around its own landmarks. If the repetition's
confidence is below this share of the first one's, the first answer stays, with the lower
confidence: what is right finds itself again."""

MOVED_BELOW = 0.5
"""A face of a detector's box is predicted again from `MOVED` crops if its confidence is lower."""

MOVED_BELIEVED = 0.3
"""Least confidence of an answer from a moved crop. Both were chosen on validation faces beyond 60
degrees with poor boxes (`tools.evaluate_boxes --half 0 --from-yaw 60`)."""

MOVED = (
    *((-0.2, 0.0, 1.0), (0.2, 0.0, 1.0), (0.0, -0.2, 1.0), (0.0, 0.2, 1.0)),
    *((0.0, 0.0, 0.75), (0.0, 0.0, 1.33)),
)
"""Crops beside a rough one: shift right and down as a share of its side, and zoom. A rough crop
that is far off makes a profile lose its face: `python -m tools.evaluate_boxes`."""


def in_steps(roll_rad: FloatArray) -> FloatArray:
    """Angles (B,) in radians, rounded to multiples of `LEARNED_DEG`."""
    step = math.radians(LEARNED_DEG)
    turns: FloatArray = np.rint(roll_rad / step) * step
    return turns


def moved_crops(crop: np.ndarray) -> list[np.ndarray]:
    """The `MOVED` neighbours of a square crop (4,), photo pixels."""
    middle, side = (crop[:2] + crop[2:]) / 2, float(crop[2] - crop[0])
    crops = []
    for right, down, zoom in MOVED:
        centre, half = middle + np.array([right, down]) * side, zoom * side / 2
        crops.append(np.concatenate([centre - half, centre + half]))
    return crops


def crop_of_turned(points_image: FloatArray, turn_rad: float) -> np.ndarray | None:
    """(4,) square around (68, 2) landmarks as it is once they are turned upright, or None."""
    if not np.isfinite(points_image).all():
        return None
    cos, sin = math.cos(turn_rad), math.sin(turn_rad)
    back = np.array([[cos, sin], [-sin, cos]])
    upright = square_crop_from_landmarks((points_image + 0.5) @ back.T - 0.5)
    centre = (upright[:2] + upright[2:]) / 2 @ back
    half = (upright[2:] - upright[:2]) / 2
    return np.concatenate([centre - half, centre + half])


def overlaps(crop: np.ndarray, photo: RgbImage) -> bool:
    """Whether the centre of a crop lies on the photo."""
    middle = (crop[:2] + crop[2:]) / 2
    return bool((middle > 0).all() and (middle < photo.shape[1::-1]).all())
