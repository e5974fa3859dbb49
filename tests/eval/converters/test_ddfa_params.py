"""3DDFA's parameters, decoded with an invented face model and compared with a plain loop."""

import pickle
from pathlib import Path

import numpy as np
import pytest

from eval.bfm.model import Bfm, pose_matrix
from eval.converters.ddfa_params import (
    ParameterStatistics,
    decode_parameters,
    read_parameters,
    read_whitening,
)
from eval.converters.frames import CROP_RULES
from eval.converters.predictions import Predictions
from eval.errors import ArrayError, SubmissionError

VERTICES = 90
KEYPOINTS = np.arange(68) + 11
IDS = ("a", "b", "c")
CROPS = np.array([[10.0, 20.0, 250.0, 260.0], [1.0, 1.0, 121.0, 121.0], [5.0, 40.0, 95.0, 160.0]])


def model(shape: int = 40, expression: int = 10) -> Bfm:
    draw = np.random.default_rng(7).normal
    mean = draw(0.0, 5e4, (VERTICES, 3)).astype(np.float32)
    bases = [draw(0, 0.02, (3 * VERTICES, n)).astype(np.float32) for n in (shape, expression)]
    return Bfm(mean, *bases, KEYPOINTS, None, "an invented model")


@pytest.fixture
def whitening() -> ParameterStatistics:
    """Statistics under which parameters of about 1 give faces of about 80 pixels."""
    mean, deviation = np.zeros(62), np.full(62, 1e5)
    mean[[0, 5, 10]], deviation[:12] = 8e-4, 1e-5
    mean[[3, 7]], deviation[[3, 7, 11]] = 60.0, 3.0
    return ParameterStatistics(mean, deviation)


@pytest.fixture
def parameters() -> np.ndarray:
    return np.random.default_rng(8).normal(0.0, 1.0, (3, 62))


def loop(row: np.ndarray, crop: np.ndarray, bfm: Bfm, rule: str) -> np.ndarray:
    """One face, written out: vertex by vertex, as the definition reads."""
    matrix = row[:12].reshape(3, 4)
    x_scale, y_scale = (crop[2] - crop[0]) / 120, (crop[3] - crop[1]) / 120
    out = []
    for vertex in range(VERTICES):
        rows = slice(3 * vertex, 3 * vertex + 3)
        point = bfm.mean[vertex].astype(float)
        point = point + bfm.shape_basis[rows, :40].astype(float) @ row[12:52]
        point = point + bfm.expression_basis[rows, :10].astype(float) @ row[52:]
        x, y, z = matrix[:, :3] @ point + matrix[:, 3]
        x, y = (x, 121 - y) if rule == "3ddfa-v1" else (x - 1, 120 - y)
        out.append([x * x_scale + crop[0], y * y_scale + crop[1], z * (x_scale + y_scale) / 2])
    return np.array(out)


def decode(
    parameters: np.ndarray, whitening: ParameterStatistics | None, bfm: Bfm, rule: str = "3ddfa-v1"
) -> Predictions:
    return decode_parameters(
        parameters,
        IDS,
        CROPS,
        bfm,
        KEYPOINTS,
        whitening=whitening,
        rule=CROP_RULES[rule],
        with_vertices=True,
    )


@pytest.mark.parametrize("rule", ["3ddfa-v1", "3ddfa-v2"])
def test_landmarks_and_vertices_equal_a_plain_loop(
    parameters: np.ndarray, whitening: ParameterStatistics, rule: str
) -> None:
    bfm = model(199, 29)
    predictions = decode(parameters, whitening, bfm, rule)
    raw = parameters * whitening.deviation + whitening.mean
    wanted = np.array([loop(*pair, bfm, rule) for pair in zip(raw, CROPS, strict=True)])
    assert predictions.landmarks is not None and predictions.vertices is not None
    assert np.ptp(wanted[0, :, 0]) > 50.0
    assert np.abs(predictions.landmarks - wanted[:, KEYPOINTS]).max() < 1e-3
    dense = np.concatenate(list(predictions.vertices.chunks(2)))
    assert dense.shape == (3, VERTICES, 3) and np.abs(dense - wanted).max() < 1e-3
    assert predictions.ids == IDS and rule in predictions.facts["frame"]


def test_angles_are_written_where_they_are_asked_for(
    parameters: np.ndarray, whitening: ParameterStatistics
) -> None:
    raw = parameters * whitening.deviation + whitening.mean
    pitch, yaw, roll = 0.2, -0.9, 0.1
    raw[1, :12] = pose_matrix(np.array([pitch, yaw, roll, 60.0, 60.0, 0.0, 8e-4])).ravel()
    raw[2] = np.nan
    found = decode_parameters(
        raw,
        IDS,
        CROPS,
        model(),
        KEYPOINTS,
        whitening=None,
        rule=CROP_RULES["3ddfa-v1"],
        with_vertices=False,
        with_pose=True,
    )
    assert found.pose_deg is not None
    assert found.pose_deg[1] == pytest.approx(np.degrees([yaw, pitch, roll]))
    assert np.isnan(found.pose_deg[2]).all() and "nearest rotation" in found.facts["pose"]
    assert decode(parameters, whitening, model()).pose_deg is None


def test_parameters_that_are_whitened_no_more_are_taken_as_they_are(
    parameters: np.ndarray, whitening: ParameterStatistics
) -> None:
    raw = parameters * whitening.deviation + whitening.mean
    plain, decoded = decode(raw, None, model()), decode(parameters, whitening, model())
    assert plain.landmarks is not None and decoded.landmarks is not None
    assert np.allclose(plain.landmarks, decoded.landmarks)
    assert (plain.facts["whitening"], decoded.facts["whitening"]) == ("none", "given file")


def test_a_row_of_nan_is_a_failed_face(
    parameters: np.ndarray, whitening: ParameterStatistics
) -> None:
    parameters[1] = np.nan
    predictions = decode(parameters, whitening, model())
    assert predictions.landmarks is not None
    assert (
        np.isnan(predictions.landmarks[1]).all()
        and np.isfinite(predictions.landmarks[[0, 2]]).all()
    )


def test_a_list_of_another_length_is_refused(parameters: np.ndarray) -> None:
    with pytest.raises(SubmissionError, match=r"have 2 rows and the list 3 names; pass --ids"):
        decode(parameters[:2], None, model())


def test_a_model_that_is_too_small_is_refused(parameters: np.ndarray) -> None:
    with pytest.raises(ArrayError, match="coefficients must be"):
        decode(parameters, None, model(39, 10))


def test_keypoints_of_another_mesh_are_refused(parameters: np.ndarray) -> None:
    with pytest.raises(SubmissionError, match="name vertex 90, but an invented model has 90"):
        decode_parameters(
            parameters,
            IDS,
            CROPS,
            model(),
            KEYPOINTS + 12,
            whitening=None,
            rule=CROP_RULES["3ddfa-v1"],
            with_vertices=False,
        )


@pytest.mark.parametrize("names", [("param_mean", "param_std"), ("mean", "std")])
def test_statistics_are_read_by_either_name(tmp_path: Path, names: tuple[str, str]) -> None:
    np.savez(tmp_path / "w.npz", **{names[0]: np.arange(62.0), names[1]: np.full(62, 2.0)})
    predictions = read_whitening(tmp_path / "w.npz")
    assert predictions.mean.tolist() == list(range(62)) and (predictions.deviation == 2.0).all()


def test_wrong_statistics_are_named(tmp_path: Path) -> None:
    path = tmp_path / "w.npz"
    np.savez(path, param_mean=np.zeros(62), param_std=np.zeros(62))
    with pytest.raises(SubmissionError, match=r"param_std of .* must be positive"):
        read_whitening(path)
    np.savez(path, param_mean=np.zeros(101), param_std=np.ones(62))
    with pytest.raises(SubmissionError, match=r"param_mean .* 62 finite numbers, got \(101,\)"):
        read_whitening(path)
    np.savez(path, other=np.zeros(62))
    with pytest.raises(SubmissionError, match="must hold param_mean"):
        read_whitening(path)


def test_a_pickle_is_never_read_and_its_conversion_is_told(tmp_path: Path) -> None:
    class Bomb:
        def __reduce__(self) -> tuple:
            return (pytest.fail, ("it was unpickled",))

    (tmp_path / "w.pkl").write_bytes(pickle.dumps(Bomb()))
    with pytest.raises(SubmissionError, match=r"is a pickle, wanted a \.npz; .*np\.savez"):
        read_whitening(tmp_path / "w.pkl")
    (tmp_path / "p.npy").write_bytes(pickle.dumps(Bomb()))
    with pytest.raises(SubmissionError, match=r"must be a \.npy of numbers"):
        read_parameters(tmp_path / "p.npy")


@pytest.mark.parametrize(
    "array", [np.zeros((3, 61)), np.zeros(62), np.zeros((0, 62)), np.zeros((3, 62), dtype=int)]
)
def test_arrays_of_another_shape_are_refused(tmp_path: Path, array: np.ndarray) -> None:
    np.save(tmp_path / "p.npy", array)
    with pytest.raises(SubmissionError, match=r"must be \(N, 62\) floats, a row a face, got"):
        read_parameters(tmp_path / "p.npy")


def test_a_header_that_lies_about_its_size_is_refused(tmp_path: Path) -> None:
    text = "{'descr': '<f4', 'fortran_order': False, 'shape': (99999999, 62)}".ljust(117) + "\n"
    header = b"\x93NUMPY\x01\x00" + len(text).to_bytes(2, "little") + text.encode()
    (tmp_path / "p.npy").write_bytes(header + bytes(62 * 4))
    with pytest.raises(SubmissionError, match=r"must be a \.npy of numbers"):
        read_parameters(tmp_path / "p.npy")


@pytest.mark.parametrize("header", ["{'descr': '<f8', 'shape': (1, 62V, }", "{" * 60, "(", ""])
def test_a_damaged_header_is_refused(tmp_path: Path, header: str) -> None:
    text = header.ljust(117) + "\n"
    start = b"\x93NUMPY\x01\x00" + len(text).to_bytes(2, "little")
    (tmp_path / "p.npy").write_bytes(start + text.encode() + bytes(62 * 8))
    with pytest.raises(SubmissionError, match=r"must be a \.npy of numbers"):
        read_parameters(tmp_path / "p.npy")
