"""SADRNet's steps on an invented head: what they forgive and what they find."""

from dataclasses import replace

import numpy as np
import pytest

from eval.benchmarks.florence.reconstruction import SCORES, Choices, Prediction, compare
from eval.benchmarks.florence.sadrnet import score_there_and_back
from eval.benchmarks.florence.views import View
from eval.errors import ArrayError
from eval.scoring.alignment import SimilarityTransform, shift
from tests.eval.florence_files import Head, as_subject, landmarks68


def found(head: Head, points: np.ndarray, **more: float) -> tuple[float, float, float]:
    """Distance in millimetres, share kept and scale, of points in the scan's frame."""
    subject = as_subject(head)
    nose = subject.landmarks.points[subject.nose_row]
    scale = more.get("scale", 1.0)
    start = SimilarityTransform(1.0 / scale, np.eye(3), np.zeros(3))
    result = score_there_and_back(points * scale, subject.face_points, nose, start)
    return result.distance_mm, result.kept, result.transform.scale * scale


def test_a_perfect_face_of_any_size_scores_zero(head: Head) -> None:
    for scale in (1.0, 3.0):
        distance, kept, fitted = found(head, head.scan.vertices, scale=scale)
        assert distance == pytest.approx(0.0, abs=1e-6)
        assert kept > 0.9 and fitted == pytest.approx(1.0, abs=1e-6)


def test_skin_that_swells_outward_is_forgiven_as_scale(head: Head) -> None:
    middle = head.scan.vertices.mean(axis=0)
    grown = (head.scan.vertices - middle) * 1.05 + middle
    distance, _, fitted = found(head, grown)
    assert distance < 0.2 and fitted == pytest.approx(1 / 1.05, abs=0.01)


def test_a_missing_part_of_the_face_costs_nothing(head: Head) -> None:
    subject = as_subject(head)
    nose = subject.landmarks.points[subject.nose_row]
    lower = head.scan.vertices[head.scan.vertices[:, 1] < nose[1] + 10.0]
    distance, kept, _ = found(head, lower)
    assert kept < 0.9 and distance < 1.0  # what nobody predicted is left out


def test_a_face_that_is_nowhere_near_is_refused(head: Head) -> None:
    with pytest.raises(ArrayError, match="within the crop"):
        found(head, head.scan.vertices + 1000.0)


def test_the_board_divides_by_the_predicted_eye_distance(head: Head, view: View) -> None:
    wave = np.sin(2 * np.pi * head.scan.vertices[:, 0] / 20.0)
    points = head.scan.vertices + wave[:, None] * head.normals
    image = view.image_from_scan(points)
    given = Prediction(image, landmarks68(head, view), head.scan.triangles)
    by_steps = {}
    for steps in ("prnet", "sadrnet"):
        result = compare(given, as_subject(head), view, replace(Choices(), steps=steps))
        by_steps[steps] = dict(zip(SCORES, result.errors, strict=True))
    assert by_steps["sadrnet"]["landmark-icp"] == by_steps["prnet"]["landmark-icp"]
    nose = view.view_from_scan(head.landmarks.points)[as_subject(head).nose_row]
    alone = score_there_and_back(
        view.view_from_image(image),
        view.view_from_scan(as_subject(head).face_points),
        nose,
        shift(np.zeros(3)),
    )
    eyes = alone.transform.scale * head.landmarks.interocular_mm
    assert by_steps["sadrnet"]["icp"] == pytest.approx(alone.distance_mm / eyes, rel=0.02)
