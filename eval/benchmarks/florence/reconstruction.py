"""Compares one predicted mesh with one scan: four alignments, distances in both directions."""

from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from eval.benchmarks.florence.crop import CROP_RADIUS_MM, crop_around
from eval.benchmarks.florence.icp import icp
from eval.benchmarks.florence.nonrigid import places_by_bending
from eval.benchmarks.florence.sadrnet import score_there_and_back
from eval.benchmarks.florence.subjects import Subject
from eval.benchmarks.florence.views import View
from eval.errors import ArrayError
from eval.meshes.nearest import (
    spread_distances,
    surface_distances,
    surface_samples,
    vertex_distances,
    without_loose_vertices,
)
from eval.scoring.alignment import SimilarityTransform, fit_similarity, shift
from eval.scoring.directions import BACK, counted_back, way_back
from eval.scoring.metrics import Float64s, Floats, Ints

# The first one gives the headline score.
ALIGNMENTS = ("icp", "landmark-icp", "landmarks", "non-rigid")
# Scores of each image: four from scan to prediction, and one from prediction to scan.
SCORES = (*ALIGNMENTS, ALIGNMENTS[0] + BACK)
# ICP takes every k-th scan point, so that at most this many are left; errors take all.
ALIGNMENT_POINTS = 4000
# From prediction to scan: this many points of the predicted surface, in the crop's inner part.
SURFACE_POINTS = 4000
RIM_MM = 8.0

Scale = Literal["none", "fit"]
Distance = Literal["vertex", "surface"]
Interocular = Literal["scan", "predicted"]
Steps = Literal["prnet", "sadrnet"]


@dataclass(frozen=True)
class Choices:
    """The choices on which publications differ.

    Attributes:
        scale: whether alignment may scale the prediction. "none" uses the rendering's known
            scale (VRN's author: no scale inside ICP; undo the network's crop first); "fit" is
            SADRNet's code.
        distance: from scan points to the nearest predicted "vertex" (PRNet's nearest points) or to
            the predicted "surface".
        interocular: the normaliser uses the outer eye corners of the "scan", or the "predicted"
            ones (SADRNet's code).
        overlap: share of the scan points that ICP keeps, the closest ones; 1 keeps all.
        steps: defines the score "icp": by PRNet's text (one direction, all scan points), or by
            SADRNet's code (`eval.benchmarks.florence.sadrnet`), with scale and predicted eye
            distance.
    """

    scale: Scale = "none"
    distance: Distance = "vertex"
    interocular: Interocular = "scan"
    overlap: float = 1.0
    steps: Steps = "prnet"


@dataclass(frozen=True, eq=False)
class Prediction:
    """The prediction for one image.

    Attributes:
        vertices: (V, 3) pixels, image frame of the rendering, z with any offset.
        landmarks: (68, 3) the same frame and offset.
        triangles: (T, 3); required, since a dense cloud of points would be near everything.
    """

    vertices: Floats
    landmarks: Floats
    triangles: NDArray[np.integer]


@dataclass(frozen=True)
class Comparison:
    """Errors of one image.

    Attributes:
        errors: mean distance over the eye distance, one for each of `SCORES`.
        settled: whether both runs of ICP converged.
    """

    errors: tuple[float, ...]
    settled: bool


def compare(prediction: Prediction, subject: Subject, view: View, choices: Choices) -> Comparison:
    """Align a prediction with a scan and measure the remaining distances.

    All computations use the rendering's view frame, in millimetres. The scores:

    - "icp" starts from the predicted position, its depth shifted by the mean difference at the
      named points (the depth offset is arbitrary).
    - "landmark-icp" starts from the least-squares fit of the named points.
    - "landmarks" is that fit alone, without ICP, which could slide.
    - "non-rigid" pairs scan points by non-rigid registration, fits the pairs and measures between
      them; there is no ICP.
    - "icp-back" is the distance from the predicted surface to the scan after "icp".

    Args:
        prediction: finite, in the image frame of `view`.
        subject: the truth.
        view: of the rendering that the prediction was made from.
        choices: see `Choices`.

    Raises:
        ArrayError: the prediction is degenerate: its points lie on a line, or there are no
            triangles.
        ValueError: an overlap out of range.
    """
    used, triangles = without_loose_vertices(prediction.triangles)
    if not len(used):
        raise ArrayError("the mesh has no triangles; add its topology")
    vertices = view.view_from_image(prediction.vertices[used])
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
        distances = _distances(moved, triangles, truth, choices.distance)
        errors.append(float(distances.mean()) / _eye_distance(ours, theirs, transform, choices))
    mesh = fitted.apply(vertices)
    places = places_by_bending(mesh, triangles, fitted.apply(ours), truth[taken], theirs)
    answers = places.of(vertices)
    paired = _fit_or(fitted, answers, truth[taken], fit_scale=fit_scale)
    gaps = np.linalg.norm(paired.apply(answers) - truth[taken], axis=1)
    errors.append(float(gaps.mean()) / _eye_distance(ours, theirs, paired, choices))
    aligned, settled = plain.transform, plain.settled and guided.settled
    eyes = _eye_distance(ours, theirs, aligned, choices)
    if choices.steps == "sadrnet":
        found = score_there_and_back(vertices, truth, theirs[subject.nose_row], deeper)
        aligned, settled = found.transform, found.settled and guided.settled
        eyes = aligned.scale * float(np.linalg.norm(ours[0] - ours[1]))
        errors[0] = found.distance_mm / eyes
    scan = truth, subject.face_triangles
    moved = aligned.apply(vertices)
    back = _way_back(moved, triangles, scan, theirs[subject.nose_row])
    spread = float(spread_distances(moved, triangles, truth[taken]).mean())
    errors.append(counted_back(errors[0], back / eyes, spread / eyes))
    return Comparison(tuple(errors), settled)


def _fit_or(
    otherwise: SimilarityTransform, source: Float64s, target: Float64s, *, fit_scale: bool
) -> SimilarityTransform:
    """The least-squares fit, or `otherwise` if a mesh has collapsed to a line or a point."""
    try:
        return fit_similarity(source, target, fit_scale=fit_scale)
    except ArrayError:
        return otherwise


def _way_back(
    vertices: Float64s, triangles: Ints, scan: tuple[Float64s, Ints], nose_tip: Float64s
) -> float:
    """Mean distance from the predicted surface inside the crop to the scan's surface, mm."""
    samples = surface_samples(vertices, triangles, SURFACE_POINTS)
    inside = samples[crop_around(samples, nose_tip, CROP_RADIUS_MM - RIM_MM)]
    if not len(inside):
        inside = vertices
    return way_back(surface_distances(*scan, inside))


def _eye_distance(
    ours: Float64s, theirs: Float64s, transform: SimilarityTransform, choices: Choices
) -> float:
    """Eye distance in millimetres; the first two named points are the outer eye corners."""
    if choices.interocular == "scan":
        return float(np.linalg.norm(theirs[0] - theirs[1]))
    return transform.scale * float(np.linalg.norm(ours[0] - ours[1]))


def _distances(
    vertices: Float64s,
    triangles: Ints,
    truth: Float64s,
    distance: Distance,
) -> Float64s:
    if distance == "vertex":
        return vertex_distances(vertices, truth)
    return surface_distances(vertices, triangles, truth)
