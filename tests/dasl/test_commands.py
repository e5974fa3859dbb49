"""`python -m dasl` as a person at the shell meets it."""

import json
import subprocess
import sys

import pytest

from dasl import commands, predictor
from dasl.errors import WeightsError
from dasl.weights import save_weights


@pytest.fixture
def weights(tmp_path, constant_network):
    """A weights folder."""
    save_weights(tmp_path / "weights", constant_network, {})
    return tmp_path / "weights"


@pytest.fixture
def one_face(monkeypatch, reconstructor):
    """Every command uses the reconstructor that needs no weights."""

    def load(*_arguments, **_options):
        return reconstructor

    monkeypatch.setattr(predictor.FaceReconstructor, "from_pretrained", load)


def run(*words: object) -> int:
    return commands.main([str(word) for word in words])


def test_reconstruct_writes_one_file_a_face_and_format(one_face, photo_file, tmp_path, capsys):
    out = tmp_path / "heads"
    assert run("reconstruct", photo_file, "--output", out, "--format", "json") == 0
    assert [path.name for path in out.iterdir()] == ["photo.json"]
    assert json.loads((out / "photo.json").read_text())["confidence"] == pytest.approx(1.0)
    assert "photo.json" in capsys.readouterr().out


def test_one_bad_photo_does_not_stop_the_others(one_face, photo_file, tmp_path, capsys):
    missing = tmp_path / "missing.jpg"
    assert run("reconstruct", missing, photo_file, "--output", tmp_path / "heads") == 1
    assert (tmp_path / "heads" / "photo.glb").exists()
    assert "missing.jpg" in capsys.readouterr().err


def test_an_output_folder_that_cannot_be_made_is_named(one_face, photo_file, tmp_path, capsys):
    blocked = tmp_path / "file"
    blocked.write_text("in the way")
    assert run("reconstruct", photo_file, "--output", blocked / "heads") == 1
    message = capsys.readouterr().err
    assert str(blocked / "heads") in message and "Traceback" not in message


def test_a_wrong_command_line_is_status_2(capsys):
    with pytest.raises(SystemExit) as stopped:
        run("reconstruct")
    assert stopped.value.code == 2
    with pytest.raises(SystemExit) as stopped:
        run("resurrect")
    assert stopped.value.code == 2


def test_missing_weights_are_a_message(photo_file, tmp_path, capsys):
    words = ("reconstruct", photo_file, "--output", tmp_path / "heads")
    assert run(*words, "--model", tmp_path / "nothing") == 1
    assert "nothing" in capsys.readouterr().err


def test_weights_with_a_missing_tensor_name_it(weights):
    from safetensors.torch import load_file, save_file

    tensors = load_file(weights / "model.safetensors")
    tensors.pop("regressor.bias")
    save_file(tensors, weights / "model.safetensors")
    with pytest.raises(WeightsError, match=r"regressor\.bias"):
        predictor.FaceReconstructor.from_pretrained(weights)


def test_export_writes_an_onnx_file_that_agrees(weights, tmp_path, capsys):
    assert run("export", "--model", weights, "--output", tmp_path / "net.onnx") == 0
    assert (tmp_path / "net.onnx").stat().st_size > 1_000_000
    assert "largest difference" in capsys.readouterr().out


def test_predict_needs_data(monkeypatch, tmp_path, capsys):
    monkeypatch.delenv("DASL_DATA_ROOT", raising=False)
    assert run("predict", "aflw2000-3d", "--output", tmp_path / "ours.npz") == 1
    assert "--root" in capsys.readouterr().err


def test_help_gives_examples_without_loading_torch():
    code = "import sys, dasl.commands as c\ntry: c.main(['--help'])\nexcept SystemExit: pass\n"
    code += "print('torch' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert "examples:" in done.stdout
    assert done.stdout.rstrip().endswith("False")
