"""AFLW: 21 points computed from the 68 by 3DDFA's table; only annotated points are scored."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np

from eval.benchmarks.aflw21.data import IMAGE_COUNT, Aflw21, load_faces
from eval.benchmarks.benchmark import Benchmark
from eval.benchmarks.choices import ThresholdChoices
from eval.benchmarks.protocol import INVENTED_FILES, THRESHOLDS, Protocol, measured
from eval.results.record import ProtocolResult
from eval.scoring import metrics
from eval.scoring.metrics import Float64s, Floats
from eval.scoring.normalisers import BOX, face_sizes
from eval.scoring.summary import Bootstrap, Errors, Groups, summarise
from eval.submissions.submission import Submission

# Each of AFLW's 21 points is the mean of these of the 68, counted from 1 as in 3DDFA's
# benchmark_aflw.py.
FROM_68 = (
    *((18,), (20,), (22,), (23,), (25,), (27,), (37,), tuple(range(37, 43)), (40,), (43,)),
    *(tuple(range(43, 49)), (46,), (3,), (32,), (31,), (36,), (15,), (49,)),
    *(tuple(range(61, 69)), (55,), (9,)),
)

AFLW_21 = Protocol(
    name="aflw-21",
    version=1,
    title="AFLW, 21 points of 21,080 crops",
    images="3DDFA's list of AFLW crops; a failed face is a row of NaN, excluded but counted",
    image_count=IMAGE_COUNT,
    points="21 from the 68 iBUG points by 3DDFA's table (means of groups for eyes and mouth); "
    "those that AFLW annotates",
    truth="AFLW_GT_pts21.npy, AFLW's own points; -1 is not annotated",
    coordinates=("2d",),
    normaliser="sqrt(width * height) of the tight box around 68 pseudo points "
    "(AFLW_GT_pts68.npy, from the 300W-LP fitting), x and y only",
    alignment="none",
    z_rules=(),
    yaw_source="AFLW_GT_crop_yaws.npy",
    bins=tuple(f"{label}: {angles}" for label, angles in metrics.YAW_BINS.items()),
    aggregation=("mean_of_bins: unweighted mean of the three bins' means", "mean_of_images"),
    index_base="photo pixels as published; nothing is converted",
    sources=(
        "3DDFA's benchmark_aflw.py (points, box, bins); their author on the pseudo points: "
        "3DDFA #109, whose accuracy users doubt",
    ),
    verified_on=INVENTED_FILES,
)


def points21(points68: Floats) -> Float64s:
    """AFLW's 21 points from the 68.

    Args:
        points68: (N, 68, 2 or 3) pixels, iBUG order.

    Returns:
        (N, 21, 2) pixels.
    """
    groups = [np.array(group) - 1 for group in FROM_68]
    xy = points68[..., :2].astype(np.float64)
    return np.stack([xy[:, group].mean(axis=1) for group in groups], axis=1)


def score(
    faces: Aflw21,
    submission: Submission,
    *,
    thresholds: Sequence[float] = THRESHOLDS,
    bootstrap: Bootstrap | None = None,
) -> ProtocolResult:
    """Score a submission of 68 points.

    Args:
        faces: the truth.
        submission: landmarks for exactly these faces, in any order.
        thresholds: for failure rate and area under the curve, fractions.
        bootstrap: settings of the interval.

    Raises:
        SubmissionError: ids do not match.
        ArrayError: a face's pseudo points have no box.
    """
    predicted = points21(submission.in_order(faces.ids))
    sizes = face_sizes(faces.pseudo68, BOX, faces.ids)
    errors = metrics.point_errors(predicted, faces.points) / sizes[:, None]
    per_image = np.mean(errors, axis=1, where=faces.annotated)
    groups = Groups(metrics.yaw_bins(faces.yaw_deg), tuple(metrics.YAW_BINS), faces.yaw_deg)
    summary = summarise(
        Errors(faces.ids, per_image, np.where(faces.annotated, errors, np.nan)),
        name="2d",
        label="2D, annotated points",
        groups=groups,
        thresholds=thresholds,
        bootstrap=bootstrap,
    )
    return measured(
        AFLW_21,
        submission,
        (summary,),
        truth=faces.annotation,
        truth_source="AFLW_GT_pts21.npy; box from AFLW_GT_pts68.npy; yaw from "
        "AFLW_GT_crop_yaws.npy",
        options={},
    )


def _score(submission: Submission, root: Path | None, choices: ThresholdChoices) -> ProtocolResult:
    return score(load_faces(root), submission, thresholds=choices.thresholds)


BENCHMARKS = (Benchmark(AFLW_21, ThresholdChoices, _score),)
