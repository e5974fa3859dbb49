"""Moves a part out of all flesh within its cavity, by an affine motion.

The motion is an affine field, fitted iteratively by least squares to the displacement that each
point of the part needs, on several heads at once, with a small weight on not moving.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.spatial import cKDTree

from tools.head_model.passing import Sheet, depth, laid, sampled

Array = NDArray[np.float64]
Indices = NDArray[np.int64]

ROUNDS = 12
# Weight of a point without a collision; a colliding one has 1.
STAY = 0.02
# Ridge on the field's linear part, relative to the sum of weights; translation is preferred.
RIDGE = 1e-3


@dataclass(frozen=True)
class Part:
    """Teeth or tongue.

    Attributes:
        vertices: (P,) of the head.
        points: the points compared with the flesh, as from `passing.samples`.
    """

    vertices: Indices
    points: tuple[Indices, Array]


def part_of(triangles: Indices) -> Part:
    """The part made of some triangles (T, 3) of the head, compared at their corners."""
    vertices = np.unique(triangles)
    corners = np.repeat(vertices[:, None], 3, axis=1), np.tile([1.0, 0.0, 0.0], (len(vertices), 1))
    return Part(vertices, corners)


@dataclass(frozen=True)
class Field:
    """An affine displacement: offset + (point - centre) @ linear."""

    centre: Array
    offset: Array
    linear: Array

    def at(self, points: Array) -> Array:
        """Displacement of points (..., 3)."""
        return self.offset + (points - self.centre) @ self.linear


def fitted_field(points: Array, wanted: Array, weight: Array) -> Field:
    """Weighted least squares: points (N, 3), displacements (N, 3), weights (N,)."""
    share = weight / weight.sum()
    centre = share @ points
    offset = share @ wanted
    moved = points - centre
    size = share @ (moved**2).sum(axis=1)
    normal = moved.T @ (share[:, None] * moved) + RIDGE * size * np.eye(3)
    linear = np.linalg.solve(normal, moved.T @ (share[:, None] * (wanted - offset)))
    return Field(centre, offset, linear)


def make_room(heads: Sequence[Array], part: Part, flesh: Sheet, margin: float) -> Array:
    """One displacement of a part that removes its collisions with the flesh on all given heads.

    Args:
        heads: (V, 3) each, any unit.
        part: what is moved.
        flesh: outward surface that the part must stay before; the part is none of it.
        margin: distance to be kept, that unit.

    Returns:
        (P, 3) displacement of the part's vertices; 0 if there is no collision.
    """
    moved = [head.copy() for head in heads]
    around = [laid(head, flesh) for head in heads]
    for _ in range(ROUNDS):
        # Positions on the first head: one field for all heads.
        points = np.tile(sampled(moved[0], part.points), (len(moved), 1))
        pairs = [
            depth(hollow, sampled(head, part.points))
            for hollow, head in zip(around, moved, strict=True)
        ]
        lacking = np.concatenate([deep for deep, _ in pairs]) + margin
        outward = np.concatenate([out for _, out in pairs])
        if lacking.max() <= 0:
            break
        wanted = lacking.clip(0.0)[:, None] * outward
        field = fitted_field(points, wanted, np.where(lacking > 0, 1.0, STAY))
        step = field.at(moved[0][part.vertices])
        for head in moved:
            head[part.vertices] += step
    return moved[0][part.vertices] - heads[0][part.vertices]


def give_way(heads: Sequence[Array], part: Part, of: Sheet, other: Part, margin: float) -> Array:
    """Displacement backwards, (3,), that a part needs so that another does not penetrate it.

    Args:
        heads: (V, 3) each, z forward.
        part: the part that is moved; `of`: its closed surface.
        other: the part that stays.
        margin: distance to keep.
    """
    back = np.zeros(3)
    for _ in range(ROUNDS):
        deepest = -np.inf
        for head in heads:
            moved = head.copy()
            moved[part.vertices] += back
            deepest = max(deepest, depth(laid(moved, of), sampled(moved, other.points))[0].max())
        if deepest <= -margin:
            break
        back[2] -= deepest + margin
    return back


def flesh_around(vertices: Array, part: Part, flesh_vertices: Indices, count: int) -> Indices:
    """The vertices of the flesh nearest to a part: the union of `count` for each of its own."""
    _, near = cKDTree(vertices[flesh_vertices]).query(vertices[part.vertices], k=count)
    return flesh_vertices[np.unique(near)]


def carried(vertices: Array, part: Part, around: Indices, offsets: Array) -> Array:
    """Motion of a part in components that move the flesh around it: (K, P, 3).

    Args:
        vertices: (V, 3) mean.
        part: the part; it moves without bending.
        around: (A,) vertices that it follows.
        offsets: (K, V, 3) components.
    """
    even = np.ones(len(around))
    return np.stack(
        [
            fitted_field(vertices[around], offset[around], even).at(vertices[part.vertices])
            for offset in offsets
        ]
    )
