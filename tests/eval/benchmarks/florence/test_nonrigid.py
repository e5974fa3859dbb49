"""Bending one face onto another: who answers whom."""

import numpy as np

from eval.benchmarks.florence.nonrigid import places_by_bending
from eval.meshes.nearest import nearest_places
from tests.eval.florence_files import as_subject, invented_head


def test_a_perfect_prediction_answers_itself() -> None:
    head = invented_head(rows=40)
    subject = as_subject(head)
    named = head.landmarks.points
    places = places_by_bending(
        head.scan.vertices, head.scan.triangles, named, subject.face_points, named
    )
    found = places.of(head.scan.vertices)
    assert np.linalg.norm(found - subject.face_points, axis=1).max() < 1e-9


def test_bending_finds_more_of_the_true_pairs_than_the_nearest_point() -> None:
    # Two heads of one topology: vertex n of one is vertex n of the other.
    head, other = invented_head(rows=50), invented_head(seed=3, rows=50)
    subject = as_subject(head)
    row = {tuple(point): n for n, point in enumerate(head.scan.vertices.tolist())}
    true_rows = [row[tuple(point)] for point in subject.face_points.tolist()]
    wanted = other.scan.vertices[true_rows]
    bent = places_by_bending(
        other.scan.vertices,
        other.scan.triangles,
        other.landmarks.points,
        subject.face_points,
        head.landmarks.points,
    )
    nearest = nearest_places(other.scan.vertices, other.scan.triangles, subject.face_points)
    misses = [
        np.linalg.norm(places.of(other.scan.vertices) - wanted, axis=1).mean()
        for places in (bent, nearest)
    ]
    assert misses[0] < 0.8 * misses[1]
