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
# Points whose winding numbers are computed at a time; more do not fit into the cache.
AT_ONCE = 16


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


@dataclass(frozen=True)
class Laid:
    """A sheet on the vertices of one head, for any number of questions about points.

    Attributes:
        sheet: its triangles.
        corners: (T, 3, 3) where they lie.
        nearest: finds the sheet's vertices.
    """

    sheet: Sheet
    corners: Array
    nearest: cKDTree


def laid(vertices: Array, of: Sheet) -> Laid:
    """Puts a sheet on the vertices (V, 3) of a mesh."""
    return Laid(of, vertices[of.triangles], cKDTree(vertices[of.vertices]))


def depth(behind: Laid, points: Array) -> tuple[Array, Array]:
    """How deep points lie behind a sheet, and which way is out.

    Args:
        behind: what the points may not pass.
        points: (N, 3), same frame and unit.

    Returns:
        (N,) signed distance in that unit, positive behind the sheet; (N, 3) unit vectors, towards
        the sheet for points behind it, away from it for points in front.
    """
    of, corners = behind.sheet, behind.corners
    _, near = behind.nearest.query(points, k=min(NEAR_VERTICES, len(of.vertices)))
    tried = _each_once(of.around[near.reshape(len(points), -1)].reshape(len(points), -1))
    every = np.arange(len(points))
    repeated = np.repeat(points, tried.shape[1], axis=0)
    closest = trimesh.triangles.closest_point(corners[tried.ravel()], repeated)
    offset = (repeated - closest).reshape(*tried.shape, 3)
    distance = np.linalg.norm(offset, axis=2)
    nearest = distance.min(axis=1)
    used, place = np.unique(tried, return_inverse=True)
    normal = _normals(corners[used])[place.reshape(tried.shape)]
    height = (offset * normal).sum(axis=2)
    tied = distance <= nearest[:, None] * (1 + TIE) + TINY
    facing = np.where(tied, np.abs(height), -1.0).argmax(axis=1)
    offset, height = offset[every, facing], height[every, facing]
    outward = np.sign(height)[:, None] * offset / nearest.clip(TINY)[:, None]
    outward = np.where(nearest[:, None] > TINY, outward, normal[every, facing])
    side = np.where(height < 0, -1.0, 1.0)
    # Lips that fold over show their wrong side; the whole surface tells what is inside.
    behind_it = np.flatnonzero((side < 0) & (nearest > SURE * np.ptp(corners[:, 0, 1])))
    wrong = behind_it[winding_number(corners, points[behind_it]) < INSIDE]
    side[wrong], outward[wrong] = 1.0, -outward[wrong]
    return -side * nearest, outward


def _each_once(rows: Indices) -> Indices:
    """Each row of numbers (N, M) without repeats, filled up with its first: (N, longest row)."""
    rows = np.sort(rows, axis=1)
    place = np.cumsum(np.diff(rows, axis=1, prepend=rows[:, :1]) != 0, axis=1)
    once = np.repeat(rows[:, :1], place.max() + 1, axis=1)
    np.put_along_axis(once, place, rows, axis=1)
    return once


def _normals(corners: Array) -> Array:
    """Unit normals (T, 3) of triangles (T, 3, 3)."""
    normal = np.cross(corners[:, 1] - corners[:, 0], corners[:, 2] - corners[:, 0])
    return normal / np.linalg.norm(normal, axis=1, keepdims=True).clip(TINY)


def winding_number(corners: Array, points: Array) -> Array:
    """Winding number of a surface of triangles (T, 3, 3) at points (N, 3): 1 inside, 0 outside.

    Source: van Oosterom and Strackee 1983, solid angle of a triangle; Jacobson et al. 2013.
    """
    a, b, c = ends = np.ascontiguousarray(np.moveaxis(corners, 1, 0))
    area = np.cross(a, b) + np.cross(b, c) + np.cross(c, a)
    volume = (a * np.cross(b, c)).sum(axis=1)
    sides = [((first - second) ** 2).sum(axis=1) for first, second in ((a, b), (b, c), (c, a))]
    angle = np.zeros(len(points))
    for start in range(0, len(points), AT_ONCE):
        some = points[start : start + AT_ONCE]
        aa, bb, cc = (
            ((end**2).sum(axis=1) + (some**2).sum(axis=1)[:, None] - 2 * some @ end.T).clip(0.0)
            for end in ends
        )
        la, lb, lc = (np.sqrt(square) for square in (aa, bb, cc))
        ab, bc, ca = ((aa + bb - sides[0]) / 2, (bb + cc - sides[1]) / 2, (cc + aa - sides[2]) / 2)
        below = la * lb * lc + ab * lc + bc * la + ca * lb
        angle[start : start + AT_ONCE] = 2 * np.arctan2(volume - some @ area.T, below).sum(axis=1)
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
