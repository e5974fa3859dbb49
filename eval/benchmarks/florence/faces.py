"""Compares all faces of a submission with the scans, streamed."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from tqdm import tqdm

from eval.benchmarks.florence.reconstruction import Choices, Comparison, Prediction, compare
from eval.benchmarks.florence.subjects import Subject
from eval.benchmarks.florence.views import Pose, PoseSet, View, centred_view
from eval.errors import ArrayError, SubmissionError
from eval.scoring.metrics import Float64s, Ints
from eval.submissions.rows import chunk_rows
from eval.submissions.submission import Submission, check_vertex_values
from eval.untrusted.text import printable


@dataclass(frozen=True, eq=False)
class RenderedFace:
    """The truth of one rendering.

    Attributes:
        image_id: of the rendering.
        subject: whose scan was rendered.
        pose: of the rendering.
        view: the camera.
    """

    image_id: str
    subject: Subject
    pose: Pose
    view: View


def rendered_faces(subjects: Sequence[Subject], poses: PoseSet) -> list[RenderedFace]:
    """Every subject at every pose."""
    return [
        RenderedFace(
            pose.image_id(subject.name), subject, pose, centred_view(subject.face_points, pose)
        )
        for subject in subjects
        for pose in poses.poses
    ]


def compare_all(
    submission: Submission,
    faces: Sequence[RenderedFace],
    landmarks: Float64s,
    choices: Choices,
) -> Mapping[str, Comparison]:
    """Compare every predicted face, in the order of the file, with a progress bar.

    Args:
        submission: with vertices for exactly these faces.
        faces: the truth.
        landmarks: (N, 68, 3) predicted, in the order of `faces`.
        choices: of alignment and distance.

    Returns:
        Comparisons by image id, without the failed faces, whose vertices or landmarks are NaN.

    Raises:
        SubmissionError: values are unusable, a face cannot be aligned, or all of them failed.
    """
    place = {face.image_id: row for row, face in enumerate(faces)}
    triangles = _triangles(submission)
    compared: dict[str, Comparison] = {}
    with tqdm(total=len(faces), desc="florence", unit="face") as bar:
        for name, vertices in _vertices_by_id(submission):
            row = place[name]
            bar.update()
            if np.isnan(vertices).all() or np.isnan(landmarks[row]).all():
                continue
            prediction = Prediction(vertices, landmarks[row], triangles)
            try:
                compared[name] = compare(prediction, faces[row].subject, faces[row].view, choices)
            except ArrayError as error:
                raise SubmissionError(f"{printable(name)} cannot be aligned: {error}") from error
    if not compared:
        raise SubmissionError(
            f"all {len(faces)} faces have NaN for vertices or landmarks, wanted at least one with "
            "both: there is nothing to score"
        )
    return compared


def _triangles(submission: Submission) -> Ints:
    """The topology of the vertices.

    Raises:
        SubmissionError: the submission has no triangles or no vertices.
    """
    if submission.vertices is None:
        raise SubmissionError(
            "the submission has no vertices, which this benchmark scores; add (N, V, 3) pixels of "
            "the rendering, in the landmarks' frame"
        )
    if submission.triangles is None:
        raise SubmissionError(
            "the submission has no triangles, which this benchmark needs (a cloud of points would "
            "be near everything); add triangles, (T, 3) integers"
        )
    return submission.triangles.astype(np.int64)


def _vertices_by_id(submission: Submission) -> Iterator[tuple[str, NDArray[np.floating]]]:
    """Each row of the vertices with its id, checked, a few in memory at a time."""
    rows = submission.vertices
    assert rows is not None  # checked by `_triangles`
    start = 0
    for part in rows.chunks(chunk_rows(rows.shape)):
        names = submission.ids[start : start + len(part)]
        check_vertex_values(names, part)
        yield from zip(names, part, strict=True)
        start += len(part)
