"""Edges of a surface as sparse matrices, for smooth fills and means over neighbours."""

import numpy as np
import numpy.typing as npt
import scipy.sparse

from dasl.arrays import FloatArray, IntArray

BORDER_LEAK = 0.08
"""Weight of an edge between two kinds of surface, relative to 1 per other edge: neither colour
extends far into the other area."""


def edges_of(triangles: IntArray) -> IntArray:
    """All edges, in both directions: (6 T, 2); edges of two triangles occur twice."""
    edges = np.concatenate([triangles[:, [0, 1]], triangles[:, [1, 2]], triangles[:, [2, 0]]])
    return np.concatenate([edges, edges[:, ::-1]])


def open_border(triangles: IntArray, count: int) -> npt.NDArray[np.bool_]:
    """Vertices (count,) on an edge of a single triangle: borders of holes in the surface."""
    unique, uses = np.unique(np.sort(edges_of(triangles), axis=1), axis=0, return_counts=True)
    border = np.zeros(count, dtype=bool)
    border[unique[uses == 2]] = True  # once in each direction
    return border


def laplacian_of(
    edges: IntArray, weight: npt.NDArray[np.floating], count: int
) -> scipy.sparse.csc_matrix:
    """Laplacian (count, count) of directed edges (E, 2) with weights (E,); repeats count once."""
    unique, first = np.unique(edges, axis=0, return_index=True)
    values = weight[first].astype(np.float64)
    adjacency = scipy.sparse.coo_matrix((values, unique.T), shape=(count, count)).tocsr()
    degree = np.asarray(adjacency.sum(axis=1)).ravel()
    return (scipy.sparse.diags(degree) - adjacency).tocsc()


def parted_laplacian(triangles: IntArray, kind: FloatArray) -> scipy.sparse.csc_matrix:
    """The surface's Laplacian with weak edges between two kinds of surface.

    Args:
        triangles: (T, 3).
        kind: (V,) in [0, 1], the share of one of them, such as hair on skin.
    """
    edges = edges_of(triangles)
    change = np.abs(kind[edges[:, 0]] - kind[edges[:, 1]])
    return laplacian_of(edges, BORDER_LEAK**change, len(kind))


def neighbour_mean(laplacian: scipy.sparse.csc_matrix) -> scipy.sparse.csr_matrix:
    """(V, V) matrix that averages each vertex with its neighbours."""
    degree = laplacian.diagonal()
    with_self = scipy.sparse.diags(degree + 1.0) - laplacian
    return (scipy.sparse.diags(1.0 / (degree + 1.0)) @ with_self).tocsr()


def spread(smooth: scipy.sparse.csr_matrix, mask: npt.NDArray[np.bool_], steps: int) -> FloatArray:
    """1 on the mask, falling to 0 over `steps` edges around it: (V,)."""
    share = mask.astype(np.float32)
    for _ in range(steps):
        share = np.maximum(share, smooth @ share).astype(np.float32)
    return share
