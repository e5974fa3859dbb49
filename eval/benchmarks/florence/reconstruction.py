"""One predicted mesh against one scan: aligned in three ways, then measured."""

from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from eval.benchmarks.florence.icp import icp
from eval.benchmarks.florence.subjects import Subject
from eval.benchmarks.florence.views import View
from eval.meshes.nearest import surface_distances, vertex_distances
from eval.scoring.alignment import SimilarityTransform, fit_similarity, shift
from eval.scoring.metrics import Float64s, Floats

# The first is the headline's.
ALIGNMENTS = ("icp", "landmark-icp", "landmarks")
# ICP looks at every k-th scan point, k such that at most so many are left; errors take all.
ALIGNMENT_POINTS = 4000

Scale = Literal["none", "fit"]
Distance = Literal["vertex", "surface"]
Interocular = Literal["scan", "predicted"]


@dataclass(frozen=True)
class Choices:
    """What the literature does not agree on.

    Attributes:
        scale: whether alignment may scale the prediction. "none" takes the rendering's known
            scale (VRN's author: no scale inside ICP; undo the network's crop first); "fit" is
            SADRNet's code.
        distance: from scan points to the nearest predicted "vertex" (PRNet's nearest points) or to
            the predicted "surface".
        interocular: outer eye corners of the "scan", or the "predicted" ones (SADRNet's code).
        overlap: share of the scan points that ICP keeps, the closest ones; 1 keeps all.
    """

    scale: Scale = "none"
    distance: Distance = "vertex"
    interocular: Interocular = "scan"
    overlap: float = 1.0


@dataclass(frozen=True, eq=False)
class Prediction:
    """One image's answer.

    Attributes:
        vertices: (V, 3) pixels, image frame of the rendering, z with any offset.
        landmarks: (68, 3) the same frame and offset.
        triangles: (T, 3), or None.
    """

    vertices: Floats
    landmarks: Floats
    triangles: NDArray[np.integer] | None = None


@dataclass(frozen=True)
class Comparison:
    """Errors of one image.

    Attributes:
        errors: mean distance over the eye distance, one for each of `ALIGNMENTS`.
        settled: whether both runs of ICP stopped by themselves.
    """

    errors: tuple[float, ...]
    settled: bool


def compare(prediction: Prediction, subject: Subject, view: View, choices: Choices) -> Comparison:
    """Align a prediction with a scan and measure what is left.

    All is done in the rendering's view frame, in millimetres. "icp" starts where the prediction
    claims to be, its depth shifted by the mean difference at the named points (depth has no
    offset of its own); "landmark-icp" starts from the least-squares fit of the named points;
    "landmarks" is that fit alone, which no sliding can flatter.

    Args:
        prediction: finite, in the image frame of `view`.
        subject: the truth.
        view: of the rendering that the prediction was made from.
        choices: see there; "surface" needs triangles.

    Raises:
        ArrayError: the prediction is degenerate: its points lie on a line.
        ValueError: "surface" without triangles, or an overlap out of range.
    """
    vertices = view.view_from_image(prediction.vertices)
    ours = view.view_from_image(prediction.landmarks[subject.landmarks.ibug_indices])
    theirs = view.view_from_scan(subject.landmarks.points)
    truth = view.view_from_scan(subject.face_points)
    normals = subject.face_normals @ view.rotation.T
    taken = slice(None, None, -(-len(truth) // ALIGNMENT_POINTS))
    fit_scale = choices.scale == "fit"
    deeper = shift(np.array([0.0, 0.0, (theirs - ours)[:, 2].mean()]))
    fitted = fit_similarity(ours, theirs, fit_scale=fit_scale)
    plain, guided = (
        icp(
            vertices,
            truth[taken],
            normals[taken],
            start=start,
            fit_scale=fit_scale,
            overlap=choices.overlap,
        )
        for start in (deeper, fitted)
    )
    errors = []
    for transform in (plain.transform, guided.transform, fitted):
        moved = transform.apply(vertices)
        distances = _distances(moved, prediction.triangles, truth, choices.distance)
        errors.append(float(distances.mean()) / _eye_distance(ours, theirs, transform, choices))
    return Comparison(tuple(errors), plain.settled and guided.settled)


def _eye_distance(
    ours: Float64s, theirs: Float64s, transform: SimilarityTransform, choices: Choices
) -> float:
    """Millimetres; the first two named points are the outer eye corners."""
    if choices.interocular == "scan":
        return float(np.linalg.norm(theirs[0] - theirs[1]))
    return transform.scale * float(np.linalg.norm(ours[0] - ours[1]))


def _distances(
    vertices: Float64s,
    triangles: NDArray[np.integer] | None,
    truth: Float64s,
    distance: Distance,
) -> Float64s:
    if distance == "vertex":
        return vertex_distances(vertices, truth)
    if triangles is None:
        raise ValueError("distance to the surface needs triangles; pass them, or take the vertex")
    return surface_distances(vertices, triangles, truth)
