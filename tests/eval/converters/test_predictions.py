"""Matching a source's images with those of a benchmark."""

from pathlib import Path

import numpy as np
import pytest

from eval.converters.keypoints import read_keypoints
from eval.converters.kind import guess_kind
from eval.converters.predictions import (
    Predictions,
    RowsOnDemand,
    in_benchmark_order,
    read_id_list,
    stem_of,
)
from eval.errors import MissingImages, SubmissionError


def predictions(*ids: str) -> Predictions:
    points = np.arange(len(ids), dtype=np.float64)[:, None, None] + np.zeros((1, 68, 3))
    dense = RowsOnDemand(len(ids), 5, lambda row: np.full((5, 3), float(row)))
    return Predictions(ids, points, dense)


def test_rows_and_vertices_follow_the_wanted_order() -> None:
    ordered = in_benchmark_order(predictions("a", "b", "c"), ["c", "a", "b"], fill_missing=False)
    assert ordered.ids == ("c", "a", "b")
    assert ordered.landmarks is not None and ordered.landmarks[:, 0, 0].tolist() == [2, 0, 1]
    assert ordered.vertices is not None and ordered.vertices.shape == (3, 5, 3)
    chunks = [chunk[:, 0, 0].tolist() for chunk in ordered.vertices.chunks(2)]
    assert chunks == [[2, 0], [1]]


def test_an_absent_image_is_an_error_unless_asked_for() -> None:
    with pytest.raises(MissingImages, match=r"1 of 3 images are missing .*\(b\).*count as failed"):
        in_benchmark_order(predictions("a", "c"), ["a", "b", "c"], fill_missing=False)
    filled = in_benchmark_order(predictions("a", "c"), ["a", "b", "c"], fill_missing=True)
    assert filled.landmarks is not None and filled.vertices is not None
    assert np.isnan(filled.landmarks[1]).all() and (filled.landmarks[2] == 1).all()
    dense = np.concatenate(list(filled.vertices.chunks(10)))
    assert np.isnan(dense[1]).all() and (dense[2] == 1).all() and dense.dtype == np.float32


def test_an_unknown_image_is_an_error_even_when_filling() -> None:
    with pytest.raises(SubmissionError, match=r"names 1 images that the list does not have \(x\)"):
        in_benchmark_order(predictions("a", "x"), ["a"], fill_missing=True)


def test_a_doubled_image_is_an_error() -> None:
    with pytest.raises(SubmissionError, match=r"more than once \(a\)"):
        predictions("a", "a")


@pytest.mark.parametrize(
    ("name", "stem"),
    [
        ("image00002.jpg", "image00002"),
        ("C:\\data\\image00002.mat", "image00002"),
        ("AFLW/1.JPG", "1"),
        ("subject_01_-15_40.5", "subject_01_-15_40.5"),
    ],
)
def test_names_lose_folders_and_file_suffixes_only(name: str, stem: str) -> None:
    assert stem_of(name) == stem


def test_a_list_of_names_is_read_and_checked(tmp_path: Path) -> None:
    path = tmp_path / "l.txt"
    path.write_text("crop/a.jpg\r\nb.jpg\n\n")
    assert read_id_list(path) == ("a", "b")
    path.write_text("a.jpg\nb\na.png\n")
    with pytest.raises(SubmissionError, match=r"1 images more than once \(a\)"):
        read_id_list(path)
    path.write_text("\n")
    with pytest.raises(SubmissionError, match="names 0 images"):
        read_id_list(path)
    with pytest.raises(SubmissionError, match="No such file"):
        read_id_list(tmp_path / "none")


def test_kinds_are_guessed_only_where_plain(tmp_path: Path) -> None:
    for name in ("p.npy", "p.CSV", "p.pkl", "p.npz"):
        (tmp_path / name).touch()
    assert guess_kind(tmp_path / "p.npy") == "3ddfa-params"
    assert guess_kind(tmp_path / "p.CSV") == "csv"
    for name, message in [
        ("p.pkl", "is a pickle"), ("p.npz", "unknown type"), ("no", "no file or folder"),
        ("", "neither"),
    ]:  # fmt: skip
        with pytest.raises(SubmissionError, match=message):
            guess_kind(tmp_path / name)
    (tmp_path / "a.mat").touch()
    assert guess_kind(tmp_path) == "mat"
    (tmp_path / "a_kpt.txt").touch()
    with pytest.raises(SubmissionError, match=r"both .* --from prnet-kpt or --from mat"):
        guess_kind(tmp_path)
    (tmp_path / "a.mat").unlink()
    assert guess_kind(tmp_path) == "prnet-kpt"


def test_keypoints_come_as_vertices_or_as_rows_of_three(tmp_path: Path) -> None:
    vertices = np.arange(68) * 7 + 3
    np.save(tmp_path / "k.npy", vertices)
    np.save(tmp_path / "r.npy", (3 * vertices[:, None] + np.arange(3)).ravel())
    (tmp_path / "k.txt").write_text(",\n".join(str(3 * v + i) for v in vertices for i in range(3)))
    for name in ("k.npy", "r.npy", "k.txt"):
        assert (read_keypoints(tmp_path / name) == vertices).all()


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("1 2 3", "holds 3 numbers, wanted 68 vertex numbers"),
        ("a " * 68, "must hold whole numbers"),
        ("-1 " * 68, "negative"),
        ("9 " * 204, "do not run in x y z triples"),
    ],
)
def test_wrong_keypoints_say_what_is_wanted(tmp_path: Path, text: str, message: str) -> None:
    (tmp_path / "k.txt").write_text(text)
    with pytest.raises(SubmissionError, match=message):
        read_keypoints(tmp_path / "k.txt")
    np.save(tmp_path / "k.npy", np.zeros(68))
    with pytest.raises(SubmissionError, match="of float64"):
        read_keypoints(tmp_path / "k.npy")


def test_angles_follow_their_images_and_an_absent_one_has_none() -> None:
    points = np.random.default_rng(0).uniform(size=(2, 68, 3))
    given = Predictions(("b", "a"), points, pose_deg=np.array([[1.0, 2.0, 3.0], [4.0, 5.0, 6.0]]))
    found = in_benchmark_order(given, ("a", "b", "c"), fill_missing=True).pose_deg
    assert found is not None and np.isnan(found[2]).all()
    assert found[:2].tolist() == [[4.0, 5.0, 6.0], [1.0, 2.0, 3.0]]
