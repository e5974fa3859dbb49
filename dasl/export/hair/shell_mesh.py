"""Triangles over the ray field, with texture coordinates."""

from functools import lru_cache

import numpy as np

from dasl.arrays import FloatArray, IntArray
from dasl.export.hair.rays import COLUMNS, ROWS
from dasl.head.mesh import SplitMesh, vertex_normals


def shell_mesh(points: FloatArray, present: FloatArray) -> tuple[SplitMesh, IntArray]:
    """Mesh the cells with hair and their border cells.

    The first column is duplicated at the texture's seam. All vertices of the crown coincide.

    Args:
        points: (R, C, 3) metres, model frame.
        present: (R, C), above 0 where hair is.

    Returns:
        The mesh, and (U,) the ray of each vertex, an index into the rows of the field.
    """
    crown = points[0].mean(axis=0)
    rays = np.arange(ROWS * COLUMNS).reshape(ROWS, COLUMNS)
    rays = np.concatenate([rays[:1], rays])
    rays = np.concatenate([rays, rays[:, :1]], axis=1)
    vertices = points.reshape(-1, 3)[rays]
    vertices[0] = crown
    number = np.arange(rays.size).reshape(rays.shape)
    triangles = _quads(number[:, :-1], number[:, 1:])
    # at the crown, the second triangle of each quad is degenerate
    triangles = np.concatenate([triangles[0 : 2 * COLUMNS : 2], triangles[2 * COLUMNS :]])
    has_hair = (present > 0.0).ravel()[rays].ravel()
    triangles = triangles[has_hair[triangles].any(axis=1)]
    # normals are shared across the seam and at the crown
    whole = rays.copy()
    whole[0] = ROWS * COLUMNS
    shared = np.concatenate([points.reshape(-1, 3), crown[None]])
    normals = vertex_normals(shared, whole.ravel()[triangles])[whole]
    down = np.concatenate([[0.0], (np.arange(ROWS) + 0.5) / ROWS])
    around = np.arange(COLUMNS + 1) / COLUMNS
    uv = np.stack(np.broadcast_arrays(around, 1.0 - down[:, None]), axis=-1)
    kept, triangles = np.unique(triangles, return_inverse=True)
    chosen = (part.reshape(-1, part.shape[-1])[kept] for part in (vertices, normals, uv))
    vertices, normals, uv = (part.astype(np.float32) for part in chosen)
    return SplitMesh(vertices, normals, uv, triangles.reshape(-1, 3)), rays.ravel()[kept]


@lru_cache(maxsize=1)
def ring_triangles() -> IntArray:
    """Triangles between all rays, (T, 3) indices of R * C points, facing outward."""
    number = np.arange(ROWS * COLUMNS).reshape(ROWS, COLUMNS)
    return _quads(number, np.roll(number, -1, axis=1))


def _quads(left: IntArray, right: IntArray) -> IntArray:
    """Two consecutive triangles for each cell between the columns `left` and `right`."""
    first = np.stack([left[:-1], left[1:], right[1:]], axis=-1)
    second = np.stack([left[:-1], right[1:], right[:-1]], axis=-1)
    return np.stack([first, second], axis=2).reshape(-1, 3)
