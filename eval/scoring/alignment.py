"""Rigid and similarity alignment of corresponding points."""

from dataclasses import dataclass

import numpy as np

from eval.errors import ArrayError
from eval.scoring.metrics import Float64s, Floats

# A fit needs at least this many corresponding points.
FEWEST_PAIRS = 3


@dataclass(frozen=True, eq=False)
class SimilarityTransform:
    """x -> scale * rotation @ x + translation.

    Attributes:
        scale: > 0; 1 if none was fitted.
        rotation: (3, 3), determinant +1; there is no reflection.
        translation: (3,).
    """

    scale: float
    rotation: Float64s
    translation: Float64s

    def apply(self, points: Floats) -> Float64s:
        """Move points (N, 3)."""
        moved = self.scale * (np.asarray(points, np.float64) @ self.rotation.T)
        return np.asarray(moved + self.translation, dtype=np.float64)

    def undo(self, points: Floats) -> Float64s:
        """The inverse of `apply`, for points (N, 3)."""
        back = (np.asarray(points, np.float64) - self.translation) @ self.rotation
        return np.asarray(back / self.scale, dtype=np.float64)


def shift(offset: Float64s) -> SimilarityTransform:
    """The translation by an offset (3,)."""
    return SimilarityTransform(1.0, np.eye(3), np.asarray(offset, dtype=np.float64))


def fit_similarity(source: Floats, target: Floats, *, fit_scale: bool) -> SimilarityTransform:
    """The least-squares transform of corresponding points.

    Source: Umeyama, "Least-squares estimation of transformation parameters between two point
    patterns" (PAMI 1991), equations 40 to 43; a reflection is excluded by the sign of the last
    singular value.

    Args:
        source: (N, 3), N >= 3, not all on one line.
        target: (N, 3).
        fit_scale: False keeps the scale at 1.

    Raises:
        ArrayError: the shapes differ, there are too few points, or the points do not determine a
            rotation: source points on a line, coinciding target points.

    Example:
        >>> points = np.array([[0.0, 0, 0], [1, 0, 0], [0, 1, 0]])
        >>> fit_similarity(points, 2 * points + 5, fit_scale=True).scale
        2.0
    """
    if source.shape != target.shape or source.ndim != 2 or source.shape[1] != 3:
        raise ArrayError(
            f"source and target must both be (N, 3), got {source.shape} and {target.shape}; pass "
            "corresponding points"
        )
    if len(source) < FEWEST_PAIRS:
        raise ArrayError(f"a fit needs at least {FEWEST_PAIRS} points, got {len(source)}; add some")
    ours, theirs = np.asarray(source, np.float64), np.asarray(target, np.float64)
    our_centre, their_centre = ours.mean(axis=0), theirs.mean(axis=0)
    ours, theirs = ours - our_centre, theirs - their_centre
    spread = np.linalg.svd(ours, compute_uv=False)
    if spread[1] <= 1e-9 * spread[0] or spread[0] == 0:
        raise ArrayError("source points lie on one line; add a point that does not")
    left, values, right = np.linalg.svd(theirs.T @ ours)
    signs = np.array([1.0, 1.0, np.sign(np.linalg.det(left) * np.linalg.det(right))])
    rotation = (left * signs) @ right
    scale = float((values * signs).sum() / (spread**2).sum()) if fit_scale else 1.0
    if scale <= 0:
        raise ArrayError("target points coincide or do not match the source; check their order")
    return SimilarityTransform(scale, rotation, their_centre - scale * rotation @ our_centre)
