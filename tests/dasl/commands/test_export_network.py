"""`python -m dasl export`; the file itself is tested with `dasl.network.onnx`."""

import pytest

from tests.dasl.conftest import run_command


def test_export_writes_an_onnx_file_that_agrees(tmp_path, monkeypatch, capsys):
    """Of the embedded weights, whose graph lies beside them: nothing is traced."""
    pytest.importorskip("onnxscript", reason="needs the extra [train]")
    monkeypatch.setattr("torch.onnx.export", None)  # would fail if it were called
    assert run_command("export", "--output", tmp_path / "net.onnx") == 0
    assert (tmp_path / "net.onnx").stat().st_size > 1_000_000
    assert "largest difference" in capsys.readouterr().out
