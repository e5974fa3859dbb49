"""Surface distances in both directions, truth to prediction and back, for nearest points."""

import numpy as np
from numpy.typing import NDArray

from eval.bfm.model import Bfm
from eval.bfm.surface import SurfacePoints
from eval.errors import SubmissionError
from eval.scoring.directions import counted_back, way_back
from eval.scoring.metrics import Float64s, Ints
from eval.submissions.submission import Submission

BACK_POINTS = 2000  # of the predicted surface
SPREAD_TO = 4000  # at most this many true points are compared with the predicted surface


def used_mesh(submission: Submission) -> tuple[Ints, Ints]:
    """The part of the predicted mesh that triangles cover.

    Triangles are required: a dense cloud of points would be near everything.

    Returns:
        (P,) vertices that a triangle uses, and (T, 3) triangles as indices into those.

    Raises:
        SubmissionError: there are no triangles.
    """
    # Imported here because it takes a second, and boards without meshes do not need it.
    from eval.meshes.nearest import without_loose_vertices

    if submission.triangles is None:
        raise SubmissionError(
            "the submission has no triangles, which --nearest needs (a cloud of points would be "
            "near everything); add triangles, (T, 3) integers"
        )
    return without_loose_vertices(submission.triangles.astype(np.int64))


def there_and_back(
    mesh: tuple[Float64s, Ints],
    points: Float64s,
    true_mesh: tuple[Float64s, Ints],
    region: NDArray[np.bool_],
    length: float,
) -> list[float]:
    """Mean distance from truth to prediction and from prediction to truth, divided by a length.

    Args:
        mesh: predicted vertices (P, 3), pixels, and triangles (T, 3).
        points: (K, 3) true points, pixels.
        true_mesh: vertices (V, 3) and triangles (S, 3).
        region: (V,) see ``inner_vertices``.
        length: pixels.
    """
    # Imported here because it takes a second, and boards without meshes do not need it.
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

    Predicted points whose nearest true point lies on the mesh's rim, or outside the scored points,
    have no counterpart and are left out.

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
    """(V,) vertices of the scored points, without the rim of the mesh.

    Raises:
        SubmissionError: the face model's files have no triangles.
    """
    if bfm.triangles is None:
        raise SubmissionError(
            f"{bfm.source} has no triangles, which --nearest needs; add Model_Shape.mat's tri, or "
            "pass --correspondence FILE"
        )
    inner = np.zeros(len(bfm.mean), dtype=np.bool_)
    inner[bfm.triangles if texels is None else texels.corners] = True
    edges = np.sort(bfm.triangles[:, [[0, 1], [1, 2], [2, 0]]].reshape(-1, 2), axis=1)
    found, count = np.unique(edges, axis=0, return_counts=True)
    inner[found[count == 1]] = False
    return inner
