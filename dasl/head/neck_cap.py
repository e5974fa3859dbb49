"""The neck cap: a fan of triangles that closes a head for export.

The model's mesh has an open rim at the neck. The fan is a separate mesh: the model, its triangles
and its texture are unchanged.
"""

import numpy as np

from dasl.arrays import FloatArray, IntArray


def lowest_border(vertices: FloatArray, triangles: IntArray) -> IntArray:
    """The border loop of a mesh with the lowest border vertex, in the order of its triangles.

    Args:
        vertices: (V, 3), y up.
        triangles: (T, 3) outward.

    Returns:
        (R,) vertices; (0,) if the mesh has no border.

    Example:
        >>> square = np.array([[0, 0, 0], [1, 0, 0], [1, 1, 0], [0, 1, 0]], dtype=np.float32)
        >>> lowest_border(square, np.array([[0, 1, 2], [0, 2, 3]])).tolist()
        [0, 1, 2, 3]
    """
    sides = np.stack([triangles, np.roll(triangles, -1, axis=1)], axis=-1).reshape(-1, 2)
    _, first, uses = np.unique(
        np.sort(sides, axis=1), axis=0, return_index=True, return_counts=True
    )
    border = sides[first[uses == 1]]
    if not len(border):
        return np.empty(0, dtype=np.int64)
    following = dict(border.tolist())
    start = int(border[vertices[border[:, 0], 1].argmin(), 0])
    ring = [start]
    while (after := following[ring[-1]]) != start:
        ring.append(after)
    return np.array(ring, dtype=np.int64)


def with_centre(values: FloatArray, rim: IntArray) -> FloatArray:
    """Values (..., N, C) with the rim's mean appended as row N, if there is a rim."""
    if not len(rim):
        return values
    return np.concatenate([values, values[..., rim, :].mean(axis=-2, keepdims=True)], axis=-2)


def fan(rim: IntArray, centre: int) -> IntArray:
    """(R, 3) triangles that close a rim towards its centre; outward if the mesh's are."""
    return np.stack([np.roll(rim, -1), rim, np.full_like(rim, centre)], axis=1)
