"""Rigid and similarity alignment of nearest points (ICP).

ICP settles in the closest good place, which need not be the right one (arXiv 2505.18025): it slides
along smooth surfaces and flatters, and from 30 degrees away it may not find home. Start it from
landmarks, too, and look at both figures.
"""

from dataclasses import dataclass

import numpy as np
from scipy.spatial import cKDTree
from scipy.spatial.transform import Rotation

from eval.errors import ArrayError
from eval.scoring.alignment import SimilarityTransform
from eval.scoring.metrics import Float64s, Floats, Ints

MOST_ROUNDS = 100
# The alignment has settled when one more round moves the points by less than this on average,
# in the target's unit (millimetres).
SETTLED = 0.01
# One round may change a fitted scale by at most this factor: its equations hold for small steps.
LARGEST_GROWTH = 1.25


@dataclass(frozen=True, eq=False)
class IcpResult:
    """Where ICP ended.

    Attributes:
        transform: source to target.
        rms: of the kept pairs' distances, in the target's unit.
        rounds: that were run.
        settled: whether it stopped by itself.
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
    closest point algorithm" (ICPR 2002). Planes, because with points alone the vertices of one
    mesh catch between those of the other: on an invented head, 10 degrees away and without its
    forehead, point to point stops 6 mm off, this 0.1 mm.

    Each target point takes its nearest source point, because the target (the crop of a scan) is
    what must be covered: parts of the source beyond it have no say, and a fitted scale cannot
    shrink the source into one spot. Where the source lacks a part of the target, trim.

    Args:
        source: (V, 3), such as a predicted mesh's vertices.
        target: (N, 3), such as a scan's cropped points, in whose unit and frame the result is.
        target_normals: (N, 3) of length 1, or 0 where none is known: such a point has no say.
        start: first guess.
        fit_scale: whether scale is fitted in each round; else that of the start stays.
        overlap: share of the pairs that is kept, the closest ones, in (0, 1].

    Raises:
        ArrayError: not points.
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
    """The small motion that brings points onto the planes through theirs, least squares.

    Seven unknowns: a rotation vector and, if asked for, a growth about the points' middle, and a
    translation. Of motions that change nothing the smallest is taken.
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
