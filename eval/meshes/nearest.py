"""Distance of scan points from a predicted mesh: to its nearest vertex, or to its surface.

A nearest vertex is what the literature measures. It charges a coarse mesh for its gaps: half the
length of an edge is error. The surface does not, and needs the mesh's triangles.
"""

import numpy as np
import trimesh
from numpy.typing import NDArray
from scipy.spatial import cKDTree

from eval.scoring.metrics import Float64s, Floats, Ints

# A point's nearest triangle is looked for among those that meet at this many nearest vertices.
NEAR_VERTICES = 4
# Points in one piece: bounds the memory.
CHUNK = 4096


def vertex_distances(vertices: Floats, points: Floats) -> Float64s:
    """Distance of each point from the nearest vertex.

    Args:
        vertices: (V, 3).
        points: (N, 3), in the same frame and unit.

    Returns:
        (N,) in that unit.

    Example:
        >>> vertex_distances(np.array([[0.0, 0, 0], [9, 0, 0]]), np.array([[3.0, 4, 0]]))
        array([5.])
    """
    distances, _ = cKDTree(vertices).query(points)
    return np.asarray(distances, dtype=np.float64)


def surface_distances(vertices: Floats, triangles: NDArray[np.integer], points: Floats) -> Float64s:
    """Distance of each point from the surface.

    Searched among the triangles around the four nearest vertices: exact on meshes of even
    triangles, and never below the true distance nor above that of the nearest vertex.

    Args:
        vertices: (V, 3).
        triangles: (T, 3), rows of `vertices` (see `eval.submissions.checks.check_triangles`); a
            vertex of no triangle counts as a point.
        points: (N, 3), in the same frame and unit.

    Returns:
        (N,) in that unit.
    """
    corners = np.asarray(vertices, dtype=np.float64)
    table = _Incidence(triangles, len(vertices))
    count = min(NEAR_VERTICES, len(vertices))
    near_distances, near = cKDTree(corners).query(points, k=count)
    near, best = near.reshape(len(points), count), near_distances.reshape(len(points), count)[:, 0]
    for first in range(0, len(points), CHUNK):
        rows = slice(first, first + CHUNK)
        point, triangle = table.pairs(near[rows])
        ours = np.asarray(points[rows], dtype=np.float64)[point]
        closest = trimesh.triangles.closest_point(corners[triangles[triangle]], ours)
        np.minimum.at(best[rows], point, np.linalg.norm(closest - ours, axis=1))
    return np.asarray(best, dtype=np.float64)


class _Incidence:
    """Which triangles meet at each vertex, in one flat list."""

    def __init__(self, triangles: NDArray[np.integer], vertex_count: int) -> None:
        flat = triangles.ravel()
        self._triangles = np.argsort(flat, kind="stable") // 3
        self._counts = np.bincount(flat, minlength=vertex_count)
        self._starts = np.cumsum(self._counts) - self._counts

    def pairs(self, near: Ints) -> tuple[Ints, Ints]:
        """Points and candidate triangles, for each point's near vertices (N, K)."""
        vertex = near.ravel()
        counts = self._counts[vertex]
        point = np.repeat(np.repeat(np.arange(len(near)), near.shape[1]), counts)
        within = np.arange(counts.sum()) - np.repeat(np.cumsum(counts) - counts, counts)
        return point, self._triangles[np.repeat(self._starts[vertex], counts) + within]
