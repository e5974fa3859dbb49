"""`python -m tools.label_faces`."""

from pathlib import Path

import pytest

from dasl.datasets.face_set import load_face_set
from tests.dasl.invented_faces_2d import invented_faces_2d, write_faces_2d
from tools.label_faces import main


def test_faces_are_labelled_once_and_packed(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    faces = invented_faces_2d(3)
    write_faces_2d(faces, tmp_path / "faces_2d/train-0.parquet")
    output = tmp_path / "labels.safetensors"
    teacher = str(Path("dasl/assets/lite0").resolve())
    words = ["--root", str(tmp_path), "--teacher", teacher, "--output", str(output)]
    assert main(words) == 0
    actual = load_face_set(output)
    assert actual.ids == faces.ids
    assert (actual.coefficient_weight > 0).all()
    assert "3 faces" in capsys.readouterr().out


def test_a_missing_source_is_named(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    words = ["--root", str(tmp_path), "--output", str(tmp_path / "labels.safetensors")]
    assert main(words) == 1
    assert "label_faces:" in capsys.readouterr().err
