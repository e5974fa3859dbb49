"""Folders of .mat files: fields, shapes, frames and keypoints."""

from pathlib import Path

import numpy as np
import pytest
from scipy.io import savemat

from eval.converters.frames import Float64s
from eval.converters.mat_folder import find_mats, read_mat_folder
from eval.converters.predictions import Predictions
from eval.errors import MatError, SubmissionError

MESH = np.random.default_rng(6).uniform(0.0, 450.0, (3, 100, 3))
KEYPOINTS = np.arange(68) + 20
NAMES = ("image00002", "image00004", "image00006")


def written(folder: Path, field: str, faces: np.ndarray, suffix: str = "") -> Path:
    for name, face in zip(NAMES, faces, strict=True):
        savemat(folder / f"{name}{suffix}.mat", {field: face, "colors": np.zeros((9, 3))})
    return folder


def as_given(_: str, points: Float64s) -> Float64s:
    return points


def read(
    folder: Path, keypoints: np.ndarray | None = None, with_vertices: bool = False
) -> Predictions:
    source = find_mats(folder)
    return read_mat_folder(source, as_given, "as given", keypoints, with_vertices=with_vertices)


@pytest.mark.parametrize("transposed", [False, True])
def test_landmarks_are_read_whichever_way_they_lie(tmp_path: Path, transposed: bool) -> None:
    points = MESH[:, :68]
    written(tmp_path, "pt3d_68", points if transposed else points.transpose(0, 2, 1))
    predictions = read(tmp_path)
    assert predictions.ids == NAMES and predictions.landmarks is not None
    assert np.array_equal(predictions.landmarks, points) and predictions.vertices is None
    assert predictions.facts["converted_from"] == "mat folder, pt3d_68"


def test_landmarks_without_depth_get_zeros(tmp_path: Path) -> None:
    written(tmp_path, "pt3d_68", MESH[:, :68, :2].transpose(0, 2, 1))
    landmarks = read(tmp_path).landmarks
    assert landmarks is not None and not landmarks[..., 2].any()


@pytest.mark.parametrize(("field", "suffix", "base"), [("vertex", "", 1), ("vertices", "_mesh", 0)])
def test_landmarks_are_picked_from_vertices(
    tmp_path: Path, field: str, suffix: str, base: int
) -> None:
    faces = MESH.transpose(0, 2, 1) if field == "vertex" else MESH
    written(tmp_path, field, faces, suffix)
    assert find_mats(tmp_path).field.index_base == base
    predictions = read(tmp_path, KEYPOINTS, with_vertices=True)
    assert (
        predictions.ids == NAMES
        and predictions.landmarks is not None
        and predictions.vertices is not None
    )
    assert np.array_equal(predictions.landmarks, MESH[:, 20:88])
    dense = np.concatenate(list(predictions.vertices.chunks(2)))
    assert np.array_equal(dense, MESH.astype(np.float32))


def test_vertices_may_stand_alone(tmp_path: Path) -> None:
    written(tmp_path, "vertex", MESH)
    predictions = read(tmp_path, None, with_vertices=True)
    assert predictions.landmarks is None and predictions.vertices is not None
    with pytest.raises(SubmissionError, match=r"pass --keypoints FILE"):
        read(tmp_path)


def test_each_face_is_brought_over_with_its_own_name(tmp_path: Path) -> None:
    written(tmp_path, "vertex", MESH)
    shift = {name: 100.0 * row for row, name in enumerate(NAMES)}
    source = find_mats(tmp_path)
    predictions = read_mat_folder(
        source, lambda name, p: p + shift[name], "", KEYPOINTS, with_vertices=True
    )
    wanted = MESH + np.arange(3)[:, None, None] * 100.0
    assert predictions.landmarks is not None and predictions.vertices is not None
    assert np.array_equal(predictions.landmarks, wanted[:, 20:88])
    assert np.array_equal(predictions.vertices.read(2), wanted[2])


def test_a_named_field_is_taken_before_the_usual_one(tmp_path: Path) -> None:
    for name, face in zip(NAMES, MESH, strict=True):
        savemat(tmp_path / f"{name}.mat", {"vertices": face, "pt3d_68": face[:68]})
    assert find_mats(tmp_path).field.name == "pt3d_68"
    assert find_mats(tmp_path, field="vertices").field.name == "vertices"


def test_what_does_not_fit_is_named(tmp_path: Path) -> None:
    written(tmp_path, "vertex", MESH)
    with pytest.raises(SubmissionError, match=r"keypoints name vertex 100, but .* holds 100"):
        read(tmp_path, KEYPOINTS + 13)
    savemat(tmp_path / "image00006.mat", {"vertex": MESH[0, :90]})
    with pytest.raises(SubmissionError, match=r"image00006.mat must be 100 points .* got 90"):
        read(tmp_path, KEYPOINTS)
    savemat(tmp_path / "image00006.mat", {"vertex": np.zeros((4, 5))})
    with pytest.raises(SubmissionError, match=r"must be \(3, V\) or \(V, 3\), got \(4, 5\)"):
        read(tmp_path, KEYPOINTS)
    savemat(tmp_path / "image00006.mat", {"other": MESH[0]})
    with pytest.raises(MatError, match="has no field vertex"):
        read(tmp_path, KEYPOINTS)


def test_folders_without_points_are_refused(tmp_path: Path) -> None:
    with pytest.raises(SubmissionError, match=r"holds 0 files \*\.mat"):
        find_mats(tmp_path)
    savemat(tmp_path / "a.mat", {"depth": np.zeros((4, 5))})
    with pytest.raises(SubmissionError, match="has no field pt3d_68 or vertex or vertices"):
        find_mats(tmp_path)
    (tmp_path / "a.mat").write_bytes(b"not a mat")
    with pytest.raises(MatError, match="not a readable mat file"):
        find_mats(tmp_path)


def test_landmarks_cannot_give_vertices(tmp_path: Path) -> None:
    written(tmp_path, "pt3d_68", MESH[:, :68])
    with pytest.raises(SubmissionError, match=r"holds landmarks .* leave out --vertices"):
        read(tmp_path, None, with_vertices=True)
