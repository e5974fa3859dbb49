"""The file of named points: both forms, and what is refused."""

import json
from pathlib import Path

import numpy as np
import pytest

from eval.benchmarks.florence.scan_landmarks import read_landmarks
from eval.errors import BenchmarkError

POINTS = {
    "nose_tip": [0.0, -30.0, 100.0],
    "right_eye_outer": [-45.0, 0.0, 60.0],
    "left_eye_outer": [45.0, 0.0, 60.0],
    "left_mouth_corner": [25.0, -60.0, 75.0],
}


def written(folder: Path, points: object, name: str = "landmarks.json") -> Path:
    path = folder / name
    path.write_text(points if isinstance(points, str) else json.dumps(points))
    return path


def test_json_is_read_with_the_required_points_first(tmp_path: Path) -> None:
    written(tmp_path, {"subject_01": POINTS})
    file = read_landmarks(tmp_path)
    found = file.of("subject_01")
    assert found.names[:3] == ("right_eye_outer", "left_eye_outer", "nose_tip")
    assert found.names[3:] == ("left_mouth_corner",)
    assert found.interocular_mm == 90.0
    assert found.ibug_indices == [36, 45, 30, 54]
    np.testing.assert_array_equal(found.nose_tip, [0.0, -30.0, 100.0])
    assert len(file.sha256) == 64


def test_csv_says_the_same(tmp_path: Path) -> None:
    rows = [f"subject_01,{name},{x},{y},{z}" for name, (x, y, z) in POINTS.items()]
    text = "\n".join(["subject,point,x,y,z", *rows, ""])
    path = written(tmp_path, text, "mine.csv")
    table = read_landmarks(tmp_path, path).of("subject_01")
    written(tmp_path, {"subject_01": POINTS})
    document = read_landmarks(tmp_path).of("subject_01")
    assert table.names == document.names
    np.testing.assert_array_equal(table.points, document.points)


def test_a_missing_file_says_what_to_write(tmp_path: Path) -> None:
    with pytest.raises(BenchmarkError, match=r"landmarks.json nor .*landmarks.csv.*nose_tip"):
        read_landmarks(tmp_path)


def test_a_subject_without_points_is_named(tmp_path: Path) -> None:
    written(tmp_path, {"subject_01": POINTS})
    with pytest.raises(BenchmarkError, match="no points of subject_02"):
        read_landmarks(tmp_path).of("subject_02")


@pytest.mark.parametrize(
    ("points", "message"),
    [
        ("{", "is not valid JSON"),
        ("[" * 100_000, "is not valid JSON"),
        ([1, 2], "another shape of JSON"),
        ({"a": [1, 2, 3]}, "another shape of JSON"),
        ({"a": {"nose": [1, 2, 3]}}, "nose of a .* is no known point"),
        ({"a": {"nose_tip": [1, 2]}}, "three finite numbers"),
        ({"a": {"nose_tip": [1, 2, float("nan")]}}, "three finite numbers"),
        ({"a": {"nose_tip": ["x", 2, 3]}}, "must be three numbers"),
        ({"a": {"nose_tip": {"x": 1}}}, "must be three numbers"),
        ({"a": {"nose_tip": [1, 2, 3]}}, "lacks right_eye_outer, left_eye_outer of a"),
        (
            {"a": {name: [x / 10 for x in point] for name, point in POINTS.items()}},
            "lie 9 apart, wanted 60 to 130 mm",
        ),
        (
            {"a": {name: [-p[0], p[1], p[2]] for name, p in POINTS.items()}},
            "left eye of a .* the larger x",
        ),
    ],
)
def test_points_that_cannot_be_a_faces_are_refused(
    tmp_path: Path, points: object, message: str
) -> None:
    written(tmp_path, points)
    with pytest.raises(BenchmarkError, match=message):
        read_landmarks(tmp_path)


@pytest.mark.parametrize(
    "text", ["", "a,b\n1,2\n", "subject,point,x,y,z\na,nose_tip,1,2\n", "x" * 200_000]
)
def test_a_csv_of_other_columns_is_refused(tmp_path: Path, text: str) -> None:
    path = written(tmp_path, text, "landmarks.csv")
    with pytest.raises(BenchmarkError, match=r"subject,point,x,y,z|not valid CSV"):
        read_landmarks(tmp_path, path)
