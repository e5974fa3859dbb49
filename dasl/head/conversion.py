"""A head as coefficients of another linear model, by a fit of that model to the head's surface.

Minimises, over a similarity (s, R, t) and coefficients c of the other model,

    sum_i w_i (n_i . (s R m_i(c) + t - q_i))^2 + sum_l |s R m_l(c) + t - p_l|^2 + prior(c)

where q_i is the head's point nearest to the other model's vertex i, n_i the normal there, and p_l
the landmarks if the other model's files name theirs. Gauss-Newton, with nearest points found anew
in each step (non-rigid ICP in coefficients). Identity is fitted to the head at rest, expression
then to the head as it is.
"""

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray
from scipy.spatial import cKDTree
from scipy.spatial.transform import Rotation

from dasl.arrays import FloatArray
from dasl.head.mesh import vertex_normals
from dasl.head.morphable_model import MorphableModel
from dasl.head.other_models import Floats, OtherModel
from dasl.head.surface import FACE_RADIUS_M

STEPS = 30
POINT_SIGMA_M = 1e-3
"""Standard deviation of a surface distance that balances it with the prior, metres."""
LANDMARK_SIGMA_M = 4e-3
FIRST_GATE_M, LAST_GATE_M = 0.02, 0.004
"""Pairs further apart are left out; the gate narrows from step to step."""
MOST_POINTS = 3000
POSE_COLUMNS = 7
NOSE_BRIDGE, NOSE_BASE = 27, 33


@dataclass(frozen=True, eq=False)
class Similarity3:
    """x in the other model's frame to scale * rotation @ x + shift in ours, metres."""

    scale: float
    rotation: Floats
    shift: Floats

    def __call__(self, points: Floats) -> Floats:
        """(..., 3) to (..., 3)."""
        return np.asarray(self.scale * points @ self.rotation.T + self.shift)


@dataclass(frozen=True, eq=False)
class Converted:
    """A head in another model.

    Attributes:
        identity: (K,); expression: (E,), in the other model's unit.
        placed: other model's frame to ours.
        vertices: (N, 3) float32 of the other topology, our model frame, metres.
        residual_mm: distances of our face from the other model's nearest vertices, along our
            normals: median and 95th percentile.
    """

    identity: Floats
    expression: Floats
    placed: Similarity3
    vertices: FloatArray
    residual_mm: tuple[float, float]


@dataclass(frozen=True, eq=False)
class _Target:
    """Our head: points of its outer surface with normals, and landmarks."""

    points: Floats
    normals: Floats
    tree: cKDTree
    landmarks: Floats


def convert_head(
    model: MorphableModel, identity: FloatArray, expression: FloatArray, other: OtherModel
) -> Converted:
    """The coefficients of another model that come closest to a head.

    Args:
        model: ours.
        identity: (K,) of our model.
        expression: (E,) of our model.
        other: to be fitted. Coefficients in standard deviations have a prior of 1; others one that
            only keeps what the surface does not show at 0.
    """
    rest, shown = (
        _target(model, model.vertices(identity[None], weights[None])[0])
        for weights in (np.zeros_like(expression), expression)
    )
    none = np.zeros(len(other.expression_basis))
    placed = _start(other, rest)
    of_identity, placed = _fitted(other, other.mean, other.identity_basis, placed, rest)
    neutral = other.vertices(of_identity, none)
    of_expression, placed = _fitted(other, neutral, other.expression_basis, placed, shown)
    vertices = placed(other.vertices(of_identity, of_expression))
    return Converted(
        of_identity,
        of_expression,
        placed,
        vertices.astype(np.float32),
        _residual_mm(vertices, shown),
    )


def _target(model: MorphableModel, vertices: FloatArray) -> _Target:
    """The subdivided skin."""
    columns = np.repeat(model.region("skin")[:, None], 3, axis=1).astype(np.float32)
    is_skin = model.subdivide(columns)[:, 0] > 0.99
    dense = model.subdivide(vertices)
    normals = vertex_normals(dense, model.dense_triangles)[is_skin].astype(np.float64)
    points = dense[is_skin].astype(np.float64)
    landmarks = model.landmarks68_of(vertices).astype(np.float64)
    return _Target(points, normals, cKDTree(points), landmarks)


def _start(other: OtherModel, target: _Target) -> Similarity3:
    """By the landmarks if the files name them, else nose tip on nose tip."""
    if other.landmarks68 is None:
        tip_other, tip = (points[points[:, 2].argmax()] for points in (other.mean, target.points))
        return Similarity3(1.0, np.eye(3), tip - tip_other)
    ours, theirs = target.landmarks, other.mean[other.landmarks68]
    centred, wanted = theirs - theirs.mean(axis=0), ours - ours.mean(axis=0)
    rotation, _ = Rotation.align_vectors(wanted, centred)
    matrix = rotation.as_matrix()
    scale = float((wanted * (centred @ matrix.T)).sum() / (centred**2).sum())
    return Similarity3(scale, matrix, ours.mean(axis=0) - scale * matrix @ theirs.mean(axis=0))


def _fitted(
    other: OtherModel, base: Floats, basis: Floats, placed: Similarity3, target: _Target
) -> tuple[Floats, Similarity3]:
    """Coefficients of one basis, and the similarity, from a start."""
    coefficients = np.zeros(len(basis))
    prior = _prior(other, basis)
    for step in range(STEPS):
        share = step / (STEPS - 1)
        gate = FIRST_GATE_M ** (1 - share) * LAST_GATE_M**share
        points = base + np.tensordot(coefficients, basis, axes=1)
        rows = _face_rows(placed(points), target)
        away, normals = _to_surface(placed(points[rows]), target)
        near = np.abs(away) < gate
        rows, away, normals = rows[near], away[near] / POINT_SIGMA_M, normals[near]
        normals = normals * (1.0 / POINT_SIGMA_M)
        jacobian = np.einsum("nd,ndq->nq", normals, _derivative(points, basis, placed, rows))
        normal, gradient = jacobian.T @ jacobian, jacobian.T @ away
        if other.landmarks68 is not None:
            at = other.landmarks68
            gap = (placed(points[at]) - target.landmarks).ravel() / LANDMARK_SIGMA_M
            of_points = _derivative(points, basis, placed, at).reshape(len(gap), -1)
            of_points = of_points / LANDMARK_SIGMA_M
            normal, gradient = normal + of_points.T @ of_points, gradient + of_points.T @ gap
        # The pose's own units are radians, a ratio and metres: a little damping of each.
        damping = np.concatenate([np.full(4, 1.0), np.full(3, 1.0), prior])
        gradient[POSE_COLUMNS:] += prior * coefficients
        change = -np.linalg.solve(normal + np.diag(damping), gradient)
        coefficients = coefficients + change[POSE_COLUMNS:]
        placed = _moved(placed, change[:POSE_COLUMNS])
    return coefficients, placed


def _prior(other: OtherModel, basis: Floats) -> Floats:
    """(C,) inverse variance of each coefficient."""
    if other.coefficient_unit == "standard deviations":
        return np.ones(len(basis))
    # One tenth of a surface distance's weight for the mean displacement of all vertices.
    return 0.1 * (basis**2).sum(axis=(1, 2)) / basis.shape[1] / POINT_SIGMA_M**2 + 1e-12


def _face_rows(points: Floats, target: _Target) -> NDArray[np.int64]:
    """At most `MOST_POINTS` vertices around the nose's bridge, on the outer surface or near it."""
    nose = target.landmarks[[NOSE_BRIDGE, NOSE_BASE]].mean(axis=0)
    rows = np.flatnonzero(np.linalg.norm(points - nose, axis=1) < FACE_RADIUS_M)
    return rows[:: max(1, -(-len(rows) // MOST_POINTS))]


def _to_surface(points: Floats, target: _Target) -> tuple[Floats, Floats]:
    """Signed distance of each point along the normal at our nearest point, and that normal.

    Points whose nearest is far aside, as of eyes and mouth inside, get their whole distance.
    """
    away, nearest = target.tree.query(points)
    normals = target.normals[nearest]
    signed = ((points - target.points[nearest]) * normals).sum(axis=1)
    return np.where(away > 2 * np.abs(signed) + LAST_GATE_M, away, signed), normals


def _residual_mm(vertices: Floats, target: _Target) -> tuple[float, float]:
    rows = _face_rows(target.points, target)
    gaps = vertices[cKDTree(vertices).query(target.points[rows])[1]] - target.points[rows]
    distances = 1000.0 * np.abs((gaps * target.normals[rows]).sum(axis=1))
    return float(np.median(distances)), float(np.percentile(distances, 95))


def _derivative(
    points: Floats, basis: Floats, placed: Similarity3, rows: NDArray[np.int64]
) -> Floats:
    """Of placed points by turn (3), log scale, shift (3) and coefficients: (n, 3, 7 + C)."""
    arm = placed(points[rows]) - placed.shift
    zero = np.zeros(len(arm))
    x, y, z = arm.T
    about = np.stack(
        [
            np.stack([zero, -z, y], axis=1),
            np.stack([z, zero, -x], axis=1),
            np.stack([-y, x, zero], axis=1),
        ],
        axis=2,
    )
    shift = np.broadcast_to(np.eye(3), (len(arm), 3, 3))
    of_basis = placed.scale * np.einsum("de,cne->ndc", placed.rotation, basis[:, rows])
    return np.concatenate([about, arm[..., None], shift, of_basis], axis=2)


def _moved(placed: Similarity3, change: Floats) -> Similarity3:
    """Turn and scale about the origin of the placed model, then the shift."""
    turn = Rotation.from_rotvec(change[:3]).as_matrix()
    return replace(
        placed,
        scale=placed.scale * float(np.exp(change[3])),
        rotation=turn @ placed.rotation,
        shift=placed.shift + change[4:],
    )
