"""Alignment: against known transforms, independent implementations, and its own limits."""

import numpy as np
import pytest
import trimesh
from numpy.typing import NDArray
from scipy.spatial.transform import Rotation

from eval.benchmarks.florence.icp import icp
from eval.errors import ArrayError
from eval.scoring.alignment import SimilarityTransform, fit_similarity, shift
from tests.eval.florence_files import Head, as_subject, invented_head

Floats = NDArray[np.float64]
STILL = shift(np.zeros(3))


@pytest.fixture(scope="module")
def head() -> Head:
    """The truth; predictions have another number of vertices, so that none coincide."""
    return invented_head(rows=100)


@pytest.fixture(scope="module")
def other_vertices() -> Floats:
    """The same head in another sampling."""
    return invented_head(rows=111).scan.vertices


def known(turn_deg: float, scale: float = 1.0) -> SimilarityTransform:
    """A turn about a slanted axis, a shift of 17 mm, and a scale."""
    rotation = Rotation.from_rotvec(np.radians(turn_deg) * np.ones(3) / np.sqrt(3)).as_matrix()
    return SimilarityTransform(scale, rotation, np.array([10.0, -10.0, 10.0]))


def misplacement(
    head: Head,
    source: Floats,
    true: SimilarityTransform,
    *,
    fit_scale: bool,
    overlap: float = 1.0,
    start: SimilarityTransform = STILL,
) -> float:
    """How far ICP leaves the face from where it belongs, mean in mm, given moved vertices."""
    subject = as_subject(head)
    points, normals = subject.face_points, subject.face_normals
    found = icp(source, points, normals, start=start, fit_scale=fit_scale, overlap=overlap)
    away = found.transform.apply(true.undo(points)) - points
    return float(np.linalg.norm(away, axis=1).mean())


def test_icp_finds_a_rigid_transform(head: Head, other_vertices: Floats) -> None:
    true = known(15.0)
    assert misplacement(head, true.undo(other_vertices), true, fit_scale=False) < 0.05


def test_icp_finds_a_scale_where_it_may(head: Head, other_vertices: Floats) -> None:
    true = known(15.0, scale=1.15)
    assert misplacement(head, true.undo(other_vertices), true, fit_scale=True) < 0.1
    assert misplacement(head, true.undo(other_vertices), true, fit_scale=False) > 3.0


def test_icp_bears_noise(head: Head, other_vertices: Floats) -> None:
    true = known(10.0)
    noise = np.random.default_rng(4).normal(size=other_vertices.shape)  # 1 mm on each axis
    assert misplacement(head, true.undo(other_vertices + noise), true, fit_scale=False) < 0.5


def test_trimmed_icp_bears_a_missing_forehead(head: Head, other_vertices: Floats) -> None:
    true = known(10.0, scale=1.1)
    subject = as_subject(head)
    cut = other_vertices[other_vertices[:, 1] < np.quantile(subject.face_points[:, 1], 0.8)]
    moved = true.undo(cut)
    assert misplacement(head, moved, true, fit_scale=True, overlap=0.75) < 0.1
    assert misplacement(head, moved, true, fit_scale=True) > 0.1


def test_parts_of_the_source_beyond_the_target_have_no_say(
    head: Head, other_vertices: Floats
) -> None:
    true = known(10.0)
    hair = other_vertices[:2000] + np.array([0.0, 300.0, 0.0])
    both = true.undo(np.concatenate([other_vertices, hair]))
    assert misplacement(head, both, true, fit_scale=False) < 0.05


def test_from_a_bad_start_icp_fails_and_landmarks_bring_it_home(
    head: Head, other_vertices: Floats
) -> None:
    true = known(150.0, scale=1.1)
    moved = true.undo(other_vertices)
    assert misplacement(head, moved, true, fit_scale=True) > 20.0
    seen = head.landmarks.points[:3] + np.random.default_rng(5).normal(size=(3, 3))  # 1 mm off
    start = fit_similarity(true.undo(seen), head.landmarks.points[:3], fit_scale=True)
    assert misplacement(head, moved, true, fit_scale=True, start=start) < 0.1


def test_without_scale_that_of_the_start_stays(head: Head, other_vertices: Floats) -> None:
    subject = as_subject(head)
    start = SimilarityTransform(1.1, np.eye(3), np.zeros(3))
    found = icp(
        other_vertices / 1.1,
        subject.face_points,
        subject.face_normals,
        start=start,
        fit_scale=False,
        overlap=1.0,
    )
    assert found.transform.scale == 1.1 and found.settled and found.rounds < 10


def test_icp_agrees_with_trimesh_where_vertices_coincide(head: Head) -> None:
    subject = as_subject(head)
    points = subject.face_points
    true = known(1.0)
    moved = true.undo(points)
    close = SimilarityTransform(1.0, np.eye(3), true.translation)
    found = icp(moved, points, subject.face_normals, start=close, fit_scale=False, overlap=1.0)
    initial = np.eye(4)
    initial[:3, 3] = true.translation
    matrix, _, _ = trimesh.registration.icp(
        moved, points, initial=initial, threshold=1e-12, reflection=False, scale=False
    )
    theirs = trimesh.transform_points(moved, matrix)
    np.testing.assert_allclose(found.transform.apply(moved), theirs, atol=1e-3)
    assert found.rms < 1e-3


def test_inputs_are_not_changed(head: Head) -> None:
    subject = as_subject(head)
    source, target = subject.face_points.copy(), subject.face_points.copy()
    icp(source, target, subject.face_normals, start=STILL, fit_scale=True, overlap=0.5)
    np.testing.assert_array_equal(source, subject.face_points)
    np.testing.assert_array_equal(target, subject.face_points)


@pytest.mark.parametrize("overlap", [0.0, -1.0, 1.01, np.nan])
def test_an_overlap_out_of_range_is_refused(overlap: float) -> None:
    points = np.eye(3)
    with pytest.raises(ValueError, match="above 0 and at most 1"):
        icp(points, points, points, start=STILL, fit_scale=False, overlap=overlap)


def test_other_shapes_are_refused() -> None:
    points = np.eye(3)
    with pytest.raises(ArrayError, match="source and target"):
        icp(np.zeros((0, 3)), points, points, start=STILL, fit_scale=False, overlap=1.0)
    with pytest.raises(ArrayError, match="one a point"):
        icp(points, points, points[:2], start=STILL, fit_scale=False, overlap=1.0)
