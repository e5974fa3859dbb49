"""Alignment of a predicted face mesh with the true one, before their shapes are compared."""

import numpy as np
from scipy.spatial import cKDTree

from eval.scoring.alignment import fit_similarity
from eval.scoring.metrics import Float64s

SETTLED = 0.01  # squared pixels, as 2DASL's code has it
MOST_ITERATIONS = 200


def similarity_aligned(points: Float64s, truth: Float64s, *, fit_scale: bool) -> Float64s:
    """Corresponding points after one fit: scale by summed distances, then rotation and shift.

    Source: ``cp`` of SADRNet's and DSFNet's code: both sides' distances to their first point are
    summed, their ratio is the scale; then Kabsch. Unlike theirs, a reflection is excluded.

    Args:
        points: (K, 3) predicted, K >= 3.
        truth: (K, 3).
        fit_scale: False keeps the predicted scale.

    Returns:
        (K, 3) the predicted points moved onto the truth.

    Raises:
        ArrayError: the points do not determine a rotation.
    """
    scaled = points
    if fit_scale:
        spread, wanted = (np.linalg.norm(p - p[0], axis=1).sum() for p in (points, truth))
        scaled = points * (wanted / spread if spread > 0 else 1.0)
    return fit_similarity(scaled, truth, fit_scale=False).apply(scaled)


def icp_aligned(points: Float64s, truth: Float64s) -> tuple[Float64s, Float64s]:
    """Points after 2DASL's rotation-only ICP; both sides come back centred.

    Source: ``icp_process_xgtu.m``: both sides are centred on their means; each true point takes
    its nearest predicted one; the rotation that fits these pairs turns the predicted points;
    repeated until the mean squared distance changes by at most 0.01. The wrong sign of the last
    square in ``icp_process.m``'s R(3,3) is not copied: with it R is no rotation.

    Args:
        points: (K, 3) predicted pixels.
        truth: (K, 3) pixels.

    Returns:
        Two (K, 3): the predicted points and the true ones, in the same order as before.

    Raises:
        ArrayError: the points do not determine a rotation.
    """
    target = truth - truth.mean(axis=0)
    moved = points - points.mean(axis=0)
    before = 0.0
    for _ in range(MOST_ITERATIONS):
        distances, nearest = cKDTree(moved).query(target)
        moved = moved @ fit_similarity(moved[nearest], target, fit_scale=False).rotation.T
        moved = moved - moved.mean(axis=0)
        error = float((distances**2).mean())
        if abs(error - before) <= SETTLED:
            break
        before = error
    return moved, target
