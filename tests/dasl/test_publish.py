"""`python -m dasl export` and `push`; the hub itself is tested in test_weights_hub."""

from tests.dasl.conftest import run_command


def test_export_writes_an_onnx_file_that_agrees(weights, tmp_path, capsys):
    assert run_command("export", "--model", weights, "--output", tmp_path / "net.onnx") == 0
    assert (tmp_path / "net.onnx").stat().st_size > 1_000_000
    assert "largest difference" in capsys.readouterr().out


def test_push_needs_a_repository_name(weights, capsys):
    assert run_command("push", "not a repository", "--model", weights) == 1
    assert "not a repository" in capsys.readouterr().err
