"""AFLW2000-3D, head pose: absolute error of yaw, pitch and roll, degrees."""

from dataclasses import dataclass
from pathlib import Path

import numpy as np

from eval.benchmarks.aflw2000.coefficients import load_poses
from eval.benchmarks.aflw2000.data import find_folder, find_ids
from eval.benchmarks.aflw2000.pose_errors import (
    DIFFERENCES,
    FRAMES,
    FROM_POSE_PARA,
    angle_errors,
    geodesic_errors,
    opal_errors,
)
from eval.benchmarks.benchmark import Benchmark, Upload
from eval.benchmarks.choices import Choices, one_of
from eval.benchmarks.protocol import PUBLISHED_FILES, Protocol, measured
from eval.errors import SubmissionError
from eval.results.record import ProtocolResult
from eval.scoring.metrics import Float64s
from eval.scoring.summary import Bootstrap, Errors, summarise
from eval.submissions.submission import Submission
from eval.untrusted.text import listed

ANGLES = ("yaw", "pitch", "roll")
RULES = ("within-99", "all")
LARGEST_ANGLE = 99.0
THRESHOLDS = (5.0, 10.0)
# A warning names another angle convention if it at least halves the error.
BETTER_CONVENTION = 0.5

AFLW2000_3D_POSE = Protocol(
    name="aflw2000-3d-pose",
    version=1,
    title="AFLW2000-3D, head pose, mean absolute error of the Euler angles in degrees",
    images="within-99: the 1,969 whose three true angles all lie within 99 degrees (FSA-Net's "
    "rule, used in published tables); or all; a failed face is a row of NaN",
    image_count=1969,
    points="none; the angles of R = Rx(pitch) Ry(yaw) Rz(roll), model to view",
    truth="Pose_Para of each .mat, degrees, not wrapped",
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


@dataclass(frozen=True, kw_only=True)
class PoseChoices(Choices):
    """The choices of the board.

    Attributes:
        angles: which faces count, by their true angles.
        rule: how angles are subtracted.
        frames: whether the mean rotation is removed first.
    """

    angles: str = one_of(
        RULES,
        help="leave out faces with a true angle beyond 99 degrees, as papers do, or score all "
        "(default: within-99)",
    )
    rule: str = one_of(
        DIFFERENCES,
        help="how angles are subtracted: the short way round, plainly as FSA-Net and SynergyNet "
        "do, or forgiving half turns as 6DRepNet does (default: wrapped)",
    )
    frames: str = one_of(
        FRAMES,
        help="opal first removes the mean rotation between prediction and truth, as OPAL's "
        "evaluator does (default: given)",
    )


@dataclass(frozen=True, eq=False)
class TruePoses:
    """True angles of the faces that count.

    Attributes:
        ids: N file stems.
        pose_deg: (N, 3) yaw, pitch, roll.
        left_out: stems of the faces that the rule leaves out.
        rule: name of the rule, as the record states it.
        published_deg: (M, 3) angles of all published faces, sorted by name.
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
        submission: with ``pose_deg``; it may include the faces left out.
        rule: one of ``DIFFERENCES``; it applies to the angles, not to the geodesic score.
        frames: one of ``FRAMES``; "opal" first removes the submission's mean rotation and
            ignores the rule.
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
        errors, turns = opal_errors(predicted, truth.pose_deg)
    else:
        errors = angle_errors(predicted, truth.pose_deg, rule)
        turns = geodesic_errors(predicted, truth.pose_deg)
    parts = _named_errors(errors, turns)
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
    """The non-default choices, as the record states them."""
    chosen = {"rule": (rule, "wrapped"), "frames": (frames, "given")}
    return {name: value for name, (value, usual) in chosen.items() if value != usual}


def _named_errors(errors: Float64s, turns: Float64s) -> dict[str, tuple[str, Float64s]]:
    """Label and (N,) errors of each score, by name; the headline score comes first."""
    return {
        "pose": ("mean of the three angles", errors.mean(axis=1)),
        **{name: (name, errors[:, column]) for column, name in enumerate(ANGLES)},
        "geodesic": ("angle between rotations", turns),
    }


def convention_warnings(predicted: Float64s, truth: Float64s) -> tuple[str, ...]:
    """Warnings if the angles seem to follow another convention; the score is not changed.

    Args:
        predicted: (N, 3) yaw, pitch, roll, degrees, failed rows NaN.
        truth: the same.

    Returns:
        Messages to the user; empty if nothing is found.
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


def _score(submission: Submission, root: Path | None, choices: PoseChoices) -> ProtocolResult:
    ids = find_ids(root)
    truth = choose_poses(ids, load_poses(root, ids), choices.angles)
    return score(truth, submission, rule=choices.rule, frames=choices.frames)


BENCHMARKS = (
    Benchmark(
        AFLW2000_3D_POSE,
        PoseChoices,
        _score,
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
