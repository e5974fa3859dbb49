"""Cropping the scans, their normals, and loading them all."""

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from eval.benchmarks.florence.subjects import load_benchmark, make_subject, vertex_normals
from eval.errors import BenchmarkError
from tests.eval.florence_files import as_subject, invented_head, write_scans


def test_the_crop_holds_what_is_within_95_mm_of_the_nose_tip() -> None:
    head = invented_head(rows=40)
    distance = np.linalg.norm(head.scan.vertices - head.landmarks.nose_tip, axis=1)
    subject = as_subject(head)
    assert len(subject.face_points) == (distance <= 95).sum() > 100
    assert subject.face_normals.shape == subject.face_points.shape


def test_vertices_of_no_triangle_are_left_out() -> None:
    head = invented_head(rows=40)
    stray = np.concatenate([head.scan.vertices, head.landmarks.points])
    subject = make_subject("a", replace(head.scan, vertices=stray), head.landmarks)
    assert len(subject.face_points) == len(as_subject(head).face_points)


def test_normals_are_as_worked_by_hand() -> None:
    # Two right triangles of areas 1/2 (up) and 1 (along x) meet at the first vertex.
    vertices = np.array([[0.0, 0, 0], [1, 0, 0], [0, 1, 0], [0, 0, 2], [9, 9, 9]])
    normals = vertex_normals(vertices, np.array([[0, 1, 2], [0, 2, 3]]))
    np.testing.assert_allclose(normals[0], np.array([2.0, 0.0, 1.0]) / np.sqrt(5))
    np.testing.assert_allclose(normals[1], [0.0, 0.0, 1.0])
    np.testing.assert_array_equal(normals[4], [0.0, 0.0, 0.0])


def test_landmarks_off_the_scan_are_refused_by_name() -> None:
    head = invented_head(rows=40)
    points = head.landmarks.points.copy()
    points[2] += [0.0, 0.0, 40.0]
    with pytest.raises(BenchmarkError, match=r"nose_tip of a lies .* mm from the scan"):
        make_subject("a", head.scan, replace(head.landmarks, points=points))


def test_a_scan_with_hardly_a_face_is_refused() -> None:
    head = invented_head(rows=40)
    few = replace(head.scan, triangles=head.scan.triangles[:0])
    near = np.argsort(np.linalg.norm(head.scan.vertices - head.landmarks.nose_tip, axis=1))
    few = replace(few, triangles=near[:90].reshape(-1, 3))
    close = replace(head.landmarks, points=head.scan.vertices[near[:7]])
    with pytest.raises(BenchmarkError, match="within 95 mm of the nose tip, wanted at least 100"):
        make_subject("a", few, close)


def test_all_scans_are_loaded_in_order_with_their_source(tmp_path: Path) -> None:
    heads = {name: invented_head(seed, rows=40) for seed, name in enumerate("ba")}
    write_scans(tmp_path, heads)
    benchmark = load_benchmark(tmp_path, subject_count=2)
    assert [subject.name for subject in benchmark.subjects] == ["a", "b"]
    assert "landmarks.json (sha256 " in benchmark.truth_source
    with pytest.raises(BenchmarkError, match="53 subjects, got 2"):
        load_benchmark(tmp_path)


def test_subjects_with_other_points_than_the_first_are_refused(tmp_path: Path) -> None:
    write_scans(tmp_path, {name: invented_head(rows=40) for name in "ab"})
    points = json.loads((tmp_path / "landmarks.json").read_text())
    del points["b"]["left_eye_inner"]
    (tmp_path / "landmarks.json").write_text(json.dumps(points))
    with pytest.raises(BenchmarkError, match="names other points for b than for a"):
        load_benchmark(tmp_path, subject_count=2)
