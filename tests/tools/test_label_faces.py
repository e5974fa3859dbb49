"""`python -m tools.label_faces`."""

from pathlib import Path

import pytest

from dasl.datasets.face_set import load_face_set
from dasl.head.morphable_model import EMBEDDED_HEAD, MorphableModel
from dasl.network.coefficient_network import CoefficientNetwork
from dasl.network.config import NetworkConfig
from dasl.weights.folder import save_weights
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


def test_a_teacher_of_another_head_takes_its_head_file(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    faces = invented_faces_2d(2)
    write_faces_2d(faces, tmp_path / "faces_2d/train-0.parquet")
    network = CoefficientNetwork(NetworkConfig(3, 2, head_id="aaaabbbbcccc"))
    save_weights(tmp_path / "teacher", network, {})
    words = ["--root", str(tmp_path), "--teacher", str(tmp_path / "teacher")]
    words += ["--output", str(tmp_path / "labels.safetensors")]
    assert main(words) == 1
    assert "head aaaabbbbcccc" in capsys.readouterr().err
    assert main([*words, "--teacher-head", str(tmp_path / "no_such_head")]) == 1
    assert "no_such_head" in capsys.readouterr().err
    head, labels = str(EMBEDDED_HEAD), tmp_path / "labels.safetensors"
    of_head = CoefficientNetwork(NetworkConfig.of_head(MorphableModel.load()))
    save_weights(tmp_path / "teacher", of_head, {})
    assert main([*words, "--teacher-head", head]) == 0
    assert load_face_set(labels).head_id == MorphableModel.load().head_id


def test_a_teachers_head_without_a_teacher_is_refused(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    words = ["--root", str(tmp_path), "--output", str(tmp_path / "labels.safetensors")]
    assert main([*words, "--teacher-head", str(EMBEDDED_HEAD)]) == 1
    assert "--teacher-head is the head of --teacher" in capsys.readouterr().err


def test_a_missing_source_is_named(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    words = ["--root", str(tmp_path), "--output", str(tmp_path / "labels.safetensors")]
    assert main(words) == 1
    assert "label_faces:" in capsys.readouterr().err
