"""Streaming a submission past the scans."""

from dataclasses import replace

import numpy as np
import pytest
from numpy.typing import NDArray

from eval.benchmarks.florence.faces import RenderedFace, compare_all, rendered_faces
from eval.benchmarks.florence.reconstruction import Choices
from eval.benchmarks.florence.views import POSE_SETS
from eval.errors import SubmissionError
from eval.submissions.submission import Submission
from tests.eval.array_rows import ArrayRows
from tests.eval.florence_files import Head, as_benchmark, invented_head, landmarks68

Floats = NDArray[np.float64]
VRN = POSE_SETS["vrn"]
PLAIN = Choices()
TRIANGLES = invented_head(rows=40).scan.triangles


@pytest.fixture(scope="module")
def heads() -> dict[str, Head]:
    """Two subjects."""
    return {name: invented_head(seed, rows=40) for seed, name in enumerate("ab")}


@pytest.fixture(scope="module")
def faces(heads: dict[str, Head]) -> list[RenderedFace]:
    """All their renderings."""
    return rendered_faces(as_benchmark(heads).subjects, VRN)


def perfect(heads: dict[str, Head], faces: list[RenderedFace]) -> tuple[Floats, Floats]:
    """Vertices and landmarks in the order of the faces."""
    pairs = [(heads[face.subject.name], face.view) for face in faces]
    vertices = [view.image_from_scan(head.scan.vertices) for head, view in pairs]
    return np.stack(vertices), np.stack([landmarks68(head, view) for head, view in pairs])


def test_every_subject_is_seen_in_every_pose(faces: list[RenderedFace]) -> None:
    assert [face.image_id for face in faces[:2]] == ["a_15_-80", "a_15_-40"]
    assert len({face.image_id for face in faces}) == 30


def test_the_order_of_the_file_does_not_matter(
    heads: dict[str, Head], faces: list[RenderedFace]
) -> None:
    vertices, landmarks = perfect(heads, faces)
    vertices[3] += 3.0 * np.random.default_rng(0).normal(size=vertices[3].shape)
    order = np.random.default_rng(1).permutation(len(faces))
    ids = tuple(faces[row].image_id for row in order)
    submission = Submission(
        ids, landmarks[order], {}, vertices=ArrayRows(vertices[order]), triangles=TRIANGLES
    )
    compared = compare_all(
        submission, faces, submission.in_order([f.image_id for f in faces]), PLAIN
    )
    bad = [name for name, comparison in compared.items() if comparison.errors[0] > 1e-6]
    assert len(compared) == 30 and bad == [faces[3].image_id]


def test_failed_faces_are_left_out(heads: dict[str, Head], faces: list[RenderedFace]) -> None:
    vertices, landmarks = perfect(heads, faces)
    vertices[1], landmarks[2] = np.nan, np.nan
    ids = tuple(face.image_id for face in faces)
    submission = Submission(ids, landmarks, {}, vertices=ArrayRows(vertices), triangles=TRIANGLES)
    compared = compare_all(submission, faces, landmarks, PLAIN)
    assert set(ids) - set(compared) == {ids[1], ids[2]}
    lost = replace(submission, vertices=ArrayRows(np.full_like(vertices, np.nan)))
    with pytest.raises(SubmissionError, match="nothing to score"):
        compare_all(lost, faces, landmarks, PLAIN)


def test_unusable_values_are_refused_by_name(
    heads: dict[str, Head], faces: list[RenderedFace]
) -> None:
    vertices, landmarks = perfect(heads, faces)
    ids = tuple(face.image_id for face in faces)
    vertices[4, 7] = np.nan
    submission = Submission(ids, landmarks, {}, vertices=ArrayRows(vertices), triangles=TRIANGLES)
    with pytest.raises(SubmissionError, match=rf"partly NaN in 1 rows \({ids[4]}\)"):
        compare_all(submission, faces, landmarks, PLAIN)
    vertices, landmarks = perfect(heads, faces)
    landmarks[5] = 1.0
    submission = Submission(ids, landmarks, {}, vertices=ArrayRows(vertices), triangles=TRIANGLES)
    with pytest.raises(SubmissionError, match=f"{ids[5]} cannot be aligned: .* on one line"):
        compare_all(submission, faces, landmarks, PLAIN)


def test_a_submission_without_vertices_is_refused(
    heads: dict[str, Head], faces: list[RenderedFace]
) -> None:
    _, landmarks = perfect(heads, faces)
    submission = Submission(tuple(face.image_id for face in faces), landmarks, {})
    with pytest.raises(SubmissionError, match="has no vertices"):
        compare_all(submission, faces, landmarks, PLAIN)
