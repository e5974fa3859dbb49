"""Learning the error: folds that share no face, figures, and a file that inference reads."""

import math
from pathlib import Path

import numpy as np
import pytest
import torch

from dasl.datasets.face_rows import Faces2d
from dasl.datasets.handplaced import FACE_SIZE_PX
from dasl.head.morphable_model import MorphableModel
from dasl.network.coefficient_network import CoefficientNetwork, NetworkConfig
from dasl.reconstruction.reconstructor import FaceReconstructor
from dasl.weights.folder import load_judge, save_weights
from tests.dasl.invented_faces_2d import write_faces_2d
from tests.dasl.tiny_model import invented_faces
from tools import calibrate_confidence, confidence_report, cover_faces, no_faces
from tools.calibrate_confidence import auroc, out_of_fold, threshold_report
from tools.judged_faces import with_jaw


@pytest.fixture(scope="module")
def root(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Weights in `weights`, and faces."""
    root = tmp_path_factory.mktemp("data")
    packed = invented_faces(24)
    faces = Faces2d(
        packed.ids,
        packed.images,
        packed.landmarks21_crop,
        packed.visible21,
        packed.landmarks68_crop,
        packed.yaw_deg,
    )
    for split in ("validation", "train"):
        write_faces_2d(faces, root / f"faces_2d/{split}-0.parquet")
    torch.manual_seed(0)
    network = CoefficientNetwork(NetworkConfig.of_head(MorphableModel.load()))
    facing = torch.zeros(network.config.output_count)
    facing[[0, 4, 6, 7, 8]] = torch.tensor([1.0, 1.0, math.log(400.0), 60.0, 60.0])
    network.set_whitening(facing, torch.full_like(facing, 0.05))
    save_weights(root / "weights", network, {})
    return root


@pytest.fixture
def photo_of_noise() -> np.ndarray:
    """(120, 160, 3) uint8."""
    return np.random.default_rng(0).integers(0, 256, (120, 160, 3)).astype(np.uint8)


@pytest.fixture(autouse=True)
def few_pictures(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("OF_A_THING", "OF_A_BEAST", "OF_THE_CAT"):
        monkeypatch.setattr(no_faces, name, 1)
    monkeypatch.setattr(no_faces, "corners", lambda root, numbers, random: [])
    monkeypatch.setattr("dasl.network.error_fit.STEPS", 20)
    monkeypatch.setattr(cover_faces, "STEPS", 3)


def test_the_head_that_is_written_judges_the_faces_of_photos(root, capsys, photo_of_noise):
    words = [str(root / "weights"), "--root", str(root), "--faces", "10"]
    assert calibrate_confidence.main(words) == 0
    printed = capsys.readouterr().out
    assert "| undamaged | 24 |" in printed and "| eyes covered |" in printed
    assert "| eyes, other covers |" in printed and "| mouth visible, real |" in printed
    assert load_judge(root / "weights") is not None
    found = FaceReconstructor.from_pretrained(root / "weights", device="cpu")
    regression = found.regress(photo_of_noise, boxes=[(20, 20, 100, 100)])
    assert regression is not None
    assert 0.0 < regression.confidence[0] < 1.0 and regression.covered.shape == (1, 2)


def test_the_report_prints_the_curve_and_draws_it(root, tmp_path, capsys):
    plot = tmp_path / "curve.png"
    words = ["--root", root, "--model", root / "weights", "--plot", plot]
    assert confidence_report.main([str(word) for word in words]) == 0
    printed = capsys.readouterr().out
    assert "24 faces, error" in printed
    assert "| 90 % |" in printed
    assert plot.stat().st_size > 5000


def test_missing_data_are_a_message(root, tmp_path, capsys):
    assert calibrate_confidence.main([str(root / "weights"), "--root", str(tmp_path)]) == 1
    assert "faces_2d" in capsys.readouterr().err


def test_no_face_is_judged_by_a_head_that_saw_its_error(monkeypatch):
    """A head that repeats what it learned most of says where it came from."""
    asked = []

    class Known:
        class validation:
            rows = np.array([0, 1, 2, 3, 0, 1])
            faces = type("Faces", (), {"signals": np.zeros((6, 1))})
            size_px = np.array([100.0, 100.0, 100.0, 10.0, 100.0, 100.0])
            least_nme = np.array([0.0, 0.0, 5.0, 0.0, 0.0, 0.0])
            said_covered = np.zeros((6, 2))

        def fold(self, number):
            return self.validation.rows % 2 == number

        def to_learn_from(self, without):
            return without

    def fit(without):
        asked.append(without)
        return lambda signals: np.full(len(signals), 0.01 * (1.0 + without))

    Known.validation.said_covered[5, 0] = 0.9
    monkeypatch.setattr(calibrate_confidence, "fit_error_head", fit)
    said = out_of_fold(Known())
    assert asked == [0, 1]
    # then the limits: nothing seen, small, eyes covered
    assert said.tolist() == pytest.approx([0.0125, 0.02, 5.0, 0.125, 0.0125, 0.041])


def test_the_jaw_line_counts_by_its_share_of_the_landmarks_and_the_chin_does_not():
    landmarks = torch.randn(3, 68, 3)
    detected = landmarks.clone()
    nme = np.array([0.02, 0.02, 0.02], np.float32)
    detected[1, :8, 0] += FACE_SIZE_PX  # half of the jaw line, one face size away
    detected[2, 8:, 1] += FACE_SIZE_PX
    detected[2, 9:17] = landmarks[2, 9:17]  # the chin and all that has hand-placed points
    jaw = 16 / 68
    least = (1 - jaw) * 0.02
    told = with_jaw(nme, landmarks, detected)
    assert told.tolist() == pytest.approx([least, least + jaw / 2, least], abs=1e-6)


def test_thresholds_are_told_by_what_they_leave_out_and_let_through(monkeypatch):
    monkeypatch.setattr(calibrate_confidence, "THRESHOLDS", {"some": 0.06})
    nme = np.array([0.03, 0.05, 0.3, 0.2, 0.1])
    expected = np.array([0.03, 0.08, 0.05, 0.5, 0.05])
    told = threshold_report(nme, expected, np.array([0.5, 0.04, 0.5, 0.5]))
    assert told.splitlines()[-1] == "| some | 6.0% | 50.0% | 50.0% | 25.0% |"


def test_auroc_counts_pairs_in_order():
    large = np.array([True, False, True, False])
    assert auroc(np.array([4.0, 1.0, 3.0, 2.0]), large) == 1.0
    assert auroc(np.array([4.0, 1.0, 1.5, 2.0]), large) == 0.75
    assert auroc(np.ones(4), large) == 0.5
