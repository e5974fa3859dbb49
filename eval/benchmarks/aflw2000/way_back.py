"""From the true surface to the predicted one and back, where the nearest points are compared."""

import numpy as np
from numpy.typing import NDArray

from eval.bfm.model import Bfm
from eval.bfm.surface import SurfacePoints
from eval.errors import SubmissionError
from eval.scoring.directions import counted_back, way_back
from eval.scoring.metrics import Float64s, Ints
from eval.submissions.submission import Submission

BACK_POINTS = 2000  # of the predicted surface
SPREAD_TO = 4000  # most true points that search the predicted surface


def used_mesh(submission: Submission) -> tuple[Ints, Ints]:
    """The mesh that counts: without triangles the nearest of many points would pass for a face.

    Returns:
        (P,) vertices that a triangle names, and (T, 3) triangles in terms of those.

    Raises:
        SubmissionError: there is no topology.
    """
    # Imported here: a second that boards without meshes do not need.
    from eval.meshes.nearest import without_loose_vertices

    if submission.triangles is None:
        raise SubmissionError(
            "the submission has no triangles, which --nearest needs: a cloud of points would be "
            "near everything; add triangles (T, 3) integers"
        )
    return without_loose_vertices(submission.triangles.astype(np.int64))


def there_and_back(
    mesh: tuple[Float64s, Ints],
    points: Float64s,
    true_mesh: tuple[Float64s, Ints],
    region: NDArray[np.bool_],
    length: float,
) -> list[float]:
    """Mean distance of true points from the predicted surface, and the way back, over a length.

    Args:
        mesh: predicted vertices (P, 3), pixels, and triangles (T, 3).
        points: (K, 3) of the truth.
        true_mesh: vertices (V, 3) and triangles (S, 3).
        region: (V,) see ``inner_vertices``.
        length: pixels.
    """
    # Imported here: a second that boards without meshes do not need.
    from eval.meshes.nearest import spread_distances, surface_distances

    there = float(surface_distances(*mesh, points).mean()) / length
    few = points[:: -(-len(points) // SPREAD_TO)]
    spread = float(spread_distances(*mesh, few).mean()) / length
    back = pixels_back(*mesh, *true_mesh, region) / length
    return [there, counted_back(there, back, spread)]


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
