"""Head pose from 68 predicted points: the rotation that aligns a mean face with them."""

import numpy as np

from eval.bfm.model import yaw_pitch_roll_deg
from eval.errors import SubmissionError
from eval.scoring.alignment import fit_similarity
from eval.scoring.metrics import Float64s, Floats
from eval.untrusted.text import listed

POSE_FACT = (
    "similarity fit of the face model's mean 68 points in 3D; the published points themselves "
    "come out 1.04 degrees off Pose_Para (yaw 0.49, pitch 1.66, roll 0.97), as people and "
    "expressions differ from the mean; a yaw beyond 90 degrees comes back within"
)


def pose_from_landmarks(ids: tuple[str, ...], landmarks: Float64s, mean68: Floats) -> Float64s:
    """Angles of the rotation between a mean face and each face's points.

    Args:
        ids: N names, for messages.
        landmarks: (N, 68, 3) published frame: y down, z towards the viewer; failed faces NaN.
        mean68: (68, 3) of a face model, y up, z out of the face, any unit.

    Returns:
        (N, 3) yaw, pitch, roll, degrees, in ``Pose_Para``'s convention; NaN for failed faces.

    Raises:
        SubmissionError: a face has no depth, so its 3D rotation is undetermined.
    """
    rows = np.flatnonzero(np.isfinite(landmarks).all(axis=(1, 2)))
    flat = [ids[row] for row in rows if np.ptp(landmarks[row, :, 2]) == 0.0]
    if flat:
        raise SubmissionError(
            f"{len(flat):,} faces have the same z everywhere ({listed(flat)}), wanted points in "
            "3D for --pose; leave --pose out, or give pose_deg yourself"
        )
    upright = landmarks[rows] * [1.0, -1.0, 1.0]
    turned = np.full((len(ids), 3, 3), np.nan)
    for row, points in zip(rows, upright, strict=True):
        turned[row] = fit_similarity(mean68, points, fit_scale=True).rotation
    return yaw_pitch_roll_deg(turned)
