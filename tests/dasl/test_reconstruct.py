"""`python -m dasl reconstruct`: files, messages and exit status."""

import json

import pytest

from dasl.errors import WeightsError
from dasl.predictor import FaceReconstructor
from tests.dasl.conftest import run_command


@pytest.fixture
def one_face(monkeypatch, reconstructor):
    """The command uses the reconstructor that needs no weights."""

    def load(*_arguments, **_options):
        return reconstructor

    monkeypatch.setattr(FaceReconstructor, "from_pretrained", load)


def test_each_face_and_format_is_a_file(one_face, photo_file, tmp_path, capsys):
    out = tmp_path / "heads"
    assert run_command("reconstruct", photo_file, "--output", out, "--format", "json") == 0
    assert [path.name for path in out.iterdir()] == ["photo.json"]
    assert len(json.loads((out / "photo.json").read_text())["landmarks68_image"]) == 68
    assert "photo.json" in capsys.readouterr().out


def test_one_bad_photo_does_not_stop_the_others(one_face, photo_file, tmp_path, capsys):
    missing = tmp_path / "missing.jpg"
    assert run_command("reconstruct", missing, photo_file, "--output", tmp_path / "heads") == 1
    assert (tmp_path / "heads" / "photo.glb").exists()
    assert "missing.jpg" in capsys.readouterr().err


def test_an_output_folder_that_cannot_be_made_is_named(one_face, photo_file, tmp_path, capsys):
    blocked = tmp_path / "file"
    blocked.write_text("in the way")
    assert run_command("reconstruct", photo_file, "--output", blocked / "heads") == 1
    message = capsys.readouterr().err
    assert str(blocked / "heads") in message
    assert "Traceback" not in message


def test_missing_weights_are_a_message(photo_file, tmp_path, capsys):
    words = ("reconstruct", photo_file, "--output", tmp_path / "heads")
    assert run_command(*words, "--model", tmp_path / "nothing") == 1
    assert "nothing" in capsys.readouterr().err


def test_weights_with_a_missing_tensor_name_it(weights):
    from safetensors.torch import load_file, save_file

    tensors = load_file(weights / "model.safetensors")
    tensors.pop("regressor.bias")
    save_file(tensors, weights / "model.safetensors")
    with pytest.raises(WeightsError, match=r"regressor\.bias"):
        FaceReconstructor.from_pretrained(weights)
