"""Risk-coverage of confidence; `test_calibrate_confidence` runs the whole report."""

from pathlib import Path

import numpy as np
import pytest

from tools.confidence_report import main, rank_correlation, risk_at


def test_risk_is_the_error_of_the_most_confident():
    confidence, error = np.array([0.9, 0.1, 0.8, 0.5]), np.array([0.01, 0.09, 0.02, 0.04])
    assert risk_at(confidence, error, 1.0) == pytest.approx(0.04)
    assert risk_at(confidence, error, 0.75) == pytest.approx(0.07 / 3)
    assert risk_at(confidence, error, 0.1) == pytest.approx(0.01)


def test_ranks_alone_count_for_the_correlation():
    assert rank_correlation(np.array([0.9, 0.5, 0.1]), np.array([0.01, 0.02, 0.5])) == -1.0


def test_a_missing_benchmark_is_named(tmp_path: Path, capsys: pytest.CaptureFixture[str]):
    assert main(["--root", str(tmp_path), "--benchmark"]) == 1
    assert "confidence_report: " in capsys.readouterr().err
