"""Distance of points from a mesh: to its nearest vertex, or to its surface; points on a surface.

Publications measure the distance to the nearest vertex. It penalises coarse meshes, by up to half
an edge length. The distance to the surface does not, but needs the mesh's triangles.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.spatial import cKDTree

from eval.scoring.metrics import Float64s, Floats, Ints

# A point's nearest triangle is searched among those that meet at this many nearest vertices.
NEAR_VERTICES = 4
# Points per chunk; bounds the memory.
CHUNK = 4096
# Samples of a surface, and the margin around the query points' box, as a share of its longest side.
SPREAD_POINTS, BESIDE = 100_000, 0.1


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

    Only the triangles around the four nearest vertices are searched. This is exact on meshes of
    even triangles; the result is never below the true distance nor above that of the nearest
    vertex.

    Args:
        vertices: (V, 3).
        triangles: (T, 3), rows of `vertices` (see `eval.submissions.checks.check_triangles`); a
            vertex of no triangle counts as a point.
        points: (N, 3), in the same frame and unit.

    Returns:
        (N,) in that unit.
    """
    places = nearest_places(vertices, triangles, points)
    gaps = np.asarray(points, dtype=np.float64) - places.of(vertices)
    return np.asarray(np.linalg.norm(gaps, axis=1), dtype=np.float64)


@dataclass(frozen=True, eq=False)
class Places:
    """N points of a surface, each a weighted mean of three vertices.

    Attributes:
        corners: (N, 3) vertices.
        weights: (N, 3), each row adds up to 1.
    """

    corners: Ints
    weights: Float64s

    def of(self, vertices: Floats) -> Float64s:
        """(N, 3) the same surface points on another mesh (V, 3) of this topology."""
        return np.einsum("nc,ncd->nd", self.weights, np.asarray(vertices, np.float64)[self.corners])


def nearest_places(vertices: Floats, triangles: NDArray[np.integer], points: Floats) -> Places:
    """The surface point nearest to each point; the search is that of `surface_distances`.

    Args:
        vertices: (V, 3).
        triangles: (T, 3).
        points: (N, 3), in the same frame and unit.
    """
    # Imported here: it is slow to import, and the boards need no meshes.
    from trimesh.triangles import closest_point, points_to_barycentric

    corners = np.asarray(vertices, dtype=np.float64)
    table = _Incidence(triangles, len(vertices))
    count = min(NEAR_VERTICES, len(vertices))
    near_distances, near = cKDTree(corners).query(points, k=count)
    near, best = near.reshape(len(points), count), near_distances.reshape(len(points), count)[:, 0]
    places = Places(np.tile(near[:, :1], 3), np.tile([1.0, 0.0, 0.0], (len(points), 1)))
    for first in range(0, len(points), CHUNK):
        rows = slice(first, first + CHUNK)
        point, triangle = table.pairs(near[rows])
        ours = np.asarray(points[rows], dtype=np.float64)[point]
        closest = closest_point(corners[triangles[triangle]], ours)
        away = np.linalg.norm(closest - ours, axis=1)
        order = np.lexsort((away, point))
        first_of = order[np.unique(point[order], return_index=True)[1]]  # each point's nearest
        better = first_of[away[first_of] < best[rows][point[first_of]]]
        row = first + point[better]
        chosen = triangles[triangle[better]]
        with np.errstate(invalid="ignore", divide="ignore"):
            weights = points_to_barycentric(corners[chosen], closest[better])
        usable = np.isfinite(weights).all(axis=1)  # a triangle without area has no weights
        places.corners[row[usable]] = chosen[usable]
        places.weights[row[usable]] = weights[usable]
    return places


def surface_samples(
    vertices: Floats, triangles: NDArray[np.integer], count: int, *, seed: int = 0
) -> Float64s:
    """Points spread evenly over a surface, by area.

    Args:
        vertices: (V, 3).
        triangles: (T, 3).
        count: of points.
        seed: of the draw.

    Returns:
        (count, 3); (0, 3) if the surface has no area.
    """
    corners = np.asarray(vertices, dtype=np.float64)[triangles]
    sides = corners[:, 1] - corners[:, 0], corners[:, 2] - corners[:, 0]
    areas = np.linalg.norm(np.cross(*sides), axis=1)
    if not areas.sum() > 0:
        return np.empty((0, 3))
    generator = np.random.default_rng(seed)
    chosen = generator.choice(len(areas), size=count, p=areas / areas.sum())
    first, second = generator.random((2, count, 1))
    beyond = first + second > 1.0
    first, second = np.where(beyond, 1.0 - first, first), np.where(beyond, 1.0 - second, second)
    picked = corners[chosen]
    return picked[:, 0] + first * sides[0][chosen] + second * sides[1][chosen]


def spread_distances(vertices: Floats, triangles: NDArray[np.integer], points: Floats) -> Float64s:
    """Distance of each point from the nearest of many samples spread evenly over the surface.

    Samples follow the area, so many vertices on little surface do not lower the distance. On a
    mesh of even triangles it exceeds the surface's distance by at most the samples' spacing.

    Args:
        vertices: (V, 3).
        triangles: (T, 3).
        points: (N, 3), in the same frame and unit.

    Returns:
        (N,) in that unit; distances from the vertices if the surface has no area.
    """
    low, high = points.min(axis=0), points.max(axis=0)
    margin = BESIDE * float((high - low).max())
    close = ((vertices >= low - margin) & (vertices <= high + margin)).all(axis=1)
    near = triangles[close[triangles].any(axis=1)]
    samples = surface_samples(vertices, near if len(near) else triangles, SPREAD_POINTS)
    return vertex_distances(samples if len(samples) else vertices, points)


def without_loose_vertices(triangles: NDArray[np.integer]) -> tuple[Ints, Ints]:
    """Vertices that some triangle uses, and the triangles (T, 3) as indices into those.

    Example:
        >>> without_loose_vertices(np.array([[7, 2, 4]]))
        (array([2, 4, 7]), array([[2, 0, 1]]))
    """
    used, flat = np.unique(triangles, return_inverse=True)
    return used.astype(np.int64), flat.reshape(-1, 3).astype(np.int64)


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
