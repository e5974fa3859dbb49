"""Risk-coverage of confidence: what is kept, and by whose judgement."""

import numpy as np
import pytest
import torch

from dasl.datasets.face_rows import Faces2d
from dasl.head.morphable_model import MorphableModel
from dasl.network.coefficient_network import CoefficientNetwork
from dasl.network.config import NetworkConfig
from dasl.weights.folder import save_weights
from tests.dasl.invented_faces_2d import write_faces_2d
from tests.dasl.network.test_confidence import SIMPLE
from tests.dasl.tiny_model import invented_faces
from tools.confidence_report import cross_validated_confidence, main, risk_at


def test_risk_is_the_error_of_the_most_confident():
    confidence, error = np.array([0.9, 0.1, 0.8, 0.5]), np.array([0.01, 0.09, 0.02, 0.04])
    assert risk_at(confidence, error, 1.0) == pytest.approx(0.04)
    assert risk_at(confidence, error, 0.75) == pytest.approx(0.07 / 3)
    assert risk_at(confidence, error, 0.1) == pytest.approx(0.01)


def test_no_face_is_judged_by_a_calibration_that_saw_its_error():
    signals = torch.rand(100, 3, generator=torch.Generator().manual_seed(2))
    error = SIMPLE.expected_nme(signals)
    confidence = cross_validated_confidence(signals, error)
    spoilt = error.clone()
    spoilt[7] = 50.0
    again = cross_validated_confidence(signals, spoilt)
    assert again[7] == confidence[7]
    assert again[8] != confidence[8]


def test_the_report_prints_the_curve_and_draws_it(tmp_path, capsys):
    model = MorphableModel.load()
    config = NetworkConfig.of_head(model)
    save_weights(tmp_path / "weights", CoefficientNetwork(config), {})
    packed = invented_faces(60)
    faces = Faces2d(
        packed.ids,
        packed.images,
        packed.landmarks21_crop,
        packed.visible21,
        packed.landmarks68_crop,
        packed.yaw_deg,
    )
    write_faces_2d(faces, tmp_path / "faces_2d/validation-0.parquet")
    plot = tmp_path / "curve.png"
    words = ["--root", tmp_path, "--model", tmp_path / "weights", "--plot", plot]
    assert main([str(word) for word in words]) == 0
    printed = capsys.readouterr().out
    assert "60 faces, error" in printed
    assert "| 90 % |" in printed
    assert plot.stat().st_size > 5000
