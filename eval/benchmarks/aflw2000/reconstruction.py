"""AFLW2000-3D, reconstruction: the mesh's shape after alignment, by two families of rules."""

from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from eval.benchmarks.aflw2000.data import IMAGE_COUNT
from eval.benchmarks.aflw2000.dense_alignment import icp_aligned, similarity_aligned
from eval.benchmarks.aflw2000.dense_rules import Matching, MatchingChoices, load_matched
from eval.benchmarks.aflw2000.dense_truth import DenseTruth, FacePair, face_pairs
from eval.benchmarks.aflw2000.seen_points import Seen
from eval.benchmarks.benchmark import Benchmark
from eval.benchmarks.choices import one_of
from eval.benchmarks.protocol import INVENTED_FILES, THRESHOLDS, Protocol, measured
from eval.errors import ArrayError, SubmissionError
from eval.results.record import ProtocolResult
from eval.scoring import metrics
from eval.scoring.alignment import fit_similarity
from eval.scoring.directions import BACK
from eval.scoring.metrics import Float64s
from eval.scoring.summary import Bootstrap, Errors, summarise
from eval.submissions.landmarks68 import OUTER_EYE_CORNERS
from eval.submissions.submission import Submission

SCALES = ("fitted", "kept")
EVERY = 50  # 2DASL's code takes each 50th vertex

NORMALISERS = {
    "prnet": "3D distance of the true outer eye corners (points {} and {} of pt3d_68)".format(
        *OUTER_EYE_CORNERS
    ),
    "2dasl": "sqrt(width * height) of the box around all true vertices, x and y",
}
ALIGNMENTS = {
    "prnet": "one fit on the corresponding points: rotation, shift and, unless --scale kept, scale",
    "2dasl": "rotation-only ICP of every 50th vertex, both sides centred; scale kept",
}

AFLW2000_3D_RECONSTRUCTION = Protocol(
    name="aflw2000-3d-reconstruction",
    version=2,
    title="AFLW2000-3D, reconstruction; rules prnet and 2dasl are not comparable",
    images="all of AFLW2000-3D; a failed face is a row of NaN, excluded from means but counted",
    image_count=IMAGE_COUNT,
    points="rule prnet: texels of the face region of 256 x 256 position maps; rule 2dasl: every "
    "50th of the 53,215 vertices; a mesh of another topology by a correspondence file or, under "
    "rule prnet, nearest points, as stated in the result",
    truth="meshes rebuilt from Shape_Para, Exp_Para and Pose_Para of each .mat with the user's own "
    "Basel Face Model, checked against pt3d_68",
    coordinates=("reconstruction", "reconstruction-back (with nearest points only)"),
    normaliser="; ".join(f"rule {name}: {text}" for name, text in NORMALISERS.items()),
    alignment="; ".join(f"rule {name}: {text}" for name, text in ALIGNMENTS.items())
    + "; nearest points: one fit on the 68 points",
    z_rules=(),
    yaw_source="-",
    bins=(),
    aggregation=("mean_of_images",),
    index_base="-",
    sources=(
        "SADRNet and DSFNet code (prnet); PRNet's text says ICP of nearest points",
        "2DASL's nme_for_3DReconstruction.m and icp_process_xgtu.m (2dasl); the wrong sign of the "
        "last square in icp_process.m's R(3,3) is not copied: with it R is no rotation",
    ),
    verified_on=INVENTED_FILES,
)


@dataclass(frozen=True, kw_only=True)
class ReconstructionChoices(MatchingChoices):
    """The choices of the board.

    Attributes:
        scale: whether the alignment fits scale.
    """

    scale: str = one_of(
        SCALES,
        help="whether the alignment fits scale (rule prnet; default: fitted, as SADRNet's code)",
    )


def score(
    truth: DenseTruth,
    submission: Submission,
    matching: Matching,
    *,
    scale: str = "fitted",
    bootstrap: Bootstrap | None = None,
) -> ProtocolResult:
    """Score the shape of a submission's vertices, a few faces in memory at a time.

    Args:
        truth: of the benchmark.
        submission: with vertices.
        matching: from ``eval.benchmarks.aflw2000.dense_rules.match``; it carries the rule.
        scale: one of ``SCALES``; rule 2dasl always keeps the scale.
        bootstrap: settings of the interval.

    Raises:
        SubmissionError: ids do not match, a row cannot be aligned, or the rule does not support
            nearest points.
    """
    if matching.rule.name not in NORMALISERS:
        raise SubmissionError(
            f"rule {matching.rule.name} is one of dense alignment; pass --rule "
            f"{' or '.join(NORMALISERS)}"
        )
    if matching.nearest and matching.rule.name == "2dasl":
        raise SubmissionError("rule 2dasl compares vertices one by one; pass --rule prnet")
    errors, warnings = _errors(truth, submission, matching, fit_scale=scale == "fitted")
    kept = matching.rule.name == "2dasl" or scale == "kept"
    label = f"reconstruction, scale {'kept' if kept else 'fitted'}"
    names = {"reconstruction": label}
    if matching.nearest:
        names["reconstruction" + BACK] = f"{label}, from prediction to truth"
    scores = tuple(
        summarise(
            Errors(truth.ids, errors[:, column]),
            name=name,
            label=shown,
            thresholds=THRESHOLDS,
            bootstrap=bootstrap,
        )
        for column, (name, shown) in enumerate(names.items())
    )
    return measured(
        _run_protocol(matching.rule.name, nearest=matching.nearest),
        submission,
        scores,
        truth=truth.parameters(),
        truth_source="Shape_Para, Exp_Para, Pose_Para of each .mat",
        options=_options(matching, truth, scale_kept=kept),
        warnings=warnings,
    )


def _run_protocol(rule: str, *, nearest: bool) -> Protocol:
    """The protocol with this run's normaliser and alignment."""
    alignment = "one fit on the 68 points" if nearest else ALIGNMENTS[rule]
    return replace(AFLW2000_3D_RECONSTRUCTION, normaliser=NORMALISERS[rule], alignment=alignment)


def _options(matching: Matching, truth: DenseTruth, *, scale_kept: bool) -> dict[str, str]:
    """The choices, as the record states them."""
    options = {**matching.options(), "face_model": truth.model_label()}
    options["scale"] = "kept" if scale_kept else "fitted"
    if matching.rule.name == "2dasl":
        options["points"] = f"every {EVERY}th of {matching.points_label}"
    return options


def _errors(
    truth: DenseTruth, submission: Submission, matching: Matching, *, fit_scale: bool
) -> tuple[Float64s, tuple[str, ...]]:
    """(N, 2) errors as fractions in both directions, NaN for failed faces, and warnings."""
    errors = np.full((len(truth.ids), 2), np.nan)
    seen = Seen(len(truth.ids))
    for pair in face_pairs(truth, submission):
        try:
            errors[pair.row] = _face_error(pair, truth, matching, fit_scale=fit_scale)
        except ArrayError as error:
            name = truth.ids[pair.row]
            raise SubmissionError(f"vertices of {name} cannot be aligned: {error}") from error
        if not matching.nearest:
            seen.add(pair.row, matching.answers(pair), matching.true_points(pair))
    if matching.landmarks is not None:
        seen = Seen.of(matching.landmarks, truth.landmarks68)
    return errors, seen.warnings(truth.ids)


def _face_error(
    pair: FacePair, truth: DenseTruth, matching: Matching, *, fit_scale: bool
) -> list[float]:
    """One face's errors after alignment in both directions, as fractions of the rule's length."""
    points = matching.true_points(pair)
    if matching.rule.name == "2dasl":
        box = metrics.box_sizes(pair.truth[None])[0]
        ours, theirs = icp_aligned(matching.answers(pair)[::EVERY], points[::EVERY])
        return [_mean_distance(ours, theirs) / box, np.nan]
    corners = truth.landmarks68[pair.row, list(OUTER_EYE_CORNERS)]
    length = float(np.linalg.norm(corners[0] - corners[1]))
    if matching.nearest:
        ours, theirs = matching.landmarks68(pair, truth.ids), truth.landmarks68[pair.row]
        moved = fit_similarity(ours, theirs, fit_scale=fit_scale).apply(matching.answers(pair))
        return matching.there_and_back(moved, pair, length)
    aligned = similarity_aligned(matching.answers(pair), points, fit_scale=fit_scale)
    return [_mean_distance(aligned, points) / length, np.nan]


def _mean_distance(ours: Float64s, theirs: Float64s) -> float:
    """Mean distance of corresponding points (K, 3)."""
    return float(np.linalg.norm(ours - theirs, axis=1).mean())


def _score(
    submission: Submission, root: Path | None, choices: ReconstructionChoices
) -> ProtocolResult:
    truth, matching = load_matched(submission, root, choices)
    return score(truth, submission, matching, scale=choices.scale)


BENCHMARKS = (Benchmark(AFLW2000_3D_RECONSTRUCTION, ReconstructionChoices, _score),)
