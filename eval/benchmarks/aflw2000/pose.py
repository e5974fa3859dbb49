"""AFLW2000-3D, head pose: absolute error of yaw, pitch and roll, degrees."""

import argparse
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from eval.benchmarks.aflw2000.coefficients import load_poses
from eval.benchmarks.aflw2000.data import find_folder, find_ids
from eval.benchmarks.benchmark import Benchmark, Upload
from eval.benchmarks.protocol import PUBLISHED_FILES, Protocol, measured
from eval.bfm.model import rotation
from eval.errors import SubmissionError
from eval.results.record import ProtocolResult
from eval.scoring.metrics import Float64s
from eval.scoring.summary import Bootstrap, Errors, summarise
from eval.submissions.submission import Submission, read_submission
from eval.untrusted.text import listed

ANGLES = ("yaw", "pitch", "roll")
FROM_POSE_PARA = [1, 0, 2]  # Pose_Para: pitch, yaw, roll
RULES = ("within-99", "all")
DIFFERENCES = ("wrapped", "plain", "6drepnet")
FRAMES = ("given", "opal")
LARGEST_ANGLE = 99.0
THRESHOLDS = (5.0, 10.0)
# Another convention is named when it at least halves the error.
BETTER_CONVENTION = 0.5

AFLW2000_3D_POSE = Protocol(
    name="aflw2000-3d-pose",
    version=1,
    title="AFLW2000-3D, head pose, mean absolute error of the Euler angles in degrees",
    images="within-99: the 1,969 whose three true angles all lie within 99 degrees (FSA-Net's "
    "rule, that of the published tables); or all; a face that failed is a row of NaN",
    image_count=1969,
    points="none; the angles of R = Rx(pitch) Ry(yaw) Rz(roll), model to view",
    truth="Pose_Para of each .mat, degrees, turns not taken out",
    coordinates=("pose", *ANGLES, "geodesic"),
    normaliser="none: degrees",
    alignment="none, or --frames opal: the mean rotation between prediction and truth is taken out "
    "first; differences go the short way round the circle, or by --rule plain as they are, or by "
    "--rule 6drepnet also after a turn by 180 degrees",
    z_rules=(),
    yaw_source="Pose_Para of each .mat",
    bins=(),
    aggregation=("mean_of_images: of the mean of the three angles' absolute errors",),
    index_base="-",
    sources=(
        "FSA-Net, SynergyNet and DSFNet code (99-degree rule; --rule plain)",
        "6DRepNet's test code (--rule 6drepnet)",
        "OPAL's evaluator, arXiv 2401.05807 (--frames opal)",
        "convention measured: with it the mats' own points follow from their coefficients",
    ),
    verified_on=PUBLISHED_FILES,
)


@dataclass(frozen=True, eq=False)
class TruePoses:
    """True angles of the faces that count.

    Attributes:
        ids: N file stems.
        pose_deg: (N, 3) yaw, pitch, roll.
        left_out: stems of the faces that the rule leaves out.
        rule: as the record says it.
        published_deg: (M, 3) angles of all published faces, by name.
    """

    ids: tuple[str, ...]
    pose_deg: Float64s
    left_out: tuple[str, ...]
    rule: str
    published_deg: Float64s


def choose_poses(ids: tuple[str, ...], pose_para: Float64s, rule: str) -> TruePoses:
    """The true angles of the faces that a rule keeps.

    Args:
        ids: M file stems.
        pose_para: (M, 7) as the mats have it.
        rule: one of ``RULES``.
    """
    angles = np.degrees(pose_para[:, FROM_POSE_PARA])
    kept = np.abs(angles).max(axis=1) <= (LARGEST_ANGLE if rule == "within-99" else np.inf)
    rows = np.flatnonzero(kept).tolist()
    left_out = tuple(name for name, is_kept in zip(ids, kept, strict=True) if not is_kept)
    names = tuple(ids[row] for row in rows)
    published = angles[sorted(range(len(ids)), key=ids.__getitem__)]
    return TruePoses(names, angles[rows], left_out, f"{rule}, {len(rows)} faces", published)


def score(
    truth: TruePoses,
    submission: Submission,
    *,
    rule: str = "wrapped",
    frames: str = "given",
    bootstrap: Bootstrap | None = None,
) -> ProtocolResult:
    """Score a submission's ``pose_deg`` as given.

    Args:
        truth: of the faces that count.
        submission: with ``pose_deg``; it may answer the faces left out.
        rule: one of ``DIFFERENCES``; of the angles, not of the geodesic score.
        frames: one of ``FRAMES``; "opal" takes out the mean rotation of the submission first.
        bootstrap: settings of the interval.

    Raises:
        SubmissionError: no ``pose_deg``, ids that do not match, or nothing predicted.
    """
    predicted = submission.pose_in_order(truth.ids, left_out=truth.left_out)
    if np.isnan(predicted).all():
        raise SubmissionError(
            f"all {len(truth.ids)} rows are NaN ({listed(list(truth.ids))}): there is nothing to "
            "score"
        )
    if frames == "opal":
        compared = aligned_frames(predicted, truth.pose_deg)
    else:
        compared = predicted
    parts = _named_errors(compared, truth.pose_deg, rule)
    scores = tuple(
        summarise(
            Errors(truth.ids, values),
            name=name,
            label=label,
            unit="deg",
            thresholds=THRESHOLDS,
            bootstrap=bootstrap,
        )
        for name, (label, values) in parts.items()
    )
    return measured(
        AFLW2000_3D_POSE,
        submission,
        scores,
        truth=truth.published_deg,
        truth_source="Pose_Para of each .mat",
        options={"angles": truth.rule} | _named_variant(rule, frames),
        warnings=convention_warnings(predicted, truth.pose_deg),
    )


def _named_variant(rule: str, frames: str) -> dict[str, str]:
    """What the record says of choices other than the defaults."""
    chosen = {"rule": (rule, "wrapped"), "frames": (frames, "given")}
    return {name: value for name, (value, usual) in chosen.items() if value != usual}


def _named_errors(
    predicted: Float64s, truth: Float64s, rule: str
) -> dict[str, tuple[str, Float64s]]:
    """Label and (N,) errors of each score, by name; the headline's first."""
    errors = angle_errors(predicted, truth, rule)
    return {
        "pose": ("mean of the three angles", errors.mean(axis=1)),
        **{name: (name, errors[:, column]) for column, name in enumerate(ANGLES)},
        "geodesic": ("angle between rotations", geodesic_errors(predicted, truth)),
    }


def angle_errors(predicted: Float64s, truth: Float64s, rule: str = "wrapped") -> Float64s:
    """Absolute difference of angles.

    Sources: "plain" FSA-Net's, SynergyNet's and DSFNet's code; "6drepnet" that of 6DRepNet,
    which forgives half turns: the smallest of five differences, with 0, 180 and 360 degrees
    added or taken; "wrapped" goes the short way round the circle.

    Args:
        predicted: degrees, any shape; NaN stays NaN.
        truth: degrees, the same shape.
        rule: one of ``DIFFERENCES``.

    Returns:
        In [0, 180] where wrapped.

    Example:
        >>> angle_errors(np.array([10.0, 179.0]), np.array([-351.0, -179.0]))
        array([1., 2.])
    """
    gaps = np.asarray(predicted - truth, dtype=np.float64)
    if rule == "plain":
        return np.abs(gaps)
    if rule == "6drepnet":
        turned = [np.abs(gaps + turn) for turn in (0.0, 360.0, -360.0, 180.0, -180.0)]
        return np.asarray(np.min(turned, axis=0), dtype=np.float64)
    return np.abs((gaps + 180.0) % 360.0 - 180.0)


def aligned_frames(predicted: Float64s, truth: Float64s) -> Float64s:
    """Predicted angles after the mean rotation from truth to prediction is taken out.

    Source: OPAL's evaluator (arXiv 2401.05807): data sets define the head's frame differently.
    The mean of R_predicted R_truth^T is taken over the faces within 90 degrees, by stepping along
    the mean of the rotation vectors; its inverse turns every prediction. Angles are the same
    convention's, yaw within 90 degrees.

    Args:
        predicted: (N, 3) yaw, pitch, roll, degrees; failed rows NaN.
        truth: the same.

    Returns:
        (N, 3) degrees, NaN where a face failed.
    """
    # Imported here: half a second that the other rules do not need.
    from scipy.spatial.transform import Rotation

    known = np.isfinite(predicted).all(axis=1)
    ours, theirs = (
        rotation(np.radians(a[known][:, FROM_POSE_PARA])) for a in (predicted, truth)
    )
    deltas = Rotation.from_matrix(ours @ theirs.transpose(0, 2, 1))
    near = deltas[deltas.magnitude() < np.pi / 2]
    if not len(near):
        raise SubmissionError(
            "no predicted pose is within 90 degrees of its truth, so that there is no mean "
            "rotation; score with --frames given"
        )
    aligned = np.full_like(predicted, np.nan)
    turned = near.mean().inv() * Rotation.from_matrix(ours)
    aligned[known] = _angles_of(turned.as_matrix())
    return aligned


def _angles_of(rotations: Float64s) -> Float64s:
    """(N, 3) yaw, pitch, roll in degrees of R = Rx(pitch) Ry(yaw) Rz(roll), yaw within 90."""
    pitch_yaw_roll = Rotation_as_euler(rotations)
    return pitch_yaw_roll[:, FROM_POSE_PARA]


def geodesic_errors(predicted: Float64s, truth: Float64s) -> Float64s:
    """Angle of the rotation between two rotations; unlike Euler angles it has no gimbal lock.

    Args:
        predicted: (N, 3) yaw, pitch, roll, degrees; NaN stays NaN.
        truth: the same.

    Returns:
        (N,) degrees in [0, 180].
    """
    ours, theirs = (rotation(np.radians(a[:, FROM_POSE_PARA])) for a in (predicted, truth))
    # From the chord rather than the trace, whose arccos has no precision near 0.
    chord = np.linalg.norm(ours - theirs, axis=(1, 2)) / np.sqrt(8.0)
    return np.degrees(2.0 * np.arcsin(np.clip(chord, 0.0, 1.0)))


def convention_warnings(predicted: Float64s, truth: Float64s) -> tuple[str, ...]:
    """What looks like another convention of angles; the score is never changed by it.

    Args:
        predicted: (N, 3) yaw, pitch, roll, degrees, failed rows NaN.
        truth: the same.

    Returns:
        Sentences for a person, none when nothing is found.
    """
    given = np.nanmean(angle_errors(predicted, truth), axis=0)
    remarks = []
    for column, name in enumerate(ANGLES):
        turned = np.nanmean(angle_errors(-predicted[:, column], truth[:, column]))
        if turned < BETTER_CONVENTION * given[column]:
            remarks.append(
                f"{name} negated? its error would be {turned:.2f} in place of {given[column]:.2f} "
                "degrees; scored as given"
            )
    others = {
        "columns pitch, yaw, roll": predicted[:, FROM_POSE_PARA],
        "columns roll, pitch, yaw": predicted[:, ::-1],
        "radians": np.degrees(predicted),
    }
    for name, angles in others.items():
        error = np.nanmean(angle_errors(angles, truth))
        if error < BETTER_CONVENTION * given.mean():
            remarks.append(
                f"{name}? the error would be {error:.2f} in place of {given.mean():.2f} degrees; "
                "scored as given, as yaw, pitch, roll in degrees"
            )
    return tuple(remarks)


def _add_options(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--angles",
        choices=RULES,
        default="within-99",
        help="leave out faces with a true angle beyond 99 degrees, as papers do, or score all "
        "(default: within-99)",
    )


    parser.add_argument(
        "--rule",
        choices=DIFFERENCES,
        default="wrapped",
        help="how angles are subtracted: the short way round, plainly as FSA-Net and SynergyNet "
        "do, or forgiving half turns as 6DRepNet does (default: wrapped)",
    )
    parser.add_argument(
        "--frames",
        choices=FRAMES,
        default="given",
        help="opal takes out the mean rotation between prediction and truth first, as OPAL's "
        "evaluator does (default: given)",
    )


def _score_file(path: Path, options: argparse.Namespace) -> ProtocolResult:
    submission = read_submission(path)
    ids = find_ids(options.root)
    truth = choose_poses(ids, load_poses(options.root, ids), options.angles)
    return score(truth, submission, rule=options.rule, frames=options.frames)


BENCHMARKS = (
    Benchmark(
        AFLW2000_3D_POSE,
        _add_options,
        _score_file,
        uploads=(
            Upload(
                "AFLW2000-3D, head pose",
                find_folder,
                find_ids,
                needs="image00002.mat",
                all_images=False,
            ),
        ),
    ),
)
