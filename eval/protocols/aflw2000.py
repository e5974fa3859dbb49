"""AFLW2000-3D, 68 points: the original annotation and the re-annotated one."""

from dataclasses import replace

import numpy as np

from eval import metrics
from eval.aflw2000_data import (
    IMAGE_COUNT,
    PHOTO_SIDE,
    Aflw2000,
    find_folder,
    literature_crops,
    load_benchmark,
)
from eval.diagnosis import frame_warnings, refuse_absurd_scale
from eval.files import printable
from eval.metrics import Float64s
from eval.protocols.protocol import Protocol
from eval.results import BinScore, Interval, ProtocolResult, Score
from eval.submission import Submission

__all__ = [
    "AFLW2000_3D",
    "AFLW2000_3D_REANNOTATED",
    "Aflw2000",
    "find_folder",
    "literature_crops",
    "load_benchmark",
    "score",
]

BOOTSTRAP_DRAWS = 10_000
BOOTSTRAP_SEED = 0
FAILURE_NME = 0.10  # the literature's usual failure threshold for 68 points

AFLW2000_3D = Protocol(
    name="aflw2000-3d",
    version=1,
    title="AFLW2000-3D, 68 points, original annotation",
    images="all of AFLW2000-3D; a face that failed is a row of NaN, left out of means and counted",
    image_count=IMAGE_COUNT,
    points="68, iBUG order",
    truth="pt3d_68 of each .mat (pts68.npy overrides)",
    coordinates=("2d", "3d"),
    normaliser="sqrt(width * height) of the tight box around the 68 true points, x and y only",
    alignment="none in x and y; z by the named rule on both sides",
    z_rules=metrics.Z_RULES,
    yaw_source="Pose_Para of each .mat, second value, degrees, not wrapped (yaw.npy overrides)",
    bins=("0-30: |yaw| <= 30", "30-60: 30 < |yaw| <= 60", "60-90: |yaw| > 60, no upper end"),
    aggregation=("mean_of_bins: unweighted mean of the three bins' means", "mean_of_images"),
    index_base="1-based photo pixels, as published; nothing is converted",
    sources=(
        "3DDFA v1 benchmark code and 2DASL's .m files (2D, bins)",
        "SADRNet and DSFNet code (z mean), 2DASL's .m files (z min)",
    ),
)
AFLW2000_3D_REANNOTATED = replace(
    AFLW2000_3D,
    name="aflw2000-3d-reannotated",
    title="AFLW2000-3D, 68 points, re-annotated (LS3D-W style); a separate board",
    truth="reannotated_pts68.npy, whose box also normalises",
    coordinates=("2d",),
    alignment="none",
    z_rules=(),
    index_base="photo pixels as published; nothing is converted",
    sources=("AFLW2000-3D-Reannotated.pts68.npy of 3DDFA's test.configs",),
)


def score(
    protocol: Protocol,
    benchmark: Aflw2000,
    submission: Submission,
    *,
    z_rule: str = "mean",
    draws: int = BOOTSTRAP_DRAWS,
    seed: int = BOOTSTRAP_SEED,
) -> ProtocolResult:
    """Score a submission as given.

    Args:
        protocol: one of this module's two.
        benchmark: loaded with the annotation that the protocol names.
        submission: predictions for exactly the benchmark's ids, in any order.
        z_rule: for the 3D score, where the protocol has one.
        draws: of the bootstrap.
        seed: of the bootstrap.

    Returns:
        The record; the 2D score is the headline.

    Raises:
        SubmissionError: ids do not match, nothing was predicted, or the scale is absurd.
        ValueError: an unknown z rule.
    """
    predicted, truth = submission.in_order(benchmark.ids), benchmark.landmarks68
    refuse_absurd_scale(benchmark.ids, predicted[..., :2], truth[..., :2])
    scores = {
        coordinates: _summarise(
            benchmark,
            _normalised_errors(predicted, truth, z_rule if coordinates == "3d" else None),
            z_rule=z_rule if coordinates == "3d" else None,
            draws=draws,
            seed=seed,
        )
        for coordinates in protocol.coordinates
    }
    warnings = frame_warnings(predicted[..., :2], truth[..., :2], PHOTO_SIDE)
    return _record(protocol, benchmark, submission, scores, warnings)


def _normalised_errors(predicted: Float64s, truth: Float64s, z_rule: str | None) -> Float64s:
    """(N, 68) distances over the size of the true box; in x and y where no z rule is given."""
    box_size = metrics.box_sizes(truth)
    if z_rule is None:
        errors = metrics.point_errors(predicted[..., :2], truth[..., :2])
    else:
        ours, theirs = (metrics.align_depth(points, z_rule) for points in (predicted, truth))
        errors = metrics.point_errors(ours, theirs)
    return errors / box_size[:, None]


def _summarise(
    benchmark: Aflw2000, errors: Float64s, *, z_rule: str | None, draws: int, seed: int
) -> Score:
    """Average (N, 68) normalised errors, failed rows NaN, in the ways the protocol names."""
    per_image = errors.mean(axis=1)
    bins = metrics.yaw_bins(benchmark.yaw_deg)
    means = metrics.bin_means(per_image, bins)
    counts = [int((np.isfinite(per_image) & (bins == index)).sum()) for index in range(3)]
    low, high = metrics.bootstrap_interval(per_image, bins, draws=draws, seed=seed)
    return Score(
        z_rule=z_rule,
        mean_of_bins=float(means.mean()),
        std_of_bins=float(means.std()),
        mean_of_images=float(np.nanmean(per_image)),
        interval=Interval(low, high, level=0.95, draws=draws, seed=seed),
        # NaN compares false, so a failed face is among the failures.
        failure_rate=float((~(per_image <= FAILURE_NME)).mean()),
        failure_threshold=FAILURE_NME,
        bins=tuple(
            BinScore(label, count, float(mean))
            for label, count, mean in zip(metrics.YAW_BIN_LABELS, counts, means, strict=True)
        ),
        regions={
            name: float(metrics.bin_means(errors[:, first:last].mean(axis=1), bins).mean())
            for name, (first, last) in metrics.REGIONS.items()
        },
        per_image=dict(zip(benchmark.ids, per_image.tolist(), strict=True)),
    )


def _record(
    protocol: Protocol,
    benchmark: Aflw2000,
    submission: Submission,
    scores: dict[str, Score],
    warnings: tuple[str, ...],
) -> ProtocolResult:
    """The scores with everything that says what they are scores of."""
    per_image = scores["2d"].per_image
    failed_ids = tuple(name for name, value in per_image.items() if np.isnan(value))
    return ProtocolResult(
        protocol=protocol.name,
        protocol_version=protocol.version,
        method=_stated(submission, "method"),
        link=_stated(submission, "link"),
        weights_revision=_stated(submission, "weights_revision"),
        training_data=_stated(submission, "training_data"),
        boxes=_stated(submission, "boxes"),
        submission_sha256=submission.sha256,
        landmark_source=benchmark.landmark_source,
        yaw_source=benchmark.yaw_source,
        normaliser=protocol.normaliser,
        alignment=protocol.alignment,
        expected=len(benchmark.ids),
        scored=len(benchmark.ids) - len(failed_ids),
        failed_ids=failed_ids,
        score_2d=scores["2d"],
        score_3d=scores.get("3d"),
        warnings=warnings,
    )


def _stated(submission: Submission, key: str) -> str:
    """A line of the submission's meta, or that it says nothing."""
    value = submission.meta.get(key)
    return printable(value, 200) if isinstance(value, str) and value else "not stated"
