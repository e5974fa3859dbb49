"""AFLW2000-3D's dense truth, rebuilt from the mats' coefficients and paired with predictions."""

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from tqdm import tqdm

from eval.benchmarks.aflw2000.coefficients import Coefficients, load_coefficients
from eval.benchmarks.aflw2000.data import IMAGE_COUNT, PHOTO_SIDE, load_benchmark
from eval.bfm.files import load_bfm
from eval.bfm.model import Bfm, image_from_upright, pose_matrix, posed
from eval.errors import BenchmarkError, SubmissionError
from eval.scoring.metrics import Float64s, Ints
from eval.submissions.rows import RowSource, chunk_rows
from eval.submissions.submission import Submission, check_vertex_values
from eval.untrusted.text import listed

# With the right face model the coefficients give the published points to 1e-4 pixels.
LARGEST_MISS_PX = 0.5


@dataclass(frozen=True, eq=False)
class DenseTruth:
    """The benchmark's faces as meshes, computed on demand.

    Attributes:
        ids: N file stems.
        landmarks68: (N, 68, 3) pixels as published, 1-based, y down.
        coefficients: of the N faces.
        bfm: the user's face model.
    """

    ids: tuple[str, ...]
    landmarks68: Float64s
    coefficients: Coefficients
    bfm: Bfm

    def vertices(self, rows: Ints) -> Float64s:
        """Meshes of some faces, (len(rows), V, 3), in the frame of ``landmarks68``."""
        return _rebuilt(self.bfm, self.coefficients, rows)

    def parameters(self) -> Float64s:
        """(N, 235) all coefficients of the meshes, sorted by face name, for the hash."""
        parts = self.coefficients
        rows = sorted(range(len(self.ids)), key=self.ids.__getitem__)
        return np.concatenate([parts.pose_para, parts.shape_para, parts.exp_para], axis=1)[rows]

    def model_label(self) -> str:
        """The face model's files and hash, for the record."""
        digest = hashlib.sha256()
        for part in (self.bfm.mean, self.bfm.shape_basis, self.bfm.expression_basis):
            digest.update(np.ascontiguousarray(part).data)
        return f"{self.bfm.source}, sha256 {digest.hexdigest()[:12]}"


@dataclass(frozen=True, eq=False)
class FacePair:
    """One face, predicted and true.

    Attributes:
        row: in the benchmark's order.
        predicted: (P, 3) float64 pixels, the submission's vertices.
        truth: (V, 3) float64 pixels.
    """

    row: int
    predicted: Float64s
    truth: Float64s


def load_dense_truth(
    root: str | Path | None, bfm_folder: Path | None, *, image_count: int = IMAGE_COUNT
) -> DenseTruth:
    """Read the coefficients and the face model, and check them against the published points.

    Args:
        root: see ``eval.benchmarks.aflw2000.data.find_folder``; its mats are read.
        bfm_folder: see ``eval.bfm.files.load_bfm``.
        image_count: how many faces the folder must hold.

    Raises:
        BenchmarkError: files are missing or damaged, or the face model is too small or not the one
            that the coefficients were fitted with.
    """
    bfm = load_bfm(bfm_folder)
    faces = load_benchmark(root, image_count=image_count)
    coefficients = load_coefficients(root, faces.ids)
    counts = coefficients.shape_para.shape[1], coefficients.exp_para.shape[1]
    columns = bfm.shape_basis.shape[1], bfm.expression_basis.shape[1]
    if columns[0] < counts[0] or columns[1] < counts[1]:
        raise BenchmarkError(
            f"{bfm.source} holds {columns[0]} columns of shape and {columns[1]} of expression, "
            f"wanted {counts[0]} and {counts[1]}, which the truth was fitted with; take the full "
            "model, not 3DDFA's short one"
        )
    _check_rebuilds(bfm, coefficients, faces.landmarks68)
    return DenseTruth(faces.ids, faces.landmarks68, coefficients, bfm)


def vertices_of(submission: Submission) -> RowSource:
    """The submission's vertices.

    Raises:
        SubmissionError: it has none.
    """
    if submission.vertices is None:
        raise SubmissionError(
            "the submission has no vertices, which this benchmark scores; add vertices (N, V, 3)"
        )
    return submission.vertices


def face_pairs(truth: DenseTruth, submission: Submission) -> Iterator[FacePair]:
    """Every face that the submission predicts, a few in memory at a time, with a progress bar.

    Args:
        truth: of the benchmark.
        submission: with ``vertices``, its ids those of the benchmark in any order.

    Raises:
        SubmissionError: no vertices, ids that do not match, or damaged or unusable rows.
    """
    vertices = vertices_of(submission)
    rows = np.argsort(submission.rows_of(truth.ids))  # the benchmark's row of each of the file's
    step = min(chunk_rows(vertices.shape), chunk_rows((0, len(truth.bfm.mean), 3)))
    start, answered = 0, 0
    with tqdm(total=len(rows), desc="faces", unit="face", leave=False) as bar:
        for part in vertices.chunks(step):
            names = submission.ids[start : start + len(part)]
            check_vertex_values(names, part)
            here = rows[start : start + len(part)]
            for row, predicted, mesh in _answered(here, part, truth):
                answered += 1
                yield FacePair(row, predicted, mesh)
            start += len(part)
            bar.update(len(part))
    if not answered:
        raise SubmissionError(
            f"all {len(rows)} rows are NaN ({listed(list(truth.ids))}): there is nothing to score"
        )


def _answered(
    rows: Ints, part: NDArray[np.floating], truth: DenseTruth
) -> Iterator[tuple[int, Float64s, Float64s]]:
    """Row, prediction and truth of the faces that are not NaN."""
    meshes = truth.vertices(rows)
    for row, predicted, mesh in zip(rows.tolist(), part, meshes, strict=True):
        if np.isfinite(predicted[0, 0]):
            yield row, predicted.astype(np.float64), mesh


def _rebuilt(bfm: Bfm, coefficients: Coefficients, rows: Ints) -> Float64s:
    """Vertices in the published frame."""
    model = bfm.vertices(coefficients.shape_para[rows], coefficients.exp_para[rows])
    upright = posed(model, pose_matrix(coefficients.pose_para[rows]))
    return image_from_upright(upright, PHOTO_SIDE)


def _check_rebuilds(bfm: Bfm, coefficients: Coefficients, landmarks68: Float64s) -> None:
    """Refuse a face model that does not give the published points."""
    if bfm.keypoints is None or len(bfm.keypoints) != landmarks68.shape[1]:
        raise BenchmarkError(
            f"{bfm.source} does not name the vertices of the 68 points, so it cannot be checked "
            "against the published points; add the field keypoints (1 x 68)"
        )
    points = _rebuilt(bfm.subset(bfm.keypoints), coefficients, np.arange(len(landmarks68)))
    miss = float(np.abs(points - landmarks68).max(initial=0.0))
    if not miss <= LARGEST_MISS_PX:
        raise BenchmarkError(
            f"{bfm.source} rebuilds the published 68 points with errors up to {miss:.3g} pixels, "
            f"wanted at most {LARGEST_MISS_PX}; it is not the model of AFLW2000-3D's authors: make "
            "Model_Shape.mat with their ModelGenerate.m"
        )
