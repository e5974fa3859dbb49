"""Orthographic ray casting of triangle meshes on the CPU: the only renderer of the project.

It needs neither OpenGL nor a GPU. It uses Embree (PyPI `embreex`). Without its compiled wheel, a
slower search in NumPy and SciPy gives the same result. (trimesh's own ray casting would need
another compiled wheel, rtree.)
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from eval.meshes.barycentric import barycentric

# Rays start this many pixels in front of the nearest vertex.
RAY_MARGIN_PX = 1.0
# Barycentric weights above minus this count as inside a triangle, so that no ray passes between
# two triangles at their common edge.
EDGE_TOLERANCE = 1e-6


@dataclass(frozen=True)
class RayHits:
    """The first hit of each of N rays.

    Attributes:
        triangle: (N,) int64, index of the triangle, -1 without a hit.
        barycentric: (N, 3) float32, weights of the triangle's corners, 0 without a hit.
        depth: (N,) float32, z of the hit point in pixels, NaN without a hit.
    """

    triangle: NDArray[np.int64]
    barycentric: NDArray[np.float32]
    depth: NDArray[np.float32]

    @property
    def hit(self) -> NDArray[np.bool_]:
        """(N,) bool, whether the ray hits the mesh."""
        return self.triangle >= 0


def cast_along_z(
    vertices_image: NDArray[np.floating],
    triangles: NDArray[np.integer],
    points_image: NDArray[np.floating],
) -> RayHits:
    """Cast rays along -z at the given pixel positions.

    Convention: image frame, z towards the viewer; both sides of a triangle count.

    Args:
        vertices_image: (V, 3) float, pixels.
        triangles: (T, 3) int.
        points_image: (N, 2) float, x and y of each ray, pixels.

    Returns:
        The first hit of each ray.
    """
    triangle = first_triangles(vertices_image, triangles, points_image)
    corners = np.asarray(vertices_image, dtype=np.float32)[triangles]
    return _hits_from_triangles(triangle, corners, np.asarray(points_image, dtype=np.float32))


def first_triangles(
    vertices_image: NDArray[np.floating],
    triangles: NDArray[np.integer],
    points_image: NDArray[np.floating],
) -> NDArray[np.int64]:
    """As `cast_along_z`, but only the index of each triangle: (N,), -1 without a hit."""
    if not len(triangles) or not len(points_image):
        return np.full(len(points_image), -1, dtype=np.int64)
    vertices = np.ascontiguousarray(vertices_image, dtype=np.float32)
    origins = np.empty((len(points_image), 3), dtype=np.float32)
    origins[:, :2] = points_image
    origins[:, 2] = float(vertices[triangles.ravel(), 2].max()) + RAY_MARGIN_PX
    directions = np.zeros_like(origins)
    directions[:, 2] = -1.0
    # Embree takes half a microsecond for each triangle: leave out those that no ray can hit.
    kept = np.flatnonzero(_near(vertices, triangles, origins))
    is_used = np.zeros(len(vertices), dtype=bool)
    is_used[triangles[kept]] = True
    number = np.cumsum(is_used) - 1
    first = _first_triangles(vertices[is_used], number[triangles[kept]], origins, directions)
    return np.append(kept, -1)[first]


def _near(
    vertices: NDArray[np.float32], triangles: NDArray[np.integer], origins: NDArray[np.float32]
) -> NDArray[np.bool_]:
    """(T,) whether a triangle touches the bounding box of the rays."""
    near = np.ones(len(triangles), dtype=bool)
    for axis in (0, 1):
        first, second, third = vertices[:, axis][triangles.T]
        low, high = origins[:, axis].min(), origins[:, axis].max()
        near &= ~(np.maximum(np.maximum(first, second), third) < low)
        near &= ~(np.minimum(np.minimum(first, second), third) > high)
    return near


def pixel_grid(width: int, height: int) -> NDArray[np.float32]:
    """Pixel centres of an image, row by row: (height * width, 2) float32, x and y."""
    rows, columns = np.mgrid[0:height, 0:width]
    return np.stack([columns.ravel(), rows.ravel()], axis=1).astype(np.float32)


def _first_triangles(
    vertices: NDArray[np.float32],
    triangles: NDArray[np.integer],
    origins: NDArray[np.float32],
    directions: NDArray[np.float32],
) -> NDArray[np.int64]:
    try:
        from embreex import rtcore_scene
        from embreex.mesh_construction import TriangleMesh
    except ImportError:
        return _first_triangles_without_embree(vertices[triangles], origins)
    scene = rtcore_scene.EmbreeScene()
    TriangleMesh(scene, vertices, np.ascontiguousarray(triangles, dtype=np.int32))
    return scene.run(origins, directions).astype(np.int64)


def _first_triangles_without_embree(
    corners: NDArray[np.float32], origins: NDArray[np.float32]
) -> NDArray[np.int64]:
    """Test each triangle with the rays inside its bounding circle; the highest hit wins."""
    from scipy.spatial import cKDTree  # slow to import, and not needed with Embree

    first = np.full(len(origins), -1, dtype=np.int64)
    if not len(corners) or not len(origins):
        return first
    planar = corners[..., :2].astype(np.float64)
    centres = planar.mean(axis=1)
    radii = np.linalg.norm(planar - centres[:, None], axis=2).max(axis=1)
    near = cKDTree(origins[:, :2]).query_ball_point(centres, radii * (1 + EDGE_TOLERANCE))
    triangle = np.repeat(np.arange(len(corners)), [len(rays) for rays in near])
    ray = np.concatenate([np.asarray(rays, dtype=np.int64) for rays in near])
    weights = barycentric(corners[triangle], origins[ray])
    depth = (weights * corners[triangle, :, 2]).sum(axis=1)
    hits = np.flatnonzero((weights >= -EDGE_TOLERANCE).all(axis=1))
    hits = hits[np.argsort(depth[hits], kind="stable")]
    # If a ray has several hits, the last assignment is kept, which is the highest.
    first[ray[hits]] = triangle[hits]
    return first


def _hits_from_triangles(
    triangle: NDArray[np.int64],
    corners: NDArray[np.float32],
    origins: NDArray[np.float32],
) -> RayHits:
    """Barycentric weights and depth from the triangle that each ray hits."""
    hit = triangle >= 0
    shares = np.zeros((len(triangle), 3), dtype=np.float32)
    depth = np.full(len(triangle), np.nan, dtype=np.float32)
    corner = corners[triangle[hit]]
    # If Embree hit a triangle edge-on, its centre is used.
    weights = np.nan_to_num(barycentric(corner, origins[hit]), nan=1.0).clip(0.0, 1.0)
    weights /= weights.sum(axis=1, keepdims=True)
    shares[hit] = weights
    depth[hit] = (weights * corner[:, :, 2]).sum(axis=1)
    return RayHits(triangle=triangle, barycentric=shares, depth=depth)
