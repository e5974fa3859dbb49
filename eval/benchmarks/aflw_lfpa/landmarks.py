"""AFLW-LFPA: 34 points computed from the 68 by a stated map; only visible points are scored."""

from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from eval.benchmarks.aflw_lfpa.data import TEST, Lfpa, load_part
from eval.benchmarks.aflw_lfpa.map import LandmarkMap, load_map
from eval.benchmarks.benchmark import Benchmark
from eval.benchmarks.choices import Choices, one_of, path
from eval.benchmarks.protocol import INVENTED_FILES, THRESHOLDS, Protocol, measured
from eval.errors import BenchmarkError
from eval.results.record import ProtocolResult
from eval.scoring.diagnosis import frame_warnings, refuse_absurd_scale
from eval.scoring.metrics import Float64s, box_sizes, point_errors
from eval.scoring.summary import Bootstrap, Errors, summarise
from eval.submissions.submission import Submission
from eval.untrusted.text import listed, printable

BOXES = ("provided", "visible-points")
# A warning is given if the median ratio of provided box to visible points' box is outside this.
USUAL_RATIO = (0.5, 2.0)

AFLW_LFPA = Protocol(
    name="aflw-lfpa",
    version=1,
    title="AFLW-LFPA (PIFA set), 34 points by a stated map, visible ones only",
    images="the 1,299 test images; a failed face is a row of NaN, excluded but counted",
    image_count=TEST.image_count,
    points="34, each a weighted sum of the 68 iBUG points by the map that --map names; no public "
    "table of the 34 exists, so figures are comparable only under one map or maps made alike",
    truth="phisT of Landmark.mat: 34 x, 34 y, 34 visibilities",
    coordinates=("2d",),
    normaliser="sqrt(width * height) of a face box by option: provided (BoundingBox.mat, the "
    "default) or visible-points (tight box of the visible true points); papers say only "
    "'bounding box size'",
    alignment="none",
    z_rules=(),
    yaw_source="none: the set gives no angles",
    bins=(),
    aggregation=("mean_of_images: each image is the mean over its own visible points",),
    index_base="pixels as published in Landmark.mat; nothing is converted",
    sources=(
        "public readers of the set (layout); PRNet and PIFA wording (visible points, box size)",
        "sqrt of the area as the box's size is our reading",
    ),
    verified_on=INVENTED_FILES,
)


@dataclass(frozen=True, kw_only=True)
class LfpaChoices(Choices):
    """The choices of the board.

    Attributes:
        map: file of the map from 68 to 34 points.
        box: whose size normalises.
        photos: folder whose stems are the ids; None numbers the rows.
    """

    map: Path = path(
        required=True,
        metavar="MAP.json",
        help="map from 68 to 34 points, made by python -m eval calibrate-lfpa",
    )
    box: str = one_of(BOXES, help="face box whose size normalises (default: BoundingBox.mat's)")
    photos: Path | None = path(
        metavar="DIR",
        help="folder of the test part's numbered jpgs alone, whose stems are the ids "
        "(default: ids are 1 to 1299, the rows of phisT)",
    )


def score(
    benchmark: Lfpa,
    submission: Submission,
    landmark_map: LandmarkMap,
    *,
    box: str = "provided",
    bootstrap: Bootstrap | None = None,
) -> ProtocolResult:
    """Score a submission under a map.

    Args:
        benchmark: the test part, with boxes where `box` is "provided".
        submission: 68 points for exactly the benchmark's ids, in any order.
        landmark_map: from the 68 to the 34.
        box: one of ``BOXES``.
        bootstrap: settings of the interval.

    Returns:
        The record, whose options name the map.

    Raises:
        SubmissionError: ids do not match, nothing was predicted, or the scale is implausible.
        BenchmarkError: a face has no box of the wanted kind.
        ValueError: an unknown box.
    """
    predicted = landmark_map.apply(submission.in_order(benchmark.ids)[..., :2])
    seen_truth = _only_visible(benchmark.points, benchmark.visible)
    _refuse_absurd_scale(benchmark, predicted, seen_truth)
    size = _box_sizes(benchmark, seen_truth, box)
    errors = _errors(benchmark, predicted, size)
    label = "2D, visible points"
    return measured(
        AFLW_LFPA,
        submission,
        (summarise(errors, name="2d", label=label, thresholds=THRESHOLDS, bootstrap=bootstrap),),
        truth=benchmark.annotation,
        truth_source=benchmark.truth_source,
        options={**_map_facts(landmark_map), "box": box},
        warnings=_warnings(predicted, benchmark, size, box),
    )


def _warnings(predicted: Float64s, benchmark: Lfpa, size: Float64s, box: str) -> tuple[str, ...]:
    """Warnings about a wrong frame of the visible points, and about implausible boxes."""
    truth = _only_visible(benchmark.points, benchmark.visible)
    wide = box_sizes(truth) > 0
    seen = _only_visible(predicted, benchmark.visible)
    remarks = frame_warnings(seen[wide], truth[wide], photo_side=None)
    return (*remarks, *(_box_warnings(size, truth) if box == "provided" else ()))


def _map_facts(landmark_map: LandmarkMap) -> dict[str, str]:
    """The facts about its map that every result states."""
    method = printable(str(landmark_map.made.get("method", "not stated")))
    return {"map": landmark_map.name, "map_from": method, "map_sha256": landmark_map.sha256}


def _errors(benchmark: Lfpa, predicted: Float64s, size: Float64s) -> Errors:
    """Distances of the visible points over the box's size; NaN for points not visible."""
    per_point = point_errors(predicted, benchmark.points) / size[:, None]
    per_image = np.mean(per_point, axis=1, where=benchmark.visible)
    return Errors(benchmark.ids, per_image, np.where(benchmark.visible, per_point, np.nan))


def _refuse_absurd_scale(benchmark: Lfpa, predicted: Float64s, seen_truth: Float64s) -> None:
    """As ``refuse_absurd_scale``, on the faces whose visible points span a box."""
    wide = np.flatnonzero(box_sizes(seen_truth) > 0)
    ids = tuple(benchmark.ids[row] for row in wide)
    seen = _only_visible(predicted, benchmark.visible)
    refuse_absurd_scale(ids, seen[wide], seen_truth[wide])


def _only_visible(points: Float64s, visible: NDArray[np.bool_]) -> Float64s:
    """(N, 34, 2) with each hidden point moved onto the image's first visible one.

    Boxes and offsets, which use all points, then depend on the visible ones only.
    """
    rows = np.arange(len(points))
    first = points[rows, visible.argmax(axis=1)]
    return np.where(visible[..., None], points, first[:, None])


def _box_sizes(benchmark: Lfpa, seen_truth: Float64s, box: str) -> Float64s:
    """(N,) pixels."""
    if box not in BOXES:
        raise ValueError(f"box must be one of {', '.join(BOXES)}, got {box!r}")
    if box == "provided":
        if benchmark.boxes is None:
            raise BenchmarkError("the boxes were not read; load the part with_boxes=True")
        return np.sqrt(benchmark.boxes[:, 2] * benchmark.boxes[:, 3])
    size = box_sizes(seen_truth)
    flat = [benchmark.ids[row] for row in np.flatnonzero(size == 0).tolist()]
    if flat:
        raise BenchmarkError(
            f"the visible points of {len(flat)} images have a box without an area "
            f"({listed(flat)}); score with --box provided"
        )
    return size


def _box_warnings(size: Float64s, seen_truth: Float64s) -> tuple[str, ...]:
    """A warning if the provided boxes do not fit the points."""
    own = box_sizes(seen_truth)
    ratio = float(np.median(size[own > 0] / own[own > 0])) if (own > 0).any() else np.nan
    if USUAL_RATIO[0] <= ratio <= USUAL_RATIO[1]:
        return ()
    return (
        f"the provided boxes are typically {ratio:.2f} times as large as the visible true points' "
        "boxes; scored as given. Are they x, y, width, height in the points' pixels?",
    )


def _score(submission: Submission, root: Path | None, choices: LfpaChoices) -> ProtocolResult:
    landmark_map = load_map(choices.map)
    with_boxes = choices.box == "provided"
    benchmark = load_part(root, TEST, with_boxes=with_boxes, photos=choices.photos)
    return score(benchmark, submission, landmark_map, box=choices.box)


BENCHMARKS = (Benchmark(AFLW_LFPA, LfpaChoices, _score),)
