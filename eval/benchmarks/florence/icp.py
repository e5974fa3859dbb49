"""Rigid and similarity alignment by iterative closest points (ICP).

ICP converges to a local minimum, which need not be the right one (arXiv 2505.18025). It slides
along smooth surfaces, which understates the error, and may not converge from 30 degrees away.
Therefore report ICP started from landmarks, too.
"""

from dataclasses import dataclass

import numpy as np
from scipy.spatial import cKDTree
from scipy.spatial.transform import Rotation

from eval.errors import ArrayError
from eval.scoring.alignment import SimilarityTransform
from eval.scoring.metrics import Float64s, Floats, Ints

MOST_ROUNDS = 100
# ICP has converged when a round moves the points by less than this on average, in the target's
# unit (millimetres).
SETTLED = 0.01
# A round may change the scale by at most this factor: the linearisation holds for small steps.
LARGEST_GROWTH = 1.25


@dataclass(frozen=True, eq=False)
class IcpResult:
    """The result of ICP.

    Attributes:
        transform: source to target.
        rms: of the kept pairs' distances, in the target's unit.
        rounds: number of rounds run.
        settled: whether it converged before the last allowed round.
    """

    transform: SimilarityTransform
    rms: float
    rounds: int
    settled: bool


def icp(
    source: Floats,
    target: Floats,
    target_normals: Floats,
    *,
    start: SimilarityTransform,
    fit_scale: bool,
    overlap: float,
) -> IcpResult:
    """Iterative closest points: move the source onto the target.

    Source: Chen and Medioni, "Object modelling by registration of multiple range images" (IVC
    1992), point to plane, linearised; the trimming: Chetverikov et al., "The trimmed iterative
    closest point algorithm" (ICPR 2002). Point to point converges worse: on a synthetic head, 10
    degrees away and without its forehead, it stops 6 mm off, point to plane 0.1 mm.

    Each target point takes its nearest source point, because the target (the crop of a scan) must
    be covered. Parts of the source beyond it are ignored, and a fitted scale cannot collapse the
    source. If the source lacks a part of the target, use an overlap below 1.

    Args:
        source: (V, 3), such as a predicted mesh's vertices.
        target: (N, 3), such as a scan's cropped points; they define the result's unit and frame.
        target_normals: (N, 3) of length 1; points with an unknown normal, 0, are ignored.
        start: initial transform.
        fit_scale: whether scale is fitted in each round; else the scale of the start is kept.
        overlap: share of the pairs that is kept, the closest ones, in (0, 1].

    Raises:
        ArrayError: a wrong shape of points or normals.
        ValueError: overlap is out of range.
    """
    if not 0.0 < overlap <= 1.0:
        raise ValueError(f"overlap must be above 0 and at most 1, got {overlap}; 1 keeps all pairs")
    if any(p.ndim != 2 or p.shape[1] != 3 or not len(p) for p in (source, target)):
        raise ArrayError(
            f"source and target must be (V, 3) and (N, 3), got {source.shape} and {target.shape}"
        )
    if target_normals.shape != target.shape:
        raise ArrayError(f"normals must be {target.shape}, one a point, got {target_normals.shape}")
    tree, kept = cKDTree(source), max(1, round(overlap * len(target)))
    transform, settled, rounds = start, False, 0
    while rounds < MOST_ROUNDS and not settled:
        rounds += 1
        pairs, rows, _ = _closest_pairs(tree, target, transform, kept)
        ours = transform.apply(source[pairs])
        step = _plane_step(ours, target[rows], target_normals[rows], fit_scale=fit_scale)
        settled = bool(np.linalg.norm(step.apply(ours) - ours, axis=1).mean() < SETTLED)
        transform = _after(transform, step)
    _, _, distances = _closest_pairs(tree, target, transform, kept)
    rms = float(np.sqrt((distances**2).mean()))
    return IcpResult(transform, rms, rounds, settled)


def _plane_step(
    ours: Float64s, theirs: Floats, normals: Floats, *, fit_scale: bool
) -> SimilarityTransform:
    """The small motion that brings points onto the planes through `theirs`, by least squares.

    Unknowns: a rotation vector, a translation and, with `fit_scale`, a scale change about the
    centroid. Undetermined directions get the smallest motion.
    """
    middle = ours.mean(axis=0)
    around = ours - middle
    columns = [np.cross(around, normals), np.asarray(normals, dtype=np.float64)]
    if fit_scale:
        columns.append((around * normals).sum(axis=1, keepdims=True))
    gaps = ((theirs - ours) * normals).sum(axis=1)
    motion = np.linalg.lstsq(np.hstack(columns), gaps, rcond=None)[0]
    rotation = Rotation.from_rotvec(motion[:3]).as_matrix()
    growth = (
        float(np.clip(1.0 + motion[6], 1 / LARGEST_GROWTH, LARGEST_GROWTH)) if fit_scale else 1.0
    )
    return SimilarityTransform(growth, rotation, middle + motion[3:6] - growth * rotation @ middle)


def _after(first: SimilarityTransform, then: SimilarityTransform) -> SimilarityTransform:
    """One transform after another."""
    offset = then.apply(first.translation[None])[0]
    return SimilarityTransform(then.scale * first.scale, then.rotation @ first.rotation, offset)


def _closest_pairs(
    tree: cKDTree, target: Floats, transform: SimilarityTransform, kept: int
) -> tuple[Ints, Ints, Float64s]:
    """Rows of the source, rows of the target and distances of the closest pairs."""
    distances, nearest = tree.query(transform.undo(target))
    distances = distances * transform.scale
    rows = np.arange(len(target))
    if kept < len(target):
        rows = np.sort(np.argpartition(distances, kept - 1)[:kept])
    return nearest[rows], rows, distances[rows]
