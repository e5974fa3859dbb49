"""CSV files, wide and long."""

from pathlib import Path

import numpy as np
import pytest

from eval.converters.frames import PhotoFrame
from eval.converters.table import read_csv
from eval.errors import SubmissionError

FRAME = PhotoFrame(1, "down", "towards", 450)
POINTS = np.arange(2 * 68 * 3, dtype=np.float64).reshape(2, 68, 3)
NAMES = ("a", "b")


def wide(axes: str = "xyz", first: int = 0, form: str = "{}{}", separator: str = ",") -> str:
    names = [form.format(axis, first + point) for point in range(68) for axis in axes]
    lines = [separator.join(["id", *names])]
    for name, face in zip(NAMES, POINTS, strict=True):
        lines.append(separator.join([f"x/{name}.jpg", *map(str, face[:, : len(axes)].ravel())]))
    return "\n".join(lines) + "\n"


def long(first: int = 0) -> str:
    lines = ["image,point,x,y,z"]
    for name, face in zip(NAMES, POINTS, strict=True):
        rows = [f"{name},{first + i},{x},{y},{z}" for i, (x, y, z) in enumerate(face)]
        lines += rows[::-1]
    return "\n".join(lines)


def read(tmp_path: Path, text: str) -> np.ndarray:
    (tmp_path / "p.csv").write_text(text)
    predictions = read_csv(tmp_path / "p.csv", FRAME)
    assert predictions.ids == NAMES and predictions.landmarks is not None
    return predictions.landmarks


@pytest.mark.parametrize(
    "text",
    [
        wide(),
        wide(first=1, form="{}_{}", separator=";"),
        wide(separator="\t"),
        "\ufeff" + wide().replace("\n", "\r\n"),
        wide().replace("id,x0", "Image, x0"),
        long(),
        long(first=1),
    ],
)
def test_every_layout_gives_the_same_points(tmp_path: Path, text: str) -> None:
    assert np.array_equal(read(tmp_path, text), POINTS)


def test_absent_depth_is_zero_and_said(tmp_path: Path) -> None:
    landmarks = read(tmp_path, wide("xy"))
    assert np.array_equal(landmarks[..., :2], POINTS[..., :2]) and not landmarks[..., 2].any()
    assert read_csv(tmp_path / "p.csv", FRAME).facts["z"] == "absent, written as 0"


def test_the_frame_is_applied(tmp_path: Path) -> None:
    (tmp_path / "p.csv").write_text(wide())
    moved = read_csv(tmp_path / "p.csv", PhotoFrame(0, "down", "towards", 450)).landmarks
    assert moved is not None and np.array_equal(moved, POINTS + np.array([1.0, 1.0, 0.0]))


@pytest.mark.parametrize("cell", ["", "nan"])
def test_a_row_of_empty_cells_is_a_failed_face(tmp_path: Path, cell: str) -> None:
    lines = wide().splitlines()
    lines[1] = ",".join(["a"] + [cell] * 204)
    landmarks = read(tmp_path, "\n".join(lines))
    assert np.isnan(landmarks[0]).all() and np.array_equal(landmarks[1], POINTS[1])


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "is empty, wanted id,x0,y0,z0"),
        ("id\n", "must have one column point or landmark or index, got 0 in id"),
        (wide().replace("id,", "face,"), "one column id or image or .* got 0 in face, x0"),
        (wide().replace("x67,", "x68,"), "columns of 69 points from number 0"),
        (wide().replace("x67,", "x66,"), "two columns x66; keep one"),
        (wide(first=2), "columns of 68 points from number 2"),
        (wide(form="{}{}").replace("x", "X"), "columns of 68 points"),
        (wide() + "c,1\n", "205 cells in each row, got another count in row 4 and 0 more"),
        (wide() + wide().splitlines()[1], r"more than once \(a\)"),
        (wide().replace(",203.0", ",many"), "must hold numbers .*many"),
        (wide().replace(",203.0", ","), r"partly NaN in 1 rows \(a\)"),
        (wide().splitlines()[0], "has 0 rows below the header"),
        (long().replace("a,67,", "a,66,"), r"missing or doubled in 1 images \(a\)"),
        (long().replace("a,67,", "a,70,"), "must number its points 0 to 67 or 1 to 68"),
        (long() + "\nb,67,1,1,1", r"missing or doubled in 1 images \(b\)"),
        (long(first=5), "must number its points"),
        (long().replace("point,x", "point,u"), "must have one column x, got 0"),
    ],
)
def test_each_wrong_table_says_why(tmp_path: Path, text: str, message: str) -> None:
    with pytest.raises(SubmissionError, match=message):
        read(tmp_path, text)
