"""From the predicted surface back to the true one, where the nearest points are compared."""

import numpy as np
from numpy.typing import NDArray

from eval.bfm.model import Bfm
from eval.bfm.surface import SurfacePoints
from eval.errors import SubmissionError
from eval.scoring.directions import way_back
from eval.scoring.metrics import Float64s, Ints

BACK_POINTS = 2000  # of the predicted surface


def pixels_back(
    vertices: Float64s,
    triangles: Ints,
    truth: Float64s,
    truth_triangles: Ints,
    region: NDArray[np.bool_],
) -> float:
    """Mean distance of the predicted surface from the true one, pixels.

    What lies nearest to the true mesh's rim, or to what is outside the points that count, has no
    counterpart there and is left out.

    Args:
        vertices: (P, 3) predicted.
        triangles: (T, 3) of them.
        truth: (V, 3).
        truth_triangles: (S, 3) of them.
        region: (V,) see ``inner_vertices``.
    """
    # Imported here: a second that boards without meshes do not need.
    from eval.meshes.nearest import nearest_places, surface_samples

    samples = surface_samples(vertices, triangles, BACK_POINTS)
    samples = samples if len(samples) else vertices
    places = nearest_places(truth, truth_triangles, samples)
    inside = region[places.corners].all(axis=1)
    distances = np.linalg.norm(places.of(truth) - samples, axis=1)
    return way_back(distances[inside] if inside.any() else distances)


def inner_vertices(bfm: Bfm, texels: SurfacePoints | None) -> NDArray[np.bool_]:
    """(V,) vertices of the points that count, without the rim of the mesh.

    Raises:
        SubmissionError: the face model's files do not say its triangles.
    """
    if bfm.triangles is None:
        raise SubmissionError(
            f"{bfm.source} says no triangles, which --nearest needs; add Model_Shape.mat's tri, or "
            "pass --correspondence FILE"
        )
    inner = np.zeros(len(bfm.mean), dtype=np.bool_)
    inner[bfm.triangles if texels is None else texels.corners] = True
    edges = np.sort(bfm.triangles[:, [[0, 1], [1, 2], [2, 0]]].reshape(-1, 2), axis=1)
    found, count = np.unique(edges, axis=0, return_counts=True)
    inner[found[count == 1]] = False
    return inner
