"""How far a predicted head's surface lies from a true face's, percent of the interocular distance.

The predicted face is moved onto the true one by a similarity: first by landmarks, then by ICP with
scale, because one photo tells no size. The error of a point of the true face is its distance from
the predicted surface then, over the distance between the true face's outer eye corners at rest.
Points count by the area around them on the mean head, so that dense parts of the mesh do not
outweigh others.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from dasl.head.mesh import vertex_normals
from dasl.head.morphable_model import MorphableModel
from eval.benchmarks.florence.icp import icp
from eval.meshes.nearest import surface_distances
from eval.meshes.rays import cast_along_z
from eval.scoring.alignment import fit_similarity

Floats = NDArray[np.floating]
Flags = NDArray[np.bool_]

MM_PER_METRE = 1000.0
INNER_LANDMARKS = slice(17, 68)
"""Of the 68: the jaw line is no fixed place on a face."""
OUTER_EYE_CORNERS = (36, 45)
SEEN_WITHIN_MM = 2.0
RINGS = 3
"""Rings of triangles around the measured face that a true point may be nearest to."""
REGION_PLACES: dict[str, tuple[tuple[int, int], ...]] = {
    "forehead": tuple((number, number) for number in range(17, 27)),
    "eyes": tuple((number, number) for number in range(36, 48)),
    "nose": tuple((number, number) for number in range(27, 36)),
    "mouth": tuple((number, number) for number in range(48, 68)),
    "chin": tuple((number, number) for number in range(6, 11)),
    "cheeks": (
        *((number, number) for number in (1, 2, 3, 4, 12, 13, 14, 15)),
        *((1, 31), (2, 31), (3, 48), (15, 35), (14, 35), (13, 54), (0, 36), (16, 45)),
    ),
}
"""Landmarks, or the middle between two; a point belongs to the region of the nearest one."""
REGIONS = ("face", *REGION_PLACES)


@dataclass(frozen=True, eq=False)
class FaceSurface:
    """What is compared of heads with the model's topology.

    Attributes:
        model: the head model.
        points: (N,) rows of the vertices that stand for the true face.
        weights: (R, N) shares of the points in each of `REGIONS`, each row of sum 1.
        vertices: (M,) rows of the vertices of the predicted surface.
        triangles: (T, 3) into these.
    """

    model: MorphableModel
    points: NDArray[np.int64]
    weights: Floats
    vertices: NDArray[np.int64]
    triangles: NDArray[np.int64]

    def errors(self, predicted: Floats, truth: Floats, truth_at_rest: Floats) -> Floats:
        """Mean error in each of `REGIONS`: three heads (V, 3), metres, to (R,) percent."""
        distances = self.distances_mm(predicted, truth)
        return 100.0 * self.weights @ distances / self._eyes_mm(truth_at_rest)

    def distances_mm(self, predicted: Floats, truth: Floats) -> Floats:
        """(N,) distance of each true point from the predicted surface after alignment."""
        ours, theirs = predicted * MM_PER_METRE, truth * MM_PER_METRE
        start = fit_similarity(
            self._landmarks(ours)[INNER_LANDMARKS],
            self._landmarks(theirs)[INNER_LANDMARKS],
            fit_scale=True,
        )
        surface, target = ours[self.vertices], theirs[self.points]
        normals = vertex_normals(theirs, self.model.triangles)[self.points]
        result = icp(surface, target, normals, start=start, fit_scale=True, overlap=1.0)
        return surface_distances(result.transform.apply(surface), self.triangles, target)

    def _eyes_mm(self, at_rest: Floats) -> float:
        first, second = self._landmarks(at_rest * MM_PER_METRE)[list(OUTER_EYE_CORNERS)]
        return float(np.linalg.norm(first - second))

    def _landmarks(self, vertices: Floats) -> Floats:
        return self.model.landmarks68_of(np.asarray(vertices, np.float64))


def face_surface(model: MorphableModel, covered: Flags) -> FaceSurface:
    """The face seen from the front: skin of the face region that scans cover, nothing inside."""
    triangles = model.triangles
    rest = model.mean_vertices.astype(np.float64) * MM_PER_METRE
    hits = cast_along_z(rest, triangles, rest[:, :2])
    seen = np.nan_to_num(hits.depth, nan=np.inf) < rest[:, 2] + SEEN_WITHIN_MM
    skin = model.region("skin") & ~model.region("eye_sockets")
    measured = covered & seen & skin & model.region("face")
    around = measured
    for _ in range(RINGS):
        touched = triangles[around[triangles].any(axis=1)]
        around = around | (np.isin(np.arange(len(rest)), touched) & skin)
    chosen = triangles[around[triangles].all(axis=1)]
    vertices = np.unique(chosen)
    points = np.flatnonzero(measured)
    return FaceSurface(
        model, points, _weights(model, rest, points), vertices, np.searchsorted(vertices, chosen)
    )


def _weights(model: MorphableModel, rest: Floats, points: NDArray[np.int64]) -> Floats:
    """(R, N): area around each point, by region."""
    triangles = model.triangles
    first, second, third = (rest[triangles[:, corner]] for corner in range(3))
    area = np.linalg.norm(np.cross(second - first, third - first), axis=1)
    of_vertex = np.bincount(triangles.ravel(), np.repeat(area, 3), len(rest))[points]
    landmarks = model.landmarks68_of(rest)
    away = [_distance(rest[points], landmarks, places) for places in REGION_PLACES.values()]
    nearest = np.argmin(away, axis=0)
    rows = [np.ones(len(points))] + [nearest == number for number in range(len(REGION_PLACES))]
    weights = np.stack(rows) * of_vertex
    return weights / weights.sum(axis=1, keepdims=True)


def _distance(
    points: Floats, landmarks: Floats, places: tuple[tuple[int, int], ...]
) -> NDArray[np.floating]:
    """(N,) to the nearest place."""
    pairs = np.array(places)
    middles = (landmarks[pairs[:, 0]] + landmarks[pairs[:, 1]]) / 2
    return np.linalg.norm(points[:, None] - middles, axis=2).min(axis=1)
