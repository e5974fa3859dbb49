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
    alignment="none; differences go the short way round the circle",
    z_rules=(),
    yaw_source="Pose_Para of each .mat",
    bins=(),
    aggregation=("mean_of_images: of the mean of the three angles' absolute errors",),
    index_base="-",
    sources=(
        "FSA-Net and SynergyNet code (99-degree rule, plain absolute differences)",
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
    truth: TruePoses, submission: Submission, *, bootstrap: Bootstrap | None = None
) -> ProtocolResult:
    """Score a submission's ``pose_deg`` as given.

    Args:
        truth: of the faces that count.
        submission: with ``pose_deg``; it may answer the faces left out.
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
    parts = _named_errors(predicted, truth.pose_deg)
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
        options={"angles": truth.rule},
        warnings=convention_warnings(predicted, truth.pose_deg),
    )


def _named_errors(predicted: Float64s, truth: Float64s) -> dict[str, tuple[str, Float64s]]:
    """Label and (N,) errors of each score, by name; the headline's first."""
    errors = angle_errors(predicted, truth)
    return {
        "pose": ("mean of the three angles", errors.mean(axis=1)),
        **{name: (name, errors[:, column]) for column, name in enumerate(ANGLES)},
        "geodesic": ("angle between rotations", geodesic_errors(predicted, truth)),
    }


def angle_errors(predicted: Float64s, truth: Float64s) -> Float64s:
    """Absolute difference of angles the short way round.

    Args:
        predicted: degrees, any shape; NaN stays NaN.
        truth: degrees, the same shape.

    Returns:
        In [0, 180].

    Example:
        >>> angle_errors(np.array([10.0, 179.0]), np.array([-351.0, -179.0]))
        array([1., 2.])
    """
    return np.asarray(np.abs((predicted - truth + 180.0) % 360.0 - 180.0), dtype=np.float64)


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


def _score_file(path: Path, options: argparse.Namespace) -> ProtocolResult:
    submission = read_submission(path)
    ids = find_ids(options.root)
    truth = choose_poses(ids, load_poses(options.root, ids), options.angles)
    return score(truth, submission)


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
