"""The dense truth and the streamed faces beside it."""

from pathlib import Path

import numpy as np
import pytest
from scipy.io import loadmat, savemat

from eval.benchmarks.aflw2000.dense_truth import DenseTruth, face_pairs, load_dense_truth
from eval.errors import BenchmarkError, SubmissionError
from eval.submissions.submission import Submission, read_submission, write_submission
from tests.eval.array_rows import ArrayRows
from tests.eval.dense_scores import given, truth
from tests.eval.dense_world import World, invented_model, write_model

__all__ = ["given", "truth"]  # fixtures


def submission(given: World, meshes: np.ndarray) -> Submission:
    return Submission(given.ids, None, {}, vertices=ArrayRows(meshes))


def test_the_truth_is_what_the_coefficients_say(given: World, truth: DenseTruth) -> None:
    assert truth.vertices(np.arange(5)) == pytest.approx(given.meshes, abs=1e-3)
    assert truth.vertices(np.array([3])) == pytest.approx(given.meshes[[3]], abs=1e-3)
    assert truth.parameters().shape == (5, 235)
    assert truth.model_label().startswith("Model_Shape.mat, Model_Exp.mat, sha256 ")


def test_another_face_model_is_refused_by_the_published_points(given: World) -> None:
    write_model(given.bfm, invented_model(seed=9))
    with pytest.raises(BenchmarkError, match=r"rebuilds the published 68 points with errors up to"):
        load_dense_truth(given.folder, given.bfm, image_count=5)


def test_a_short_face_model_is_refused(given: World) -> None:
    model = invented_model()
    write_model(given.bfm, {**model, "w": model["w"][:, :40]})
    with pytest.raises(BenchmarkError, match=r"holds 40 columns of shape and 29 .* wanted 199"):
        load_dense_truth(given.folder, given.bfm, image_count=5)


def test_a_face_model_without_keypoints_is_refused(given: World) -> None:
    fields = loadmat(given.bfm / "Model_Shape.mat")
    savemat(given.bfm / "Model_Shape.mat", {name: fields[name] for name in ("mu_shape", "w")})
    with pytest.raises(BenchmarkError, match=r"does not name the vertices of the 68 points"):
        load_dense_truth(given.folder, given.bfm, image_count=5)


def test_a_mat_with_other_coefficients_is_named(given: World) -> None:
    path = given.folder / "image00003.mat"
    fields = {name: v for name, v in loadmat(path).items() if not name.startswith("__")}
    savemat(path, {**fields, "Exp_Para": np.zeros((10, 1))})
    with pytest.raises(BenchmarkError, match=r"Exp_Para of .*image00003.mat must be 29 finite"):
        load_dense_truth(given.folder, given.bfm, image_count=5)


def test_faces_are_paired_by_id_and_failed_ones_left_out(given: World, truth: DenseTruth) -> None:
    meshes = given.meshes + 1.0
    meshes[1] = np.nan
    turned = Submission(given.ids[::-1], None, {}, vertices=ArrayRows(meshes[::-1]))
    pairs = {pair.row: pair for pair in face_pairs(truth, turned)}
    assert sorted(pairs) == [0, 2, 3, 4]
    for row, pair in pairs.items():
        assert pair.predicted - pair.truth == pytest.approx(np.ones_like(pair.truth), abs=1e-3)
        assert pair.truth == pytest.approx(given.meshes[row], abs=1e-3)


def test_a_file_gives_what_the_array_gives(
    given: World, truth: DenseTruth, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """With chunks of two rows, so that the last one is a short one."""
    monkeypatch.setattr("eval.submissions.rows.CHUNK_BYTES", 2 * 8 * given.meshes[0].size)
    meshes = given.meshes.astype(np.float32)
    write_submission(tmp_path / "s.npz", given.ids, None, vertices=ArrayRows(meshes))
    read = read_submission(tmp_path / "s.npz")
    assert read.vertices is not None
    assert [len(part) for part in read.vertices.chunks(2)] == [2, 2, 1]
    ours = [pair.predicted for pair in face_pairs(truth, read)]
    assert (np.stack(ours) == meshes).all()


def test_unusable_rows_reject_the_submission(given: World, truth: DenseTruth) -> None:
    for value, said in ((np.nan, "partly NaN"), (np.inf, "infinite"), (1e9, "beyond")):
        meshes = given.meshes.copy()
        meshes[2, 5, 1] = value
        with pytest.raises(SubmissionError, match=rf"vertices is {said}.* \(image00002\)"):
            list(face_pairs(truth, submission(given, meshes)))
    with pytest.raises(SubmissionError, match=r"all 5 rows are NaN"):
        list(face_pairs(truth, submission(given, np.full_like(given.meshes, np.nan))))
    with pytest.raises(SubmissionError, match=r"has no vertices"):
        list(face_pairs(truth, Submission(given.ids, np.zeros((5, 68, 3)), {})))
    with pytest.raises(SubmissionError, match=r"^1 of 5 images are missing from ids"):
        fewer = Submission(given.ids[:4], None, {}, vertices=ArrayRows(given.meshes[:4]))
        list(face_pairs(truth, fewer))
