"""Reading AFLW-LFPA's folder, and what may be wrong with it."""

from dataclasses import replace
from pathlib import Path

import h5py
import numpy as np
import pytest
from scipy.io import savemat

from eval.benchmarks.aflw_lfpa.data import TEST, Part, find_folder, load_part
from eval.errors import BenchmarkError
from tests.eval.lfpa_files import table, write_set

SMALL = replace(TEST, image_count=2)


def invented() -> tuple[np.ndarray, np.ndarray]:
    """Two images: the first shows all points, the second only the last one."""
    points = np.arange(2 * 34 * 2, dtype=float).reshape(2, 34, 2)
    visible = np.ones((2, 34), dtype=bool)
    visible[1, :33] = False
    return points, visible


def test_rows_are_read_as_x_then_y_then_visibility(tmp_path: Path) -> None:
    row = np.concatenate([np.arange(34) + 0.5, 100.0 + np.arange(34), np.arange(34) % 2])
    savemat(tmp_path / "Landmark.mat", {"phisT": np.stack([row, row]), "phisTr": 0})
    faces = load_part(tmp_path, SMALL, with_boxes=False)
    assert faces.points[1, 3].tolist() == [3.5, 103.0]
    assert faces.visible[0].tolist() == [False, True] * 17
    assert faces.ids == ("1", "2") and faces.boxes is None
    assert faces.truth_source == "phisT of Landmark.mat"


def test_parts_and_boxes_are_told_apart_and_found_below_the_root(tmp_path: Path) -> None:
    folder = tmp_path / "AFLW-LFPA"
    folder.mkdir()
    points, visible = invented()
    boxes = np.array([[1.0, 2.0, 30.0, 40.0], [5.0, 6.0, 70.0, 80.0]])
    training = np.tile(points, (2, 1, 1)) + 1, np.ones((4, 34), dtype=bool)
    write_set(folder, (points, visible), training, boxes)
    faces = load_part(tmp_path, SMALL, with_boxes=True)
    assert faces.boxes is not None and faces.boxes.tolist() == boxes.tolist()
    assert (faces.points[faces.visible] == points[visible]).all()
    training_part = Part("training", "phisTr", 4)
    assert (
        load_part(tmp_path, training_part, with_boxes=False).points[3, 0, 0] == points[1, 0, 0] + 1
    )
    with pytest.raises(BenchmarkError, match=r"one field of \(4, 4\) numbers.*boxes_of_test"):
        load_part(tmp_path, training_part, with_boxes=True)


def test_v73_files_are_read_too(tmp_path: Path) -> None:
    points, visible = invented()
    with h5py.File(tmp_path / "Landmark.mat", "w", userblock_size=512) as file:
        file["phisT"] = table(points, visible).T
    with h5py.File(tmp_path / "BoundingBox.mat", "w", userblock_size=512) as file:
        file["b"] = np.array([[1.0, 2.0, 30.0, 40.0], [5.0, 6.0, 70.0, 80.0]]).T
    faces = load_part(tmp_path, SMALL, with_boxes=True)
    assert (faces.points[faces.visible] == points[visible]).all()
    assert faces.boxes is not None and faces.boxes[1].tolist() == [5.0, 6.0, 70.0, 80.0]


def test_hidden_points_may_be_nan_and_visible_ones_may_not(tmp_path: Path) -> None:
    points, visible = invented()
    rows = table(points, visible)
    rows[1, 0] = np.nan
    savemat(tmp_path / "Landmark.mat", {"phisT": rows})
    assert np.isfinite(load_part(tmp_path, SMALL, with_boxes=False).points).all()
    rows[1, 33] = np.nan
    savemat(tmp_path / "Landmark.mat", {"phisT": rows})
    with pytest.raises(BenchmarkError, match=r"visible points of 1 images .* not finite \(2\)"):
        load_part(tmp_path, SMALL, with_boxes=False)


def test_photos_give_the_ids_in_the_order_of_their_numbers(tmp_path: Path) -> None:
    points, visible = invented()
    write_set(tmp_path, (points, visible), (points, visible))
    photos = tmp_path / "photos"
    photos.mkdir()
    (photos / "0010.jpg").touch(), (photos / "9.jpg").touch()
    assert load_part(tmp_path, SMALL, with_boxes=False, photos=photos).ids == ("9", "0010")
    (photos / "0010.jpg").rename(photos / "0012.jpg")
    (photos / "cat.jpg").touch()
    with pytest.raises(BenchmarkError, match=r"without a number: cat; missing from 9 on: 10.jpg"):
        load_part(tmp_path, SMALL, with_boxes=False, photos=photos)
    with pytest.raises(BenchmarkError, match=r"is not a folder"):
        load_part(tmp_path, SMALL, with_boxes=False, photos=tmp_path / "nowhere")


def test_two_photos_of_one_number_are_refused(tmp_path: Path) -> None:
    points, visible = invented()
    write_set(tmp_path, (points, visible), (points, visible))
    (tmp_path / "1.jpg").touch(), (tmp_path / "01.jpg").touch()
    with pytest.raises(BenchmarkError, match=r"holds 2 jpgs, 1 of them with a number of their own"):
        load_part(tmp_path, SMALL, with_boxes=False, photos=tmp_path)


def test_a_missing_folder_or_file_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(BenchmarkError, match=r"lacks Landmark.mat.*--root"):
        find_folder(tmp_path)
    with pytest.raises(BenchmarkError, match=r"is not a folder"):
        find_folder(tmp_path / "nowhere")
    monkeypatch.delenv("DASL_DATA_ROOT", raising=False)
    with pytest.raises(BenchmarkError, match=r"--root.*DASL_DATA_ROOT"):
        find_folder(None)
    write_set(tmp_path, invented(), invented())
    monkeypatch.setenv("DASL_DATA_ROOT", str(tmp_path))
    assert find_folder(None) == tmp_path
    (tmp_path / "BoundingBox.mat").unlink()
    with pytest.raises(BenchmarkError, match=r"no file .*BoundingBox.mat.*visible-points"):
        load_part(tmp_path, SMALL, with_boxes=True)


def test_mats_of_the_wrong_kind_say_so(tmp_path: Path) -> None:
    points, visible = invented()
    rows = table(points, visible)
    wrong = {
        r"must be \(2, 102\) numbers .*got \(2, 101\)": {"phisT": rows[:, :101]},
        r"must be visibilities of 0 or 1, got 0.5": {"phisT": np.full((2, 102), 0.5)},
        r"1 images of .* show no point \(2\)": {"phisT": np.where([[0], [1]], 0.0, rows)},
        r"has no field phisT": {"other": rows},
    }
    wrong[r"1 images of .* show no point \(2\)"]["phisT"][0, 68:] = 1.0
    for message, fields in wrong.items():
        savemat(tmp_path / "Landmark.mat", fields)
        with pytest.raises(BenchmarkError, match=message):
            load_part(tmp_path, SMALL, with_boxes=False)


def test_boxes_of_the_wrong_kind_say_so(tmp_path: Path) -> None:
    write_set(tmp_path, invented(), invented(), np.array([[0, 0, 5, 5], [0, 0, -1, 5.0]]))
    with pytest.raises(BenchmarkError, match=r"1 boxes \(2\) without a positive width"):
        load_part(tmp_path, SMALL, with_boxes=True)
    savemat(tmp_path / "BoundingBox.mat", {"a": np.ones((2, 4)), "b": np.ones((2, 4))})
    with pytest.raises(BenchmarkError, match=r"got 2 among a \(2, 4\), b \(2, 4\)"):
        load_part(tmp_path, SMALL, with_boxes=True)
    for damage in (b"", b"not a mat file at all", b"\0" * 200):
        (tmp_path / "BoundingBox.mat").write_bytes(damage)
        with pytest.raises(BenchmarkError, match=r"BoundingBox.mat"):
            load_part(tmp_path, SMALL, with_boxes=True)
