"""The scoring rules of dense alignment, and how a submission's mesh is compared under them."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from eval.benchmarks.aflw2000.dense_truth import DenseTruth, FacePair, load_dense_truth, vertices_of
from eval.benchmarks.aflw2000.way_back import inner_vertices, there_and_back, used_mesh
from eval.benchmarks.choices import Choices, flag, one_of, path
from eval.bfm.files import find_bfm_folder
from eval.bfm.model import Bfm
from eval.bfm.prnet import prnet_vertices, uv_landmarks
from eval.bfm.surface import (
    Correspondence,
    SurfacePoints,
    face_texels,
    map_texels,
    read_correspondence,
)
from eval.errors import ChoiceError, SubmissionError
from eval.scoring.metrics import Float64s, Ints
from eval.submissions.submission import Submission


@dataclass(frozen=True)
class DenseRule:
    """The scoring rule of one family of papers.

    Attributes:
        name: on the command line.
        texels: "face" for position-map texels of the face region, "68" for the texels of 68
            points, "" for all vertices.
        z_rule: how the free depth offset is fixed, in prediction and truth.
        dense_box: normalise by the box around the dense true points, else around the 68 points.
        normaliser: of the dense board, for the record.
        alignment: of the dense board, for the record.
    """

    name: str
    texels: str
    z_rule: str
    dense_box: bool
    normaliser: str
    alignment: str


RULES = {
    rule.name: rule
    for rule in (
        DenseRule(
            name="prnet",
            texels="face",
            z_rule="mean",
            dense_box=True,
            normaliser="sqrt(width * height) of the box around the dense true points, x and y",
            alignment="none in x and y; z - mean(z) of the face region on both sides",
        ),
        DenseRule(
            name="sadrnet-68",
            texels="68",
            z_rule="mean",
            dense_box=True,
            normaliser="sqrt(width * height) of the box around the 68 true texels, x and y",
            alignment="none in x and y; z - mean(z) of the 68 texels on both sides",
        ),
        DenseRule(
            name="2dasl",
            texels="",
            z_rule="min",
            dense_box=False,
            normaliser="sqrt(width * height) of the box around the 68 true points, x and y",
            alignment="none in x and y; z - min(z) of all vertices on both sides",
        ),
    )
}


@dataclass(frozen=True, kw_only=True)
class MatchingChoices(Choices):
    """The rule, the face model, and how a mesh of another topology is matched.

    Attributes:
        rule: name of one of ``RULES``.
        bfm: the user's Basel Face Model files; None takes bfm in DASL_DATA_ROOT.
        correspondence: a file that gives each true point's place on another topology.
        nearest: compares another topology by nearest points, without a correspondence.

    Raises:
        ChoiceError: both a correspondence and nearest points.
    """

    rule: str = one_of(
        tuple(RULES),
        help="the family of papers to compare with; sadrnet-68 takes the 68 texels that SADRNet's "
        "code uses as its 68 points; they differ from pt3d_68 (default: prnet)",
    )
    bfm: Path | None = path(
        metavar="DIR",
        help="your files of the Basel Face Model (default: bfm in DASL_DATA_ROOT)",
    )
    correspondence: Path | None = path(
        help="for a mesh of another topology: .npz with corners and weights (K, 3), where each "
        "true point lies on it",
    )
    nearest: bool = flag(
        help="for a mesh of another topology: compare with its nearest surface points; "
        "needs triangles, and understates the error",
    )

    def __post_init__(self) -> None:
        """Check the values, then that not both ways of matching are set."""
        super().__post_init__()
        if self.nearest and self.correspondence is not None:
            raise ChoiceError("correspondence and nearest exclude each other; give one of them")


@dataclass(frozen=True, eq=False)
class Matching:
    """Which points of a predicted mesh correspond to which true points.

    Attributes:
        rule: defines which true points are scored.
        truth_points: on the truth's mesh; None takes its vertices.
        predicted_points: on the submission's mesh; None takes its vertices.
        kept: which of the true points have a counterpart; None for all.
        nearest: compares each true point with the nearest point of the predicted surface; only then
            the next five attributes are set.
        used: vertices of the submission's mesh that a triangle uses.
        triangles: (T, 3) of the submission, as indices into `used`.
        truth_triangles: (T, 3) of the truth.
        region: (V,) vertices of the truth that count in the direction from prediction to truth.
        landmarks: (N, 68, 3) of the submission in the benchmark's order.
        points_label: description of the points, for the record.
        label: description of the matching, for the record.
    """

    rule: DenseRule
    truth_points: SurfacePoints | None
    predicted_points: SurfacePoints | None
    kept: Ints | None
    nearest: bool
    used: Ints | None
    triangles: Ints | None
    truth_triangles: Ints | None
    region: NDArray[np.bool_] | None
    landmarks: Float64s | None
    points_label: str
    label: str

    def options(self) -> dict[str, str]:
        """The options that the record states."""
        return {"rule": self.rule.name, "points": self.points_label, "matching": self.label}

    def true_points(self, pair: FacePair) -> Float64s:
        """(K, 3) true points that are scored, pixels."""
        points = pair.truth if self.truth_points is None else self.truth_points.of(pair.truth)
        return points if self.kept is None else points[self.kept]

    def answers(self, pair: FacePair) -> Float64s:
        """(K, 3) predicted counterparts of ``true_points``; (P, 3) used vertices if nearest."""
        if self.used is not None:
            return pair.predicted[self.used]
        if self.predicted_points is None:
            return pair.predicted
        return self.predicted_points.of(pair.predicted)

    def landmarks68(self, pair: FacePair, ids: Sequence[str]) -> Float64s:
        """(68, 3) predicted landmarks of a face; only for nearest points.

        Raises:
            SubmissionError: the landmarks are NaN although the vertices are not.
        """
        points = None if self.landmarks is None else self.landmarks[pair.row]
        if points is None or np.isnan(points).any():
            raise SubmissionError(
                f"landmarks of {ids[pair.row]} is NaN and its vertices are not; --nearest needs "
                "both, or neither"
            )
        return points

    def there_and_back(self, vertices: Float64s, pair: FacePair, length: float) -> list[float]:
        """Mean distance from truth to prediction and from prediction to truth, as fractions.

        Args:
            vertices: (P, 3) pixels, ``answers`` after alignment; only for nearest points.
            pair: the face.
            length: the normaliser, pixels.
        """
        assert self.triangles is not None and self.region is not None
        assert self.truth_triangles is not None
        return there_and_back(
            (vertices, self.triangles),
            self.true_points(pair),
            (pair.truth, self.truth_triangles),
            self.region,
            length,
        )


def match(
    rule: DenseRule,
    truth: DenseTruth,
    submission: Submission,
    *,
    bfm_folder: Path | None,
    correspondence: Path | None = None,
    nearest: bool = False,
) -> Matching:
    """Decide how a submission's mesh is compared.

    Args:
        rule: one of ``RULES``.
        truth: of the benchmark.
        submission: with vertices; nearest points need landmarks, too.
        bfm_folder: folder of the texels' files; see ``eval.bfm.files.find_bfm_folder``.
        correspondence: for another topology; see ``eval.bfm.surface.read_correspondence``.
        nearest: for another topology without a correspondence.

    Raises:
        EvalError: another topology with neither, no landmarks, or the rule's files are damaged.
    """
    texels = _texels(rule, bfm_folder, truth.bfm)
    count, pairing = vertices_of(submission).shape[1], None
    if correspondence is not None:
        wanted = len(truth.bfm.mean) if texels is None else len(texels.corners)
        pairing = read_correspondence(correspondence, wanted, count)
    elif not nearest and texels is not None and count != len(truth.bfm.mean):
        pairing = prnet_vertices(find_bfm_folder(bfm_folder), texels, count)
    if pairing is None and not nearest:
        _check_topology(truth.bfm, count)
    used, triangles = used_mesh(submission) if nearest else (None, None)
    return Matching(
        rule=rule,
        truth_points=texels,
        predicted_points=None if nearest else pairing.points if pairing else texels,
        kept=pairing.kept if pairing else None,
        nearest=nearest,
        used=used,
        triangles=triangles,
        truth_triangles=truth.bfm.triangles,
        region=inner_vertices(truth.bfm, texels) if nearest else None,
        landmarks=submission.in_order(truth.ids) if nearest else None,
        points_label=f"{len(truth.bfm.mean):,} vertices" if texels is None else texels.label,
        label=_label(pairing, nearest),
    )


def _texels(rule: DenseRule, bfm_folder: Path | None, bfm: Bfm) -> SurfacePoints | None:
    """The points of the true mesh that the rule compares; None for all vertices."""
    if not rule.texels:
        return None
    folder = find_bfm_folder(bfm_folder)
    if rule.texels == "68":
        return uv_landmarks(folder, map_texels(folder, bfm))
    return face_texels(folder, bfm)


def _check_topology(bfm: Bfm, vertex_count: int) -> None:
    """Refuse vertices that are not the face model's: they cannot be compared one by one."""
    if vertex_count != len(bfm.mean):
        raise SubmissionError(
            f"vertices has {vertex_count:,} to a face, wanted the {len(bfm.mean):,} of "
            f"{bfm.source} in its order; pass --correspondence FILE, or --nearest"
        )


def load_matched(
    submission: Submission, root: Path | None, choices: MatchingChoices
) -> tuple[DenseTruth, Matching]:
    """The truth and the matching for these choices.

    Args:
        submission: with vertices.
        root: see ``load_dense_truth``.
        choices: rule, face model and matching.

    Raises:
        EvalError: see ``load_dense_truth`` and ``match``.
    """
    vertices_of(submission)  # fails early: loading the truth takes seconds
    truth = load_dense_truth(root, choices.bfm)
    matching = match(
        RULES[choices.rule],
        truth,
        submission,
        bfm_folder=choices.bfm,
        correspondence=choices.correspondence,
        nearest=choices.nearest,
    )
    return truth, matching


def _label(pairing: Correspondence | None, nearest: bool) -> str:
    """How points are matched, for the record."""
    if nearest:
        return "nearest surface points of another topology"
    return "the same topology" if pairing is None else pairing.points.label
