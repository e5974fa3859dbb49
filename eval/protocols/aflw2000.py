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
from eval.metrics import Float64s, Ints
from eval.protocols.protocol import Protocol
from eval.results import BinScore, ProtocolResult, Score
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
    bins = metrics.yaw_bins(benchmark.yaw_deg)
    box_size = metrics.box_sizes(truth)

    def scored(coordinates: str, ours: Float64s, theirs: Float64s) -> Score:
        errors = metrics.point_errors(ours, theirs) / box_size[:, None]
        interval = metrics.bootstrap_interval(errors.mean(axis=1), bins, draws=draws, seed=seed)
        return summarise(coordinates, benchmark.ids, errors, bins, interval)

    score_2d, score_3d = scored("2d", predicted[..., :2], truth[..., :2]), None
    if "3d" in protocol.coordinates:
        depths = (metrics.align_depth(points, z_rule) for points in (predicted, truth))
        score_3d = scored("3d", *depths)
    result = _record(protocol, benchmark, submission, score_2d, score_3d)
    return replace(
        result,
        z_rule=z_rule if score_3d else None,
        bootstrap_draws=draws,
        bootstrap_seed=seed,
        warnings=frame_warnings(predicted[..., :2], truth[..., :2], PHOTO_SIDE),
    )


def summarise(
    coordinates: str,
    ids: tuple[str, ...],
    errors: Float64s,
    bins: Ints,
    interval: tuple[float, float],
) -> Score:
    """Average normalised point errors the ways the protocol names.

    Args:
        coordinates: ``2d`` or ``3d``.
        ids: N names.
        errors: (N, 68) distances over box size; failed rows NaN.
        bins: (N,) yaw bins.
        interval: of the mean of bins.

    Returns:
        The score; regions are means of bins too, so that weighted by their points they add
        up to the headline.
    """
    per_image = errors.mean(axis=1)
    means = metrics.bin_means(per_image, bins)
    regions = {
        name: float(metrics.bin_means(errors[:, first:last].mean(axis=1), bins).mean())
        for name, (first, last) in metrics.REGIONS.items()
    }
    counts = [int((np.isfinite(per_image) & (bins == index)).sum()) for index in range(3)]
    return Score(
        coordinates=coordinates,
        mean_of_bins=float(means.mean()),
        std_of_bins=float(means.std()),
        mean_of_images=float(np.nanmean(per_image)),
        interval_low=interval[0],
        interval_high=interval[1],
        # NaN compares false, so a failed face is among the failures.
        failure_rate=float((~(per_image <= FAILURE_NME)).mean()),
        failure_threshold=FAILURE_NME,
        bins=tuple(
            BinScore(label, count, float(mean))
            for label, count, mean in zip(metrics.YAW_BIN_LABELS, counts, means, strict=True)
        ),
        regions=regions,
        per_image=dict(zip(ids, per_image.tolist(), strict=True)),
    )


def _stated(submission: Submission, key: str) -> str:
    """A line of the submission's meta, or that it says nothing."""
    value = submission.meta.get(key)
    return printable(value, 200) if isinstance(value, str) and value else "not stated"
