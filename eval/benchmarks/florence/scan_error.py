"""Florence (MICC): meshes reconstructed from renderings at stated poses, compared with scans."""

import math
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import get_args

import numpy as np

from eval.benchmarks.benchmark import Benchmark
from eval.benchmarks.choices import Choices as BoardChoices
from eval.benchmarks.choices import number, one_of, path
from eval.benchmarks.florence.crop import CROP_RADIUS_MM
from eval.benchmarks.florence.faces import compare_all, rendered_faces
from eval.benchmarks.florence.icp import MOST_ROUNDS, SETTLED
from eval.benchmarks.florence.reconstruction import (
    ALIGNMENT_POINTS,
    SCORES,
    Choices,
    Comparison,
    Distance,
    Interocular,
    Scale,
    Steps,
)
from eval.benchmarks.florence.subjects import SUBJECT_COUNT, Florence, Subject, load_benchmark
from eval.benchmarks.florence.views import IMAGE_SIDE, PIXELS_PER_MM, POSE_SETS, YAWS_DEG, PoseSet
from eval.benchmarks.protocol import INVENTED_FILES, THRESHOLDS, Protocol, measured
from eval.results.record import ProtocolResult
from eval.scoring.diagnosis import frame_warnings, refuse_absurd_scale
from eval.scoring.metrics import Float64s
from eval.scoring.summary import Bootstrap, Errors, Groups, summarise
from eval.submissions.submission import Submission
from eval.untrusted.text import listed

DEFAULT_POSES = "vrn"
LABELS = {
    "icp": "ICP from the rendering's pose",
    "landmark-icp": "ICP from named points",
    "landmarks": "named points, no ICP",
    "non-rigid": "pairs by bending, no ICP",
    "icp-back": "ICP, from prediction to scan",
}
OF_STEPS = {"prnet": {}, "sadrnet": {"icp": "SADRNet's steps: there with scale, near points, back"}}


@dataclass(frozen=True)
class FlorenceProtocol(Protocol):
    """A protocol with the choices that only this benchmark has.

    Attributes:
        pose_sets: the option `--poses`.
        rendering: how the pictures are made.
        crop: which part of a scan is scored.
        scale_rules: the option `--scale`.
        distances: the option `--distance`.
        interocular_sources: the option `--interocular`.
        overlap: the option `--overlap`.
        landmark_source: where the named points come from.
        starts: how the scores differ.
    """

    pose_sets: tuple[str, ...]
    rendering: str
    crop: str
    scale_rules: tuple[str, ...]
    distances: tuple[str, ...]
    interocular_sources: tuple[str, ...]
    overlap: str
    landmark_source: str
    starts: tuple[str, ...]


FLORENCE = FlorenceProtocol(
    name="florence",
    version=2,
    title="Florence (MICC), reconstruction from renderings, over the outer interocular distance",
    images="53 frontal1 scans, each rendered at five yaws and the pitches of the pose set; ids "
    "<subject>_<pitch>_<yaw> in degrees as applied; a failed face is a row of NaN",
    image_count=SUBJECT_COUNT * len(POSE_SETS[DEFAULT_POSES].poses),
    points="the scan's vertices in the crop (PRNet: about 19K), each against the prediction, whose "
    "mesh may have any topology; vertices of no triangle are left out",
    truth="the scans' own vertices, millimetres",
    coordinates=SCORES,
    normaliser="3D distance of the outer eye corners, from the source that the option names",
    alignment=f"rigid, no reflection; point-to-plane ICP from at most {ALIGNMENT_POINTS:,} evenly "
    f"taken scan points to nearest predicted vertices, until points move less than {SETTLED:g} mm, "
    f"at most {MOST_ROUNDS} rounds; scale by option",
    z_rules=(),
    yaw_source="of the rendering",
    bins=tuple(f"{yaw:g}" for yaw in YAWS_DEG),
    aggregation=(
        "mean_of_bins: unweighted mean of the five yaws' means",
        "mean_of_images",
        "intervals draw subjects, whose images are not independent",
    ),
    index_base=f"0-based pixels of the {IMAGE_SIDE} x {IMAGE_SIDE} rendering, integer = pixel "
    "centre, x right, y down, z towards the viewer in pixels, any offset",
    sources=(
        "PRNet's text: 95 mm around the nose tip, ICP, 3D outer interocular distance, per yaw",
        "VRN's author: poses (vrn #158), no scale inside ICP (#143, #144), eye corners (#88)",
        "SADRNet's code: its poses, 600 x 600, ICP with scale, predicted eye distance",
        "arXiv 2505.18025: nearest-point ICP is the least reliable choice; hence five figures",
    ),
    verified_on=INVENTED_FILES,
    pose_sets=tuple(
        f"{s.name}: pitches {', '.join(f'{p:g}' for p in s.pitches_deg)} as applied, positive "
        f"lifts the nose; {s.source}"
        for s in POSE_SETS.values()
    ),
    rendering=f"orthographic, {PIXELS_PER_MM:g} pixels a millimetre for every scan, crop's box at "
    "the centre, texture as it is without shading, 2 x 2 rays a pixel, black behind",
    crop=f"{CROP_RADIUS_MM:g} mm around the nose tip, straight distance",
    scale_rules=("none: the rendering's known scale (VRN)", "fit: scale fitted (SADRNet)"),
    distances=(
        "vertex: to the nearest predicted vertex",
        "surface: to the predicted triangles",
    ),
    interocular_sources=("scan: the truth's", "predicted: the aligned prediction's (SADRNet)"),
    overlap="share of the scan points, the closest ones, that ICP keeps (default 1, all); errors "
    "always take all",
    landmark_source="the user's file beside the scans: the data set has none",
    starts=(
        "icp (headline): from the rendering's pose, depth shifted at the named points; with "
        "--steps sadrnet SADRNet's, which leave scan points beyond 5 mm out",
        "landmark-icp: from the least-squares fit of the named points to the 68",
        "landmarks: that fit alone",
        "non-rigid: pairs of a bending onto the scan that holds the named points; one fit of the "
        "pairs, error between them",
        "icp-back: after icp, from the predicted surface in the crop to the scan's, without the "
        "farthest tenth; or from the scan to points spread evenly over the predicted surface, if "
        "that is much larger than icp; a result with a much larger icp-back is not ranked",
    ),
)


@dataclass(frozen=True, kw_only=True)
class FlorenceChoices(BoardChoices):
    """The choices on which publications differ; see `Choices` for the last five.

    Attributes:
        landmarks: file of the scans' named points; None takes the one in their folder.
        poses: the set that was rendered.
        scale: of the alignment.
        distance: from scan points to predicted vertices or to the predicted surface.
        interocular: which eye distance normalises.
        overlap: share of the scan points that ICP keeps.
        steps: how the headline score is computed.
    """

    landmarks: Path | None = path(
        help="named points of the scans (default: landmarks.json or .csv in their folder)"
    )
    poses: str = one_of(
        (DEFAULT_POSES, *sorted(set(POSE_SETS) - {DEFAULT_POSES})),
        help=f"the set that was rendered (default: {DEFAULT_POSES})",
    )
    scale: Scale = one_of(
        get_args(Scale), help="whether alignment may scale the prediction (default: none)"
    )
    distance: Distance = one_of(
        get_args(Distance),
        help="distance from scan points to predicted vertices or surface (default: vertex)",
    )
    interocular: Interocular = one_of(
        get_args(Interocular), help="which eye distance normalises (default: the scan's)"
    )
    overlap: float = number(
        1.0,
        above=0.0,
        at_most=1.0,
        metavar="SHARE",
        help="share of the scan points, the closest ones, that ICP keeps (default: 1, all)",
    )
    steps: Steps = one_of(
        get_args(Steps),
        help="how the headline score is computed; sadrnet: ICP with scale, scan points within "
        "5 mm, ICP back, predicted eye distance (default: prnet)",
    )


def score(
    benchmark: Florence,
    submission: Submission,
    *,
    poses: PoseSet,
    choices: Choices,
    bootstrap: Bootstrap | None = None,
) -> ProtocolResult:
    """Score a submission, with a progress bar.

    Args:
        benchmark: the scans.
        submission: vertices and landmarks for exactly the pose set's images, in any order.
        poses: the set that was rendered.
        choices: of alignment and distance.
        bootstrap: settings of the interval.

    Returns:
        The record; ICP from the rendering's pose is the headline.

    Raises:
        SubmissionError: arrays or ids are missing, values are unusable, nothing was predicted, or
            the scale is implausible.
    """
    faces = rendered_faces(benchmark.subjects, poses)
    ids = tuple(face.image_id for face in faces)
    landmarks = submission.in_order(ids)
    indices = benchmark.subjects[0].landmarks.ibug_indices
    points = landmarks[:, indices]
    true_points = np.stack(
        [face.view.image_from_scan(face.subject.landmarks.points) for face in faces]
    )
    refuse_absurd_scale(ids, points[..., :2], true_points[..., :2])
    compared = compare_all(submission, faces, landmarks, choices)
    yaw_index = np.array([YAWS_DEG.index(face.pose.yaw_deg) for face in faces])
    errors = np.array([_errors(compared.get(name)) for name in ids])
    subjects = np.array([face.subject.name for face in faces])
    scores = tuple(
        summarise(
            Errors(ids, errors[:, column], subjects=subjects),
            name=name,
            label=OF_STEPS[choices.steps].get(name, LABELS[name]),
            groups=Groups(yaw_index, FLORENCE.bins),
            thresholds=THRESHOLDS,
            bootstrap=bootstrap,
        )
        for column, name in enumerate(SCORES)
    )
    return measured(
        FLORENCE,
        submission,
        scores,
        truth=np.concatenate([_truth(subject) for subject in benchmark.subjects]),
        truth_source=benchmark.truth_source,
        options=_options(benchmark, poses, choices),
        warnings=(*_frame_warnings(points, true_points), *_icp_warnings(compared)),
    )


def _errors(comparison: Comparison | None) -> tuple[float, ...]:
    return (math.nan,) * len(SCORES) if comparison is None else comparison.errors


def _truth(subject: Subject) -> Float64s:
    return np.concatenate([subject.face_points, subject.landmarks.points])


def _options(benchmark: Florence, poses: PoseSet, choices: Choices) -> dict[str, str]:
    pitches = ", ".join(f"{pitch:g}" for pitch in poses.pitches_deg)
    yaws = ", ".join(f"{yaw:g}" for yaw in YAWS_DEG)
    return {
        "poses": f"{poses.name} (pitches {pitches}; yaws {yaws})",
        "scale": choices.scale,
        "distance": choices.distance,
        "interocular": choices.interocular,
        "overlap": f"{choices.overlap:g}",
        "steps": choices.steps,
        "crop": f"{CROP_RADIUS_MM:g} mm around the nose tip",
        "named points": ", ".join(benchmark.point_names),
    }


def _frame_warnings(points: Float64s, true_points: Float64s) -> tuple[str, ...]:
    """Warnings about wrong axes or sizes of the named points; alignment removes any offset."""
    one_based = points + 1.0, true_points + 1.0
    return frame_warnings(*one_based, IMAGE_SIDE, offsets=False)


def _icp_warnings(compared: Mapping[str, Comparison]) -> tuple[str, ...]:
    unsettled = [name for name, comparison in compared.items() if not comparison.settled]
    if not unsettled:
        return ()
    return (
        f"ICP had not converged after {MOST_ROUNDS} rounds in {len(unsettled)} images "
        f"({listed(unsettled)}); scored as they were",
    )


def _score(submission: Submission, root: Path | None, choices: FlorenceChoices) -> ProtocolResult:
    benchmark = load_benchmark(root, choices.landmarks)
    aligned = Choices(
        choices.scale, choices.distance, choices.interocular, choices.overlap, choices.steps
    )
    return score(benchmark, submission, poses=POSE_SETS[choices.poses], choices=aligned)


BENCHMARKS = (Benchmark(FLORENCE, FlorenceChoices, _score),)
