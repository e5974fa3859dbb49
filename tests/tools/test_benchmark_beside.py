"""The benchmark beside others: its table, the network of 3DDFA_V2's size, a failed installation."""

import subprocess
import venv
from pathlib import Path

import numpy as np
import onnxruntime
import pytest

from tools.benchmark_beside import main, mediapipe_python, table
from tools.random_mobilenet import INPUT, OUTPUT_COUNT, SIDE, mobilenet_v1

pytest.importorskip("onnx", reason="needs the extra [train]")


def test_the_network_has_the_published_number_of_weights() -> None:
    """MobileNet v1 has 3.2 million weights without its 1000 classes."""
    content = mobilenet_v1()
    assert 3.1e6 < len(content) / 4 < 3.5e6
    session = onnxruntime.InferenceSession(content, providers=["CPUExecutionProvider"])
    (said,) = session.run(None, {INPUT: np.zeros((2, 3, SIDE, SIDE), np.float32)})
    assert said.shape == (2, OUTPUT_COUNT)
    assert np.isfinite(said).all()


def test_the_table_has_medians_and_ratios() -> None:
    ours = {"photo": [0.004, 0.006, 0.9], "faces": [0.002], "frame": [0.001]}
    theirs = {"photo": [0.003], "faces": [0.004], "frame": [0.001]}
    shown = table({"dasl": ours, "mediapipe": theirs}).splitlines()
    assert shown[1].split() == [
        "dasl",
        *["6.00", "(", "2.00)", "2.00", "(", "0.50)", "1.00", "(", "1.00)"],
    ]


def test_without_mediapipe_the_ratios_are_to_the_first_row() -> None:
    times = {"photo": [0.004], "faces": [0.002], "frame": [0.001]}
    assert "multiple of dasl float32" in table({"dasl float32": times}).splitlines()[0]


def test_an_installation_that_fails_leaves_mediapipe_out(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def fail(*words: object, **options: object) -> None:
        raise subprocess.CalledProcessError(1, "pip", stderr="looked up\nno such host\n")

    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    monkeypatch.setattr(venv, "create", lambda *words, **options: None)
    monkeypatch.setattr(subprocess, "run", fail)
    assert mediapipe_python() is None
    assert "no such host" in capsys.readouterr().err


def test_no_runs_are_refused(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        main(["--runs", "0"])
    assert "at least 1" in capsys.readouterr().err
