"""`python -m dasl export`; the file itself is tested with `dasl.network.onnx`."""

from tests.dasl.conftest import run_command


def test_export_writes_an_onnx_file_that_agrees(weights, tmp_path, capsys):
    assert run_command("export", "--model", weights, "--output", tmp_path / "net.onnx") == 0
    assert (tmp_path / "net.onnx").stat().st_size > 1_000_000
    assert "largest difference" in capsys.readouterr().out
