"""AFLW2000-3D, 68 points: the original annotation and the re-annotated one."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path

import numpy as np

from eval.benchmarks.aflw2000.data import (
    IMAGE_COUNT,
    PHOTO_SIDE,
    REANNOTATED_FILE,
    Aflw2000,
    find_folder,
    find_ids,
    load_benchmark,
)
from eval.benchmarks.aflw2000.variants import NOT_IN_2DASL, SUBSETS, choose_images, with_yaw
from eval.benchmarks.benchmark import Benchmark, PhotoFace, Upload
from eval.benchmarks.choices import ThresholdChoices, one_of, path, seed
from eval.benchmarks.protocol import PUBLISHED_FILES, THRESHOLDS, Protocol, measured
from eval.results.record import ProtocolResult
from eval.scoring import metrics
from eval.scoring.diagnosis import frame_warnings, refuse_absurd_scale
from eval.scoring.metrics import Float64s
from eval.scoring.normalisers import BOX, NORMALISERS, face_sizes
from eval.scoring.summary import Bootstrap, Errors, Groups, summarise
from eval.submissions.landmarks68 import REGIONS
from eval.submissions.submission import Submission

AFLW2000_3D = Protocol(
    name="aflw2000-3d",
    version=1,
    title="AFLW2000-3D, 68 points, original annotation",
    images="all of AFLW2000-3D, or a named subset (2dasl-1998, within-90, balanced, "
    "balanced-sadrnet, as stated in the result); a "
    "failed face is a row of NaN, excluded from means but counted",
    image_count=IMAGE_COUNT,
    points="68, iBUG order",
    truth="pt3d_68 of each .mat (pts68.npy overrides)",
    coordinates=("2d", "3d"),
    normaliser=NORMALISERS[BOX],
    alignment="none in x and y; z by the named rule on both sides",
    z_rules=metrics.Z_RULES,
    yaw_source="Pose_Para of each .mat, second value, degrees, not wrapped (yaw.npy overrides; "
    "so does --yaw FILE, as stated in the result)",
    bins=tuple(f"{label}: {angles}" for label, angles in metrics.YAW_BINS.items()),
    aggregation=("mean_of_bins: unweighted mean of the three bins' means", "mean_of_images"),
    index_base="1-based photo pixels, as published; nothing is converted",
    sources=(
        "3DDFA v1 benchmark code and 2DASL's .m files (2D, bins)",
        "SADRNet and DSFNet code (z mean), 2DASL's .m files (z min)",
    ),
    verified_on=PUBLISHED_FILES,
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


@dataclass(frozen=True, kw_only=True)
class ImageChoices(ThresholdChoices):
    """The choices that both boards share.

    Attributes:
        subset: which images count.
        subset_seed: random seed of the balanced subset.
        yaw: a file of angles to bin by; None takes the published ones.
        normaliser: what errors are divided by.
    """

    subset: str = one_of(SUBSETS, help="which images count (default: all)")
    subset_seed: int = seed(0, help="random seed of the balanced subset (default: 0)")
    yaw: Path | None = path(
        help="yaw in degrees to bin by: .npy in the benchmark's order, or .csv of id,yaw_deg"
    )
    normaliser: str = one_of(
        tuple(NORMALISERS), help="what errors are divided by (default: box, the headline's)"
    )


@dataclass(frozen=True, kw_only=True)
class LandmarkChoices(ImageChoices):
    """The choices of the board of the original annotation.

    Attributes:
        z_rule: how the 3D score fixes the free depth offset.
    """

    z_rule: str = one_of(
        metrics.Z_RULES, help="how the 3D score fixes the free depth offset (default: mean)"
    )


def score(
    protocol: Protocol,
    benchmark: Aflw2000,
    submission: Submission,
    *,
    z_rule: str = "mean",
    normaliser: str = BOX,
    thresholds: Sequence[float] = THRESHOLDS,
    bootstrap: Bootstrap | None = None,
) -> ProtocolResult:
    """Score a submission as given.

    Args:
        protocol: one of this module's two.
        benchmark: loaded with the annotation that the protocol names; all faces or a subset.
        submission: predictions for exactly the benchmark's ids, in any order.
        z_rule: for the 3D score, if the protocol has one.
        normaliser: one of `eval.scoring.normalisers.NORMALISERS`; the record names any but the
            box, and boards rank it separately.
        thresholds: for failure rate and area under the curve, fractions.
        bootstrap: settings of the interval.

    Returns:
        The record; the 2D score is the headline.

    Raises:
        SubmissionError: ids do not match, nothing was predicted, or the scale is implausible.
        ArrayError: the normaliser of a face is not a positive length.
        ValueError: an unknown z rule or normaliser.
    """
    predicted = submission.in_order(benchmark.ids, left_out=benchmark.left_out)
    truth = benchmark.landmarks68
    refuse_absurd_scale(benchmark.ids, predicted[..., :2], truth[..., :2])
    sizes = face_sizes(truth, normaliser, benchmark.ids)
    groups = Groups(metrics.yaw_bins(benchmark.yaw_deg), tuple(metrics.YAW_BINS), benchmark.yaw_deg)
    scores = tuple(
        summarise(
            _errors(benchmark, predicted, sizes, None if name == "2d" else z_rule),
            name=name,
            label="2D" if name == "2d" else f"3D, z {z_rule}",
            groups=groups,
            thresholds=thresholds,
            bootstrap=bootstrap,
        )
        for name in protocol.coordinates
    )
    return measured(
        replace(protocol, normaliser=NORMALISERS[normaliser]),
        submission,
        scores,
        truth=benchmark.whole_truth,
        truth_source=f"{benchmark.landmark_source}; yaw from {benchmark.yaw_source}",
        options={
            "subset": benchmark.subset,
            "yaw bins": _named_bins(benchmark.yaw_deg),
            "z_rule": z_rule if protocol.z_rules else "-",
            **({} if normaliser == BOX else {"normaliser": normaliser}),
        },
        warnings=frame_warnings(predicted[..., : truth.shape[2]], truth, PHOTO_SIDE),
    )


def _named_bins(yaw_deg: Float64s) -> str:
    """Faces per yaw bin and a hash of their bins; the same text for the same yaw in any file."""
    bins = metrics.yaw_bins(yaw_deg)
    counts = "/".join(f"{count:,}" for count in np.bincount(bins, minlength=len(metrics.YAW_BINS)))
    digest = hashlib.sha256(bins.astype(np.uint8).tobytes()).hexdigest()
    return f"{counts} faces, {digest[:8]}"


def _errors(
    benchmark: Aflw2000, predicted: Float64s, sizes: Float64s, z_rule: str | None
) -> Errors:
    """Point distances divided by `sizes` (N,), pixels; in x and y only if there is no z rule."""
    truth = benchmark.landmarks68
    if z_rule is None:
        errors = metrics.point_errors(predicted[..., :2], truth[..., :2])
    else:
        ours, theirs = (metrics.align_depth(points, z_rule) for points in (predicted, truth))
        errors = metrics.point_errors(ours, theirs)
    per_point = errors / sizes[:, None]
    return Errors(benchmark.ids, per_point.mean(axis=1), per_point, REGIONS)


def load_variant(
    root: Path | None, choices: ImageChoices, *, reannotated: bool = False
) -> Aflw2000:
    """The faces that the choices select.

    Args:
        root: see ``load_benchmark``.
        choices: subset and yaw.
        reannotated: see ``load_benchmark``.

    Raises:
        BenchmarkError: the folder, the yaw file or the subset is unusable.
    """
    faces = load_benchmark(root, reannotated=reannotated)
    if choices.yaw is not None:
        faces = with_yaw(faces, choices.yaw)
    return choose_images(faces, choices.subset, choices.subset_seed)


def _score_original(
    submission: Submission, root: Path | None, choices: LandmarkChoices
) -> ProtocolResult:
    return score(
        AFLW2000_3D,
        load_variant(root, choices),
        submission,
        z_rule=choices.z_rule,
        normaliser=choices.normaliser,
        thresholds=choices.thresholds,
    )


def _score_reannotated(
    submission: Submission, root: Path | None, choices: ImageChoices
) -> ProtocolResult:
    return score(
        AFLW2000_3D_REANNOTATED,
        load_variant(root, choices, reannotated=True),
        submission,
        normaliser=choices.normaliser,
        thresholds=choices.thresholds,
    )


def _photo_faces(
    submission: Submission,
    root: Path | None,
    choices: ImageChoices,
    ids: Sequence[str],
    *,
    reannotated: bool = False,
) -> list[PhotoFace]:
    """Some faces with their true and predicted points."""
    benchmark = load_variant(root, choices, reannotated=reannotated)
    others = {*benchmark.ids, *benchmark.left_out}
    predicted = submission.in_order(ids, left_out=others)[..., :2]
    rows = [benchmark.ids.index(name) for name in ids]
    truth = benchmark.landmarks68[rows, :, :2]
    first_pixel = 1.0  # both are in the frame of pt3d_68, which counts from 1
    return [
        PhotoFace(name, benchmark.image_paths[row], ours - first_pixel, theirs - first_pixel)
        for name, row, ours, theirs in zip(ids, rows, truth, predicted, strict=True)
    ]


BENCHMARKS = (
    Benchmark(
        AFLW2000_3D,
        LandmarkChoices,
        _score_original,
        _photo_faces,
        uploads=(
            Upload("AFLW2000-3D, 68 points", find_folder, find_ids),
            Upload(
                "AFLW2000-3D, the 1,998 images that 2DASL answered",
                find_folder,
                find_ids,
                left_out=NOT_IN_2DASL,
                choices=LandmarkChoices(subset="2dasl-1998"),
            ),
        ),
    ),
    Benchmark(
        AFLW2000_3D_REANNOTATED,
        ImageChoices,
        _score_reannotated,
        partial(_photo_faces, reannotated=True),
        uploads=(
            Upload(
                "AFLW2000-3D, re-annotated points", find_folder, find_ids, needs=REANNOTATED_FILE
            ),
        ),
    ),
)
