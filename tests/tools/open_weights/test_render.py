"""The sets of the open weights: on their own head, with a list of what they were made from."""

from pathlib import Path

import pytest

from dasl.datasets.face_set import load_face_set
from dasl.head.landmark_file import LANDMARKS_FILE, head_with_landmarks
from dasl.weights.folder import OPEN_FOLDER
from tools.open_weights import finish, render
from tools.open_weights.inputs import recorded


def test_heads_are_on_the_open_head_and_list_their_inputs(tmp_path: Path) -> None:
    output = tmp_path / "heads.safetensors"
    words = ["heads", "--root", str(tmp_path), "--count", "2", "--output", str(output)]
    assert render.main(words) == 0
    faces = load_face_set(output)
    assert len(faces) == 2
    assert faces.head_id == head_with_landmarks(OPEN_FOLDER / LANDMARKS_FILE).head_id
    names = [entry["name"] for entry in recorded(output)]
    assert names == ["assets/head.safetensors", "assets/open/landmarks.safetensors"]


def test_people_without_scan_shapes_are_a_message(tmp_path: Path, capsys) -> None:
    words = ["people", "--root", str(tmp_path), "--people", "1", "--output", str(tmp_path / "p")]
    assert render.main(words) == 1
    assert "open_weights.render:" in capsys.readouterr().err
    assert not (tmp_path / "p").exists()


def test_weights_whose_start_states_nothing_are_refused(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    words = [str(OPEN_FOLDER), "--validation", "v.safetensors", "--output", str(tmp_path / "out")]
    assert finish.main(words) == 1
    assert "does not state how it was trained" in capsys.readouterr().err
    assert not (tmp_path / "out").exists()
