"""Head pose errors under the rules that papers and their code use. Angles are in degrees."""

import numpy as np

from eval.bfm.model import rotation
from eval.errors import SubmissionError
from eval.scoring.metrics import Float64s

FROM_POSE_PARA = [1, 0, 2]  # Pose_Para: pitch, yaw, roll
DIFFERENCES = ("wrapped", "plain", "6drepnet")
FRAMES = ("given", "opal")
MOST_STEPS, SMALLEST_STEP = 1000, 1e-4  # of the mean rotation, radians


def angle_errors(predicted: Float64s, truth: Float64s, rule: str = "wrapped") -> Float64s:
    """Absolute difference of angles.

    Sources: "plain" is the rule of FSA-Net's, SynergyNet's and DSFNet's code. "6drepnet" is that
    of 6DRepNet, which tolerates half turns: the smallest of five differences, with 0, +-180 and
    +-360 degrees added. "wrapped" takes the shorter way around the circle.

    Args:
        predicted: degrees, any shape; NaN stays NaN.
        truth: degrees, the same shape.
        rule: one of ``DIFFERENCES``.

    Returns:
        In [0, 180] where wrapped.

    Example:
        >>> angle_errors(np.array([10.0, 179.0]), np.array([-351.0, -179.0]))
        array([1., 2.])
    """
    gaps = np.asarray(predicted - truth, dtype=np.float64)
    if rule == "plain":
        return np.abs(gaps)
    if rule == "6drepnet":
        turned = [np.abs(gaps + turn) for turn in (0.0, 360.0, -360.0, 180.0, -180.0)]
        return np.asarray(np.min(turned, axis=0), dtype=np.float64)
    return np.abs((gaps + 180.0) % 360.0 - 180.0)


def geodesic_errors(predicted: Float64s, truth: Float64s) -> Float64s:
    """Geodesic distance of two rotations; unlike Euler angles it has no gimbal lock.

    Args:
        predicted: (N, 3) yaw, pitch, roll, degrees; NaN stays NaN.
        truth: the same.

    Returns:
        (N,) degrees in [0, 180].
    """
    ours, theirs = (rotation(np.radians(a[:, FROM_POSE_PARA])) for a in (predicted, truth))
    # From the chord: the arccos of the trace is imprecise near 0.
    chord = np.linalg.norm(ours - theirs, axis=(1, 2)) / np.sqrt(8.0)
    return np.degrees(2.0 * np.arcsin(np.clip(chord, 0.0, 1.0)))


def opal_errors(predicted: Float64s, truth: Float64s) -> tuple[Float64s, Float64s]:
    """Errors after the mean rotation from truth to prediction is removed.

    Source: OPAL's evaluator (arXiv 2401.05807); the reason is that data sets define the head's
    frame differently. The mean of R_predicted R_truth^T over the faces within 90 degrees of their
    truth is found by steps along the mean rotation vector. Its inverse is applied to every
    prediction. Of a rotation's two Euler triples the one nearer to the truth is used.

    Args:
        predicted: (N, 3) yaw, pitch, roll, degrees; failed rows NaN.
        truth: the same.

    Returns:
        (N, 3) errors of the angles and (N,) angles between the rotations, degrees.

    Raises:
        SubmissionError: no face is within 90 degrees of its truth.
    """
    # Imported here because it takes half a second, and the other rules do not need it.
    from scipy.spatial.transform import Rotation

    known = np.isfinite(predicted).all(axis=1)
    ours, theirs = (
        Rotation.from_matrix(rotation(np.radians(a[known][:, FROM_POSE_PARA])))
        for a in (predicted, truth)
    )
    deltas = ours * theirs.inv()
    near = deltas[deltas.magnitude() < np.pi / 2]
    if not len(near):
        raise SubmissionError(
            "no predicted pose is within 90 degrees of its truth, so there is no mean "
            "rotation; score with --frames given"
        )
    mean = near[0]
    for _ in range(MOST_STEPS):
        step = (mean.inv() * near).as_rotvec().mean(axis=0)
        if np.linalg.norm(step) < SMALLEST_STEP:
            break
        mean = mean * Rotation.from_rotvec(step)
    aligned = mean.inv() * ours
    # Rx, Ry and Rz turn in the opposite sense to SciPy's.
    angles, true = (-r.as_euler("XYZ", degrees=True)[:, FROM_POSE_PARA] for r in (aligned, theirs))
    first, second = (
        _around(angle_errors(a, true, "plain")) for a in (angles, _other_triple(angles))
    )
    errors, turns = np.full(predicted.shape, np.nan), np.full(len(predicted), np.nan)
    is_second = second.mean(axis=1) < first.mean(axis=1)
    errors[known] = np.where(is_second[:, None], second, first)
    turns[known] = np.degrees((aligned * theirs.inv()).magnitude())
    return errors, turns


def _other_triple(angles: Float64s) -> Float64s:
    """(N, 3) the other yaw, pitch, roll of the same rotations, degrees."""
    yaw, pitch, roll = angles.T
    return np.stack([180.0 - yaw, pitch + 180.0, roll + 180.0], axis=1)


def _around(gaps: Float64s) -> Float64s:
    """Absolute differences of any size, wrapped to [0, 180]."""
    return np.abs((gaps + 180.0) % 360.0 - 180.0)
