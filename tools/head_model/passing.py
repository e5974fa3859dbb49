"""Penetration depth of the parts inside a head into its flesh, and of one lip into the other.

The skin with the mouth's cavity and the eye sockets is one surface around the flesh, open only at
the neck. Teeth, tongue and eyeballs belong in its cavities. A part that pierces a lip is inside the
flesh there, so its depth shows the penetration.
"""

from dataclasses import dataclass

import numpy as np
import trimesh
from numpy.typing import NDArray
from scipy.spatial import cKDTree

Array = NDArray[np.float64]
Indices = NDArray[np.int64]

# Triangles tried for each point: those at its nearest vertices.
NEAR_VERTICES = 6
# If the distances of triangles at a common edge differ by less than this share, the triangle that
# faces the point determines its side.
TIE = 1e-5
TINY = 1e-30
# A point with a smaller winding number is outside; it is below 1 inside because the neck is open.
INSIDE = 0.5
# Closer to the surface than this share of its size, the nearest triangle decides.
SURE = 1e-4


@dataclass(frozen=True)
class Sheet:
    """Outward triangles of a mesh that points are compared with; the inside is behind them.

    Attributes:
        triangles: (T, 3) into the mesh's vertices.
        vertices: (S,) the vertices in use.
        around: (S, M) the triangles at each of them, repeated to fill the row.
    """

    triangles: Indices
    vertices: Indices
    around: Indices


def sheet(triangles: Indices) -> Sheet:
    """Prepare triangles (T, 3) for `depth`."""
    used, rows = np.unique(triangles, return_inverse=True)
    order = np.argsort(rows.ravel(), kind="stable")
    counts = np.bincount(rows.ravel())
    starts = np.cumsum(counts) - counts
    column = np.minimum(np.arange(counts.max()), counts[:, None] - 1)
    return Sheet(triangles, used, order[starts[:, None] + column] // 3)


def depth(vertices: Array, of: Sheet, points: Array) -> tuple[Array, Array]:
    """Depth of points behind a sheet, and the direction out.

    Args:
        vertices: (V, 3) of the mesh.
        of: the sheet that points must not pass.
        points: (N, 3), same frame and unit.

    Returns:
        (N,) signed distance in that unit, positive behind the sheet; (N, 3) unit vectors, towards
        the sheet for points behind it, away from it for points in front.
    """
    count = min(NEAR_VERTICES, len(of.vertices))
    _, near = cKDTree(vertices[of.vertices]).query(points, k=count)
    tried = of.around[near.reshape(len(points), -1)].reshape(len(points), -1)
    every = np.arange(len(points))
    repeated = np.repeat(points, tried.shape[1], axis=0)
    closest = trimesh.triangles.closest_point(vertices[of.triangles[tried.ravel()]], repeated)
    offset = (repeated - closest).reshape(*tried.shape, 3)
    distance = np.linalg.norm(offset, axis=2)
    nearest = distance.min(axis=1)
    corners = vertices[of.triangles]
    normal = np.cross(corners[:, 1] - corners[:, 0], corners[:, 2] - corners[:, 0])
    normal /= np.linalg.norm(normal, axis=1, keepdims=True).clip(TINY)
    height = (offset * normal[tried]).sum(axis=2)
    tied = distance <= nearest[:, None] * (1 + TIE) + TINY
    facing = np.where(tied, np.abs(height), -1.0).argmax(axis=1)
    triangle, offset = tried[every, facing], offset[every, facing]
    outward = np.sign(height[every, facing])[:, None] * offset / nearest.clip(TINY)[:, None]
    outward = np.where(nearest[:, None] > TINY, outward, normal[triangle])
    side = np.where(height[every, facing] < 0, -1.0, 1.0)
    # Folded lips show their wrong side; the winding number decides what is inside.
    behind = np.flatnonzero((side < 0) & (nearest > SURE * np.ptp(corners[:, 0, 1])))
    wrong = behind[winding_number(vertices[of.triangles], points[behind]) < INSIDE]
    side[wrong], outward[wrong] = 1.0, -outward[wrong]
    return -side * nearest, outward


def winding_number(corners: Array, points: Array) -> Array:
    """Winding number of a surface of triangles (T, 3, 3) at points (N, 3): 1 inside, 0 outside.

    Source: van Oosterom and Strackee 1983, solid angle of a triangle; Jacobson et al. 2013.
    """
    angle = np.zeros(len(points))
    for index, point in enumerate(points):
        a, b, c = np.moveaxis(corners - point, 1, 0)
        la, lb, lc = (np.sqrt((side**2).sum(axis=1)) for side in (a, b, c))
        numerator = (a * np.cross(b, c)).sum(axis=1)
        below = la * lb * lc + (a * b).sum(axis=1) * lc + (b * c).sum(axis=1) * la
        angle[index] = 2 * np.arctan2(numerator, below + (a * c).sum(axis=1) * lb).sum()
    return angle / (4 * np.pi)


def samples(triangles: Indices) -> tuple[Indices, Array]:
    """Points of a surface: corners, middles of edges and of triangles.

    Args:
        triangles: (T, 3).

    Returns:
        (N, 3) vertices and (3,)-rows of weights: a point is the weighted mean of its vertices.
    """
    edges = np.unique(np.sort(triangles[:, [0, 1, 1, 2, 2, 0]].reshape(-1, 2), axis=1), axis=0)
    corners = np.unique(triangles)
    vertices = np.concatenate(
        [np.stack([corners] * 3, axis=1), np.column_stack([edges, edges[:, 0]]), triangles]
    )
    weights = np.concatenate(
        [
            np.tile([1.0, 0.0, 0.0], (len(corners), 1)),
            np.tile([0.5, 0.5, 0.0], (len(edges), 1)),
            np.full((len(triangles), 3), 1 / 3),
        ]
    )
    return vertices, weights


def sampled(vertices: Array, points: tuple[Indices, Array]) -> Array:
    """Positions of the points of `samples`: (N, 3)."""
    return np.einsum("nk,nkc->nc", points[1], vertices[points[0]])
