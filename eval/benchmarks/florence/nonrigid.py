"""Pairs scan points with points of a prediction by non-rigid registration.

Rigid ICP pairs a scan point with whatever lies nearest. A face of another shape then slides along
the scan until it fits, and its error looks small (arXiv 2505.18025: the correlation with the true
error falls to 0.41). Here the prediction is deformed onto the scan with its named points fixed to
the scan's, and a scan point is paired with the point of the prediction that was deformed onto it.
"""

import numpy as np
from scipy.spatial import cKDTree
from scipy.spatial.distance import cdist

from eval.meshes.nearest import Places, nearest_places
from eval.scoring.metrics import Float64s, Floats, Ints

# Kernel width of the deformation in millimetres, from the whole face down to its features.
WIDTHS_MM = (60.0, 40.0, 28.0, 20.0, 14.0, 10.0)
ROUNDS_EACH = 3
NODES = 400  # nodes of the deformation; it is interpolated between them
NEAR_NODES = 6
LANDMARK_WEIGHT = 50.0  # of a named point, relative to a scan point
STIFFNESS = 1.0  # of the deformation, in scan points


def places_by_bending(
    vertices: Float64s,
    triangles: Ints,
    named: Float64s,
    scan_points: Floats,
    scan_named: Floats,
) -> Places:
    """The point of a mesh that corresponds to each scan point.

    Method: coarse-to-fine non-rigid registration. In each round every scan point pulls the nearest
    vertex of the deformed mesh, and every named point pulls its counterpart. The pulls are
    averaged with a Gaussian kernel (Nadaraya-Watson) and deform the mesh. The kernel narrows from
    60 to 10 mm. As in Amberg et al., "Optimal step nonrigid ICP" (2007), with a kernel in place of
    the stiffness term.

    Args:
        vertices: (V, 3) millimetres, roughly aligned by the named points.
        triangles: (T, 3).
        named: (L, 3) the prediction's named points; they are deformed with the mesh.
        scan_points: (N, 3) millimetres.
        scan_named: (L, 3).

    Returns:
        N places.
    """
    bent, landmarks = vertices.copy(), named.copy()
    nodes = vertices[_spread(vertices, scan_points)]
    field, on_nodes = _interpolation(nodes, vertices), _interpolation(nodes, named)
    for width in WIDTHS_MM:
        for _ in range(ROUNDS_EACH):
            _, near = cKDTree(bent).query(scan_points)
            at = np.concatenate([vertices[near], named])
            pulls = np.concatenate([scan_points - bent[near], scan_named - landmarks])
            weights = np.concatenate(
                [np.ones(len(scan_points)), np.full(len(named), LANDMARK_WEIGHT)]
            )
            moves = _averaged(nodes, at, pulls, weights, width)
            bent += _of(field, moves)
            landmarks += _of(on_nodes, moves)
    return nearest_places(bent, triangles, scan_points)


Interpolation = tuple[Ints, Float64s]


def _spread(vertices: Float64s, scan_points: Floats) -> Ints:
    """Rows of vertices near the scan, sampled evenly by a grid of cubes."""
    away, _ = cKDTree(scan_points).query(vertices)
    close = np.flatnonzero(away <= np.percentile(away, 50) + WIDTHS_MM[0] / 2)
    low, high = vertices[close].min(axis=0), vertices[close].max(axis=0)
    side = max(float((high - low).max()) / np.sqrt(NODES / 2), 1e-9)
    cells = np.floor((vertices[close] - low) / side).astype(np.int64)
    _, first = np.unique(cells, axis=0, return_index=True)
    return np.asarray(close[first], dtype=np.int64)


def _averaged(
    nodes: Float64s, at: Float64s, pulls: Float64s, weights: Float64s, width: float
) -> Float64s:
    """(M, 3) kernel means of the pulls at the nodes, shrunk where few pulls are near."""
    squared = cdist(nodes, at, "sqeuclidean")
    kernel = np.exp(-squared / (2.0 * width**2)) * weights
    return np.asarray(kernel @ pulls / (kernel.sum(axis=1, keepdims=True) + STIFFNESS))


def _interpolation(nodes: Float64s, points: Float64s) -> Interpolation:
    """The nearest nodes of each point, and their weights."""
    count = min(NEAR_NODES, len(nodes))
    away, near = cKDTree(nodes).query(points, k=count)
    away, near = away.reshape(len(points), count), near.reshape(len(points), count)
    width = np.maximum(away[:, -1:], 1e-9) / 2.0
    weights = np.exp(-((away / width) ** 2) / 2.0)
    return near, weights / weights.sum(axis=1, keepdims=True)


def _of(interpolation: Interpolation, moves: Float64s) -> Float64s:
    near, weights = interpolation
    return np.asarray((moves[near] * weights[..., None]).sum(axis=1), dtype=np.float64)
