"""Risk-coverage of confidence; `test_calibrate_confidence` runs the whole report."""

import numpy as np
import pytest

from tools.confidence_report import risk_at


def test_risk_is_the_error_of_the_most_confident():
    confidence, error = np.array([0.9, 0.1, 0.8, 0.5]), np.array([0.01, 0.09, 0.02, 0.04])
    assert risk_at(confidence, error, 1.0) == pytest.approx(0.04)
    assert risk_at(confidence, error, 0.75) == pytest.approx(0.07 / 3)
    assert risk_at(confidence, error, 0.1) == pytest.approx(0.01)
