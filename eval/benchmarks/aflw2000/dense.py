"""AFLW2000-3D, dense alignment: thousands of points in place of 68, by two families of rules."""

from dataclasses import replace
from pathlib import Path

import numpy as np

from eval.benchmarks.aflw2000.data import IMAGE_COUNT
from eval.benchmarks.aflw2000.dense_rules import (
    RULES,
    DenseRule,
    Matching,
    MatchingChoices,
    load_matched,
)
from eval.benchmarks.aflw2000.dense_truth import DenseTruth, FacePair, face_pairs
from eval.benchmarks.aflw2000.seen_points import Seen
from eval.benchmarks.benchmark import Benchmark
from eval.benchmarks.protocol import INVENTED_FILES, THRESHOLDS, Protocol, measured
from eval.results.record import ProtocolResult
from eval.scoring import metrics
from eval.scoring.directions import BACK
from eval.scoring.metrics import Float64s
from eval.scoring.summary import Bootstrap, Errors, summarise
from eval.submissions.submission import Submission

AFLW2000_3D_DENSE = Protocol(
    name="aflw2000-3d-dense",
    version=2,
    title="AFLW2000-3D, dense alignment; results of different rules are not comparable",
    images="all of AFLW2000-3D; a failed face is a row of NaN, excluded from means but counted",
    image_count=IMAGE_COUNT,
    points="rule prnet: texels of the face region of 256 x 256 position maps; rule sadrnet-68: the "
    "68 of them that uv_kpt_ind.txt names; rule 2dasl: all 53,215 vertices; PRNet's 43,867 by its "
    "face_ind.txt; a mesh of another topology by a correspondence file or nearest points, "
    "as stated in the result",
    truth="meshes rebuilt from Shape_Para, Exp_Para and Pose_Para of each .mat with the user's own "
    "Basel Face Model, checked against pt3d_68",
    coordinates=("3d", "2d (with nearest points in its place 3d-back: from prediction to truth)"),
    normaliser="; ".join(f"rule {rule.name}: {rule.normaliser}" for rule in RULES.values()),
    alignment="; ".join(f"rule {rule.name}: {rule.alignment}" for rule in RULES.values()),
    z_rules=tuple(f"rule {rule.name}: {rule.z_rule}" for rule in RULES.values()),
    yaw_source="-",
    bins=(),
    aggregation=("mean_of_images",),
    index_base="1-based photo pixels, as published; nothing is converted",
    sources=(
        "SADRNet and DSFNet code (prnet), whose box and z rule give PRNet's printed figures",
        "2DASL's nme_for_alignment_dense_2d.m and _3d.m (2dasl)",
    ),
    verified_on=INVENTED_FILES,
)


def score(
    truth: DenseTruth,
    submission: Submission,
    matching: Matching,
    *,
    bootstrap: Bootstrap | None = None,
) -> ProtocolResult:
    """Score a submission's vertices as given, a few faces in memory at a time.

    Args:
        truth: of the benchmark.
        submission: with vertices.
        matching: from ``eval.benchmarks.aflw2000.dense_rules.match``; it carries the rule.
        bootstrap: settings of the interval.

    Raises:
        SubmissionError: ids do not match, rows are unusable, or the scale is implausible.
    """
    rule = matching.rule
    errors, warnings = _face_errors(truth, submission, matching)
    names = ("3d", "3d-back") if matching.nearest else ("3d", "2d")
    scores = tuple(
        summarise(
            Errors(truth.ids, errors[:, column]),
            name=name,
            label=_label(rule, name),
            thresholds=THRESHOLDS,
            bootstrap=bootstrap,
        )
        for column, name in enumerate(names)
    )
    return measured(
        replace(AFLW2000_3D_DENSE, normaliser=rule.normaliser, alignment=rule.alignment),
        submission,
        scores,
        truth=truth.parameters(),
        truth_source="Shape_Para, Exp_Para, Pose_Para of each .mat",
        options={**matching.options(), "face_model": truth.model_label()},
        warnings=warnings,
    )


def _label(rule: DenseRule, name: str) -> str:
    """The score's label. It names the rule, so that no column mixes figures of two rules."""
    if name == "2d":
        return f"2D, {rule.name} rule"
    back = ", from prediction to truth" if name.endswith(BACK) else ""
    return f"3D, {rule.name} rule, z {rule.z_rule}{back}"


def _face_errors(
    truth: DenseTruth, submission: Submission, matching: Matching
) -> tuple[Float64s, tuple[str, ...]]:
    """(N, 2) errors as fractions, NaN for failed faces, and warnings.

    The first column is the 3D error. The second is the 2D error, or with nearest points the
    error from prediction to truth.
    """
    rule, errors = matching.rule, np.full((len(truth.ids), 2), np.nan)
    seen = Seen(len(truth.ids))
    boxes = metrics.box_sizes(truth.landmarks68)
    for pair in face_pairs(truth, submission):
        points = matching.true_points(pair)
        box = metrics.box_sizes(points[None])[0] if rule.dense_box else boxes[pair.row]
        if matching.nearest:
            moved = matching.answers(pair) + _depth_shift(matching, pair, truth)
            errors[pair.row] = matching.there_and_back(moved, pair, box)
        else:
            answers = matching.answers(pair)
            errors[pair.row] = _paired_errors(answers, points, rule.z_rule) / box
            seen.add(pair.row, answers, points)
    if matching.landmarks is not None:
        seen = Seen.of(matching.landmarks, truth.landmarks68)
    return errors, seen.warnings(truth.ids)


def _paired_errors(answers: Float64s, points: Float64s, z_rule: str) -> Float64s:
    """Mean distance of corresponding points (K, 3), pixels: in 3D after the z rule, and in 2D."""
    ours, theirs = (metrics.align_depth(part[None], z_rule) for part in (answers, points))
    in_space = metrics.point_errors(ours, theirs).mean()
    in_plane = metrics.point_errors(ours[..., :2], theirs[..., :2]).mean()
    return np.array([in_space, in_plane])


def _depth_shift(matching: Matching, pair: FacePair, truth: DenseTruth) -> Float64s:
    """(3,) what the z rule, read off the 68 points, adds to a mesh of another topology."""
    ours = matching.landmarks68(pair, truth.ids)
    theirs = truth.landmarks68[pair.row]
    aligned = [metrics.align_depth(p[None], matching.rule.z_rule)[0, 0, 2] for p in (ours, theirs)]
    shift = (aligned[0] - ours[0, 2]) - (aligned[1] - theirs[0, 2])
    return np.array([0.0, 0.0, shift])


def _score(submission: Submission, root: Path | None, choices: MatchingChoices) -> ProtocolResult:
    truth, matching = load_matched(submission, root, choices)
    return score(truth, submission, matching)


BENCHMARKS = (Benchmark(AFLW2000_3D_DENSE, MatchingChoices, _score),)
